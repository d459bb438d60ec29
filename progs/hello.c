/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest program of both halves: says hello at each open() of anybody,
 * and opens a file itself so that there is one. The kernel prints the line.
 *
 * Prints:
 *	hello from below the kernel: process 2 opens a file
 */
#include "hello.skel.h"

#include <stdio.h>
#include <unistd.h>

int main(void)
{
	struct hello *skel = hello__open_and_load();

	if (!skel || hello__attach(skel)) {
		perror("hello");
		hello__destroy(skel);
		return 1;
	}
	close(open("hello", O_RDONLY));
	hello__destroy(skel);
	return 0;
}
