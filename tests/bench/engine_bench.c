/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine-bench run CASE REPEAT | engine-bench verify CASE
 *
 * What bench.py counts by callgrind: programs that live on their maps, and
 * programs that are a lot to verify. `run` prints how many eBPF instructions one
 * run executed; `verify` how many instructions the verifier went through and how
 * many states it kept. Counted is what happens inside of ebpf_run() and
 * ebpf_verifier_step().
 */
#include "../host/platform_host.h"
#include "decode.h"
#include "helper.h"
#include "map.h"
#include "run.h"
#include "verifier.h"

#include <stdbool.h>
#include <stdio.h>

#define MAX_INSNS 4096u
#define CTX_SIZE 64u

static struct bpf_insn insns[MAX_INSNS];
static struct ebpf_op ops[MAX_INSNS];
static struct ebpf_prog prog = {.type = BPF_PROG_TYPE_KPROBE, .gpl = true, .insns = insns, .ops = ops};
static uint32_t n;

static void die(const char *what, const char *which)
{
	fprintf(stderr, "engine-bench: %s: %s\n", what, which);
	exit(1);
}

static void emit(uint8_t code, uint8_t dst, uint8_t src, int off, int32_t imm)
{
	if (n == MAX_INSNS)
		die("too long", "program");
	insns[n++] = (struct bpf_insn){
		.code = code, .dst_reg = dst & 15, .src_reg = src & 15, .off = (int16_t)off, .imm = imm};
}

static void emit_exit(void)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void add_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries)
{
	union bpf_attr attr = {.map_type = type, .key_size = key, .value_size = value, .max_entries = entries};

	if (ebpf_map_create(&attr, NULL, &prog.maps[prog.nr_maps]))
		die("cannot be made", "map");
	while (!ebpf_map_prepare(prog.maps[prog.nr_maps]))
		;
	prog.nr_maps++;
}

/* r0 = helper(map 0, fp-8, fp-16, 0) */
static void emit_map_call(int32_t helper)
{
	emit(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, 0);
	emit(0, 0, 0, 0, 0);
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -8);
	if (helper == BPF_FUNC_map_update_elem) {
		emit(BPF_ALU64 | BPF_MOV | BPF_X, 3, 10, 0, 0);
		emit(BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, -16);
		emit(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0);
	}
	emit(BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

/* 100 times: look up element i of the map and add one to it; one that is missing is put in. */
static void counters(uint32_t type, uint32_t key_size)
{
	uint32_t loop;

	add_map(type, key_size, 8, 128);
	emit(BPF_ALU64 | BPF_MOV | BPF_K, 6, 0, 0, 0);
	loop = n;
	emit(BPF_STX | BPF_MEM | BPF_DW, 10, 6, -8, 0);
	emit_map_call(BPF_FUNC_map_lookup_elem);
	emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4, 0);
	emit(BPF_LDX | BPF_MEM | BPF_DW, 1, 0, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, 1);
	emit(BPF_STX | BPF_MEM | BPF_DW, 0, 1, 0, 0);
	emit(BPF_JMP | BPF_JA, 0, 0, 9, 0);
	emit(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -16, 1);
	emit_map_call(BPF_FUNC_map_update_elem);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 6, 0, 0, 1);
	emit(BPF_JMP | BPF_JLT | BPF_K, 6, 0, (int)loop - (int)n - 1, 100);
	emit_exit();
}

static void counters_array(void)
{
	counters(BPF_MAP_TYPE_ARRAY, 4);
}

static void counters_percpu(void)
{
	counters(BPF_MAP_TYPE_PERCPU_ARRAY, 4);
}

static void counters_hash(void)
{
	counters(BPF_MAP_TYPE_HASH, 8);
}

static void counters_lru(void)
{
	counters(BPF_MAP_TYPE_LRU_HASH, 8);
}

/* A value for each of 100 keys, put in again each time */
static void updates_hash(void)
{
	uint32_t loop;

	add_map(BPF_MAP_TYPE_HASH, 8, 8, 128);
	emit(BPF_ALU64 | BPF_MOV | BPF_K, 6, 0, 0, 0);
	emit(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -16, 1);
	loop = n;
	emit(BPF_STX | BPF_MEM | BPF_DW, 10, 6, -8, 0);
	emit_map_call(BPF_FUNC_map_update_elem);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 6, 0, 0, 1);
	emit(BPF_JMP | BPF_JLT | BPF_K, 6, 0, (int)loop - (int)n - 1, 100);
	emit_exit();
}

/* No branch: what one instruction costs */
static void straight(void)
{
	emit(BPF_LDX | BPF_MEM | BPF_DW, 7, 1, 0, 0);
	for (uint32_t i = 0; i < 1000; i++) {
		emit(BPF_ALU64 | BPF_ADD | BPF_K, 7, 0, 0, (int32_t)i);
		emit(BPF_ALU64 | BPF_AND | BPF_K, 7, 0, 0, 0xffff);
		emit(BPF_STX | BPF_MEM | BPF_DW, 10, 7, -8 * (int)(1 + i % 8), 0);
		emit(BPF_LDX | BPF_MEM | BPF_DW, 8, 10, -8 * (int)(1 + i % 8), 0);
	}
	emit_exit();
}

/* One decision after another that nobody remembers: every second path ends in a state seen before. */
static void branches(void)
{
	for (uint32_t i = 0; i < 500; i++) {
		emit(BPF_LDX | BPF_MEM | BPF_DW, 7, 1, 8 * (int)(i % 8), 0);
		emit(BPF_JMP | BPF_JGT | BPF_K, 7, 0, 2, (int32_t)i);
		emit(BPF_ALU64 | BPF_MOV | BPF_K, 8, 0, 0, 1);
		emit(BPF_JMP | BPF_JA, 0, 0, 1, 0);
		emit(BPF_ALU64 | BPF_MOV | BPF_K, 8, 0, 0, 2);
	}
	emit_exit();
}

/* 1000 rounds of a counted loop, walked one by one */
static void loop(void)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_K, 6, 0, 0, 0);
	emit(BPF_ALU64 | BPF_MOV | BPF_K, 7, 0, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_X, 7, 6, 0, 0);
	emit(BPF_STX | BPF_MEM | BPF_DW, 10, 7, -8, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 6, 0, 0, 1);
	emit(BPF_JMP | BPF_JLT | BPF_K, 6, 0, -4, 1000);
	emit_exit();
}

static const struct {
	const char *name;
	void (*make)(void);
} cases[] = {
	{"counters_array", counters_array},
	{"counters_percpu", counters_percpu},
	{"counters_hash", counters_hash},
	{"counters_lru", counters_lru},
	{"updates_hash", updates_hash},
	{"straight", straight},
	{"branches", branches},
	{"loop", loop},
};

static void verify(bool loud)
{
	struct ebpf_verifier_opts opts = {.ctx_size = CTX_SIZE};
	struct ebpf_verifier_stats stats;
	struct ebpf_verifier *v;
	struct ebpf_vlog log;
	int err;

	ebpf_vlog_init(&log, NULL, 0, 0);
	v = ebpf_verifier_new(&prog, NULL, &log, &opts);
	if (!v)
		die("no memory", "verifier");
	do
		err = ebpf_verifier_step(v, 1000000);
	while (err == -ERESTART);
	if (err)
		die("refused", ebpf_verifier_reason(v));
	ebpf_verifier_stats(v, &stats);
	if (loud)
		printf("%u %u\n", stats.insns, stats.states);
	while (!ebpf_verifier_free(v))
		;
}

/* As the loader leaves it: map references are addresses. */
static void resolve(void)
{
	for (uint32_t i = 0; i < n; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) && insns[i].src_reg == BPF_PSEUDO_MAP_FD) {
			uint64_t at = (uintptr_t)prog.maps[insns[i].imm];

			insns[i].src_reg = 0;
			insns[i].imm = (int32_t)at;
			insns[i + 1].imm = (int32_t)(at >> 32);
		}
}

static void run(unsigned long repeat)
{
	static _Alignas(16) uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];
	static _Alignas(16) uint8_t ctx[CTX_SIZE];
	static struct ebpf_run state;
	uint64_t r0;

	prog.entry = ebpf_decode_verified(insns, n, prog.maps, prog.nr_maps, ops);
	state.prog = &prog;
	state.arg[0] = (uintptr_t)ctx;
	state.stack = stack;
	state.ctx = ctx;
	state.ctx_size = sizeof(ctx);
	state.budget = EBPF_RUN_BUDGET;
	while (repeat--)
		if (ebpf_run(&state, &r0))
			die("stopped", state.fault ? state.fault : "program");
	printf("%lld\n", (long long)ebpf_run_executed(&state));
}

int main(int argc, char **argv)
{
	bool runs = argc == 4 && !strcmp(argv[1], "run");

	if (!runs && (argc != 3 || strcmp(argv[1], "verify") != 0))
		die("usage", "engine-bench run CASE REPEAT | verify CASE");
	host_arena_init(16u << 20);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!strcmp(cases[i].name, argv[2]))
			cases[i].make();
	if (!n)
		die("no such case", argv[2]);
	prog.insn_cnt = n;
	verify(!runs);
	if (runs) {
		resolve();
		run(strtoul(argv[3], NULL, 10));
	}
	return 0;
}
