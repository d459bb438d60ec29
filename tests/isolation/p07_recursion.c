/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-07: probes on what serves probes
 *
 * Attacker: whoever attaches
 * Action: probes on the kernel's trap vector and handler, on the ecall that makes and removes probes,
 *	on the function that prints the trace, on the return trampoline, and a probe on the way of another
 *	one's work
 * Contained: no deadlock, no recursion: a program runs in M-mode, where nothing is probed
 * Oracle: counts of hits, right results, an end
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 10

static uint64_t count(void)
{
	uint64_t value = 0;

	check("read", get(0, MAP, 0, &value), 0);
	return value;
}

/* The ecall instruction in sbi(): found by looking, it is the only one there. */
static uint64_t ecall_of(const void *fn)
{
	const uint16_t *at = fn;

	while (at[0] != 0x0073 || at[1] != 0)
		at++;
	return (uint64_t)at;
}

static void trap_path(void)
{
	uint64_t before = count();

	check("trap vector", attach(PROG, (uint64_t)trap_vector, 0, LINK), LINK);
	check("second instruction of it", attach(PROG, (uint64_t)trap_vector + 2, 0, LINK + 1) >= 0, 1);
	for (int i = 0; i < 10; i++)
		check("a fault", (int64_t)touch_load(FIRMWARE), CAUSE_LOAD_ACCESS);
	check_true("hits of the trap vector", count() - before >= 10);
	check("close", close_fd(LINK), 0);
	close_fd(LINK + 1);
}

/* Each call of the extension now hits a probe whose removal is the next call. */
static void own_ecall(void)
{
	uint64_t before = count(), at = ecall_of((const void *)sbi), hits;

	check("the ecall", attach(PROG, at, 0, LINK), LINK);
	hits = count() - before;
	check_true("the reading call itself was a hit", hits >= 1);
	for (int i = 0; i < 10; i++)
		check("a call through a probe", info(SBI_EBPF_INFO_VERSION), SBI_EBPF_VERSION);
	check_true("each is counted", count() - before >= hits + 10);
	check("two on the same way", attach(PROG, (uint64_t)sbi, 0, LINK + 1), LINK + 1);
	check("remove the probe under the call that removes it", close_fd(LINK), 0);
	check("and the other", close_fd(LINK + 1), 0);
}

static void trampoline(void)
{
	int64_t ret = attach(PROG, (uint64_t)return_trampoline, 0, LINK);

	/* an ebreak is the kernel's own: refused, or it stays one */
	check_true("probe on the return trampoline", ret < 0 || ret == LINK);
	check("return probe beside it", attach(PROG, (uint64_t)victim, BPF_F_KPROBE_MULTI_RETURN, LINK + 1), LINK + 1);
	check("results", (int64_t)right_calls(10), 10);
	check("close", close_fd(LINK + 1), 0);
	if (ret >= 0)
		check("close", close_fd(LINK), 0);
}

void experiment(void)
{
	struct bpf_insn insns[COUNTER_INSNS];

	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	counter_program(insns, MAP);
	check("load", load(insns, COUNTER_INSNS, PROG), PROG);
	trap_path();
	own_ecall();
	trampoline();
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
}
