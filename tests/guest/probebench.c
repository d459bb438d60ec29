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
#include "kernel_insns.h"
#include "probebench.skel.h"

#include <stdlib.h>

#define ROUNDS 5
#define BLOCK 120
#define MANY 10000
#define MAX_LINKS 8

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

static unsigned long without; /* what the calls take with nothing attached */

static void report(const char *name, unsigned long with)
{
	long tenths = ((long)with - (long)without) * 10 / (long)calls;

	printf("bench %s.insns %ld.%ld\n", name, tenths / 10, tenths % 10);
}

/* The programs attached together, each `times` times. */
static void bench(const char *name, struct bpf_program *const *programs, unsigned int count, unsigned int times)
{
	struct bpf_link *links[MAX_LINKS];
	unsigned int i;

	for (i = 0; i < count * times; i++) {
		links[i] = bpf_program__attach(programs[i / times]);
		check(links[i] != NULL, name, errno);
	}
	report(name, measure());
	for (i = 0; i < count * times; i++)
		bpf_link__destroy(links[i]);
}

static void bench_one(const char *name, struct bpf_program *program)
{
	bench(name, &program, 1, 1);
}

/* The kernel's instructions in blocks, a link each: 0, or its descriptor. A block with one that cannot be probed has
 * none. */
static int blocks[MAX_INSNS / BLOCK];

static void arm_blocks(int prog)
{
	__u64 cookies[BLOCK];

	read_insns();
	for (unsigned int block = 0; block < nr_insns / BLOCK; block++) {
		int link;

		for (unsigned int i = 0; i < BLOCK; i++)
			cookies[i] = block;
		link = attach_insns(prog, &insns[block * BLOCK], cookies, BLOCK);
		if (link == -ENOSPC)
			break;
		blocks[block] = link > 0 ? link : 0;
	}
}

static void disarm(uint32_t block)
{
	close(blocks[block]);
	blocks[block] = 0;
}

/* Take away what the calls go through. True: there was something. */
static bool disarm_touched(int map, int watching)
{
	static const uint64_t zero, one = 1;
	static const uint32_t only;
	bool any = false;

	bpf_map_update_elem(watching, &only, &one, BPF_ANY);
	measure();
	bpf_map_update_elem(watching, &only, &zero, BPF_ANY);
	for (uint32_t block = 0; block < MAX_INSNS / BLOCK; block++) {
		uint64_t count = 0;

		bpf_map_lookup_elem(map, &block, &count);
		if (!count || !blocks[block])
			continue;
		disarm(block);
		bpf_map_update_elem(map, &block, &zero, BPF_ANY);
		any = true;
	}
	return any;
}

/* One probe that is hit among MANY that are not. */
static void bench_among_many(struct probebench *skel)
{
	long more;

	arm_blocks(bpf_program__fd(skel->progs.mark));
	while (disarm_touched(bpf_map__fd(skel->maps.touched), bpf_map__fd(skel->maps.watching)))
		;
	more = ebpf_info(SBI_EBPF_INFO_ARMED_PROBES) - MANY;
	check(more >= 0, "not enough probes are armed", more);
	for (uint32_t block = 0; block < MAX_INSNS / BLOCK && more >= BLOCK; block++) {
		if (!blocks[block])
			continue;
		disarm(block);
		more -= BLOCK;
	}
	bench_one("kprobe.empty_among_10000", skel->progs.empty);
	bench_one("kprobe.array_among_10000", skel->progs.array);
	for (uint32_t block = 0; block < MAX_INSNS / BLOCK; block++)
		if (blocks[block])
			disarm(block);
}

int main(int argc, char **argv)
{
	struct probebench *skel = probebench__open_and_load();

	if (argc > 1 && atoi(argv[1]) > 0)
		calls = (unsigned long)atoi(argv[1]);
	if (!check(skel != NULL, "load", errno))
		return checks_done("probebench");
	measure();
	without = measure();
	bench_one("kprobe.empty", skel->progs.empty);
	bench_one("kprobe.array", skel->progs.array);
	bench_one("kprobe.hash", skel->progs.hash);
	bench_one("kretprobe.empty", skel->progs.at_return);
	bench("kprobe.latency", (struct bpf_program *[]){skel->progs.latency_start, skel->progs.latency_end}, 2, 1);
	bench("kprobe.empty_8_programs", &skel->progs.empty, 1, 8);
	bench_among_many(skel);
	report("kprobe.none", measure()); /* all are gone */
	probebench__destroy(skel);
	return checks_done("probebench");
}
