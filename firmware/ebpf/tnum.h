/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Known bits of a 64-bit value: where `mask` has a 1 the bit is unknown, else it
 * is that of `value`. value & mask is always 0. The operations of tnum.c contain
 * every result that operands out of the given sets can have (tested exhaustively
 * at small widths); they have no state and allocate nothing.
 */
#ifndef EBPF_TNUM_H
#define EBPF_TNUM_H

#include <stdbool.h>
#include <stdint.h>

struct ebpf_tnum {
	uint64_t value;
	uint64_t mask;
};

#define EBPF_TNUM_UNKNOWN ((struct ebpf_tnum){.value = 0, .mask = UINT64_MAX})

static inline struct ebpf_tnum ebpf_tnum_const(uint64_t value)
{
	return (struct ebpf_tnum){.value = value, .mask = 0};
}

static inline bool ebpf_tnum_is_const(struct ebpf_tnum a)
{
	return !a.mask;
}

/* The smallest tnum with every value of min .. max (unsigned). */
struct ebpf_tnum ebpf_tnum_range(uint64_t min, uint64_t max);

struct ebpf_tnum ebpf_tnum_shl(struct ebpf_tnum a, unsigned int shift);
struct ebpf_tnum ebpf_tnum_shr(struct ebpf_tnum a, unsigned int shift);
struct ebpf_tnum ebpf_tnum_sar(struct ebpf_tnum a, unsigned int shift, unsigned int width); /* width 32 or 64 */
struct ebpf_tnum ebpf_tnum_add(struct ebpf_tnum a, struct ebpf_tnum b);
struct ebpf_tnum ebpf_tnum_sub(struct ebpf_tnum a, struct ebpf_tnum b);
struct ebpf_tnum ebpf_tnum_mul(struct ebpf_tnum a, struct ebpf_tnum b);
struct ebpf_tnum ebpf_tnum_and(struct ebpf_tnum a, struct ebpf_tnum b);
struct ebpf_tnum ebpf_tnum_or(struct ebpf_tnum a, struct ebpf_tnum b);
struct ebpf_tnum ebpf_tnum_xor(struct ebpf_tnum a, struct ebpf_tnum b);

/* What holds of a value that is in both. If they contradict each other the result is some tnum. */
struct ebpf_tnum ebpf_tnum_intersect(struct ebpf_tnum a, struct ebpf_tnum b);
/* Is every value of b one of a? */
bool ebpf_tnum_contains(struct ebpf_tnum a, struct ebpf_tnum b);
/* Are all values multiples of size, a power of two or 0? */
bool ebpf_tnum_is_aligned(struct ebpf_tnum a, uint64_t size);

/* The low `size` bytes (1, 2, 4), the rest known 0 */
struct ebpf_tnum ebpf_tnum_cast(struct ebpf_tnum a, unsigned int size);

static inline struct ebpf_tnum ebpf_tnum_low(struct ebpf_tnum a)
{
	return ebpf_tnum_cast(a, 4);
}

static inline struct ebpf_tnum ebpf_tnum_with_low(struct ebpf_tnum a, struct ebpf_tnum low)
{
	const uint64_t high = ~(uint64_t)UINT32_MAX;

	return (struct ebpf_tnum){.value = (a.value & high) | (uint32_t)low.value,
				  .mask = (a.mask & high) | (uint32_t)low.mask};
}

#endif
