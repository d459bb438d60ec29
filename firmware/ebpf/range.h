/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the verifier knows of a register's value: known bits, and bounds of it as
 * an unsigned and as a signed number, for all 64 bits and for the low 32. Each
 * of the five informs the others (ebpf_range_sync()). An operation contains
 * every result that values within its operands can have; how much it learns is
 * what Linux's verifier learns, because more would accept what Linux refuses.
 */
#ifndef EBPF_RANGE_H
#define EBPF_RANGE_H

#include "tnum.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_range {
	struct ebpf_tnum bits;
	uint64_t umin, umax;
	int64_t smin, smax;
	uint32_t u32min, u32max;
	int32_t s32min, s32max;
};

void ebpf_range_unknown(struct ebpf_range *range);
void ebpf_range_const(struct ebpf_range *range, uint64_t value);
/* Forget the bounds (all, those of 64 bits, those of 32), keep the bits. */
void ebpf_range_unbound(struct ebpf_range *range);
void ebpf_range_unbound64(struct ebpf_range *range);
void ebpf_range_unbound32(struct ebpf_range *range);

static inline bool ebpf_range_is_const(const struct ebpf_range *range)
{
	return ebpf_tnum_is_const(range->bits);
}

static inline bool ebpf_range_is_zero(const struct ebpf_range *range)
{
	return !range->bits.mask && !range->bits.value;
}

/* Let bits and bounds inform each other. */
void ebpf_range_sync(struct ebpf_range *range);
/* Bounds from bits: one direction of the above. */
void ebpf_range_bounds_of_bits(struct ebpf_range *range);
void ebpf_range_bounds_of_bits32(struct ebpf_range *range);
/*
 * A contradiction (a range without values) arises on paths that cannot be
 * taken, which the verifier does not always see. Then all bounds are given up.
 */
void ebpf_range_check(struct ebpf_range *range);

/* A load of `size` bytes (1, 2, 4): zero- or sign-extended to 64 bits */
void ebpf_range_zero_extend(struct ebpf_range *range, unsigned int size);
void ebpf_range_sign_extend(struct ebpf_range *range, unsigned int size);
/* The low 32 bits of it, sign-extended from `size` bytes (1, 2) */
void ebpf_range_sign_extend32(struct ebpf_range *range, unsigned int size);
/* The result of a 32-bit operation becomes the register: upper half 0 */
void ebpf_range_from32(struct ebpf_range *range);

/*
 * dst = dst op src for an ALU operation (BPF_ADD .. BPF_ARSH; not BPF_MOV,
 * BPF_NEG, BPF_END); `op` as in BPF_OP(), 64 or 32 bits wide.
 */
void ebpf_range_alu(struct ebpf_range *dst, const struct ebpf_range *src, uint8_t op, bool wide);
/* The bounds' and bits' part of a 64-bit addition, without ebpf_range_sync() */
void ebpf_range_add(struct ebpf_range *dst, const struct ebpf_range *src);

/*
 * A conditional jump (range_cond.c). op: BPF_JEQ .. BPF_JSLE; `wide`: BPF_JMP.
 * 1: always taken, 0: never, -1: either.
 */
int ebpf_range_branch(const struct ebpf_range *a, const struct ebpf_range *b, uint8_t op, bool wide);
/* What the jump being taken (or not taken) says of both operands. */
void ebpf_range_refine(struct ebpf_range *a, struct ebpf_range *b, uint8_t op, bool taken, bool wide);
/* b op' a for a op b */
uint8_t ebpf_cond_flip(uint8_t op);

/* Is every value of b one of a? */
bool ebpf_range_contains(const struct ebpf_range *a, const struct ebpf_range *b);

#endif
