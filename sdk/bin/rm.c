/* SPDX-License-Identifier: BSD-2-Clause */
/* rm: removes files. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		if (unlink(argv[i])) {
			perror(argv[i]);
			failed = 1;
		}
	}
	return failed;
}
