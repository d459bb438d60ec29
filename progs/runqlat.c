/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long threads that could run wait for a hart:
 *
 *	runqlat [-t MS] [COMMAND ...]
 *
 * while COMMAND runs; without one for MS milliseconds, or until Enter. Prints
 * something like
 *
 *	                usecs : count    distribution
 *	         0 -> 1         : 2        |*****                                   |
 *	        16 -> 31        : 15       |****************************************|
 *	17 times a thread got a hart
 */
#include "runqlat.skel.h"

#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

static int trace(struct runqlat *skel, char **command, int ms)
{
	int code;

	if (runqlat__load(skel) || runqlat__attach(skel))
		return -1;
	code = workload_run(command, ms);
	runqlat__detach(skel);
	print_log2_hist(skel->bss->slots, sizeof(skel->bss->slots) / sizeof(skel->bss->slots[0]), "usecs");
	printf("%lu times a thread got a hart\n", skel->bss->switches);
	return code;
}

int main(int argc, char **argv)
{
	struct runqlat *skel;
	int opt, ms = 0, code;

	while ((opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't' || (ms = atoi(optarg)) <= 0) {
			fprintf(stderr, "usage: runqlat [-t MS] [COMMAND ...]\n");
			return 2;
		}
	}
	skel = runqlat__open();
	code = skel ? trace(skel, argv + optind, ms) : -1;
	if (code == -1)
		perror("runqlat");
	runqlat__destroy(skel);
	return code == -1 ? 1 : code;
}
