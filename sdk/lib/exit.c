/* SPDX-License-Identifier: BSD-2-Clause */
/* How a program ends: what it has printed is written out first. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void exit(int code)
{
	fflush(NULL);
	_exit(code);
}

void abort(void)
{
	exit(-1);
}

void __assert_fail(const char *expr, const char *file, int line)
{
	fflush(stdout);
	fprintf(stderr, "\033[31m[PANIC %d] %s:%d: assertion failed: %s\033[0m\n", getpid(), file, line, expr);
	exit(-1);
}
