/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one probe hit costs, in instructions: a system call is made many times
 * without and with a program on its function; the difference is everything from
 * the breakpoint to the first instruction after the probed one, less that
 * instruction. Exact under QEMU's -icount, where instret counts all modes.
 *
 * An argument: how many calls, 2000 if there is none (few, for a trace of every
 * instruction).
 *
 * Prints one line a case: `bench kprobe.empty.insns 180.0`.
 */
#include "probebench.skel.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS 5

static unsigned long calls = 2000;

static unsigned long instret(void)
{
	unsigned long n;

	asm volatile("rdinstret %0" : "=r"(n));
	return n;
}

/* Instructions of `calls` system calls: the least of some rounds, so that timer ticks do not count. */
static unsigned long measure(void)
{
	unsigned long best = -1UL, start, took;

	for (int round = 0; round < ROUNDS; round++) {
		start = instret();
		for (unsigned long i = 0; i < calls; i++)
			getppid();
		took = instret() - start;
		if (took < best)
			best = took;
	}
	return best;
}

static int bench(const char *name, struct bpf_program *program, unsigned long without)
{
	struct bpf_link *link = bpf_program__attach(program);
	unsigned long tenths;

	if (!link) {
		printf("probebench: %s does not attach\n", name);
		return 1;
	}
	tenths = (measure() - without) * 10 / calls;
	bpf_link__destroy(link);
	printf("bench %s.insns %lu.%lu\n", name, tenths / 10, tenths % 10);
	return 0;
}

int main(int argc, char **argv)
{
	struct probebench *skel = probebench__open_and_load();
	unsigned long without;
	int failed;

	if (argc > 1 && atoi(argv[1]) > 0)
		calls = (unsigned long)atoi(argv[1]);
	if (!skel) {
		perror("probebench: load");
		return 1;
	}
	measure();
	without = measure();
	failed = bench("kprobe.empty", skel->progs.empty, without);
	failed |= bench("kprobe.array", skel->progs.array, without);
	failed |= bench("kprobe.hash", skel->progs.hash, without);
	failed |= bench("kretprobe.empty", skel->progs.at_return, without);
	probebench__destroy(skel);
	return failed;
}
