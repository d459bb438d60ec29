/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges (range.h): making, combining and extending them. Arithmetic is in
 * range_alu.c, conditional jumps are in range_cond.c.
 */
#include "range.h"

#define HIGH (~(uint64_t)UINT32_MAX)

static uint64_t umax64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t umin64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int64_t smax64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smin64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void ebpf_range_unbound32(struct ebpf_range *range)
{
	range->u32min = 0;
	range->u32max = UINT32_MAX;
	range->s32min = INT32_MIN;
	range->s32max = INT32_MAX;
}

void ebpf_range_unbound64(struct ebpf_range *range)
{
	range->umin = 0;
	range->umax = UINT64_MAX;
	range->smin = INT64_MIN;
	range->smax = INT64_MAX;
}

void ebpf_range_unbound(struct ebpf_range *range)
{
	ebpf_range_unbound64(range);
	ebpf_range_unbound32(range);
}

void ebpf_range_unknown(struct ebpf_range *range)
{
	range->bits = EBPF_TNUM_UNKNOWN;
	ebpf_range_unbound(range);
}

void ebpf_range_const(struct ebpf_range *range, uint64_t value)
{
	range->bits = ebpf_tnum_const(value);
	range->umin = range->umax = value;
	range->smin = range->smax = (int64_t)value;
	range->u32min = range->u32max = (uint32_t)value;
	range->s32min = range->s32max = (int32_t)value;
}

/* ------------------------------------------ intersections with a second range */

static void meet_u(struct ebpf_range *range, uint64_t min, uint64_t max)
{
	range->umin = umax64(range->umin, min);
	range->umax = umin64(range->umax, max);
}

static void meet_s(struct ebpf_range *range, int64_t min, int64_t max)
{
	range->smin = smax64(range->smin, min);
	range->smax = smin64(range->smax, max);
}

static void meet_u32(struct ebpf_range *range, uint32_t min, uint32_t max)
{
	range->u32min = (uint32_t)umax64(range->u32min, min);
	range->u32max = (uint32_t)umin64(range->u32max, max);
}

static void meet_s32(struct ebpf_range *range, int32_t min, int32_t max)
{
	range->s32min = (int32_t)smax64(range->s32min, min);
	range->s32max = (int32_t)smin64(range->s32max, max);
}

/* ------------------------------------------------------------- from the bits */

void ebpf_range_bounds_of_bits32(struct ebpf_range *range)
{
	uint32_t value = (uint32_t)range->bits.value, mask = (uint32_t)range->bits.mask;

	/* An unknown sign bit is 1 in the least signed value and 0 in the greatest. */
	meet_s32(range, (int32_t)(value | (mask & 0x80000000u)), (int32_t)(value | (mask & 0x7fffffffu)));
	meet_u32(range, value, value | mask);
}

static void bounds_of_bits64(struct ebpf_range *range)
{
	uint64_t value = range->bits.value, mask = range->bits.mask, sign = (uint64_t)1 << 63;

	meet_s(range, (int64_t)(value | (mask & sign)), (int64_t)(value | (mask & ~sign)));
	meet_u(range, value, value | mask);
}

void ebpf_range_bounds_of_bits(struct ebpf_range *range)
{
	ebpf_range_bounds_of_bits32(range);
	bounds_of_bits64(range);
}

/* --------------------------------------------- bounds that inform each other */

/*
 * From [min, max] of 64 bits to 32. If the upper halves agree the lower ones are
 * a range themselves; if they follow each other and the lower ones go from
 * negative to positive, a signed range.
 */
static void narrow(struct ebpf_range *range, uint64_t min, uint64_t max, bool is_signed)
{
	uint32_t lo = (uint32_t)min, hi = (uint32_t)max, up_lo = (uint32_t)(min >> 32), up_hi = (uint32_t)(max >> 32);

	if (up_lo == up_hi) {
		if (!is_signed || lo <= hi)
			meet_u32(range, lo, hi);
		if ((int32_t)lo <= (int32_t)hi)
			meet_s32(range, (int32_t)lo, (int32_t)hi);
	}
}

static void narrow_across_zero(struct ebpf_range *range, uint64_t min, uint64_t max)
{
	uint32_t up_lo = (uint32_t)(min >> 32), up_hi = (uint32_t)(max >> 32);

	if (up_lo + 1 == up_hi && (int32_t)min < 0 && (int32_t)max >= 0)
		meet_s32(range, (int32_t)min, (int32_t)max);
}

static void deduce32(struct ebpf_range *range)
{
	narrow(range, range->umin, range->umax, false);
	narrow(range, (uint64_t)range->smin, (uint64_t)range->smax, true);
	narrow_across_zero(range, range->umin, range->umax);
	narrow_across_zero(range, (uint64_t)range->smin, (uint64_t)range->smax);
	if ((int32_t)range->u32min <= (int32_t)range->u32max)
		meet_s32(range, (int32_t)range->u32min, (int32_t)range->u32max);
	if ((uint32_t)range->s32min <= (uint32_t)range->s32max) {
		meet_u32(range, (uint32_t)range->s32min, (uint32_t)range->s32max);
	} else if (range->u32max < (uint32_t)range->s32min) {
		range->s32min = (int32_t)range->u32min;
		range->u32max = (uint32_t)umin64(range->u32max, (uint32_t)range->s32max);
	} else if ((uint32_t)range->s32max < range->u32min) {
		range->s32max = (int32_t)range->u32max;
		range->u32min = (uint32_t)umax64(range->u32min, (uint32_t)range->s32min);
	}
}

/*
 * A signed range that crosses zero is two pieces at both ends of the unsigned
 * numbers. If the unsigned range touches only one of them, that one holds.
 */
static void deduce64(struct ebpf_range *range)
{
	if ((int64_t)range->umin <= (int64_t)range->umax)
		meet_s(range, (int64_t)range->umin, (int64_t)range->umax);
	if ((uint64_t)range->smin <= (uint64_t)range->smax) {
		meet_u(range, (uint64_t)range->smin, (uint64_t)range->smax);
	} else if (range->umax < (uint64_t)range->smin) {
		range->smin = (int64_t)range->umin;
		range->umax = umin64(range->umax, (uint64_t)range->smax);
	} else if ((uint64_t)range->smax < range->umin) {
		range->smax = (int64_t)range->umax;
		range->umin = umax64(range->umin, (uint64_t)range->smin);
	}
}

/* From 32 bits to 64: the lower halves of the bounds can be no less and no more than the 32-bit bounds. */
static void widen(struct ebpf_range *range)
{
	meet_u(range, (range->umin & HIGH) | range->u32min, (range->umax & HIGH) | range->u32max);
	meet_s(range, (int64_t)(((uint64_t)range->smin & HIGH) | range->u32min),
	       (int64_t)(((uint64_t)range->smax & HIGH) | range->u32max));
	/*
	 * Sign-extended from 32 bits, and these not negative: then the upper half,
	 * all ones or all zeros, must be zeros.
	 */
	if (range->s32min >= 0 && range->smin >= INT32_MIN && range->smax <= INT32_MAX) {
		range->smin = range->s32min;
		range->smax = range->s32max;
		range->umin = (uint64_t)range->s32min;
		range->umax = (uint64_t)range->s32max;
		range->bits = ebpf_tnum_intersect(range->bits, ebpf_tnum_range(range->umin, range->umax));
	}
}

static void deduce(struct ebpf_range *range)
{
	deduce32(range);
	deduce64(range);
	widen(range);
}

static void bits_of_bounds(struct ebpf_range *range)
{
	struct ebpf_tnum bits = ebpf_tnum_intersect(range->bits, ebpf_tnum_range(range->umin, range->umax));
	struct ebpf_tnum low = ebpf_tnum_intersect(ebpf_tnum_low(bits), ebpf_tnum_range(range->u32min, range->u32max));

	range->bits = ebpf_tnum_with_low(bits, low);
}

void ebpf_range_sync(struct ebpf_range *range)
{
	ebpf_range_bounds_of_bits(range);
	deduce(range);
	deduce(range);
	deduce(range);
	bits_of_bounds(range);
	/* The bits may have got better than the bounds: umax 0x7f..f with two low bits 0 is 0x7f..c. */
	ebpf_range_bounds_of_bits(range);
}

static bool consistent(const struct ebpf_range *range)
{
	uint64_t value = range->bits.value;

	if (range->umin > range->umax || range->smin > range->smax || range->u32min > range->u32max ||
	    range->s32min > range->s32max)
		return false;
	if (!range->bits.mask && (range->umin != value || range->umax != value || range->smin != (int64_t)value ||
				  range->smax != (int64_t)value))
		return false;
	if (!(uint32_t)range->bits.mask && (range->u32min != (uint32_t)value || range->u32max != (uint32_t)value ||
					    range->s32min != (int32_t)value || range->s32max != (int32_t)value))
		return false;
	return true;
}

void ebpf_range_check(struct ebpf_range *range)
{
	if (!consistent(range))
		ebpf_range_unbound(range);
}

bool ebpf_range_contains(const struct ebpf_range *a, const struct ebpf_range *b)
{
	return a->umin <= b->umin && a->umax >= b->umax && a->smin <= b->smin && a->smax >= b->smax &&
	       a->u32min <= b->u32min && a->u32max >= b->u32max && a->s32min <= b->s32min && a->s32max >= b->s32max &&
	       ebpf_tnum_contains(a->bits, b->bits);
}

/* --------------------------------------------------------------- extensions */

void ebpf_range_zero_extend(struct ebpf_range *range, unsigned int size)
{
	uint64_t keep = ((uint64_t)1 << (size * 8)) - 1;

	range->bits = ebpf_tnum_cast(range->bits, size);
	if ((range->umin & ~keep) == (range->umax & ~keep)) {
		range->umin &= keep;
		range->umax &= keep;
	} else {
		range->umin = 0;
		range->umax = keep;
	}
	range->smin = (int64_t)range->umin;
	range->smax = (int64_t)range->umax;
	if (size < 4)
		ebpf_range_unbound32(range);
	ebpf_range_sync(range);
}

static int64_t extend(uint64_t value, unsigned int size)
{
	unsigned int shift = 64 - size * 8;

	return (int64_t)(value << shift) >> shift;
}

static void sign_extended(struct ebpf_range *range, int64_t min, int64_t max)
{
	range->s32min = (int32_t)min;
	range->s32max = (int32_t)max;
	range->smin = min;
	range->smax = max;
	range->umin = (uint64_t)min;
	range->umax = (uint64_t)max;
	range->u32min = (uint32_t)min;
	range->u32max = (uint32_t)max;
	range->bits = ebpf_tnum_range((uint64_t)min, (uint64_t)max);
}

void ebpf_range_sign_extend(struct ebpf_range *range, unsigned int size)
{
	unsigned int width = size * 8;
	int64_t a = extend((uint64_t)range->smin, size), b = extend((uint64_t)range->smax, size);

	if (ebpf_range_is_const(range)) {
		ebpf_range_const(range, (uint64_t)extend(range->bits.value, size));
		return;
	}
	/* Bounds that agree above the extended part and do not cross its sign stay bounds. */
	if (range->smin >> width == range->smax >> width && (a >= 0) == (b >= 0)) {
		sign_extended(range, smin64(a, b), smax64(a, b));
		return;
	}
	ebpf_range_unknown(range);
	range->smin = -((int64_t)1 << (width - 1));
	range->smax = -(range->smin + 1);
	range->s32min = (int32_t)range->smin;
	range->s32max = (int32_t)range->smax;
}

void ebpf_range_sign_extend32(struct ebpf_range *range, unsigned int size)
{
	unsigned int width = size * 8;
	int64_t a = extend((uint64_t)range->s32min, size), b = extend((uint64_t)range->s32max, size);
	int64_t min = smin64(a, b), max = smax64(a, b);

	if (ebpf_range_is_const(range)) {
		a = extend(range->bits.value, size);
		range->bits = ebpf_tnum_const((uint64_t)a);
		min = max = a;
	} else if (range->s32min >> width == range->s32max >> width && (a >= 0) == (b >= 0)) {
		range->bits = ebpf_tnum_low(ebpf_tnum_range((uint64_t)min, (uint64_t)max));
	} else {
		min = -((int64_t)1 << (width - 1));
		max = -(min + 1);
		range->bits = ebpf_tnum_low(EBPF_TNUM_UNKNOWN);
		range->s32min = (int32_t)min;
		range->s32max = (int32_t)max;
		range->u32min = 0;
		range->u32max = UINT32_MAX;
		return;
	}
	range->s32min = (int32_t)min;
	range->s32max = (int32_t)max;
	range->u32min = (uint32_t)min;
	range->u32max = (uint32_t)max;
}

void ebpf_range_from32(struct ebpf_range *range)
{
	range->bits = ebpf_tnum_low(range->bits);
	range->umin = range->u32min;
	range->umax = range->u32max;
	if (range->s32min >= 0 && range->s32max >= 0) {
		range->smin = range->s32min;
		range->smax = range->s32max;
	} else {
		range->smin = 0;
		range->smax = UINT32_MAX;
	}
}
