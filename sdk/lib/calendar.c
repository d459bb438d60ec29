/* SPDX-License-Identifier: BSD-2-Clause */
/* <time.h>: seconds as dates, dates as text. From 1970 on, UTC, the Gregorian calendar. */
#include "../include/time.h"

#include <stdbool.h>
#include <stdio.h>

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month] + (month == 1 && is_leap(year));
}

struct tm *gmtime_r(const time_t *t, struct tm *tm)
{
	int64_t days = *t / 86400, seconds = *t % 86400;
	int year = 1970, month = 0;

	*tm = (struct tm){
		.tm_hour = (int)(seconds / 3600), .tm_min = (int)(seconds / 60 % 60), .tm_sec = (int)(seconds % 60)};
	tm->tm_wday = (int)((days + 4) % 7);
	for (; days >= 365 + is_leap(year); year++)
		days -= 365 + is_leap(year);
	tm->tm_yday = (int)days;
	for (; days >= month_days(year, month); month++)
		days -= month_days(year, month);
	tm->tm_mday = (int)days + 1;
	tm->tm_mon = month;
	tm->tm_year = year - 1900;
	return tm;
}

struct tm *localtime_r(const time_t *t, struct tm *tm)
{
	return gmtime_r(t, tm);
}

struct tm *gmtime(const time_t *t)
{
	static struct tm tm;

	return gmtime_r(t, &tm);
}

struct tm *localtime(const time_t *t)
{
	return gmtime(t);
}

/* One conversion into buf; the bytes, or -1 for an unknown one. */
static int convert(char *buf, size_t size, char c, const struct tm *tm)
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	switch (c) {
	case 'a':
		return snprintf(buf, size, "%s", days[tm->tm_wday]);
	case 'b':
		return snprintf(buf, size, "%s", months[tm->tm_mon]);
	case 'd':
		return snprintf(buf, size, "%02d", tm->tm_mday);
	case 'e':
		return snprintf(buf, size, "%2d", tm->tm_mday);
	case 'F':
		return snprintf(buf, size, "%d-%02d-%02d", tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
	case 'H':
		return snprintf(buf, size, "%02d", tm->tm_hour);
	case 'I':
		return snprintf(buf, size, "%02d", (tm->tm_hour + 11) % 12 + 1);
	case 'j':
		return snprintf(buf, size, "%03d", tm->tm_yday + 1);
	case 'm':
		return snprintf(buf, size, "%02d", tm->tm_mon + 1);
	case 'M':
		return snprintf(buf, size, "%02d", tm->tm_min);
	case 'p':
		return snprintf(buf, size, "%s", tm->tm_hour < 12 ? "AM" : "PM");
	case 'S':
		return snprintf(buf, size, "%02d", tm->tm_sec);
	case 'T':
		return snprintf(buf, size, "%02d:%02d:%02d", tm->tm_hour, tm->tm_min, tm->tm_sec);
	case 'y':
		return snprintf(buf, size, "%02d", tm->tm_year % 100);
	case 'Y':
		return snprintf(buf, size, "%d", tm->tm_year + 1900);
	case 'Z':
		return snprintf(buf, size, "UTC");
	case '%':
		return snprintf(buf, size, "%%");
	default:
		return -1;
	}
}

size_t strftime(char *buf, size_t size, const char *fmt, const struct tm *tm)
{
	size_t used = 0;

	for (; *fmt; fmt++) {
		int n = 1;

		if (used >= size)
			return 0;
		if (*fmt == '%' && fmt[1])
			n = convert(buf + used, size - used, *++fmt, tm);
		else
			buf[used] = *fmt;
		if (n < 0)
			return 0;
		used += (size_t)n;
	}
	if (used >= size)
		return 0;
	buf[used] = 0;
	return used;
}
