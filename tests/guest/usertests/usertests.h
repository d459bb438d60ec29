/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of the user interface, one function each. A test runs in a process of
 * its own and says how it went by its exit code, which is compared with `code`: 0
 * if it got to the end with all its checks right. What it leaves behind (pages,
 * processes, files) makes it wrong as well.
 */
#ifndef USERTESTS_H
#define USERTESTS_H

#include "sdk/lib/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct usertest {
	const char *name;
	void (*run)(void);
	int code;
	bool full; /* takes long: only in a full run */
};

/* Ends the process (the test) with a line that says where. */
#define CHECK(cond) ((cond) ? (void)0 : usertests_wrong(#cond, __FILE__, __LINE__))
_Noreturn void usertests_wrong(const char *what, const char *file, int line);

/* The exit code of a child that runs fn. */
int usertests_child(void (*fn)(void));
/* Wait for a child and return its code; ends the test if that is not possible. */
int usertests_wait(int pid);
static inline long raw(long nr, long a, long b, long c)
{
	return syscall3(nr, a, b, c);
}

#define BAD_POINTER ((void *)0xffffffffc0200000) /* the kernel's text */

/* Each ends with an entry without a name. */
extern const struct usertest process_tests[], memory_tests[], file_tests[], pipe_tests[], thread_tests[], sync_tests[],
	end_tests[];
/* usertests as a program that a test executes: `usertests --as WHAT ARGS` */
int process_as(int argc, char **argv);

#endif
