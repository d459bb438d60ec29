/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interpreter for the verifier's fuzzer: slow, simple, made apart from the
 * firmware's, checks every access, and shows each instruction's registers to
 * somebody. RFC 9669.
 */
#ifndef HOST_VERIFIER_RUN_H
#define HOST_VERIFIER_RUN_H

#include "helper.h"
#include "map.h"
#include "run.h"
#include "uapi/bpf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct walk {
	const struct bpf_insn *insns;
	uint32_t insn_cnt;
	struct ebpf_prog *prog;
	uint8_t *ctx;
	uint32_t ctx_size;
	uint8_t *stack;	      /* EBPF_MAX_CALL_DEPTH frames; frame n is slice n from the top, as in run.h */
	struct ebpf_run *run; /* for helpers */
	void (*show)(struct walk *walk);

	uint64_t regs[MAX_BPF_REG];
	uint64_t saved[EBPF_MAX_CALL_DEPTH][5]; /* r6 .. r10 of callers */
	uint32_t back[EBPF_MAX_CALL_DEPTH];
	uint32_t depth, pc, rounds;
	const char *fault;
};

static inline uint64_t walk_fp(const struct walk *w, uint32_t depth)
{
	return (uintptr_t)w->stack + (EBPF_MAX_CALL_DEPTH - depth) * EBPF_STACK_SIZE;
}

static inline bool walk_mem_ok(const struct walk *w, uint64_t addr, uint64_t size, bool write)
{
	uint64_t low = walk_fp(w, w->depth) - EBPF_STACK_SIZE, high = walk_fp(w, 0);

	if (addr >= low && addr <= high && high - addr >= size)
		return true;
	if (!write && addr >= (uintptr_t)w->ctx && addr - (uintptr_t)w->ctx + size <= w->ctx_size)
		return true;
	for (uint32_t i = 0; i < w->prog->nr_maps; i++)
		if (ebpf_map_value_ok(w->prog->maps[i], addr, size))
			return true;
	return false;
}

static inline uint64_t walk_load(uint64_t addr, uint32_t size)
{
	uint64_t value = 0;

	memcpy(&value, (const void *)(uintptr_t)addr, size);
	return value;
}

static inline uint64_t walk_sext(uint64_t value, uint32_t bits)
{
	return (uint64_t)((int64_t)(value << (64 - bits)) >> (64 - bits));
}

static inline uint64_t walk_div(uint64_t a, uint64_t b, bool rem, bool sign, bool wide)
{
	if (!sign) {
		if (!wide)
			a = (uint32_t)a, b = (uint32_t)b;
		return b ? (rem ? a % b : a / b) : rem ? a : 0;
	}
	if (!wide) {
		int32_t x = (int32_t)a, y = (int32_t)b;

		if (!y)
			return rem ? (uint32_t)x : 0;
		if (y == -1)
			return rem ? 0 : (uint32_t) - (uint32_t)x;
		return (uint32_t)(rem ? x % y : x / y);
	}
	if (!b)
		return rem ? a : 0;
	if (b == UINT64_MAX)
		return rem ? 0 : -a;
	return (uint64_t)(rem ? (int64_t)a % (int64_t)b : (int64_t)a / (int64_t)b);
}

static inline uint64_t walk_swap(uint64_t value, int32_t width, bool swap)
{
	uint64_t low = width == 64 ? value : value & (((uint64_t)1 << width) - 1);

	return swap ? __builtin_bswap64(low) >> (64 - width) : low;
}

static inline void walk_alu(struct walk *w, const struct bpf_insn *insn)
{
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64, reg = BPF_SRC(insn->code) == BPF_X;
	uint64_t a = w->regs[insn->dst_reg], b = reg ? w->regs[insn->src_reg] : (uint64_t)(int64_t)insn->imm;
	uint32_t width = wide ? 64 : 32;

	if (!wide && BPF_OP(insn->code) != BPF_MOV)
		a = (uint32_t)a, b = (uint32_t)b;
	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		a += b;
		break;
	case BPF_SUB:
		a -= b;
		break;
	case BPF_MUL:
		a *= b;
		break;
	case BPF_DIV:
	case BPF_MOD:
		a = walk_div(a, b, BPF_OP(insn->code) == BPF_MOD, insn->off == 1, wide);
		break;
	case BPF_OR:
		a |= b;
		break;
	case BPF_AND:
		a &= b;
		break;
	case BPF_XOR:
		a ^= b;
		break;
	case BPF_LSH:
		a <<= b & (width - 1);
		break;
	case BPF_RSH:
		a >>= b & (width - 1);
		break;
	case BPF_ARSH:
		a = wide ? (uint64_t)((int64_t)a >> (b & 63)) : (uint32_t)((int32_t)a >> (b & 31));
		break;
	case BPF_NEG:
		a = -a;
		break;
	case BPF_MOV:
		a = reg && insn->off ? walk_sext(b, (uint32_t)insn->off) : b;
		break;
	case BPF_END:
		a = walk_swap(w->regs[insn->dst_reg], insn->imm, wide || reg);
		wide = true;
		break;
	}
	w->regs[insn->dst_reg] = wide ? a : (uint32_t)a;
}

static inline bool walk_compare(const struct walk *w, const struct bpf_insn *insn)
{
	bool wide = BPF_CLASS(insn->code) == BPF_JMP;
	uint64_t a = w->regs[insn->dst_reg];
	uint64_t b = BPF_SRC(insn->code) == BPF_X ? w->regs[insn->src_reg] : (uint64_t)(int64_t)insn->imm;
	int64_t x = (int64_t)a, y = (int64_t)b;

	if (!wide) {
		a = (uint32_t)a, b = (uint32_t)b;
		x = (int32_t)a, y = (int32_t)b;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSGT:
		return x > y;
	case BPF_JSGE:
		return x >= y;
	case BPF_JSLT:
		return x < y;
	case BPF_JSLE:
		return x <= y;
	}
	return a & b; /* BPF_JSET */
}

static inline void walk_atomic(struct walk *w, const struct bpf_insn *insn, uint64_t addr, uint32_t size)
{
	uint64_t old = walk_load(addr, size), src = w->regs[insn->src_reg], value = old;
	uint64_t mask = size == 8 ? UINT64_MAX : UINT32_MAX;

	switch (insn->imm & ~BPF_FETCH) {
	case BPF_ADD:
		value = old + src;
		break;
	case BPF_OR:
		value = old | src;
		break;
	case BPF_AND:
		value = old & src;
		break;
	case BPF_XOR:
		value = old ^ src;
		break;
	case BPF_XCHG & ~BPF_FETCH:
		value = src;
		break;
	case BPF_CMPXCHG & ~BPF_FETCH:
		value = old == (w->regs[0] & mask) ? src : old;
		break;
	}
	memcpy((void *)(uintptr_t)addr, &value, size);
	if (insn->imm == BPF_CMPXCHG)
		w->regs[0] = old;
	else if (insn->imm & BPF_FETCH)
		w->regs[insn->src_reg] = old;
}

static inline bool walk_memory(struct walk *w, const struct bpf_insn *insn)
{
	static const uint8_t sizes[4] = {4, 2, 1, 8};
	uint32_t size = sizes[BPF_SIZE(insn->code) >> 3];
	bool atomic = BPF_CLASS(insn->code) == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC;
	bool load = BPF_CLASS(insn->code) == BPF_LDX || (atomic && insn->imm == BPF_LOAD_ACQ);
	uint64_t addr = w->regs[load ? insn->src_reg : insn->dst_reg] + (uint64_t)(int64_t)insn->off, value;

	if (!walk_mem_ok(w, addr, size, !load)) {
		w->fault = "access outside";
		return false;
	}
	if (load) {
		value = walk_load(addr, size);
		w->regs[insn->dst_reg] =
			!atomic && BPF_MODE(insn->code) == BPF_MEMSX ? walk_sext(value, size * 8) : value;
	} else if (atomic && insn->imm != BPF_STORE_REL) {
		walk_atomic(w, insn, addr, size);
	} else {
		value = BPF_CLASS(insn->code) == BPF_STX ? w->regs[insn->src_reg] : (uint64_t)(int64_t)insn->imm;
		memcpy((void *)(uintptr_t)addr, &value, size);
	}
	return true;
}

static inline bool walk_call(struct walk *w, const struct bpf_insn *insn)
{
	const struct ebpf_helper *helper;

	if (insn->src_reg == BPF_PSEUDO_CALL) {
		if (w->depth + 1 == EBPF_MAX_CALL_DEPTH) {
			w->fault = "calls too deep";
			return false;
		}
		memcpy(w->saved[w->depth], &w->regs[6], sizeof(w->saved[0]));
		w->back[w->depth++] = w->pc + 1;
		w->regs[10] = walk_fp(w, w->depth);
		memset((void *)(uintptr_t)(w->regs[10] - EBPF_STACK_SIZE), 0, EBPF_STACK_SIZE);
		w->pc += (uint32_t)insn->imm;
		return true;
	}
	helper = ebpf_helper_of((uint32_t)insn->imm, false);
	if (!helper) {
		w->fault = "no such helper";
		return false;
	}
	if (helper->arg[1] == EBPF_ARG_MAP_KEY && !walk_mem_ok(w, w->regs[2], 4, false)) {
		w->fault = "key outside";
		return false;
	}
	w->regs[0] = helper->fn(w->run, w->regs[1], w->regs[2], w->regs[3], w->regs[4], w->regs[5]);
	/* What the calling convention leaves in these is anything. */
	for (uint32_t i = 1; i <= 5; i++)
		w->regs[i] = 0xdeadbeefcafef00d + i;
	return true;
}

/* False: over (w->fault says whether well) */
static inline bool walk_step(struct walk *w)
{
	const struct bpf_insn *insn = &w->insns[w->pc];

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		walk_alu(w, insn);
		break;
	case BPF_LD:
		w->regs[insn->dst_reg] = (uint32_t)insn->imm | (uint64_t)(uint32_t)insn[1].imm << 32;
		w->pc++;
		break;
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		if (!walk_memory(w, insn))
			return false;
		break;
	default:
		if (BPF_OP(insn->code) == BPF_EXIT) {
			if (!w->depth)
				return false;
			w->depth--;
			memcpy(&w->regs[6], w->saved[w->depth], sizeof(w->saved[0]));
			w->pc = w->back[w->depth];
			return true;
		}
		if (BPF_OP(insn->code) == BPF_CALL) {
			if (!walk_call(w, insn))
				return false;
		} else if (BPF_OP(insn->code) == BPF_JA) {
			w->pc += (uint32_t)(BPF_CLASS(insn->code) == BPF_JMP ? insn->off : insn->imm);
		} else if (BPF_OP(insn->code) == BPF_JCOND) {
			/* How many rounds is nobody's business: mostly a few. */
			w->rounds = w->rounds * 5 + 3;
			if (w->rounds >> 3 & 1)
				w->pc += (uint32_t)(int32_t)insn->off;
		} else if (walk_compare(w, insn)) {
			w->pc += (uint32_t)(int32_t)insn->off;
		}
	}
	w->pc++;
	return true;
}

/* 0, or -1 with w->fault */
static inline int walk_program(struct walk *w, uint32_t max_steps)
{
	w->pc = w->depth = 0;
	w->fault = NULL;
	memset(w->regs, 0xa5, sizeof(w->regs));
	memset((void *)(uintptr_t)(walk_fp(w, 0) - EBPF_STACK_SIZE), 0, EBPF_STACK_SIZE);
	w->regs[1] = (uintptr_t)w->ctx;
	w->regs[10] = walk_fp(w, 0);
	while (max_steps--) {
		if (w->pc >= w->insn_cnt) {
			w->fault = "left the program";
			return -1;
		}
		if (w->show)
			w->show(w);
		if (!walk_step(w))
			return w->fault ? -1 : 0;
	}
	w->fault = "no end";
	return -1;
}

#endif
