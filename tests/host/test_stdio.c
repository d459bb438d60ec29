/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams of the user programs' C library on the host, over real files: reading,
 * writing, appending, errors, and scanf's conversions against the host's own.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

static FILE *host_fopen(const char *path, const char *mode)
{
	return fopen(path, mode);
}

static void host_write(const char *path, const char *text, size_t n)
{
	FILE *f = host_fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static size_t host_read(const char *path, char *buf, size_t size)
{
	FILE *f = host_fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, size, f);
	fclose(f);
	return n;
}

static int host_vsscanf(const char *s, const char *fmt, va_list ap)
{
	return vsscanf(s, fmt, ap);
}

#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wredundant-decls"

/* The library's names, over the host's system calls */
#undef stdin
#undef stdout
#undef stderr
#undef feof
#undef ferror
#undef getc
#undef putc
#undef BUFSIZ
#define BUFSIZ 64 /* small, so that every edge of it is met */
#define FILE struct __file
#define stdin sdk_stdin
#define stdout sdk_stdout
#define stderr sdk_stderr
#define fopen sdk_fopen
#define fclose sdk_fclose
#define fflush sdk_fflush
#define setvbuf sdk_setvbuf
#define setbuf sdk_setbuf
#define setlinebuf sdk_setlinebuf
#define feof sdk_feof
#define ferror sdk_ferror
#define clearerr sdk_clearerr
#define fileno sdk_fileno
#define vfprintf sdk_vfprintf
#define vprintf sdk_vprintf
#define printf sdk_printf
#define fprintf sdk_fprintf
#define vsnprintf sdk_vsnprintf
#define snprintf sdk_snprintf
#define sprintf sdk_sprintf
#define vsprintf sdk_vsprintf
#define asprintf sdk_asprintf
#define vasprintf sdk_vasprintf
#define fputs sdk_fputs
#define puts sdk_puts
#define fputc sdk_fputc
#define putc sdk_putc
#define putchar sdk_putchar
#define fwrite sdk_fwrite
#define perror sdk_perror
#define fgetc sdk_fgetc
#define getc sdk_getc
#define getchar sdk_getchar
#define ungetc sdk_ungetc
#define fgets sdk_fgets
#define fread sdk_fread
#define getline sdk_getline
#define getdelim sdk_getdelim
#define sscanf sdk_sscanf
#define fscanf sdk_fscanf
#define vsscanf sdk_vsscanf
#define vfscanf sdk_vfscanf
#define O_CREATE O_CREAT
#define open(path, flags) open(path, flags, 0600)
#include "../../sdk/lib/decimal.c"
#define put_number format_put_number
#include "../../sdk/lib/format_double.c"
#undef put_number
#include "../../sdk/lib/format.c"
#include "../../sdk/lib/stdio.c"
#include "../../sdk/lib/scan.c"
#include "../../sdk/lib/fopen.c"
#include "../../sdk/lib/stdio_in.c"

static char path[64];

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/test_stdio.%d", (int)getpid());
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return __open_files != NULL;
}

static void assert_file(const char *text)
{
	char buf[1024];
	size_t n = host_read(path, buf, sizeof(buf));

	assert_int_equal(n, strlen(text));
	assert_memory_equal(buf, text, n);
}

static void test_stdio_write(void **state)
{
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	assert_int_equal(fprintf(f, "%d lines\n", 2), 8);
	assert_file(""); /* it waits */
	assert_int_equal(fputs("second\n", f), 0);
	assert_int_equal(fputc('x', f), 'x');
	assert_int_equal(fwrite("yz", 1, 2, f), 2);
	assert_int_equal(fflush(f), 0);
	assert_file("2 lines\nsecond\nxyz");
	assert_int_equal(putc('!', f), '!');
	assert_int_equal(fflush(NULL), 0);
	assert_file("2 lines\nsecond\nxyz!");
	assert_int_equal(fclose(f), 0);
	f = fopen(path, "a");
	assert_non_null(f);
	setlinebuf(f);
	fputs("more\nrest", f);
	assert_file("2 lines\nsecond\nxyz!more\nrest");
	fclose(f);
	f = fopen(path, "w");
	setbuf(f, NULL);
	fputs("new", f);
	assert_file("new");
	fclose(f);
}

static void test_stdio_refused(void **state)
{
	FILE *f;

	(void)state;
	errno = 0;
	assert_null(fopen(path, "r"));
	assert_int_equal(errno, ENOENT);
	assert_null(fopen(path, "r+"));
	assert_int_equal(errno, EINVAL);
	assert_null(fopen(path, "x"));
	f = fopen(path, "w");
	assert_int_equal(fgetc(f), EOF);
	assert_int_equal(errno, EBADF);
	assert_true(ferror(f) && !feof(f));
	clearerr(f);
	assert_false(ferror(f));
	assert_int_equal(fputs("still", f), 0);
	assert_int_equal(fclose(f), 0);
	assert_file("still");
	f = fopen(path, "r");
	assert_int_equal(fputs("x", f), EOF);
	assert_int_equal(fprintf(f, "x"), -1);
	assert_int_equal(fwrite("x", 1, 1, f), 0);
	assert_true(ferror(f));
	assert_int_equal(fgetc(f), 's'); /* what is there is still read */
	fclose(f);
}

/* A file that takes nothing, as a full one */
static void test_stdio_lost(void **state)
{
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	assert_int_equal(fputs("waits", f), 0);
	assert_int_equal(fflush(f), EOF);
	assert_true(ferror(f));
	setbuf(f, NULL);
	clearerr(f);
	assert_int_equal(fputs("now", f), EOF);
	assert_int_equal(fputc('x', f), EOF);
	fputs("", f);
	assert_true(ferror(f)); /* a call that is fine does not take it back */
	fclose(f);
}

static void test_stdio_lines(void **state)
{
	char text[400], s[100], *line = NULL;
	size_t size = 0, n = 0;
	FILE *f;

	(void)state;
	for (int i = 0; i < 10; i++) /* lines of all lengths, the last one without its end */
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%*d%s", 7 * i + 1, i, i < 9 ? "\n" : "");
	host_write(path, text, n);
	f = fopen(path, "r");
	for (int i = 0; i < 10; i++) {
		assert_int_equal(getline(&line, &size, f), 7 * i + 1 + (i < 9));
		assert_int_equal(line[7 * i], '0' + i);
	}
	assert_int_equal(getline(&line, &size, f), -1);
	assert_true(feof(f) && !ferror(f));
	free(line);
	fclose(f);

	f = fopen(path, "r");
	assert_string_equal(fgets(s, sizeof(s), f), "0\n");
	assert_string_equal(fgets(s, 5, f), "    ");
	assert_string_equal(fgets(s, sizeof(s), f), "   1\n");
	assert_string_equal(fgets(s, 1, f), "");
	while (fgets(s, sizeof(s), f))
		;
	assert_true(feof(f));
	assert_null(fgets(s, sizeof(s), f));
	assert_int_equal(ungetc('u', f), 'u');
	assert_false(feof(f));
	assert_string_equal(fgets(s, sizeof(s), f), "u");
	fclose(f);
}

static void test_stdio_read(void **state)
{
	char text[300], buf[300];
	FILE *f;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 37);
	host_write(path, text, sizeof(text));
	f = fopen(path, "rb");
	assert_int_equal(fgetc(f), 0);
	assert_int_equal(getc(f), 37);
	assert_int_equal(ungetc(37, f), 37);
	assert_int_equal(fread(buf, 10, 2, f), 2);
	assert_memory_equal(buf, text + 1, 20);
	assert_int_equal(fread(buf, 100, 4, f), 2); /* 279 bytes left: two and a piece */
	assert_memory_equal(buf, text + 21, 279);
	assert_true(feof(f));
	assert_int_equal(fread(buf, 1, 1, f), 0);
	assert_int_equal(fread(buf, 0, 5, f), 0);
	fclose(f);
}

/* No byte more than asked for is taken from what stdin is */
static void test_stdio_standard_input(void **state)
{
	char s[20], rest[20] = {0};
	int fd;

	(void)state;
	host_write(path, "first\nsecond\n", 13);
	fd = open(path, O_RDONLY);
	stdin->fd = fd;
	assert_string_equal(fgets(s, sizeof(s), stdin), "first\n");
	assert_int_equal(getchar(), 's');
	assert_int_equal(read(fd, rest, sizeof(rest)), 6);
	assert_string_equal(rest, "econd\n");
	assert_int_equal(getchar(), EOF);
	close(fd);
	stdin->fd = 0;
}

static void test_stdio_fscanf(void **state)
{
	unsigned long address;
	char kind, name[20], rest[20];
	int n = 0;
	FILE *f;

	(void)state;
	host_write(path, "80200000 T start\tx\n80200010 t sub more\n7\n", 41);
	f = fopen(path, "r");
	assert_int_equal(fscanf(f, "%lx %c %s%[^\n]\n", &address, &kind, name, rest), 4);
	assert_int_equal(address, 0x80200000);
	assert_string_equal(name, "start");
	assert_string_equal(rest, "\tx");
	assert_int_equal(fscanf(f, "%lx %c %s%*[^\n]\n", &address, &kind, name), 3);
	assert_int_equal(address, 0x80200010);
	assert_int_equal(fscanf(f, "%d", &n), 1);
	assert_int_equal(n, 7);
	assert_int_equal(fgetc(f), '\n');
	assert_int_equal(fscanf(f, "%d", &n), EOF);
	fclose(f);
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

static int check_host(const char *s, const char *f, ...)
{
	va_list ap;
	int n;

	va_start(ap, f);
	n = host_vsscanf(s, f, ap);
	va_end(ap);
	return n;
}

/* Both scanfs on two sets of the same variables: the same number, the same bytes. */
static void check_scan(const char *input, const char *fmt)
{
	static union {
		long n;
		char text[64];
	} ours[4], theirs[4];
	int n, m;

	memset(ours, 0x5a, sizeof(ours));
	memset(theirs, 0x5a, sizeof(theirs));
	n = sscanf(input, fmt, &ours[0], &ours[1], &ours[2], &ours[3]);
	m = check_host(input, fmt, &theirs[0], &theirs[1], &theirs[2], &theirs[3]);
	if (n != m || memcmp(ours, theirs, sizeof(ours)) != 0)
		fail_msg("\"%s\" as \"%s\": %d, not %d", input, fmt, n, m);
}

static void test_stdio_sscanf(void **state)
{
	static const char *const inputs[] = {
		"12 34",
		"-7",
		"+9x",
		"0x1f",
		"017",
		"08",
		"  5",
		"",
		" ",
		"abc",
		"a,b",
		"99999999999",
		"-1-2",
		"1%2",
		"4294967296",
		"ff",
		"0xFFFFFFFFFFFFFFFF 1",
		"name(arg)",
		"=<=5",
		"x\ty\nz",
		"1:2:3",
		"[x]",
		"a-z",
	};
	static const char *const formats[] = {
		"%d",	      "%d %d",	"%i%i",	    "%u",	 "%x",	     "%o",	     "%lx",   "%ld",
		"%hd",	      "%hhu",	"%2d%d",    "%*d%d",	 "%s",	     "%3s%s",	     "%c",    "%2c",
		"%c%c",	      "%[a-z]", "%[^,],%s", "%[^\n]",	 "%*s %d",   "%d%%%d",	     "%d%n",  "%n",
		"%[!=><]%li", "%[]]",	"%[^]]",    "%[a-]",	 "%d:%d:%d", "name(%[a-z])", "%x%c",  " %c",
		"x %s",	      "%llu",	"%zu",	    "%5[0-9]%s", "%i",	     "%s%n",	     "%[[x]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
		for (size_t j = 0; j < sizeof(formats) / sizeof(formats[0]); j++)
			check_scan(inputs[i], formats[j]);
}

/* "0x" and then no digit is no number (C11); the GNU library takes it for a 0. */
static bool hex_without_digits(const char *s)
{
	while ((s = strstr(s, "0x")))
		if (!isxdigit((unsigned char)*(s += 2)))
			return true;
	return false;
}

static void test_stdio_sscanf_random(void **state)
{
	static const char letters[] = "0123 x-af,\t+7%";
	static const char *const pieces[] = {"%d",  "%x", "%i", "%3s", "%c", "%[0-9a-f]",
					     "%*d", " ",  ",",	"%2u", "%%", "%lo"};
	uint64_t seed = 7;

	(void)state;
	for (int n = 0; n < 100000; n++) {
		char input[24], fmt[64] = "";
		size_t len = elf_random(&seed) % 20, i;

		for (i = 0; i < len; i++)
			input[i] = letters[elf_random(&seed) % (sizeof(letters) - 1)];
		input[i] = 0;
		if (hex_without_digits(input))
			continue;
		for (uint32_t k = elf_random(&seed) % 4 + 1; k; k--)
			strcat(fmt, pieces[elf_random(&seed) % (sizeof(pieces) / sizeof(pieces[0]))]);
		check_scan(input, fmt);
	}
}

static void test_stdio_asprintf(void **state)
{
	char *text = NULL;

	(void)state;
	assert_int_equal(asprintf(&text, "%s and %d", "this", 12345), 14);
	assert_string_equal(text, "this and 12345");
	free(text);
}

#define T(name) cmocka_unit_test_setup_teardown(test_stdio_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(write),	   T(refused), T(lost),	  T(lines),	    T(read),
		T(standard_input), T(fscanf),  T(sscanf), T(sscanf_random), T(asprintf),
	};

	return cmocka_run_group_tests_name("stdio", tests, NULL, NULL);
}
