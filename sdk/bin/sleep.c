/* SPDX-License-Identifier: BSD-2-Clause */
/* sleep MILLISECONDS: waits. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char *end;
	long ms = argc == 2 ? strtol(argv[1], &end, 10) : -1;

	if (ms < 0 || *end) {
		fprintf(stderr, "usage: sleep MILLISECONDS\n");
		return 2;
	}
	return usleep((unsigned long)ms * 1000);
}
