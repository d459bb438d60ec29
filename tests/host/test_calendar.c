/* SPDX-License-Identifier: BSD-2-Clause */
/* Dates of the user programs' C library (sdk/lib/calendar.c) against the host's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h> /* has the include guard of ours: one struct tm for both */
#include <cmocka.h>

#define gmtime_r sdk_gmtime_r
#define localtime_r sdk_localtime_r
#define gmtime sdk_gmtime
#define localtime sdk_localtime
#define strftime sdk_strftime
struct tm *gmtime_r(const time_t *t, struct tm *tm);
struct tm *localtime_r(const time_t *t, struct tm *tm);
struct tm *gmtime(const time_t *t);
struct tm *localtime(const time_t *t);
size_t strftime(char *buf, size_t size, const char *fmt, const struct tm *tm);
#include "../../sdk/lib/calendar.c"
#undef gmtime_r
#undef strftime

#define FORMAT "%a %b %d %e %F %H %I %j %m %M %p %S %T %y %Y %%"

static void check(time_t t)
{
	char ours[256], theirs[256];
	struct tm a, b;

	sdk_gmtime_r(&t, &a);
	gmtime_r(&t, &b);
	assert_int_equal(a.tm_yday, b.tm_yday);
	assert_int_equal(a.tm_wday, b.tm_wday);
	assert_int_equal(sdk_strftime(ours, sizeof(ours), FORMAT, &a), strftime(theirs, sizeof(theirs), FORMAT, &b));
	assert_string_equal(ours, theirs);
}

static void test_calendar_dates(void **state)
{
	static const time_t some[] = {0,	 1,	    86399,     86400,	   68169599,   68256000,  951782399,
				      951782400, 951868800, 978307199, 1709164800, 4107542400, 7952342400};

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		check(some[i]);
	for (time_t t = 0; t < (time_t)86400 * 366 * 150; t += 86400 * 13 + 3671)
		check(t);
}

static void test_calendar_room(void **state)
{
	char buf[16];
	time_t t = 45296; /* 12:34:56 */
	struct tm tm;

	(void)state;
	sdk_gmtime_r(&t, &tm);
	assert_int_equal(sdk_strftime(buf, 9, "%T", &tm), 8);
	assert_string_equal(buf, "12:34:56");
	for (size_t size = 0; size < 9; size++)
		assert_int_equal(sdk_strftime(buf, size, "%T", &tm), 0);
	assert_int_equal(sdk_strftime(buf, sizeof(buf), "%Q", &tm), 0);
	assert_int_equal(sdk_strftime(buf, sizeof(buf), "100%", &tm), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calendar_dates),
		cmocka_unit_test(test_calendar_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
