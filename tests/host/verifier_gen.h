/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random programs for the verifier's fuzzer: mostly accepted, because they are
 * made of sensible statements (scalars computed and compared, memory reached by
 * bounded offsets, values spilled, map elements looked up and tested, small
 * loops, local functions), and then now and then spoiled in one field. Every
 * program follows from its seed, or from a fuzzer's input and then the seed.
 */
#ifndef HOST_VERIFIER_GEN_H
#define HOST_VERIFIER_GEN_H

#include "uapi/bpf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GEN_MAX 160
#define GEN_MAP_ARRAY 0 /* index among the program's maps */
#define GEN_VALUE_SIZE 48
#define GEN_CTX_SIZE 64

struct gen {
	uint64_t seed;
	const uint8_t *input; /* what decides before the seed does, `left` bytes */
	size_t left;
	struct bpf_insn insns[GEN_MAX];
	uint32_t n;
	bool scalar[10];   /* registers that hold one */
	uint8_t stored;	   /* slots fp-8, fp-16 .. that were written as a whole: bits */
	uint32_t function; /* first instruction of the local function, 0: none */
	uint32_t calls[8], nr_calls;
	uint32_t echoes[8], nr_echoes; /* calls of a function that returns its argument */
};

static inline uint64_t gen_next(struct gen *g)
{
	if (g->left >= 4) { /* a 32-bit constant, or part of a wide one */
		int32_t word;

		memcpy(&word, g->input, 4);
		g->input += 4;
		g->left -= 4;
		return (uint64_t)(int64_t)word;
	}
	g->seed ^= g->seed << 13;
	g->seed ^= g->seed >> 7;
	g->seed ^= g->seed << 17;
	return g->seed;
}

static inline uint32_t gen_below(struct gen *g, uint32_t n)
{
	if (g->left) {
		g->left--;
		return *g->input++ % n;
	}
	return (uint32_t)((gen_next(g) >> 11) % n);
}

static inline void gen_emit(struct gen *g, uint8_t code, uint32_t dst, uint32_t src, int32_t off, int32_t imm)
{
	if (g->n < GEN_MAX)
		g->insns[g->n++] = (struct bpf_insn){
			.code = code, .dst_reg = dst & 15, .src_reg = src & 15, .off = (int16_t)off, .imm = imm};
}

static inline int32_t gen_imm(struct gen *g)
{
	static const int32_t edges[] = {0,	    1,	   2,	   3,	       7,
					8,	    15,	   16,	   31,	       32,
					47,	    63,	   64,	   127,	       255,
					-1,	    -2,	   -8,	   -64,	       4096,
					65535,	    65536, 100000, 0x7fffffff, -0x7fffffff - 1,
					0x7ffffffe, -256};

	if (gen_below(g, 8))
		return edges[gen_below(g, sizeof(edges) / sizeof(edges[0]))];
	return (int32_t)gen_next(g);
}

/* A register with a scalar in it; makes one if there is none. */
static inline uint32_t gen_scalar(struct gen *g)
{
	uint32_t start = gen_below(g, 10);

	for (uint32_t i = 0; i < 10; i++)
		if (g->scalar[(start + i) % 10])
			return (start + i) % 10;
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 7, 0, 0, gen_imm(g));
	g->scalar[7] = true;
	return 7;
}

static inline uint32_t gen_target(struct gen *g)
{
	static const uint8_t regs[] = {0, 2, 3, 4, 5, 7, 8, 9};

	return regs[gen_below(g, sizeof(regs))];
}

static inline void gen_alu(struct gen *g)
{
	static const uint8_t ops[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV,  BPF_OR,  BPF_AND, BPF_LSH, BPF_RSH,
				      BPF_MOD, BPF_XOR, BPF_MOV, BPF_ARSH, BPF_ADD, BPF_AND, BPF_MOV};
	uint8_t op = ops[gen_below(g, sizeof(ops))], class = gen_below(g, 3) ? BPF_ALU64 : BPF_ALU;
	uint32_t src = gen_scalar(g), dst = op == BPF_MOV ? gen_target(g) : gen_scalar(g);
	int32_t imm = gen_imm(g), width = class == BPF_ALU64 ? 64 : 32;
	bool is_shift = op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH, divides = op == BPF_DIV || op == BPF_MOD;
	int32_t off = 0;

	if (gen_below(g, 12) == 0) {
		gen_emit(g, class | BPF_NEG, dst, 0, 0, 0);
		g->scalar[dst] = g->scalar[dst] || op != BPF_MOV;
		if (!g->scalar[dst])
			g->n--;
		return;
	}
	if (divides && gen_below(g, 2))
		off = 1;
	if (gen_below(g, 2)) {
		if (op == BPF_MOV && gen_below(g, 4) == 0)
			off = class == BPF_ALU64 ? 8 << gen_below(g, 3) : 8 << gen_below(g, 2);
		gen_emit(g, class | op | BPF_X, dst, src, off, 0);
	} else {
		if (is_shift)
			imm = (int32_t)gen_below(g, (uint32_t)width);
		if (divides && !imm)
			imm = 3;
		gen_emit(g, class | op | BPF_K, dst, 0, off, imm);
	}
	g->scalar[dst] = true;
}

static inline void gen_end(struct gen *g)
{
	static const uint8_t codes[] = {BPF_ALU | BPF_END | BPF_TO_LE, BPF_ALU | BPF_END | BPF_TO_BE,
					BPF_ALU64 | BPF_END};

	gen_emit(g, codes[gen_below(g, 3)], gen_scalar(g), 0, 0, 16 << gen_below(g, 3));
}

static inline void gen_statement(struct gen *g, uint32_t depth);

/* if (...) { statements }; what they make of registers may or may not have happened */
static inline void gen_if(struct gen *g, uint32_t depth)
{
	static const uint8_t ops[] = {BPF_JEQ,	BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
				      BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE};
	uint8_t code = (gen_below(g, 3) ? BPF_JMP : BPF_JMP32) | ops[gen_below(g, sizeof(ops))];
	bool before[10];
	uint32_t at, dst = gen_scalar(g), stored = g->stored;

	if (gen_below(g, 3) == 0)
		gen_emit(g, code | BPF_X, dst, gen_scalar(g), 0, 0);
	else
		gen_emit(g, code | BPF_K, dst, 0, 0, gen_imm(g));
	at = g->n - 1;
	memcpy(before, g->scalar, sizeof(before));
	for (uint32_t i = 1 + gen_below(g, 3); i; i--)
		gen_statement(g, depth + 1);
	for (uint32_t i = 0; i < 10; i++)
		g->scalar[i] &= before[i];
	g->stored &= (uint8_t)stored;
	g->insns[at].off = (int16_t)(g->n - 1 - at);
}

static inline void gen_spill(struct gen *g)
{
	static const uint8_t sizes[] = {BPF_DW, BPF_DW, BPF_DW, BPF_W, BPF_H, BPF_B};
	uint32_t slot = 2 + gen_below(g, 5), size = gen_below(g, sizeof(sizes));
	int32_t off = -8 * (int32_t)(slot + 1), align = size < 3 ? 0
								 : (int32_t)(gen_below(g, 8) & (size == 3   ? 4u
												: size == 4 ? 6u
													    : 7u));

	if (gen_below(g, 2)) {
		if (gen_below(g, 4) == 0)
			gen_emit(g, BPF_ST | BPF_MEM | sizes[size], 10, 0, off + align, gen_imm(g));
		else if (gen_below(g, 8) == 0)
			gen_emit(g, BPF_STX | BPF_ATOMIC | sizes[size], 10, gen_scalar(g), off + align, BPF_STORE_REL);
		else
			gen_emit(g, BPF_STX | BPF_MEM | sizes[size], 10, gen_scalar(g), off + align, 0);
		return;
	}
	slot = gen_target(g);
	if (gen_below(g, 8) == 0)
		gen_emit(g, BPF_STX | BPF_ATOMIC | sizes[size], slot, 10, off + align, BPF_LOAD_ACQ);
	else if (sizes[size] != BPF_DW && gen_below(g, 3) == 0)
		gen_emit(g, BPF_LDX | BPF_MEMSX | sizes[size], slot, 10, off + align, 0);
	else
		gen_emit(g, BPF_LDX | BPF_MEM | sizes[size], slot, 10, off + align, 0);
	g->scalar[slot] = true;
}

/* Stack at a bounded, variable place */
static inline void gen_variable_stack(struct gen *g)
{
	uint32_t index = gen_scalar(g);

	if (index == 1 || index == 6)
		return;
	gen_emit(g, BPF_ALU64 | BPF_AND | BPF_K, index, 0, 0, gen_below(g, 2) ? 31 : 24);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, 10, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, -64);
	gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_X, 1, index, 0, 0);
	if (gen_below(g, 2)) {
		gen_emit(g, BPF_ST | BPF_MEM | BPF_B, 1, 0, 0, (int32_t)gen_below(g, 2));
	} else {
		index = gen_target(g);
		gen_emit(g, BPF_LDX | BPF_MEM | BPF_B, index, 1, 0, 0);
		g->scalar[index] = true;
	}
}

static inline void gen_clobber(struct gen *g)
{
	for (uint32_t i = 0; i <= 5; i++)
		g->scalar[i] = false;
}

/* r0 = a map element; inside its test, loads and stores of it */
static inline void gen_lookup(struct gen *g)
{
	bool sure = gen_below(g, 4) == 0; /* a constant key: no need for a test */
	uint32_t at = 0, index = 7 + gen_below(g, 3), to;
	int32_t key = sure ? -8 : -4;

	if (sure && gen_below(g, 2) && g->scalar[index]) {
		gen_emit(g, BPF_ALU64 | BPF_AND | BPF_K, index, 0, 0, gen_below(g, 4) ? 1 : 2);
		gen_emit(g, BPF_JMP | BPF_JEQ | BPF_K, index, 0, 0, 0);
		gen_emit(g, BPF_STX | BPF_MEM | BPF_W, 10, index, key, 0);
	} else {
		gen_emit(g, BPF_ST | BPF_MEM | BPF_W, 10, 0, key, (int32_t)gen_below(g, sure ? 2 : 3));
	}
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, key);
	gen_emit(g, BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, GEN_MAP_ARRAY);
	gen_emit(g, 0, 0, 0, 0, 0);
	gen_emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	gen_clobber(g);
	if (!sure) {
		gen_emit(g, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0, 0);
		at = g->n - 1;
	}
	if (g->scalar[index] && gen_below(g, 2)) {
		static const uint8_t bounds[] = {BPF_JGT, BPF_JSGT, BPF_JGE};

		if (gen_below(g, 2))
			gen_emit(g, BPF_ALU64 | BPF_AND | BPF_K, index, 0, 0, (int32_t)gen_below(g, 48));
		else
			gen_emit(g, (gen_below(g, 2) ? BPF_JMP : BPF_JMP32) | bounds[gen_below(g, 3)] | BPF_K, index, 0,
				 4, (int32_t)gen_below(g, 60));
		gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_X, 0, index, 0, 0);
	}
	to = gen_scalar(g);
	gen_emit(g, BPF_STX | BPF_MEM | BPF_B, 0, to, (int32_t)gen_below(g, 20), 0);
	to = 2 + gen_below(g, 3);
	gen_emit(g, BPF_LDX | BPF_MEM | BPF_B, to, 0, (int32_t)gen_below(g, 20), 0);
	if (gen_below(g, 3) == 0) {
		static const int32_t atomics[] = {0, 1, 0x40, 0x41, 0x50, 0xa0, 0xe1};

		gen_emit(g, BPF_STX | BPF_ATOMIC | BPF_DW, 0, gen_scalar(g), 8 * (int32_t)gen_below(g, 5),
			 atomics[gen_below(g, sizeof(atomics) / sizeof(atomics[0]))]);
	}
	if (!sure)
		g->insns[at].off = (int16_t)(g->n - 1 - at);
	gen_clobber(g);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
	g->scalar[0] = true;
}

static inline void gen_helper(struct gen *g)
{
	gen_emit(g, BPF_JMP | BPF_CALL, 0, 0, 0,
		 gen_below(g, 2) ? BPF_FUNC_get_prandom_u32 : BPF_FUNC_get_smp_processor_id);
	gen_clobber(g);
	g->scalar[0] = true;
}

static inline void gen_loop(struct gen *g, uint32_t depth)
{
	uint32_t start, limit = 1 + gen_below(g, 6);
	bool may_goto = gen_below(g, 6) == 0;

	if (depth || g->n > 60)
		return;
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 9, 0, 0, 0);
	g->scalar[9] = false; /* the body must leave it alone */
	start = g->n;
	if (may_goto)
		gen_emit(g, BPF_JMP | BPF_JCOND, 0, 0, 0, 0);
	for (uint32_t i = 1 + gen_below(g, 2); i; i--) {
		uint32_t dst = 7 + gen_below(g, 2);

		if (!g->scalar[dst]) {
			g->n = start - 1;
			return;
		}
		gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, gen_imm(g));
	}
	gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 9, 0, 0, 1);
	if (may_goto) {
		if (gen_below(g, 2))
			gen_emit(g, BPF_ALU64 | BPF_AND | BPF_K, 9, 0, 0, gen_imm(g));
		gen_emit(g, BPF_JMP | BPF_JA, 0, 0, (int32_t)start - (int32_t)g->n - 1, 0);
		g->insns[start].off = (int16_t)(g->n - start - 1);
		g->scalar[9] = true;
		return;
	}
	gen_emit(g, (gen_below(g, 2) ? BPF_JMP : BPF_JMP32) | (gen_below(g, 2) ? BPF_JLT : BPF_JNE) | BPF_K, 9, 0, 0,
		 (int32_t)limit);
	g->insns[g->n - 1].off = (int16_t)((int32_t)start - (int32_t)g->n);
	g->scalar[9] = true;
}

static inline void gen_call(struct gen *g)
{
	if (g->nr_calls == 8)
		return;
	if (gen_below(g, 2))
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, gen_scalar(g), 0, 0);
	else
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, gen_imm(g));
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -40);
	g->calls[g->nr_calls++] = g->n;
	gen_emit(g, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 0);
	gen_clobber(g);
	g->scalar[0] = true;
}

/* Jumps that change little: states are compared behind them. */
static inline void gen_filler(struct gen *g)
{
	for (uint32_t i = 1 + gen_below(g, 4); i; i--) {
		gen_emit(g, BPF_JMP | BPF_JSET | BPF_K, 8, 0, 1 + (int32_t)gen_below(g, 2), 1 << gen_below(g, 12));
		gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 9, 0, 0, (int32_t)gen_below(g, 2));
		gen_emit(g, BPF_ALU64 | BPF_XOR | BPF_K, 9, 0, 0, (int32_t)gen_below(g, 2));
	}
}

/* r7 takes a way that leaves it as it is, or nearly. */
static inline void gen_carry(struct gen *g)
{
	uint32_t size = gen_below(g, 2) ? BPF_DW : BPF_W;
	int32_t slot = -8 * (2 + (int32_t)gen_below(g, 4));

	switch (gen_below(g, 6)) {
	case 0:
		gen_emit(g, BPF_STX | BPF_MEM | size, 10, 7, slot, 0);
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 7, 0, 0, 0);
		gen_filler(g);
		gen_emit(g, BPF_LDX | BPF_MEM | size, 7, 10, slot, 0);
		return;
	case 1:
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 7, 0, 0);
		gen_filler(g);
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 7, 2, 0, 0);
		return;
	case 2: /* what is learned of the copy holds for both */
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 7, 0, 0);
		gen_filler(g);
		gen_emit(g, BPF_JMP | (gen_below(g, 2) ? BPF_JGT : BPF_JLE) | BPF_K, 2, 0, (int32_t)gen_below(g, 2),
			 (int32_t)gen_below(g, 60));
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0);
		return;
	case 3:
		if (g->nr_echoes == 8)
			return;
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, 7, 0, 0);
		g->echoes[g->nr_echoes++] = g->n;
		gen_emit(g, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 0);
		gen_filler(g);
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 7, 0, 0, 0);
		return;
	case 4:
		gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 7, 0, 0, (int32_t)gen_below(g, 3));
		return;
	}
	gen_filler(g);
}

/* The element of the array whose number is in r7, without a test, or the byte of its first one at that place */
static inline void gen_use(struct gen *g)
{
	if (gen_below(g, 3) == 0) {
		gen_emit(g, BPF_STX | BPF_MEM | BPF_W, 10, 7, -8, 0);
		if (gen_below(g, 2))
			gen_filler(g);
	} else {
		gen_emit(g, BPF_ST | BPF_MEM | BPF_W, 10, 0, -8, 0);
	}
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -8);
	gen_emit(g, BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, GEN_MAP_ARRAY);
	gen_emit(g, 0, 0, 0, 0, 0);
	gen_emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	if (gen_below(g, 2))
		gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_X, 0, 7, 0, 0);
	gen_emit(g, BPF_LDX | BPF_MEM | BPF_B, 0, 0, 0, 0);
}

/*
 * A value depends on a jump, goes a long way, and then decides whether an access is good. Of a path that is cut
 * short because it looks like one before, the value must have been compared: on the second one it is often bad.
 */
static inline void gen_choice(struct gen *g)
{
	int32_t good = (int32_t)gen_below(g, 3), other = gen_below(g, 4) ? (int32_t)gen_below(g, 3) : gen_imm(g);

	gen_emit(g, BPF_LDX | BPF_MEM | BPF_DW, 8, 6, 8 * (int32_t)gen_below(g, 8), 0);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 9, 0, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 7, 0, 0, other);
	gen_emit(g, BPF_JMP | BPF_JSGT | BPF_K, 8, 0, 1, gen_imm(g));
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 7, 0, 0, good);
	for (uint32_t i = 1 + gen_below(g, 3); i; i--)
		gen_carry(g);
	gen_use(g);
	gen_clobber(g);
	g->scalar[0] = g->scalar[7] = g->scalar[8] = g->scalar[9] = true;
}

/*
 * What a comparison says of r2 it says of r7, if r2 is a copy of it. On the second path it mostly is not.
 */
static inline void gen_linked(struct gen *g)
{
	uint32_t at;

	for (uint32_t i = 7; i <= 8; i++)
		gen_emit(g, BPF_LDX | BPF_MEM | BPF_DW, i, 6, 8 * (int32_t)gen_below(g, 8), 0);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 9, 0, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, gen_below(g, 4) ? 8 : 7, 0, 0);
	gen_emit(g, BPF_JMP | BPF_JSGT | BPF_K, 8, 0, 1, gen_imm(g));
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 7, 0, 0);
	if (gen_below(g, 2))
		gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, (int32_t)gen_below(g, 3));
	gen_filler(g);
	gen_filler(g);
	gen_emit(g, BPF_JMP | BPF_JGT | BPF_K, 2, 0, 0, (int32_t)gen_below(g, 48));
	at = g->n - 1;
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, 10, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, -50);
	gen_emit(g, BPF_ALU64 | BPF_ADD | BPF_X, 1, 7, 0, 0);
	gen_emit(g, BPF_LDX | BPF_MEM | BPF_B, 0, 1, 0, 0);
	g->insns[at].off = (int16_t)(g->n - 1 - at);
	gen_clobber(g);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	g->scalar[0] = g->scalar[7] = g->scalar[8] = g->scalar[9] = true;
}

/* Bytes of a slot one by one, or all of them; then some of them together */
static inline void gen_bytes(struct gen *g)
{
	static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};
	uint32_t from = gen_scalar(g), to = gen_target(g);
	int32_t slot = -8 * (3 + (int32_t)gen_below(g, 4)), load = (int32_t)gen_below(g, 4);

	if (gen_below(g, 3) == 0)
		gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_K, from, 0, 0, gen_imm(g));
	if (gen_below(g, 2))
		gen_emit(g, BPF_STX | BPF_MEM | BPF_DW, 10, from, slot, 0);
	for (uint32_t i = gen_below(g, 2) ? 0 : gen_below(g, 9); i; i--) {
		if (gen_below(g, 3))
			gen_emit(g, BPF_ST | BPF_MEM | BPF_B, 10, 0, slot + (int32_t)gen_below(g, 8), 0);
		else
			gen_emit(g, BPF_STX | BPF_MEM | BPF_B, 10, from, slot + (int32_t)gen_below(g, 8), 0);
	}
	gen_emit(g, BPF_LDX | BPF_MEM | sizes[load], to, 10, slot + (int32_t)(gen_below(g, 8) & ~((1u << load) - 1)),
		 0);
	g->scalar[to] = true;
}

static inline void gen_statement(struct gen *g, uint32_t depth)
{
	if (g->n > GEN_MAX - 50)
		return;
	switch (gen_below(g, 16)) {
	case 0:
	case 1:
	case 2:
		if (depth < 3) {
			gen_if(g, depth);
			return;
		}
		break;
	case 3:
	case 4:
		gen_spill(g);
		return;
	case 5:
		gen_lookup(g);
		return;
	case 6:
		gen_variable_stack(g);
		return;
	case 7:
		gen_loop(g, depth);
		return;
	case 8:
		gen_helper(g);
		return;
	case 9:
		gen_end(g);
		return;
	case 10:
		gen_call(g);
		return;
	case 11:
		if (!depth && g->n < GEN_MAX - 100) {
			if (gen_below(g, 3))
				gen_choice(g);
			else
				gen_linked(g);
			return;
		}
		break;
	case 12:
		gen_bytes(g);
		return;
	}
	gen_alu(g);
}

/* The local function: (scalar, pointer to 8 bytes of the caller's stack) */
static inline void gen_function(struct gen *g)
{
	g->function = g->n;
	memset(g->scalar, 0, sizeof(g->scalar));
	g->scalar[1] = true;
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 6, 2, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 7, 1, 0, 0);
	g->scalar[7] = true;
	gen_if(g, 2);
	if (gen_below(g, 2))
		gen_emit(g, BPF_STX | BPF_MEM | BPF_DW, 6, 7, 0, 0);
	else
		gen_emit(g, BPF_LDX | BPF_MEM | BPF_DW, 7, 6, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 0, 7, 0, 0);
	gen_emit(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	for (uint32_t i = 0; i < g->nr_calls; i++)
		g->insns[g->calls[i]].imm = (int32_t)(g->function - g->calls[i] - 1);
}

/* The function that returns its argument, now and then by two ways */
static inline void gen_echo(struct gen *g)
{
	uint32_t start = g->n;

	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 0, 1, 0, 0);
	if (gen_below(g, 2))
		gen_emit(g, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1, (int32_t)gen_below(g, 3));
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 0, 0, 0);
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 3, 0, 0, 0);
	gen_emit(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	for (uint32_t i = 0; i < g->nr_echoes; i++)
		g->insns[g->echoes[i]].imm = (int32_t)(start - g->echoes[i] - 1);
}

/* Change one field of one instruction that is no wide constant. */
static inline void gen_spoil(struct gen *g)
{
	struct bpf_insn *insn = &g->insns[gen_below(g, g->n)];

	if (insn->code == 0 || insn->code == (BPF_LD | BPF_IMM | BPF_DW) || insn->code == (BPF_JMP | BPF_CALL))
		return;
	switch (gen_below(g, 4)) {
	case 0:
		insn->imm = gen_imm(g);
		break;
	case 1:
		insn->off = (int16_t)(insn->off + (int32_t)gen_below(g, 17) - 8);
		break;
	case 2:
		insn->dst_reg = gen_below(g, 11) & 15;
		break;
	default:
		insn->src_reg = gen_below(g, 11) & 15;
	}
}

static inline void gen_begin(struct gen *g, uint64_t seed)
{
	memset(g, 0, sizeof(*g));
	g->seed = seed * 0x9e3779b97f4a7c15u + 0x1234567;
	gen_next(g);
}

static inline void gen_statements(struct gen *g)
{
	gen_emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0);
	for (uint32_t i = 0; i < 2 + gen_below(g, 3); i++) {
		static const uint8_t sizes[] = {BPF_DW, BPF_W, BPF_H, BPF_B, BPF_DW};
		uint32_t size = gen_below(g, sizeof(sizes)), to = 7 + i % 3;

		gen_emit(g, BPF_LDX | BPF_MEM | sizes[size], to, 6, 8 * (int32_t)gen_below(g, 8), 0);
		g->scalar[to] = true;
	}
	if (gen_below(g, 4) == 0)
		gen_choice(g);
	else if (gen_below(g, 6) == 0)
		gen_linked(g);
	for (uint32_t i = 3 + gen_below(g, 12); i; i--)
		gen_statement(g, 0);
	gen_emit(g, BPF_ALU64 | BPF_MOV | (g->scalar[7] ? BPF_X : BPF_K), 0, g->scalar[7] ? 7 : 0, 0, 0);
	gen_emit(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	if (g->nr_calls)
		gen_function(g);
	if (g->nr_echoes)
		gen_echo(g);
	for (uint32_t i = gen_below(g, 3); i > 1; i--)
		gen_spoil(g);
}

static inline void gen_program(struct gen *g, uint64_t seed)
{
	gen_begin(g, seed);
	gen_statements(g);
}

/* The same statements, as the input decides */
static inline void gen_from_input(struct gen *g, const uint8_t *input, size_t size)
{
	gen_begin(g, 1);
	g->input = input;
	g->left = size;
	gen_statements(g);
}

#endif
