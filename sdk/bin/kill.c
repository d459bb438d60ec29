/* SPDX-License-Identifier: BSD-2-Clause */
/* kill [-SIGNAL] PID...: ends processes with exit code -9, or -SIGNAL; 2 (-INT) does what Ctrl-C does. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int failed = 0, signal = 9, first = 1;

	if (argc > 1 && argv[1][0] == '-') {
		signal = !strcmp(argv[1], "-INT") ? 2 : atoi(argv[1] + 1);
		first = 2;
	}
	if (argc <= first || signal <= 0) {
		fprintf(stderr, "usage: kill [-SIGNAL] PID...\n");
		return 2;
	}
	for (int i = first; i < argc; i++) {
		if (kill(atoi(argv[i]), signal)) {
			perror(argv[i]);
			failed = 1;
		}
	}
	return failed;
}
