/* SPDX-License-Identifier: BSD-2-Clause */
/* kill PID...: ends processes; their exit code is -9. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: kill PID...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		if (kill(atoi(argv[i]), 9)) {
			perror(argv[i]);
			failed = 1;
		}
	}
	return failed;
}
