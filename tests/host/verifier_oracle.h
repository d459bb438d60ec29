/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is what the verifier says of a program true? oracle_judge() takes one; if it
 * is accepted, it
 *  - runs in the checked interpreter on random contexts, maps and random
 *    numbers, and no check may stop it; without checks it must come to the same;
 *  - is verified again without pruning, and walked by an interpreter of the
 *    tests (verifier_run.h): at every instruction some state the verifier had
 *    there must contain what all registers and slots really hold.
 * What is not so is reported with the program. Used with random programs by
 * test_verifier_fuzz.c, with those a fuzzer makes by tests/fuzz/fuzz_verifier.c.
 */
#ifndef HOST_VERIFIER_ORACLE_H
#define HOST_VERIFIER_ORACLE_H

#include "decode.h"
#include "platform_host.h"
#include "verifier.h"
#include "verifier_gen.h"
#include "verifier_run.h"
#include "vstate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define RUNS 12
#define MAX_CLAIMS 6000
#define STEPS 20000
#define MAX_INSNS 5000 /* loops without end are left alone: there are enough other programs */

/* ------------------------------------------------------------------ the program */

static struct gen gen;
static struct bpf_insn insns[GEN_MAX], resolved[GEN_MAX];
static struct ebpf_op ops[GEN_MAX];
static struct ebpf_prog prog;
static struct ebpf_map *map;
static uint32_t stack_used, used;
static uint64_t accepted, walked, steps;
static _Alignas(16) uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];
static _Alignas(8) uint8_t ctx[GEN_CTX_SIZE];

static void setup_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = GEN_VALUE_SIZE, .max_entries = 2};

	assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
	while (!ebpf_map_prepare(map))
		;
	prog.maps[0] = map;
	prog.nr_maps = 1;
}

/* What is in gen */
static void load(void)
{
	memcpy(insns, gen.insns, sizeof(insns));
	prog.insns = insns;
	prog.ops = ops;
	prog.insn_cnt = gen.n;
	prog.type = BPF_PROG_TYPE_KPROBE;
	prog.gpl = true;
}

static int verify(const struct ebpf_verifier_opts *opts, char *reason)
{
	struct ebpf_vlog log;
	struct ebpf_verifier_stats stats;
	struct ebpf_verifier *v;
	int err;

	ebpf_vlog_init(&log, NULL, 0, 0);
	v = ebpf_verifier_new(&prog, NULL, &log, opts);
	assert_non_null(v);
	do {
		err = ebpf_verifier_step(v, 1000);
		ebpf_verifier_stats(v, &stats);
	} while (err == -ERESTART && stats.insns < MAX_INSNS);
	if (reason)
		snprintf(reason, 200, "%s", ebpf_verifier_reason(v));
	used = err ? 0 : ebpf_verifier_stack(v);
	while (!ebpf_verifier_free(v))
		;
	return err;
}

/* As the loader leaves it: map references are addresses. */
static void resolve(void)
{
	memcpy(resolved, insns, sizeof(resolved));
	for (uint32_t i = 0; i < prog.insn_cnt; i++)
		if (resolved[i].code == (BPF_LD | BPF_IMM | BPF_DW) && resolved[i].src_reg == BPF_PSEUDO_MAP_FD) {
			resolved[i].src_reg = 0;
			resolved[i].imm = (int32_t)(uintptr_t)map;
			resolved[i + 1].imm = (int32_t)((uintptr_t)map >> 32);
		}
}

static void randomize(void)
{
	static const uint64_t edges[] = {0,
					 1,
					 7,
					 8,
					 255,
					 0x7fffffff,
					 0x80000000,
					 0xffffffff,
					 0x100000000,
					 0x7fffffffffffffff,
					 0x8000000000000000,
					 UINT64_MAX};

	for (unsigned int i = 0; i < sizeof(ctx) / 8; i++) {
		uint64_t v = gen_next(&gen);

		v = gen_below(&gen, 3) ? v >> gen_below(&gen, 64) : edges[gen_below(&gen, 12)] + gen_below(&gen, 3) - 1;
		memcpy(ctx + 8 * i, &v, 8);
	}
	for (uint32_t i = 0; i < map->nr_values * map->value_stride; i++)
		map->values[i] = (uint8_t)gen_next(&gen);
}

static void __attribute__((noreturn)) report(const char *what, uint32_t pc)
{
	fprintf(stderr, "instruction %u: %s\nprogram: ", pc, what);
	for (uint32_t i = 0; i < gen.n * 8; i++)
		fprintf(stderr, "%02x", ((const uint8_t *)gen.insns)[i]);
	fputc('\n', stderr);
	fail();
	abort();
}

/* --------------------------------------------------------- the interpreter */

/* What a run leaves: r0 and the map's values */
struct outcome {
	uint64_t r0;
	uint8_t values[2 * GEN_VALUE_SIZE];
};

static void run_decoded(bool checked, struct outcome *outcome)
{
	struct ebpf_decoder decoder = {.insns = resolved,
				       .count = prog.insn_cnt,
				       .checked = checked,
				       .deepest = stack_used,
				       .helper_of = ebpf_helper_of,
				       .maps = prog.maps,
				       .nr_maps = prog.nr_maps,
				       .ops = ops};
	struct ebpf_run run = {.prog = &prog,
			       .arg = {(uintptr_t)ctx, 0},
			       .stack = stack,
			       .ctx = ctx,
			       .ctx_size = sizeof(ctx),
			       .budget = EBPF_RUN_BUDGET};
	struct bpf_insn *saved = prog.insns;

	while (!ebpf_decode_step(&decoder, UINT32_MAX))
		;
	prog.insns = resolved;
	prog.checked = checked;
	prog.entry = decoder.entry;
	host_entropy = 1; /* the same random numbers each time */
	ebpf_helper_init();
	if (ebpf_run(&run, &outcome->r0))
		report(run.fault ? run.fault : "the interpreter stopped it", run.fault_pc);
	prog.insns = saved;
	memcpy(outcome->values, map->values, sizeof(outcome->values));
}

static void run_both(void)
{
	uint8_t before[2 * GEN_VALUE_SIZE];
	struct outcome checked, unchecked;

	memcpy(before, map->values, sizeof(before));
	run_decoded(true, &checked);
	memcpy(map->values, before, sizeof(before));
	run_decoded(false, &unchecked);
	if (memcmp(&checked, &unchecked, sizeof(checked)))
		report("without checks it comes to something else", 0);
}

/* ------------------------------------------------------------------------ claims */

/* One state the verifier had before an instruction: the frame it was in */
struct claim {
	struct claim *next;
	uint32_t depth, nr_slots;
	struct ebpf_vreg regs[MAX_BPF_REG];
	struct ebpf_vslot slots[8];
};

static struct claim *claims[GEN_MAX];
static uint32_t nr_claims;
static bool too_many;

static void watch(struct ebpf_verifier *v, void *arg)
{
	const struct ebpf_vframe *frame = v->frames[v->depth];
	struct claim *claim;

	(void)arg;
	if (++nr_claims > MAX_CLAIMS) {
		too_many = true;
		v->insns_done = EBPF_VERIFIER_INSNS; /* give up */
		return;
	}
	claim = malloc(sizeof(*claim));
	assert_non_null(claim);
	memcpy(claim->regs, frame->regs, sizeof(claim->regs));
	claim->nr_slots = frame->nr_slots < 8 ? frame->nr_slots : 8;
	memcpy(claim->slots, frame->slots, claim->nr_slots * sizeof(claim->slots[0]));
	claim->depth = v->depth;
	claim->next = claims[v->insn];
	claims[v->insn] = claim;
}

static void drop_claims(void)
{
	for (uint32_t i = 0; i < GEN_MAX; i++)
		while (claims[i]) {
			struct claim *claim = claims[i];

			claims[i] = claim->next;
			free(claim);
		}
	nr_claims = 0;
	too_many = false;
}

static bool in_range(const struct ebpf_range *r, uint64_t v, bool scalar)
{
	if ((v & ~r->bits.mask) != r->bits.value || v < r->umin || v > r->umax || (int64_t)v < r->smin ||
	    (int64_t)v > r->smax)
		return false;
	return !scalar || ((uint32_t)v >= r->u32min && (uint32_t)v <= r->u32max && (int32_t)v >= r->s32min &&
			   (int32_t)v <= r->s32max);
}

static bool reg_holds(const struct walk *w, const struct ebpf_vreg *reg, uint64_t v)
{
	switch (reg->type) {
	case EBPF_VT_NOT_INIT:
		return true;
	case EBPF_VT_SCALAR:
		return in_range(&reg->range, v, true);
	case EBPF_VT_CTX:
		return in_range(&reg->range, v - (uintptr_t)ctx - (uint64_t)(int64_t)reg->off, false);
	case EBPF_VT_STACK:
		return in_range(&reg->range, v - walk_fp(w, reg->frame) - (uint64_t)(int64_t)reg->off, false);
	case EBPF_VT_MAP_PTR:
		return v == (uintptr_t)map;
	case EBPF_VT_MAP_VALUE | EBPF_VT_NULL:
		if (!v)
			return true;
		/* fall through */
	case EBPF_VT_MAP_VALUE:
		for (uint32_t i = 0; i < map->nr_values; i++)
			if (in_range(&reg->range, v - (uintptr_t)ebpf_map_value(map, i) - (uint64_t)(int64_t)reg->off,
				     false))
				return true;
		return false;
	}
	return false;
}

static bool slot_holds(const struct walk *w, const struct ebpf_vslot *slot, uint64_t at)
{
	uint64_t v;

	for (uint32_t k = 0; k < 8; k++)
		if (slot->bytes[k] == EBPF_VB_ZERO && *(const uint8_t *)(uintptr_t)(at + 7 - k))
			return false;
	memcpy(&v, (const void *)(uintptr_t)at, 8);
	return slot->bytes[0] != EBPF_VB_SPILL || reg_holds(w, &slot->spill, v);
}

static bool claim_holds(const struct walk *w, const struct claim *claim)
{
	if (claim->depth != w->depth)
		return false;
	for (uint32_t i = 0; i < MAX_BPF_REG; i++)
		if (!reg_holds(w, &claim->regs[i], w->regs[i]))
			return false;
	for (uint32_t i = 0; i < claim->nr_slots; i++)
		if (!slot_holds(w, &claim->slots[i], walk_fp(w, w->depth) - 8 * (i + 1)))
			return false;
	return true;
}

static void show(struct walk *w)
{
	const struct claim *claim;

	steps++;
	for (claim = claims[w->pc]; claim; claim = claim->next)
		if (claim_holds(w, claim))
			return;
	report("no state of the verifier contains what the registers hold", w->pc);
}

static void walk_claims(void)
{
	static struct ebpf_run run;
	struct walk w = {.insns = resolved,
			 .insn_cnt = prog.insn_cnt,
			 .prog = &prog,
			 .ctx = ctx,
			 .ctx_size = sizeof(ctx),
			 .stack = stack,
			 .run = &run,
			 .show = show};

	run = (struct ebpf_run){
		.prog = &prog, .stack = stack, .ctx = ctx, .ctx_size = sizeof(ctx), .budget = EBPF_RUN_BUDGET};
	if (walk_program(&w, STEPS))
		report(w.fault, w.pc);
}

/* ------------------------------------------------------------------------- fuzzing */

/* The program in gen.insns, gen.n of them; gen.seed is for contexts and values. */
static void oracle_judge(void)
{
	struct ebpf_verifier_opts opts = {.ctx_size = sizeof(ctx)};
	int err;

	load();
	if (verify(&opts, NULL))
		return;
	accepted++;
	stack_used = used;
	resolve();
	for (unsigned int i = 0; i < RUNS; i++) {
		randomize();
		run_both();
	}
	/* From the start again: the first pass has put jumps to themselves where nothing leads. */
	memcpy(insns, gen.insns, sizeof(insns));
	opts.watch = watch;
	opts.walk_all = true;
	err = verify(&opts, NULL);
	if (err && err != -ERESTART && !too_many)
		report("accepted with pruning, refused without", 0);
	if (!err) {
		walked++;
		resolve();
		for (unsigned int i = 0; i < RUNS; i++) {
			randomize();
			walk_claims();
		}
	}
	drop_claims();
}

#endif
