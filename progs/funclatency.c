/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a function of the kernel takes, as a histogram:
 *
 *	funclatency [-u] [-t MS] FUNCTION [COMMAND ...]
 *
 * of all its calls while COMMAND runs; without one for MS milliseconds, or until
 * Enter. In nanoseconds, with -u in microseconds. Sleeping counts: what is
 * measured is the time from entry to return. Prints something like
 *
 *	                nsecs : count    distribution
 *	      4096 -> 8191      : 3        |************************                |
 *	      8192 -> 16383     : 5        |****************************************|
 *	8 calls, 9187 nsecs on average
 */
#include "funclatency.skel.h"

#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

static int attach(struct funclatency *skel, const char *function)
{
	skel->links.on_entry = bpf_program__attach_kprobe(skel->progs.on_entry, false, function);
	if (!skel->links.on_entry)
		return -1;
	skel->links.on_return = bpf_program__attach_kprobe(skel->progs.on_return, true, function);
	return skel->links.on_return ? 0 : -1;
}

static void print_latencies(const struct funclatency *skel)
{
	const __typeof__(*skel->bss) *bss = skel->bss;
	u32 unit = skel->rodata->unit;

	print_log2_hist(bss->slots, sizeof(bss->slots) / sizeof(bss->slots[0]), unit == 1 ? "nsecs" : "usecs");
	if (bss->calls)
		printf("%lu calls, %lu %s on average\n", bss->calls, bss->total / bss->calls / unit,
		       unit == 1 ? "nsecs" : "usecs");
}

static int trace(struct funclatency *skel, const char *function, char **command, int ms, u32 unit)
{
	int code;

	skel->rodata->unit = unit;
	if (funclatency__load(skel) || attach(skel, function))
		return -1;
	code = workload_run(command, ms);
	funclatency__detach(skel);
	print_latencies(skel);
	return code;
}

int main(int argc, char **argv)
{
	struct funclatency *skel;
	int opt, ms = 0, code;
	u32 unit = 1;

	while ((opt = getopt(argc, argv, "ut:")) != -1) {
		if (opt == 'u')
			unit = 1000;
		else if (opt != 't' || (ms = atoi(optarg)) <= 0)
			optind = argc;
	}
	if (optind >= argc) {
		fprintf(stderr, "usage: funclatency [-u] [-t MS] FUNCTION [COMMAND ...]\n");
		return 2;
	}
	skel = funclatency__open();
	code = skel ? trace(skel, argv[optind], argv + optind + 1, ms, unit) : -1;
	if (code == -1)
		perror("funclatency");
	funclatency__destroy(skel);
	return code == -1 ? 1 : code;
}
