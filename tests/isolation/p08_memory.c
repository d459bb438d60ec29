/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-08: one owner takes all memory
 *
 * Attacker: a process that makes maps until it is refused, and a ring buffer that nobody reads
 * Action: maps of all sizes for owner 7 until -ENOMEM; then the same for owner 8; then a program fills
 *	a ring for ever
 * Contained: half of the arena at most for one owner; others, SBI time and IPI calls and probes go on;
 *	a full ring drops and counts; after exit every byte is back
 * Oracle: errnos; arena bytes; the shared accounts in the end
 * Short: virt
 */
#include "payload.h"

#define OWNER 7
#define OTHER 8
#define RING 1
#define PROG 2
#define LINK 3

static int64_t make_for(uint64_t owner, uint32_t entries, uint64_t fd)
{
	const union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 1024, .max_entries = entries};

	return bpf_as(owner, BPF_MAP_CREATE, &attr, fd);
}

static uint64_t fill(uint64_t owner)
{
	const uint64_t first = 2;
	uint64_t fd = first;
	int64_t ret;

	for (uint32_t entries = 1024; entries; entries /= 2)
		while ((ret = make_for(owner, entries, fd)) >= 0)
			fd++;
	check("what stops it", ret, -ENOMEM);
	return fd - first;
}

static void services(void)
{
	check("set timer", sbi(SBI_EXT_TIME, 0, now() + 100000000, 0, 0, 0, 0, 0).error, 0);
	check("send IPI", sbi(SBI_EXT_IPI, 0, 1, 0, 0, 0, 0, 0).error, 0);
	asm volatile("csrc sip, %0" : : "r"(2ul));
}

static void quotas(int64_t whole)
{
	int64_t before = info(SBI_EBPF_INFO_ARENA_FREE), left;

	check_true("maps for the first", fill(OWNER) > 2);
	left = info(SBI_EBPF_INFO_ARENA_FREE);
	check_true("not more than half", before - left <= whole / 2 + 4096);
	check_true("but most of the half", before - left > whole / 2 - whole / 8);
	check("one more for the first", make_for(OWNER, 64, 5000), -ENOMEM);
	check("one for another", make_for(OTHER, 64, 1), 1);
	check("one for the kernel", make_map(BPF_MAP_TYPE_HASH, 8, 8, 100, RING), RING);
	check("close", close_fd(RING), 0);
	services();
	check_true("maps for the other", fill(OTHER) > 0);
	services();
	check("exit", ebpf(SBI_EXT_EBPF_EXIT, OWNER, 0, 0, 0, 0, 0), 0);
	check("exit", ebpf(SBI_EXT_EBPF_EXIT, OTHER, 0, 0, 0, 0, 0), 0);
	check("every byte is back", info(SBI_EBPF_INFO_ARENA_FREE), before);
}

static void full_ring(void)
{
	const struct bpf_insn insns[] = {
		ST(BPF_DW, BPF_REG_10, -8, 1), MAP_PTR(BPF_REG_1, RING), MOV_REG(BPF_REG_2, BPF_REG_10),
		ADD_IMM(BPF_REG_2, -8),	       MOV_IMM(BPF_REG_3, 8),	 MOV_IMM(BPF_REG_4, 0),
		CALL(BPF_FUNC_ringbuf_output), MOV_IMM(BPF_REG_0, 0),	 EXIT(),
	};
	union bpf_attr attr = {.drain.map_fd = RING};
	const uint64_t hits = 1000, records = 4096 / 16;

	check("a ring", make_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, RING), RING);
	check("load", load(insns, COUNT(insns), PROG), PROG);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	check("results", (int64_t)right_calls(hits), (int64_t)hits);
	check("counters", bpf(EBPF_MAP_DRAIN, &attr, 0), 0);
	check_true("kept what there is room for", attr.drain.pending <= 4096 && attr.drain.pending >= 4096 - 16);
	check("and counted the rest", (int64_t)(attr.drain.dropped + attr.drain.pending / 16), (int64_t)hits);
	check_true("most was dropped", attr.drain.dropped >= hits - records);
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
	check("close", close_fd(RING), 0);
}

void experiment(void)
{
	quotas(info(SBI_EBPF_INFO_ARENA_SIZE));
	full_ring();
}
