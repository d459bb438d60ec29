/* SPDX-License-Identifier: BSD-2-Clause */
/* <time.h> over the one clock there is (dates: calendar.c), and limits that there are none of (<sys/resource.h>). */
#include "../include/time.h"
#include "../include/sys/resource.h"
#include "syscall.h"

#include <errno.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	TimeVal now;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME) {
		errno = EINVAL;
		return -1;
	}
	if (sys_get_time(&now, 0))
		return -1;
	ts->tv_sec = (time_t)now.sec;
	ts->tv_nsec = (long)now.usec * 1000;
	return 0;
}

time_t time(time_t *t)
{
	struct timespec ts;
	time_t now = clock_gettime(CLOCK_REALTIME, &ts) ? -1 : ts.tv_sec;

	if (t)
		*t = now;
	return now;
}

int nanosleep(const struct timespec *span, struct timespec *left)
{
	int64_t us = span->tv_sec * 1000000 + (span->tv_nsec + 999) / 1000, end = get_mtime() * 1000 + us;
	int ret = usleep((unsigned long)us);

	if (ret && left) {
		us = end - get_mtime() * 1000;
		us = us > 0 ? us : 0;
		*left = (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
	}
	return ret;
}

int getrlimit(int resource, struct rlimit *limit)
{
	if (resource != RLIMIT_MEMLOCK) {
		errno = EINVAL;
		return -1;
	}
	limit->rlim_cur = limit->rlim_max = RLIM_INFINITY;
	return 0;
}

int setrlimit(int resource, const struct rlimit *limit)
{
	if (resource == RLIMIT_MEMLOCK && limit->rlim_cur == RLIM_INFINITY)
		return 0;
	errno = EINVAL;
	return -1;
}
