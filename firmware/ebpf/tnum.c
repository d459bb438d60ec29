/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic on known bits (tnum.h). Addition and subtraction find where carries
 * may differ by doing the sum once with the unknown bits all 0 and once all 1;
 * multiplication adds up partial products, an uncertain bit of the multiplier
 * adding the union of "not added" and "added".
 */
#include "tnum.h"

static struct ebpf_tnum make(uint64_t value, uint64_t mask)
{
	return (struct ebpf_tnum){.value = value & ~mask, .mask = mask};
}

struct ebpf_tnum ebpf_tnum_range(uint64_t min, uint64_t max)
{
	uint64_t differ = min ^ max;

	/* All bits from the highest that differs downwards are unknown. */
	differ |= differ >> 1;
	differ |= differ >> 2;
	differ |= differ >> 4;
	differ |= differ >> 8;
	differ |= differ >> 16;
	differ |= differ >> 32;
	return make(min, differ);
}

struct ebpf_tnum ebpf_tnum_shl(struct ebpf_tnum a, unsigned int shift)
{
	return (struct ebpf_tnum){.value = a.value << shift, .mask = a.mask << shift};
}

struct ebpf_tnum ebpf_tnum_shr(struct ebpf_tnum a, unsigned int shift)
{
	return (struct ebpf_tnum){.value = a.value >> shift, .mask = a.mask >> shift};
}

struct ebpf_tnum ebpf_tnum_sar(struct ebpf_tnum a, unsigned int shift, unsigned int width)
{
	if (width == 32)
		return (struct ebpf_tnum){.value = (uint32_t)((int32_t)a.value >> shift),
					  .mask = (uint32_t)((int32_t)a.mask >> shift)};
	return (struct ebpf_tnum){.value = (uint64_t)((int64_t)a.value >> shift),
				  .mask = (uint64_t)((int64_t)a.mask >> shift)};
}

struct ebpf_tnum ebpf_tnum_add(struct ebpf_tnum a, struct ebpf_tnum b)
{
	uint64_t low = a.value + b.value, high = low + a.mask + b.mask;

	return make(low, (low ^ high) | a.mask | b.mask);
}

struct ebpf_tnum ebpf_tnum_sub(struct ebpf_tnum a, struct ebpf_tnum b)
{
	uint64_t base = a.value - b.value, high = base + a.mask, low = base - b.mask;

	return make(base, (low ^ high) | a.mask | b.mask);
}

static struct ebpf_tnum unite(struct ebpf_tnum a, struct ebpf_tnum b)
{
	return make(a.value & b.value, (a.value ^ b.value) | a.mask | b.mask);
}

struct ebpf_tnum ebpf_tnum_mul(struct ebpf_tnum a, struct ebpf_tnum b)
{
	struct ebpf_tnum sum = ebpf_tnum_const(0);

	for (; a.value | a.mask; a = ebpf_tnum_shr(a, 1), b = ebpf_tnum_shl(b, 1)) {
		if (a.value & 1)
			sum = ebpf_tnum_add(sum, b);
		else if (a.mask & 1)
			sum = unite(sum, ebpf_tnum_add(sum, b));
	}
	return sum;
}

struct ebpf_tnum ebpf_tnum_and(struct ebpf_tnum a, struct ebpf_tnum b)
{
	uint64_t ones = a.value & b.value, maybe = (a.value | a.mask) & (b.value | b.mask);

	return make(ones, maybe & ~ones);
}

struct ebpf_tnum ebpf_tnum_or(struct ebpf_tnum a, struct ebpf_tnum b)
{
	uint64_t ones = a.value | b.value;

	return (struct ebpf_tnum){.value = ones, .mask = (a.mask | b.mask) & ~ones};
}

struct ebpf_tnum ebpf_tnum_xor(struct ebpf_tnum a, struct ebpf_tnum b)
{
	return make(a.value ^ b.value, a.mask | b.mask);
}

struct ebpf_tnum ebpf_tnum_intersect(struct ebpf_tnum a, struct ebpf_tnum b)
{
	return make(a.value | b.value, a.mask & b.mask);
}

bool ebpf_tnum_contains(struct ebpf_tnum a, struct ebpf_tnum b)
{
	return !(b.mask & ~a.mask) && a.value == (b.value & ~a.mask);
}

bool ebpf_tnum_is_aligned(struct ebpf_tnum a, uint64_t size)
{
	return !size || !((a.value | a.mask) & (size - 1));
}

struct ebpf_tnum ebpf_tnum_cast(struct ebpf_tnum a, unsigned int size)
{
	uint64_t keep = ((uint64_t)1 << (size * 8)) - 1;

	return (struct ebpf_tnum){.value = a.value & keep, .mask = a.mask & keep};
}
