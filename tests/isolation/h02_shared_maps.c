/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * H-02: harts work on the same maps at the same time
 *
 * Attacker: another hart
 * Action: a program on all harts that counts in one hash, one per-hart array and one ring, while the
 *	first hart looks up, updates, deletes and makes the maps of others anew
 * Contained: no update is lost, drops are counted exactly, no deadlock; a hart stops while it holds
 *	nothing
 * Oracle: sums of all counters against the number of calls; the shared accounts
 * Harts: 4
 * Short: virt
 */
#include "payload.h"

#define HASH 1
#define RING 2
#define PROG 3
#define LINK 4
#define SCRATCH 5

static uint64_t calls_each;

static void call_victim(uint64_t n)
{
	(void)n;
	right_calls(calls_each);
}

/* hash[0] += 1 atomically; ring <- 8 bytes */
static int64_t load_worker(void)
{
	const struct bpf_insn insns[] = {
		ST(BPF_DW, BPF_REG_10, -8, 0),	MAP_PTR(BPF_REG_1, HASH),
		MOV_REG(BPF_REG_2, BPF_REG_10), ADD_IMM(BPF_REG_2, -8),
		CALL(BPF_FUNC_map_lookup_elem), JEQ_IMM(BPF_REG_0, 0, 2),
		MOV_IMM(BPF_REG_1, 1),		ATOMIC(BPF_DW, BPF_ADD, BPF_REG_0, BPF_REG_1, 0),
		MAP_PTR(BPF_REG_1, RING),	MOV_REG(BPF_REG_2, BPF_REG_10),
		ADD_IMM(BPF_REG_2, -8),		MOV_IMM(BPF_REG_3, 8),
		MOV_IMM(BPF_REG_4, 0),		CALL(BPF_FUNC_ringbuf_output),
		MOV_IMM(BPF_REG_0, 0),		EXIT(),
	};

	return load(insns, COUNT(insns), PROG);
}

/* The first hart's part, while the others hit. Returns the records it has taken out. */
static uint64_t disturb(unsigned int rounds)
{
	static uint64_t buf[64];
	uint64_t taken = 0;

	for (unsigned int i = 0; i < rounds; i++) {
		union bpf_attr attr = {.drain.map_fd = RING, .drain.buf = (uint64_t)buf, .drain.size = sizeof(buf)};

		check("drain", bpf(EBPF_MAP_DRAIN, &attr, 0), 0);
		taken += attr.drain.used / 16;
		check("another map", make_map(BPF_MAP_TYPE_HASH, 4, 8, 16, SCRATCH), SCRATCH);
		check("put", put(0, SCRATCH, i, i), 0);
		check("close", close_fd(SCRATCH), 0);
	}
	return taken;
}

void experiment(void)
{
	unsigned int others = harts() < 8 ? harts() - 1 : 7;
	uint64_t key = 0, value = 0, taken, want;
	union bpf_attr attr = {.map_fd = HASH, .key = (uint64_t)&key, .value = (uint64_t)&value};

	calls_each = long_form() ? 20000 : 2000;
	want = calls_each * others;
	check("a hash", make_map(BPF_MAP_TYPE_HASH, 8, 8, 64, HASH), HASH);
	check("its element", bpf(BPF_MAP_UPDATE_ELEM, &attr, 0), 0);
	check("a ring", make_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, RING), RING);
	check("load", load_worker(), PROG);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	for (unsigned int n = 1; n <= others; n++)
		start_hart(n, call_victim, n);
	taken = disturb(200);
	wait_harts();
	check("read", bpf(BPF_MAP_LOOKUP_ELEM, &attr, 0), 0);
	check("no count is lost", (int64_t)value, (int64_t)want);
	attr = (union bpf_attr){.drain.map_fd = RING};
	check("counters", bpf(EBPF_MAP_DRAIN, &attr, 0), 0);
	check("records taken, left and dropped", (int64_t)(taken + attr.drain.pending / 16 + attr.drain.dropped),
	      (int64_t)want);
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
	check("close", close_fd(RING), 0);
	check("close", close_fd(HASH), 0);
}
