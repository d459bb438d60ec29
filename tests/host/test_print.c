/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatting for programs: numbers against the C library's printf, pointers and
 * strings, every format Linux refuses, truncation, and rCore's braces.
 */
#include "limits.h"
#include "platform_host.h"
#include "print.h"
#include "uapi/errno.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#define KERNEL_STR 0xffffffff80001000u
#define USER_STR 0x10000u
#define LONG_STR 0xffffffff80002000u

/* Two strings and one that fills any buffer; everything else cannot be read. */
static int read_str(void *arg, char *dst, uint64_t addr, size_t size, int user)
{
	assert_string_equal(arg, "the argument");
	memset(dst, 'Z', size);
	if (addr == KERNEL_STR && !user)
		strcpy(dst, "kernel text");
	else if (addr == USER_STR && user)
		strcpy(dst, "user text");
	else if (addr == LONG_STR && !user)
		dst[size - 1] = 0;
	else
		return -EFAULT;
	return 0;
}

static char line[EBPF_PRINTK_MAX + 8];

static int whole; /* what the last print() would have written with room for all */

static int print(size_t size, const char *fmt, unsigned int nr, uint64_t a, uint64_t b, uint64_t c)
{
	/* exactly nr of them, so that ASan sees one too many */
	uint64_t *args = malloc(nr * sizeof(*args) + !nr);
	int len;

	if (nr > 0)
		args[0] = a;
	if (nr > 1)
		args[1] = b;
	if (nr > 2)
		args[2] = c;
	memset(line, '#', sizeof(line));
	len = ebpf_print_linux(line, size, fmt, args, nr, read_str, "the argument");
	for (size_t i = size; i < sizeof(line); i++)
		assert_int_equal(line[i], '#');
	free(args);
	whole = len;
	return len < (int)size ? len : (int)size - 1;
}

#define assert_prints(expect, fmt, a, b, c)                                                                            \
	do {                                                                                                           \
		assert_int_equal(print(EBPF_PRINTK_MAX, fmt, 3, a, b, c), strlen(expect));                             \
		assert_string_equal(line, expect);                                                                     \
	} while (0)

static void test_print_text(void **state)
{
	(void)state;
	assert_prints("", "", 0, 0, 0);
	assert_prints("plain text\t\n\v\f\r", "plain text\t\n\v\f\r", 0, 0, 0);
	assert_prints("100% %d", "100%% %%d", 0, 0, 0);
	assert_prints("1 2 3", "%d %d %d", 1, 2, 3);
	assert_prints("12%3!", "%d%d%%%d!", 1, 2, 3);
	assert_prints("1", "%d", 1, 2, 3); /* too many arguments are fine */
}

/* Random flags, widths and values; what the C library prints is right. */
static void test_print_numbers(void **state)
{
	static const char *const convs[] = {"d", "i", "u", "x", "X", "ld", "li", "lu", "lx", "lX", "lld", "llu", "llx"};
	static const uint64_t edges[] = {0,	     1,		  9,	     10,	 0x7fffffff, 0x80000000,
					 0xffffffff, 0x100000000, INT64_MAX, 1ull << 63, UINT64_MAX};
	uint64_t seed = 7;

	(void)state;
	for (unsigned int n = 0; n < 100000; n++) {
		char fmt[64] = "<%", expect[128];
		const char *conv;
		uint64_t value;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		for (unsigned int i = 0; i < (seed >> 33) % 4; i++)
			strncat(fmt, "0+- " + (seed >> (36 + 2 * i)) % 4, 1);
		if ((seed >> 50) & 1)
			sprintf(fmt + strlen(fmt), "%u", 1 + (unsigned int)((seed >> 51) % 40));
		conv = convs[(seed >> 20) % (sizeof(convs) / sizeof(*convs))];
		strcat(fmt, conv);
		strcat(fmt, ">");
		value = n % 3 ? edges[(seed >> 40) % (sizeof(edges) / sizeof(*edges))] : seed;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
		sprintf(expect, fmt, value);
#pragma GCC diagnostic pop
		assert_prints(expect, fmt, value, 0, 0);
	}
}

static void test_print_chars(void **state)
{
	(void)state;
	assert_prints("AB\xff", "%c%c%c", 'A', 0x1200 + 'B', 0xff);
	assert_prints("[    A] [A    ]", "[%5c] [%-5c]", 'A', 'A', 0);
	assert_int_equal(print(EBPF_PRINTK_MAX, "a%cb", 1, 0, 0, 0), 3);
	assert_memory_equal(line, "a\0b", 4);
}

static void test_print_strings(void **state)
{
	(void)state;
	assert_prints("kernel text", "%s", KERNEL_STR, 0, 0);
	assert_prints("kernel text,user text", "%pks,%pus", KERNEL_STR, USER_STR, 0);
	assert_prints("[] [] []", "[%s] [%pks] [%pus]", 0, USER_STR, KERNEL_STR); /* not readable: nothing */
	assert_prints("[    kernel text]", "[%15s]", KERNEL_STR, 0, 0);
	assert_prints("[user text   ]", "[%-12pus]", USER_STR, 0, 0);
	assert_prints("[kernel text]", "[%3s]", KERNEL_STR, 0, 0);
	assert_prints("kernel text\n", "%s\n", KERNEL_STR, 0, 0);
	assert_prints("kernel text7", "%s%d", KERNEL_STR, 7, 0);
	/* without a reader */
	assert_int_equal(ebpf_print_linux(line, 10, "[%s]", (uint64_t[]){KERNEL_STR}, 1, NULL, NULL), 2);
	assert_string_equal(line, "[]");
}

static void test_print_pointers(void **state)
{
	char first[64], other[64];

	(void)state;
	assert_prints("ffffffff80001000 0000000000000012", "%px %px", 0xffffffff80001000, 0x12, 0);
	assert_prints("[    12] [12    ]", "[%6px] [%-6px]", 0x12, 0x12, 0);
	assert_prints("0xffffffff80001000 0x1 0x2", "%ps %pS %pB", 0xffffffff80001000, 1, 2);
	/* hashed: the same for the same one, another for another, nothing of the address in it */
	assert_int_equal(print(EBPF_PRINTK_MAX, "%p", 1, 0xffffffff80001000, 0, 0), 16);
	strcpy(first, line);
	assert_memory_equal(first, "00000000", 8);
	assert_null(strstr(first, "80001000"));
	assert_int_equal(print(EBPF_PRINTK_MAX, "%pK", 1, 0xffffffff80001000, 0, 0), 16);
	assert_string_equal(line, first);
	print(EBPF_PRINTK_MAX, "%p", 1, 0xffffffff80001008, 0, 0);
	strcpy(other, line);
	assert_string_not_equal(first, other);
	/* NULL and error values say nothing about memory */
	assert_prints("0000000000000000 fffffffffffffffe", "%p %p", 0, (uint64_t)-2, 0);
	assert_prints("0000000000000000,0", "%p,%d", 0, 0, 0);
}

static void test_print_refused(void **state)
{
	static const char *const bad[] = {
		"%",   "%5",   "%l",   "%ll",	"%lll",	 "%llld", "%o",	    "%lo",    "%hd",	 "%hhd",
		"%zu", "%jd",  "%td",  "%f",	"%e",	 "%g",	  "%a",	    "%n",     "%lc",	 "%ls",
		"%lp", "%.3d", "%.*d", "%*d",	"%#x",	 "%'d",	  "%sd",    "%s1",    "%sA",	 "%pd",
		"%p1", "%pA",  "%pk",  "%pu",	"%pkd",	 "%pksx", "%pus1",  "%pI4",   "%pi6",	 "%pI",
		"%pM", "%pU",  "%b",   "%D",	"%U",	 "%S",	  "%C",	    "%5%",    "% %",	 "%-%",
		"%y",  "%\n",  "\x01", "a\x7f", "a\x80", "\xff",  "%d\x1b", "%s\x80", "%px\x90", "\xc3\xa4",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (print(EBPF_PRINTK_MAX, bad[i], 3, 0, 0, 0) != -EINVAL)
			fail_msg("not refused: %s", bad[i]);
	assert_int_equal(print(EBPF_PRINTK_MAX, "%d %d %d %d", 3, 1, 2, 3), -EINVAL);
	assert_int_equal(print(EBPF_PRINTK_MAX, "%d", 0, 0, 0, 0), -EINVAL);
	assert_int_equal(print(EBPF_PRINTK_MAX, "%d %d", 1, 0, 0, 0), -EINVAL);
	assert_int_equal(print(EBPF_PRINTK_MAX, "%%", 0, 0, 0, 0), 1);
	assert_int_equal(print(4, "far too long, and %y", 3, 0, 0, 0), -EINVAL); /* also behind the end of the buffer */
}

static void test_print_truncated(void **state)
{
	(void)state;
	for (size_t size = 1; size < 12; size++) {
		int expect = (int)(size < 11 ? size - 1 : 10);

		assert_int_equal(print(size, "%s", 1, KERNEL_STR, 0, 0), size < 12 ? size - 1 : 11);
		assert_memory_equal(line, "kernel text", size - 1);
		assert_int_equal(line[size - 1], 0);
		assert_int_equal(print(size, "%u", 1, 1234567890, 0, 0), expect);
		assert_memory_equal(line, "1234567890", (size_t)expect);
		assert_int_equal(line[expect], 0);
	}
	/* widths beyond all bounds cost nothing (or the alarm ends the test) and look as they should */
	alarm(10);
	assert_int_equal(print(10, "%4000000000d|", 1, 7, 0, 0), 9);
	assert_int_equal(whole, INT32_MAX);
	assert_string_equal(line, "         ");
	assert_int_equal(print(10, "%-99999999999999999999999d|", 1, 7, 0, 0), 9);
	assert_string_equal(line, "7        ");
	assert_int_equal(print(10, "%-18446744073709551617d|", 1, 7, 0, 0), 9);
	assert_string_equal(line, "7        ");
	assert_int_equal(print(10, "%010000d|", 1, 7, 0, 0), 9);
	assert_string_equal(line, "000000000");
	assert_int_equal(print(10, "%-3000d|", 1, 7, 0, 0), 9);
	assert_int_equal(whole, 3001);
	assert_int_equal(print(10, "ab%9999s", 1, KERNEL_STR, 0, 0), 9);
	assert_string_equal(line, "ab       ");
	alarm(0);
	assert_int_equal(print(EBPF_PRINTK_MAX, "%s%s%s", 3, LONG_STR, LONG_STR, LONG_STR), EBPF_PRINTK_MAX - 1);
	assert_int_equal(strlen(line), EBPF_PRINTK_MAX - 1);
}

static void rcore(size_t size, const char *fmt, size_t len, unsigned int nr, const char *expect)
{
	uint64_t *args = malloc(nr * sizeof(*args) + !nr);
	char *copy = malloc(len + !len);

	for (unsigned int i = 0; i < nr; i++)
		args[i] = (uint64_t[]){1, UINT64_MAX, 42}[i];
	memcpy(copy, fmt, len);
	memset(line, '#', sizeof(line));
	assert_int_equal(ebpf_print_rcore(line, size, copy, len, args, nr), strlen(expect));
	assert_string_equal(line, expect);
	assert_int_equal(line[size], '#');
	free(args);
	free(copy);
}

#define assert_rcore(expect, fmt, nr) rcore(EBPF_PRINTK_MAX, fmt, sizeof(fmt), nr, expect)

static void test_print_rcore(void **state)
{
	(void)state;
	assert_rcore("", "", 3);
	assert_rcore("kprobe\taddr = 1\n", "kprobe\taddr = {}\n", 3);
	assert_rcore("1 18446744073709551615 42", "{} {} {}", 3);
	assert_rcore("1 18446744073709551615 42 []", "{} {} {} [{}]", 3); /* surplus ones vanish */
	assert_rcore("[]", "[{}]", 0);
	assert_rcore("{} {1} }{", "{{}} {{{}}} }}{{", 3);
	assert_rcore("{x} { } }", "{x} { } }", 3);
	assert_rcore("{", "{", 3);
	assert_rcore("}", "}", 3);
	assert_rcore("100% %d", "100% %d", 3);
	rcore(EBPF_PRINTK_MAX, "a{}", 2, 3, "a{"); /* the end is in the middle of something */
	rcore(EBPF_PRINTK_MAX, "a{}b", 3, 3, "a1");
	rcore(EBPF_PRINTK_MAX, "a\0{}", 4, 3, "a");
	rcore(EBPF_PRINTK_MAX, "", 0, 3, "");
	for (size_t size = 1; size < 12; size++) {
		char expect[32] = "r1 = 1 end.";

		expect[size - 1] = 0;
		rcore(size, "r1 = {} end.", 12, 1, expect);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print_text),	cmocka_unit_test(test_print_numbers),
		cmocka_unit_test(test_print_chars),	cmocka_unit_test(test_print_strings),
		cmocka_unit_test(test_print_pointers),	cmocka_unit_test(test_print_refused),
		cmocka_unit_test(test_print_truncated), cmocka_unit_test(test_print_rcore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
