/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic on ranges. Addition, subtraction, multiplication and the bitwise
 * operations are done on the 64-bit and on the 32-bit bounds alike, whatever the
 * instruction's width: the other width's result is right as well. Shifts are
 * done in the instruction's width only. Division and anything shifted by an
 * unknown distance gives an unknown value. RFC 9669 sec. 4.1.
 */
#include "range.h"

#include "uapi/bpf.h"

/* ---------------------------------------------------- addition, subtraction */

static void add64(struct ebpf_range *dst, const struct ebpf_range *src)
{
	if (__builtin_add_overflow(dst->smin, src->smin, &dst->smin) |
	    __builtin_add_overflow(dst->smax, src->smax, &dst->smax)) {
		dst->smin = INT64_MIN;
		dst->smax = INT64_MAX;
	}
	if (__builtin_add_overflow(dst->umin, src->umin, &dst->umin) |
	    __builtin_add_overflow(dst->umax, src->umax, &dst->umax)) {
		dst->umin = 0;
		dst->umax = UINT64_MAX;
	}
}

static void add32(struct ebpf_range *dst, const struct ebpf_range *src)
{
	if (__builtin_add_overflow(dst->s32min, src->s32min, &dst->s32min) |
	    __builtin_add_overflow(dst->s32max, src->s32max, &dst->s32max)) {
		dst->s32min = INT32_MIN;
		dst->s32max = INT32_MAX;
	}
	if (__builtin_add_overflow(dst->u32min, src->u32min, &dst->u32min) |
	    __builtin_add_overflow(dst->u32max, src->u32max, &dst->u32max)) {
		dst->u32min = 0;
		dst->u32max = UINT32_MAX;
	}
}

static void sub64(struct ebpf_range *dst, const struct ebpf_range *src)
{
	if (__builtin_sub_overflow(dst->smin, src->smax, &dst->smin) |
	    __builtin_sub_overflow(dst->smax, src->smin, &dst->smax)) {
		dst->smin = INT64_MIN;
		dst->smax = INT64_MAX;
	}
	if (dst->umin < src->umax) {
		dst->umin = 0;
		dst->umax = UINT64_MAX;
	} else {
		dst->umin -= src->umax;
		dst->umax -= src->umin;
	}
}

static void sub32(struct ebpf_range *dst, const struct ebpf_range *src)
{
	if (__builtin_sub_overflow(dst->s32min, src->s32max, &dst->s32min) |
	    __builtin_sub_overflow(dst->s32max, src->s32min, &dst->s32max)) {
		dst->s32min = INT32_MIN;
		dst->s32max = INT32_MAX;
	}
	if (dst->u32min < src->u32max) {
		dst->u32min = 0;
		dst->u32max = UINT32_MAX;
	} else {
		dst->u32min -= src->u32max;
		dst->u32max -= src->u32min;
	}
}

void ebpf_range_add(struct ebpf_range *dst, const struct ebpf_range *src)
{
	add32(dst, src);
	add64(dst, src);
	dst->bits = ebpf_tnum_add(dst->bits, src->bits);
}

static void subtract(struct ebpf_range *dst, const struct ebpf_range *src)
{
	sub32(dst, src);
	sub64(dst, src);
	dst->bits = ebpf_tnum_sub(dst->bits, src->bits);
}

/* ------------------------------------------------------------ multiplication */

/* Only of operands that are not negative and fit half the width, so that nothing can overflow. */
static void mul64(struct ebpf_range *dst, const struct ebpf_range *src)
{
	if (src->smin < 0 || dst->smin < 0 || src->umax > UINT32_MAX || dst->umax > UINT32_MAX) {
		ebpf_range_unbound64(dst);
		return;
	}
	dst->umin *= src->umin;
	dst->umax *= src->umax;
	dst->smin = dst->umax > INT64_MAX ? INT64_MIN : (int64_t)dst->umin;
	dst->smax = dst->umax > INT64_MAX ? INT64_MAX : (int64_t)dst->umax;
}

static void mul32(struct ebpf_range *dst, const struct ebpf_range *src)
{
	if (src->s32min < 0 || dst->s32min < 0 || src->u32max > UINT16_MAX || dst->u32max > UINT16_MAX) {
		ebpf_range_unbound32(dst);
		return;
	}
	dst->u32min *= src->u32min;
	dst->u32max *= src->u32max;
	dst->s32min = dst->u32max > INT32_MAX ? INT32_MIN : (int32_t)dst->u32min;
	dst->s32max = dst->u32max > INT32_MAX ? INT32_MAX : (int32_t)dst->u32max;
}

static void multiply(struct ebpf_range *dst, const struct ebpf_range *src)
{
	dst->bits = ebpf_tnum_mul(dst->bits, src->bits);
	mul32(dst, src);
	mul64(dst, src);
}

/* ------------------------------------------------------------------- bitwise */

/* Signed bounds follow from unsigned ones that do not cross the sign. */
static void signed_of_unsigned(struct ebpf_range *dst)
{
	bool same = (int64_t)dst->umin <= (int64_t)dst->umax;
	bool same32 = (int32_t)dst->u32min <= (int32_t)dst->u32max;

	dst->smin = same ? (int64_t)dst->umin : INT64_MIN;
	dst->smax = same ? (int64_t)dst->umax : INT64_MAX;
	dst->s32min = same32 ? (int32_t)dst->u32min : INT32_MIN;
	dst->s32max = same32 ? (int32_t)dst->u32max : INT32_MAX;
}

static void bitwise_and(struct ebpf_range *dst, const struct ebpf_range *src)
{
	dst->bits = ebpf_tnum_and(dst->bits, src->bits);
	/* At least the known ones, at most either operand. */
	dst->umin = dst->bits.value;
	dst->umax = dst->umax < src->umax ? dst->umax : src->umax;
	dst->u32min = (uint32_t)dst->bits.value;
	dst->u32max = dst->u32max < src->u32max ? dst->u32max : src->u32max;
}

static void bitwise_or(struct ebpf_range *dst, const struct ebpf_range *src)
{
	dst->bits = ebpf_tnum_or(dst->bits, src->bits);
	/* At least either operand, at most all that may be ones. */
	dst->umin = dst->umin > src->umin ? dst->umin : src->umin;
	dst->umax = dst->bits.value | dst->bits.mask;
	dst->u32min = dst->u32min > src->u32min ? dst->u32min : src->u32min;
	dst->u32max = (uint32_t)dst->umax;
}

static void bitwise_xor(struct ebpf_range *dst, const struct ebpf_range *src)
{
	dst->bits = ebpf_tnum_xor(dst->bits, src->bits);
	dst->umin = dst->bits.value;
	dst->umax = dst->bits.value | dst->bits.mask;
	dst->u32min = (uint32_t)dst->umin;
	dst->u32max = (uint32_t)dst->umax;
}

static void bitwise(struct ebpf_range *dst, const struct ebpf_range *src, uint8_t op)
{
	if (op == BPF_AND)
		bitwise_and(dst, src);
	else if (op == BPF_OR)
		bitwise_or(dst, src);
	else
		bitwise_xor(dst, src);
	/* A half that is known is known in all its bounds. */
	if (!dst->bits.mask) {
		ebpf_range_const(dst, dst->bits.value);
		return;
	}
	if (!(uint32_t)dst->bits.mask)
		dst->u32min = dst->u32max = (uint32_t)dst->bits.value;
	signed_of_unsigned(dst);
	ebpf_range_bounds_of_bits(dst);
}

/* -------------------------------------------------------------------- shifts */

static void shl32_bounds(struct ebpf_range *dst, unsigned int n)
{
	dst->s32min = INT32_MIN;
	dst->s32max = INT32_MAX;
	if (n > 31 || dst->u32max > (uint64_t)1 << (31 - n)) {
		dst->u32min = 0;
		dst->u32max = UINT32_MAX;
	} else {
		dst->u32min <<= n;
		dst->u32max <<= n;
	}
}

static void shl64_bounds(struct ebpf_range *dst, unsigned int n)
{
	/* By 32: half of how compilers extend the sign of a word. */
	dst->smax = n == 32 && dst->s32max >= 0 ? (int64_t)dst->s32max << 32 : INT64_MAX;
	dst->smin = n == 32 && dst->s32min >= 0 ? (int64_t)dst->s32min << 32 : INT64_MIN;
	if (dst->umax > (uint64_t)1 << (63 - n)) {
		dst->umin = 0;
		dst->umax = UINT64_MAX;
	} else {
		dst->umin <<= n;
		dst->umax <<= n;
	}
}

static void shift_left(struct ebpf_range *dst, unsigned int n, bool wide)
{
	if (wide) {
		shl64_bounds(dst, n);
		shl32_bounds(dst, n);
		dst->bits = ebpf_tnum_shl(dst->bits, n);
		ebpf_range_bounds_of_bits(dst);
		return;
	}
	shl32_bounds(dst, n);
	dst->bits = ebpf_tnum_low(ebpf_tnum_shl(ebpf_tnum_low(dst->bits), n));
	ebpf_range_unbound64(dst);
	ebpf_range_bounds_of_bits32(dst);
}

static void shift_right(struct ebpf_range *dst, unsigned int n, bool wide)
{
	if (wide) {
		dst->smin = INT64_MIN;
		dst->smax = INT64_MAX;
		dst->bits = ebpf_tnum_shr(dst->bits, n);
		dst->umin >>= n;
		dst->umax >>= n;
		/* The low half gets bits of the upper one: known again from the bits. */
		ebpf_range_unbound32(dst);
		ebpf_range_bounds_of_bits(dst);
		return;
	}
	dst->s32min = INT32_MIN;
	dst->s32max = INT32_MAX;
	dst->bits = ebpf_tnum_shr(ebpf_tnum_low(dst->bits), n);
	dst->u32min >>= n;
	dst->u32max >>= n;
	ebpf_range_unbound64(dst);
	ebpf_range_bounds_of_bits32(dst);
}

static void shift_right_signed(struct ebpf_range *dst, unsigned int n, bool wide)
{
	if (wide) {
		dst->smin >>= n;
		dst->smax >>= n;
		dst->bits = ebpf_tnum_sar(dst->bits, n, 64);
		dst->umin = 0;
		dst->umax = UINT64_MAX;
		ebpf_range_unbound32(dst);
		ebpf_range_bounds_of_bits(dst);
		return;
	}
	dst->s32min >>= n;
	dst->s32max >>= n;
	dst->bits = ebpf_tnum_sar(ebpf_tnum_low(dst->bits), n, 32);
	dst->u32min = 0;
	dst->u32max = UINT32_MAX;
	ebpf_range_unbound64(dst);
	ebpf_range_bounds_of_bits32(dst);
}

static bool shift(struct ebpf_range *dst, const struct ebpf_range *src, uint8_t op, bool wide)
{
	unsigned int n = (unsigned int)src->umax;
	bool known = wide ? !src->bits.mask && src->umin == src->umax && src->smin == src->smax
			  : !(uint32_t)src->bits.mask && src->u32min == src->u32max && src->s32min == src->s32max;

	if (!known || src->umax >= (wide ? 64u : 32u))
		return false;
	if (op == BPF_LSH)
		shift_left(dst, n, wide);
	else if (op == BPF_RSH)
		shift_right(dst, n, wide);
	else
		shift_right_signed(dst, n, wide);
	return true;
}

/* ----------------------------------------------------------------- all of them */

static bool compute(struct ebpf_range *dst, const struct ebpf_range *src, uint8_t op, bool wide)
{
	switch (op) {
	case BPF_ADD:
		ebpf_range_add(dst, src);
		return true;
	case BPF_SUB:
		subtract(dst, src);
		return true;
	case BPF_MUL:
		multiply(dst, src);
		return true;
	case BPF_AND:
	case BPF_OR:
	case BPF_XOR:
		bitwise(dst, src, op);
		return true;
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		return shift(dst, src, op, wide);
	}
	return false; /* division, remainder */
}

void ebpf_range_alu(struct ebpf_range *dst, const struct ebpf_range *src, uint8_t op, bool wide)
{
	if (!compute(dst, src, op, wide)) {
		ebpf_range_unknown(dst);
		/* Linux forgets even that a 32-bit result has no upper half. */
		return;
	}
	if (!wide)
		ebpf_range_from32(dst);
	ebpf_range_sync(dst);
}
