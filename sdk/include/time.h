/* SPDX-License-Identifier: BSD-2-Clause */
/* Time. There is no clock that goes on while the machine is off: everything counts from its start, 1970-01-01 00:00. */
#ifndef _TIME_H
#define _TIME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef int64_t time_t;
typedef int clockid_t;

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7

struct timespec {
	time_t tv_sec;
	long tv_nsec;
};

struct tm {
	int tm_sec, tm_min, tm_hour; /* UTC: there are no time zones */
	int tm_mday, tm_mon, tm_year;
	int tm_wday, tm_yday, tm_isdst;
};

time_t time(time_t *t);
int clock_gettime(clockid_t clock, struct timespec *ts); /* all three are the same; -1 with errno EINVAL for others */
int nanosleep(const struct timespec *span, struct timespec *left);
struct tm *gmtime_r(const time_t *t, struct tm *tm);
struct tm *localtime_r(const time_t *t, struct tm *tm);
struct tm *gmtime(const time_t *t); /* static storage */
struct tm *localtime(const time_t *t);
/* Conversions: a b d e F H I j m M p S T y Y Z %. Bytes without the NUL; 0: it does not fit, or an unknown one. */
size_t strftime(char *buf, size_t size, const char *fmt, const struct tm *tm);

#endif
