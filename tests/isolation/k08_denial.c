/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-08: the kernel leaves in the middle of things
 *
 * Attacker: the S-mode kernel
 * Action: stops, starts and suspends harts with probes armed; calls that need several rounds and are
 *	never finished
 * Contained: no lock is left, no hart hangs, probes fire on a hart that comes back, unfinished work
 *	goes with its owner
 * Oracle: counts of hits; the kernel sees no breakpoint; the shared accounts
 * Harts: 4
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3
#define SUSPEND_RETENTIVE 0

static uint64_t hits(void)
{
	uint64_t value = 0;

	check("read", get(0, MAP, 0, &value), 0);
	return value;
}

static uint64_t counted_on[8];

static void call_some(uint64_t n)
{
	counted_on[n] = right_calls(10);
}

static void stop_and_start(void)
{
	uint64_t before = hits();
	unsigned int others = harts() < 4 ? harts() - 1 : 3;

	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	for (int round = 0; round < 5; round++) {
		for (unsigned int n = 1; n <= others; n++)
			start_hart(n, call_some, n);
		wait_harts();
		for (unsigned int n = 1; n <= others; n++)
			check("results on a hart that comes back", (int64_t)counted_on[n], 10);
	}
	check("each call was a hit", (int64_t)(hits() - before), 5 * 10 * others);
	check("none reached the kernel", (int64_t)breakpoints_seen, 0);
	check("close", close_fd(LINK), 0);
}

/* Retentive suspend ends at once: an interrupt is pending. */
static void suspend(void)
{
	uint64_t before = hits();

	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	sbi(SBI_EXT_TIME, 0, now() + 10000, 0, 0, 0, 0, 0);
	asm volatile("csrs sie, %0" : : "r"(1ul << 5));
	check("suspend", sbi(SBI_EXT_HSM, 3, SUSPEND_RETENTIVE, 0, 0, 0, 0, 0).error, 0);
	asm volatile("csrw sie, zero");
	sbi(SBI_EXT_TIME, 0, -1ul, 0, 0, 0, 0, 0);
	check("results after it", (int64_t)right_calls(10), 10);
	check("hits after it", (int64_t)(hits() - before), 10);
	check("close", close_fd(LINK), 0);
}

/* A map so large that it needs many rounds, asked for once and left. */
static void unfinished(void)
{
	const union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 1024, .max_entries = 3000};
	int64_t first = sbi(SBI_EXT_EBPF, SBI_EXT_EBPF_CALL, BPF_MAP_CREATE, (uint64_t)&attr, sizeof(attr), 0,
			    9 | SBI_EBPF_OWNER_KERNEL_ADDR, 1)
				.value;

	check("it needs another round", first, -SBI_EBPF_ERESTART);
	check("others go on", make_map(BPF_MAP_TYPE_HASH, 4, 8, 4, 50), 50);
	check("close", close_fd(50), 0);
	check("its owner exits", ebpf(SBI_EXT_EBPF_EXIT, 9, 0, 0, 0, 0, 0), 0);
}

void experiment(void)
{
	struct bpf_insn insns[COUNTER_INSNS];

	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	counter_program(insns, MAP);
	check("load", load(insns, COUNTER_INSNS, PROG), PROG);
	stop_and_start();
	suspend();
	unfinished();
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
}
