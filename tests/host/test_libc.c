/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user programs' C library on the host: printf against the host's own,
 * numbers, strings, malloc under a random load, and the line editor against a
 * model of the line and of the terminal.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "elf_builder.h" /* elf_random() */

#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wstringop-overread"

/* The library's functions under names of their own. Errors that end a program end up here. */
#define memcpy sdk_memcpy
#define memmove sdk_memmove
#define memset sdk_memset
#define memcmp sdk_memcmp
#define memchr sdk_memchr
#define strlen sdk_strlen
#define strnlen sdk_strnlen
#define strcmp sdk_strcmp
#define strncmp sdk_strncmp
#define strcpy sdk_strcpy
#define strncpy sdk_strncpy
#define strlcpy sdk_strlcpy
#define strcat sdk_strcat
#define strchr sdk_strchr
#define strrchr sdk_strrchr
#define strstr sdk_strstr
#define strpbrk sdk_strpbrk
#define strspn sdk_strspn
#define strcspn sdk_strcspn
#define strdup sdk_strdup
#define strerror sdk_strerror
#define strtol sdk_strtol
#define strtoul sdk_strtoul
#define atoi sdk_atoi
#define strsep sdk_strsep
#define strtok_r sdk_strtok_r
#define strtok sdk_strtok
#define strncat sdk_strncat
#define strncasecmp sdk_strncasecmp
#define strcasecmp sdk_strcasecmp
#define strndup sdk_strndup
#define strtoll sdk_strtoll
#define strtoull sdk_strtoull
#define atol sdk_atol
#define atoll sdk_atoll
#define abs sdk_abs
#define labs sdk_labs
#define bsearch sdk_bsearch
#define getenv sdk_getenv
#define qsort sdk_qsort
#define srand sdk_srand
#define rand sdk_rand
#define abort sdk_abort
#define malloc sdk_malloc
#define free sdk_free
#define calloc sdk_calloc
#define realloc sdk_realloc
#define ENOTSUPP 524
#define MALLOC_ARENA (64u * 1024)

static jmp_buf ended;

_Noreturn static void sdk_abort(void)
{
	longjmp(ended, 1);
}

void *sdk_memcpy(void *restrict dst, const void *restrict src, size_t n);
void *sdk_memset(void *dst, int c, size_t n);
size_t sdk_strlen(const char *s);
size_t sdk_strnlen(const char *s, size_t n);
int sdk_strncmp(const char *a, const char *b, size_t n);
char *sdk_strcpy(char *restrict dst, const char *restrict src);
char *sdk_strchr(const char *s, int c);
size_t sdk_strspn(const char *s, const char *set);
size_t sdk_strcspn(const char *s, const char *set);
char *sdk_strsep(char **s, const char *delim);
void *sdk_malloc(size_t n);
void sdk_free(void *p);

#include "../../sdk/lib/decimal.c"
#define put_number format_put_number
#include "../../sdk/lib/format_double.c"
#undef put_number
#include "../../sdk/lib/format.c"
#include "../../sdk/lib/string.c"
#include "../../sdk/lib/stdlib.c"
#include "../../sdk/lib/malloc.c"
#define put lineedit_put
#define insert lineedit_insert
#include "../../sdk/lib/lineedit.c"

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strcmp
#undef strncmp
#undef strcpy
#undef strchr
#undef strtol
#undef strtoul
#undef malloc
#undef free

/* --- printf --- */

struct text {
	char buf[2048];
	size_t used;
};

static void to_text(void *to, const char *s, size_t n)
{
	struct text *t = to;

	assert_true(t->used + n < sizeof(t->buf));
	memcpy(t->buf + t->used, s, n);
	t->used += n;
}

/* Format with both; they must agree. */
static void check_printf(const char *fmt, ...)
{
	struct text ours = {.used = 0};
	char theirs[2048];
	va_list ap;
	int n, m;

	va_start(ap, fmt);
	n = vsnprintf(theirs, sizeof(theirs), fmt, ap);
	va_end(ap);
	va_start(ap, fmt);
	m = format(to_text, &ours, fmt, ap);
	va_end(ap);
	ours.buf[ours.used] = 0;
	if (strcmp(ours.buf, theirs))
		fail_msg("\"%s\" gives \"%s\", not \"%s\"", fmt, ours.buf, theirs);
	assert_int_equal(n, m);
	assert_int_equal(ours.used, m);
}

static void test_printf_plain(void **state)
{
	(void)state;
	check_printf("");
	check_printf("plain");
	check_printf("100%%");
	check_printf("%d%%", 7);
	check_printf("%s and %s", "one", "two");
	check_printf("%c%c%c", 'a', 'b', 'c');
}

static void test_printf_integers(void **state)
{
	static const long values[] = {0,   1,	    -1,	     9,	       10,	 255,
				      256, INT_MAX, INT_MIN, LONG_MAX, LONG_MIN, 0x1122334455667788};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		check_printf("%d %i %u %x %X %o", (int)values[i], (int)values[i], (unsigned int)values[i],
			     (unsigned int)values[i], (unsigned int)values[i], (unsigned int)values[i]);
		check_printf("%ld %li %lu %lx %lX %lo", values[i], values[i], values[i], values[i], values[i],
			     values[i]);
		check_printf("%lld %llu %llx", (long long)values[i], (unsigned long long)values[i],
			     (unsigned long long)values[i]);
		check_printf("%zd %zu %jd %td", values[i], values[i], values[i], values[i]);
		check_printf("%hd %hu %hx %hhd %hhu %hhx", (int)values[i], (int)values[i], (int)values[i],
			     (int)values[i], (int)values[i], (int)values[i]);
	}
}

static void test_printf_pointers(void **state)
{
	(void)state;
	check_printf("%p", (void *)0x1000);
	check_printf("%20p|%-20p|", (void *)0xffffffff80200000, (void *)0x1);
}

static void test_printf_strings(void **state)
{
	(void)state;
	check_printf("[%5s] [%-5s] [%.2s] [%5.1s] [%-7.3s]", "abc", "abc", "abc", "abc", "abcdef");
	check_printf("[%.0s] [%.*s] [%*s] [%-*s]", "abc", 2, "abc", 6, "abc", 6, "abc");
	check_printf("[%*s]", -6, "abc");
	check_printf("[%3c] [%-3c]", 'x', 'y');
}

/* Every combination of flags, width, precision, size and conversion, with values that matter. */
static void test_printf_combinations(void **state)
{
	static const char *const flags[] = {"", "-", "0", "+", " ", "#", "-0", "+0", " 0", "#0", "-#", "+-", "-+ #0"};
	static const char *const widths[] = {"", "1", "4", "12", "24"};
	static const char *const precisions[] = {"", ".", ".0", ".1", ".5", ".20"};
	static const char *const sizes[] = {"", "h", "hh", "l", "ll", "z"};
	static const char convs[] = "diuxXo";
	static const long values[] = {0, 1, -1, 42, -12345, INT_MIN, LONG_MIN, LONG_MAX};
	char fmt[40];

	(void)state;
	for (size_t f = 0; f < 13; f++)
		for (size_t w = 0; w < 5; w++)
			for (size_t p = 0; p < 6; p++)
				for (size_t s = 0; s < 6; s++)
					for (const char *c = convs; *c; c++) {
						snprintf(fmt, sizeof(fmt), "[%%%s%s%s%s%c]", flags[f], widths[w],
							 precisions[p], sizes[s], *c);
						for (size_t v = 0; v < 8; v++)
							check_printf(fmt, values[v]);
					}
}

static void format_only(const char *fmt, const char *expected, ...)
{
	struct text ours = {.used = 0};
	va_list ap;

	va_start(ap, expected);
	format(to_text, &ours, fmt, ap);
	va_end(ap);
	ours.buf[ours.used] = 0;
	assert_string_equal(ours.buf, expected);
}

static double random_double(uint64_t *seed)
{
	uint64_t bits = (uint64_t)elf_random(seed) << 32 | elf_random(seed);
	double value;

	switch (bits % 4) {
	case 0:
		return (double)(elf_random(seed) % 20001) / 8 - 1000; /* ends in halves */
	case 1:
		bits = (bits & 0x800fffffffffffff) | (1023 - 20 + (bits >> 3) % 50) << 52;
		break;
	default:
		break;
	}
	*(uint64_t *)&value = bits;
	return value;
}

static void test_printf_double(void **state)
{
	static const double values[] = {0.0,	 -0.0,	     1,	     0.5,	    1.5,       2.5,	9.5,	99.95,
					0.05,	 0.00001234, 1e21,   1e-7,	    1e300,     5e-324,	123456, 1234567,
					99999.5, 999999.5,   0.0001, 0.00009999995, 1e22,      1.0 / 3, 0.1,	1e5,
					1000000, 1.7e308,    1e-308, INFINITY,	    -INFINITY, NAN};
	static const char flags[] = "-+ #0", convs[] = "fFeEgG";
	uint64_t seed = 11;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		for (int precision = 0; precision < 12; precision++)
			check_printf("%.*f|%.*e|%.*g|%f|%G", precision, values[i], precision, values[i], precision,
				     values[i], values[i], values[i]);
	for (int i = 0; i < 100000; i++) {
		char fmt[32] = "%";

		for (size_t k = 0; k < 5; k++)
			if (elf_random(&seed) % 4 == 0)
				strncat(fmt, &flags[k], 1);
		if (elf_random(&seed) % 2)
			sprintf(fmt + strlen(fmt), "%u", elf_random(&seed) % 30);
		if (elf_random(&seed) % 2)
			sprintf(fmt + strlen(fmt), ".%u", elf_random(&seed) % 40);
		/* the GNU library loses zeros of %#g when rounding makes a digit more */
		strncat(fmt, &convs[elf_random(&seed) % (strchr(fmt, '#') ? 4 : 6)], 1);
		check_printf(fmt, random_double(&seed));
	}
	check_printf("%.1100f", 5e-324);
	check_printf("%.900e", 5e-324);
	check_printf("%#g %#.3G %#.0g", 1.0, 100.0, 0.5);
	check_printf("%.3f %5.1f%% %d", 1234.5678, 12.25, 7);
}

static void test_printf_unknown(void **state)
{
	(void)state;
	format_only("%q %d", "%q 5", 5);
	format_only("end %", "end %");
	format_only("end %l", "end %l");
	format_only("%-5", "%-5");
	format_only("%s", "(null)", (char *)NULL);
}

/* --- numbers --- */

static void test_strtol(void **state)
{
	static const char *const texts[] = {
		"0",
		"12",
		"-12",
		"+7",
		"  42x",
		"0x1f",
		"0X1Fg",
		"0x",
		"0xg",
		"017",
		"08",
		"z",
		"",
		"-",
		"+",
		"- 1",
		"zz",
		"1 2",
		"\t9",
		"7fff",
		"9223372036854775807",
		"9223372036854775808",
		"-9223372036854775808",
		"-9223372036854775809",
		"18446744073709551615",
		"18446744073709551616",
		"99999999999999999999999",
	};
	static const int bases[] = {0, 2, 8, 10, 16, 36};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
			char *end_ours, *end_theirs;

			assert_int_equal(sdk_strtol(texts[i], &end_ours, bases[b]),
					 strtol(texts[i], &end_theirs, bases[b]));
			assert_ptr_equal(end_ours, end_theirs);
			assert_int_equal(sdk_strtoul(texts[i], &end_ours, bases[b]),
					 strtoul(texts[i], &end_theirs, bases[b]));
			assert_ptr_equal(end_ours, end_theirs);
		}
	}
	errno = 0;
	sdk_strtol("9223372036854775808", NULL, 10);
	assert_int_equal(errno, ERANGE);
}

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b;
}

static void test_qsort(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (size_t n = 0; n < 200; n++) {
		int a[200], sum = 0, sorted_sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += a[i] = (int)(elf_random(&seed) % 100);
		sdk_qsort(a, n, sizeof(a[0]), compare_ints);
		for (size_t i = 0; i < n; i++) {
			sorted_sum += a[i];
			assert_true(!i || a[i - 1] <= a[i]);
		}
		assert_int_equal(sum, sorted_sum);
	}
}

/* --- strings --- */

static void test_memory_functions(void **state)
{
	uint64_t seed = 4;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		uint8_t ours[80], theirs[80];
		size_t to = elf_random(&seed) % 40, from = elf_random(&seed) % 40, n = elf_random(&seed) % 40;

		for (size_t i = 0; i < sizeof(ours); i++)
			ours[i] = theirs[i] = (uint8_t)elf_random(&seed);
		sdk_memmove(ours + to, ours + from, n);
		memmove(theirs + to, theirs + from, n);
		assert_memory_equal(ours, theirs, sizeof(ours));
		sdk_memset(ours + to, (int)from, n);
		memset(theirs + to, (int)from, n);
		assert_memory_equal(ours, theirs, sizeof(ours));
		if (to + n <= from || from + n <= to) {
			sdk_memcpy(ours + to, ours + from, n);
			assert_int_equal(sdk_memcmp(ours + to, ours + from, n), 0);
		}
	}
}

static void test_string_functions(void **state)
{
	char buf[16];

	(void)state;
	assert_int_equal(sdk_strlen("four"), 4);
	assert_int_equal(sdk_strnlen("four", 2), 2);
	assert_true(sdk_strcmp("a", "b") < 0 && sdk_strcmp("b", "a") > 0 && !sdk_strcmp("ab", "ab"));
	assert_true(sdk_strcmp("a", "\xff") < 0); /* as unsigned char */
	assert_int_equal(sdk_strncmp("abc", "abd", 2), 0);
	assert_int_equal(sdk_strlcpy(buf, "a longer string", 4), 15);
	assert_string_equal(buf, "a l");
	sdk_strncpy(buf, "ab", sizeof(buf));
	assert_int_equal(buf[15], 0);
	assert_string_equal(sdk_strcat(buf, "cd"), "abcd");
	assert_string_equal(sdk_strstr("haystack", "st"), "stack");
	assert_null(sdk_strstr("haystack", "needle"));
	assert_string_equal(sdk_strchr("path/to", '/'), "/to");
	assert_string_equal(sdk_strrchr("a/b/c", '/'), "/c");
	assert_string_equal(sdk_strpbrk("sys_*", "*?"), "*");
	assert_int_equal(sdk_strspn("aab", "a"), 2);
	assert_int_equal(sdk_strcspn("aab", "b"), 2);
	assert_string_equal(sdk_strerror(ENOENT), "No such file or directory");
	assert_string_equal(sdk_strerror(4000), "Unknown error 4000");
}

/* --- malloc --- */

static void test_string_tokens(void **state)
{
	char text[] = ",,one,two;;three,", *place, *p = text;
	static const char *const fields[] = {"", "", "one", "two", "", "three", ""};

	(void)state;
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(strsep(&p, ",;"), fields[i]);
	assert_null(p);
	assert_null(strsep(&p, ",;"));
	sdk_strcpy(text, ",,one,two;;three,");
	assert_string_equal(strtok_r(text, ",;", &place), "one");
	assert_string_equal(strtok_r(NULL, ",;", &place), "two");
	assert_string_equal(strtok_r(NULL, ",;", &place), "three");
	assert_null(strtok_r(NULL, ",;", &place));
	assert_null(strtok_r(NULL, ",;", &place));
	sdk_strcpy(text, ",");
	assert_null(strtok(text, ","));
	assert_null(strtok(NULL, ","));
}

static void test_string_more(void **state)
{
	char text[16] = "ab", *copy = strndup("abcdef", 3);

	(void)state;
	assert_string_equal(copy, "abc");
	sdk_free(copy);
	assert_string_equal(strncat(text, "cdef", 2), "abcd");
	assert_string_equal(strncat(text, "e", 9), "abcde");
	assert_int_equal(strcasecmp("Read", "rEAD"), 0);
	assert_true(strcasecmp("a", "B") < 0 && strcasecmp("ab", "a") > 0 && strcasecmp("\xe9", "a") > 0);
	assert_int_equal(strncasecmp("READx", "ready", 4), 0);
	assert_true(strncasecmp("READx", "ready", 5) < 0);
	assert_int_equal(strtoll("-0x10", NULL, 0), -16);
	assert_true(strtoull("18446744073709551615", NULL, 10) == ULLONG_MAX);
	assert_int_equal(atol(" 12x") + atoll("-2"), 10);
	assert_int_equal(abs(-3) + labs(-4l), 7);
	assert_null(getenv("PATH"));
}

static void test_bsearch(void **state)
{
	int sorted[20];

	(void)state;
	for (int i = 0; i < 20; i++)
		sorted[i] = 2 * i;
	for (size_t n = 0; n <= 20; n++)
		for (int key = -1; key < 41; key++) {
			const int *found = bsearch(&key, sorted, n, sizeof(int), compare_ints);

			if (key >= 0 && key % 2 == 0 && key / 2 < (int)n)
				assert_ptr_equal(found, &sorted[key / 2]);
			else
				assert_null(found);
		}
}

static void test_malloc_random(void **state)
{
	struct {
		uint8_t *p;
		size_t n;
		uint8_t fill;
	} slot[40] = {0};
	uint64_t seed = 5;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t i = elf_random(&seed) % 40, n = elf_random(&seed) % (elf_random(&seed) % 8 ? 200 : 8000);

		for (size_t j = 0; slot[i].p && j < slot[i].n; j++)
			assert_int_equal(slot[i].p[j], slot[i].fill);
		if (slot[i].p && n & 1) {
			size_t keep = n < slot[i].n ? n : slot[i].n;
			uint8_t *p = sdk_realloc(slot[i].p, n + 1);

			if (!p)
				continue;
			for (size_t j = 0; j < keep; j++)
				assert_int_equal(p[j], slot[i].fill);
			slot[i].p = p;
			slot[i].n = n + 1;
		} else {
			sdk_free(slot[i].p);
			slot[i].n = n;
			slot[i].p = n & 2 ? sdk_malloc(n) : sdk_calloc(n, 1);
			for (size_t j = 0; !(n & 2) && slot[i].p && j < n; j++)
				assert_int_equal(slot[i].p[j], 0);
		}
		assert_int_equal((uintptr_t)slot[i].p % 16, 0);
		slot[i].fill = (uint8_t)round;
		if (slot[i].p)
			memset(slot[i].p, slot[i].fill, slot[i].n);
	}
	for (size_t i = 0; i < 40; i++)
		sdk_free(slot[i].p);
	/* all merged again: the whole arena less one header */
	slot[0].p = sdk_malloc(MALLOC_ARENA - 16);
	assert_non_null(slot[0].p);
	sdk_free(slot[0].p);
}

static void test_malloc_limits(void **state)
{
	void *p;

	(void)state;
	assert_null(sdk_malloc(MALLOC_ARENA));
	assert_null(sdk_malloc(SIZE_MAX));
	assert_null(sdk_calloc(SIZE_MAX / 2, 3));
	p = sdk_malloc(0);
	assert_non_null(p);
	sdk_free(p);
	sdk_free(NULL);
}

static void test_malloc_double_free(void **state)
{
	void *p = sdk_malloc(10);

	(void)state;
	sdk_free(p);
	if (setjmp(ended) == 0) {
		sdk_free(p);
		fail_msg("freed twice");
	}
}

/* --- line editor --- */

static struct lineedit ed;
static const char *keys;
static char screen[400]; /* one long line */
static size_t cursor;
static char output[100000];
static size_t output_used;

static int next_key(void *ctx)
{
	(void)ctx;
	return *keys ? (unsigned char)*keys++ : -1;
}

/* A terminal that knows what the editor sends: text, BEL, newline, cursor left, clear to the end. */
static void show(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\033') {
			char *end;
			long count = strtol(s + i + 2, &end, 10);

			assert_int_equal(s[i + 1], '[');
			if (*end == 'D') {
				assert_true(count >= 1 && (size_t)count <= cursor);
				cursor -= (size_t)count;
			} else {
				assert_int_equal(*end, 'K');
				memset(screen + cursor, 0, sizeof(screen) - cursor);
			}
			i = (size_t)(end - s);
		} else if (s[i] == '\n') {
			memset(screen, 0, sizeof(screen));
			cursor = 0;
		} else if (s[i] != '\a') {
			assert_true(cursor < sizeof(screen) - 1);
			screen[cursor++] = s[i];
		}
	}
}

static void on_put(void *ctx, const char *s, size_t n)
{
	(void)ctx;
	assert_true(output_used + n < sizeof(output));
	memcpy(output + output_used, s, n);
	output_used += n;
	show(s, n);
}

static const char *type_keys(const char *typed)
{
	static char line[LINEEDIT_SIZE];

	ed.get = next_key;
	ed.put = on_put;
	keys = typed;
	output_used = 0;
	memset(screen, 0, sizeof(screen));
	cursor = 0;
	return lineedit_read(&ed, "$ ", line) < 0 ? NULL : line;
}

static int setup_editor(void **state)
{
	(void)state;
	memset(&ed, 0, sizeof(ed));
	return 0;
}

static void test_lineedit_keys(void **state)
{
	(void)state;
	assert_string_equal(type_keys("hello\n"), "hello");
	assert_string_equal(type_keys("hello\r"), "hello");
	assert_string_equal(type_keys("helo\033[Dl\n"), "hello");
	assert_string_equal(type_keys("ello\001h\n"), "hello");
	assert_string_equal(type_keys("ello\033[Hh\033[F!\n"), "hello!");
	assert_string_equal(type_keys("ello\033[1~h\033[4~!\n"), "hello!");
	assert_string_equal(type_keys("ello\033OHh\033OF!\n"), "hello!");
	assert_string_equal(type_keys("hellp\177o\n"), "hello");
	assert_string_equal(type_keys("hellp\bo\n"), "hello");
	assert_string_equal(type_keys("hxello\001\033[C\033[3~\n"), "hello");
	assert_string_equal(type_keys("hello world\033[D\033[D\033[D\033[D\033[D\033[D\013\n"), "hello");
	assert_string_equal(type_keys("nonsense\025hello\n"), "hello");
	assert_string_equal(type_keys("hello world\027there\n"), "hello there");
	assert_string_equal(type_keys("nonsense\003"), "");
	assert_null(type_keys("\004"));
	assert_null(type_keys("unfinished"));
	assert_null(type_keys("\033["));
	assert_string_equal(type_keys("ab\033[D\004\n"), "a");		       /* ^D deletes when there is something */
	assert_string_equal(type_keys("a\033[5~\033[15;2~\001\002b\n"), "ba"); /* unknown keys do nothing */
}

static void test_lineedit_history(void **state)
{
	(void)state;
	type_keys("one\n");
	type_keys("two\n");
	type_keys("two\n"); /* not twice */
	type_keys("\n");    /* not empty */
	assert_int_equal(ed.nr_history, 2);
	assert_string_equal(type_keys("\033[A\n"), "two");
	assert_string_equal(type_keys("\033[A\033[A\n"), "one");
	assert_string_equal(type_keys("\033[A\033[A\033[A\033[A\033[A!\n"), "one!");
	assert_string_equal(type_keys("\033[A\033[B\n"), "");
	assert_string_equal(type_keys("\020\016x\n"), "x");
	for (int i = 0; i < 3 * LINEEDIT_HISTORY; i++) {
		char line[20];

		snprintf(line, sizeof(line), "line %d\n", i);
		type_keys(line);
	}
	assert_string_equal(type_keys("\033[A\n"), "line 95");
}

static void test_lineedit_long_line(void **state)
{
	static char typed[400];

	(void)state;
	memset(typed, 'x', 350);
	typed[350] = '\n';
	assert_int_equal(strlen(type_keys(typed)), LINEEDIT_SIZE - 1);
}

/* After any keys the screen shows prompt and line, as a line without editing would. */
static void test_lineedit_random(void **state)
{
	static const char *const pieces[] = {
		"a",	"b c",	"xyz",	"\033[D", "\033[C", "\033[H", "\033[F", "\177", "\033[3~", "\001", "\005",
		"\013", "\025", "\027", "\033[A", "\033[B", "\002",   "\006",	"\a",	"\033[Z",  " ",
	};
	uint64_t seed = 6;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char typed[512] = "", final[400];
		const char *line;

		for (uint32_t n = elf_random(&seed) % 40; n; n--)
			strcat(typed, pieces[elf_random(&seed) % (sizeof(pieces) / sizeof(pieces[0]))]);
		/* ^E puts the cursor to the end; what the screen shows there is compared before Enter */
		strcat(typed, "\005\n");
		line = type_keys(typed);
		assert_non_null(line);
		memset(screen, 0, sizeof(screen));
		cursor = 0;
		assert_int_equal(output[output_used - 1], '\n');
		show(output, output_used - 1);
		snprintf(final, sizeof(final), "$ %s", line);
		assert_string_equal(screen, final);
		assert_int_equal(cursor, strlen(final));
	}
}

#define E(name) cmocka_unit_test_setup(test_lineedit_##name, setup_editor)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printf_plain),
		cmocka_unit_test(test_printf_integers),
		cmocka_unit_test(test_printf_pointers),
		cmocka_unit_test(test_printf_strings),
		cmocka_unit_test(test_printf_combinations),
		cmocka_unit_test(test_printf_double),
		cmocka_unit_test(test_printf_unknown),
		cmocka_unit_test(test_strtol),
		cmocka_unit_test(test_qsort),
		cmocka_unit_test(test_memory_functions),
		cmocka_unit_test(test_string_functions),
		cmocka_unit_test(test_string_tokens),
		cmocka_unit_test(test_string_more),
		cmocka_unit_test(test_bsearch),
		cmocka_unit_test(test_malloc_random),
		cmocka_unit_test(test_malloc_limits),
		cmocka_unit_test(test_malloc_double_free),
		E(keys),
		E(history),
		E(long_line),
		E(random),
	};

	return cmocka_run_group_tests_name("libc", tests, NULL, NULL);
}
