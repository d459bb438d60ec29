/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditional jumps on ranges: whether the outcome is known, and what either
 * outcome says of the operands. Comparisons in the other direction are turned
 * around, so that only ==, !=, &, < and <= are spelled out. RFC 9669 sec. 4.3.
 */
#include "range.h"

#include "uapi/bpf.h"

#define NOT_SET 0xff /* the outcome of BPF_JSET that has no opcode: no common bit */

uint8_t ebpf_cond_flip(uint8_t op)
{
	switch (op) {
	case BPF_JGT:
		return BPF_JLT;
	case BPF_JGE:
		return BPF_JLE;
	case BPF_JLT:
		return BPF_JGT;
	case BPF_JLE:
		return BPF_JGE;
	case BPF_JSGT:
		return BPF_JSLT;
	case BPF_JSGE:
		return BPF_JSLE;
	case BPF_JSLT:
		return BPF_JSGT;
	case BPF_JSLE:
		return BPF_JSGE;
	}
	return op;
}

static uint8_t negated(uint8_t op)
{
	switch (op) {
	case BPF_JEQ:
		return BPF_JNE;
	case BPF_JNE:
		return BPF_JEQ;
	case BPF_JSET:
		return NOT_SET;
	case BPF_JGT:
		return BPF_JLE;
	case BPF_JGE:
		return BPF_JLT;
	case BPF_JLT:
		return BPF_JGE;
	case BPF_JLE:
		return BPF_JGT;
	case BPF_JSGT:
		return BPF_JSLE;
	case BPF_JSGE:
		return BPF_JSLT;
	case BPF_JSLT:
		return BPF_JSGE;
	}
	return BPF_JSGT; /* of BPF_JSLE */
}

static bool greater(uint8_t op)
{
	return op == BPF_JGT || op == BPF_JGE || op == BPF_JSGT || op == BPF_JSGE;
}

/* --------------------------------------------------------- known beforehand? */

/* Both operands in the width of the comparison */
struct compared {
	struct ebpf_tnum bits;
	uint64_t umin, umax;
	int64_t smin, smax;
};

static struct compared view(const struct ebpf_range *range, bool wide)
{
	if (wide)
		return (struct compared){range->bits, range->umin, range->umax, range->smin, range->smax};
	return (struct compared){ebpf_tnum_low(range->bits), range->u32min, range->u32max, range->s32min,
				 range->s32max};
}

static bool disjoint32(const struct ebpf_range *a, const struct ebpf_range *b)
{
	return a->u32min > b->u32max || a->u32max < b->u32min || a->s32min > b->s32max || a->s32max < b->s32min;
}

/* 1: equal, 0: different, -1: either */
static int equal(const struct ebpf_range *a, const struct ebpf_range *b, bool wide)
{
	struct compared x = view(a, wide), y = view(b, wide);

	if (!x.bits.mask && !y.bits.mask)
		return x.bits.value == y.bits.value;
	if ((x.bits.value ^ y.bits.value) & ~x.bits.mask & ~y.bits.mask)
		return 0;
	if (x.umin > y.umax || x.umax < y.umin || x.smin > y.smax || x.smax < y.smin)
		return 0;
	return wide && disjoint32(a, b) ? 0 : -1;
}

static int common_bit(struct compared x, struct compared y)
{
	if (y.bits.mask) {
		struct compared swap = x;

		x = y;
		y = swap;
	}
	if (y.bits.mask)
		return -1;
	if (x.bits.value & y.bits.value)
		return 1;
	return (x.bits.value | x.bits.mask) & y.bits.value ? -1 : 0;
}

static int less(struct compared x, struct compared y, uint8_t op)
{
	switch (op) {
	case BPF_JLT:
		return x.umax < y.umin ? 1 : x.umin >= y.umax ? 0 : -1;
	case BPF_JLE:
		return x.umax <= y.umin ? 1 : x.umin > y.umax ? 0 : -1;
	case BPF_JSLT:
		return x.smax < y.smin ? 1 : x.smin >= y.smax ? 0 : -1;
	}
	return x.smax <= y.smin ? 1 : x.smin > y.smax ? 0 : -1; /* BPF_JSLE */
}

int ebpf_range_branch(const struct ebpf_range *a, const struct ebpf_range *b, uint8_t op, bool wide)
{
	int same;

	if (op == BPF_JEQ || op == BPF_JNE) {
		same = equal(a, b, wide);
		return same < 0 || op == BPF_JEQ ? same : !same;
	}
	if (op == BPF_JSET)
		return common_bit(view(a, wide), view(b, wide));
	if (greater(op))
		return less(view(b, wide), view(a, wide), ebpf_cond_flip(op));
	return less(view(a, wide), view(b, wide), op);
}

/* ------------------------------------------------------- what the outcome says */

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

static void learn_equal(struct ebpf_range *a, struct ebpf_range *b)
{
	a->umin = b->umin = MAX(a->umin, b->umin);
	a->umax = b->umax = MIN(a->umax, b->umax);
	a->smin = b->smin = MAX(a->smin, b->smin);
	a->smax = b->smax = MIN(a->smax, b->smax);
	a->bits = b->bits = ebpf_tnum_intersect(a->bits, b->bits);
}

static void learn_equal32(struct ebpf_range *a, struct ebpf_range *b)
{
	struct ebpf_tnum low = ebpf_tnum_intersect(ebpf_tnum_low(a->bits), ebpf_tnum_low(b->bits));

	a->u32min = b->u32min = MAX(a->u32min, b->u32min);
	a->u32max = b->u32max = MIN(a->u32max, b->u32max);
	a->s32min = b->s32min = MAX(a->s32min, b->s32min);
	a->s32max = b->s32max = MIN(a->s32max, b->s32max);
	a->bits = ebpf_tnum_with_low(a->bits, low);
	b->bits = ebpf_tnum_with_low(b->bits, low);
}

/* The constant one of two operands, the other in *other; NULL if neither is. */
static const struct ebpf_range *constant(struct ebpf_range *a, struct ebpf_range *b, bool wide,
					 struct ebpf_range **other)
{
	if (!(wide ? b->bits.mask : (uint32_t)b->bits.mask)) {
		*other = a;
		return b;
	}
	*other = b;
	return !(wide ? a->bits.mask : (uint32_t)a->bits.mask) ? a : (const struct ebpf_range *)0;
}

/* A constant that is excluded moves a bound that is just that. */
static void learn_unequal(struct ebpf_range *a, struct ebpf_range *b, bool wide)
{
	struct ebpf_range *x;
	const struct ebpf_range *c = constant(a, b, wide, &x);
	uint64_t value;

	if (!c)
		return;
	value = c->bits.value;
	if (wide) {
		x->umin += x->umin == value;
		x->umax -= x->umax == value;
		if (x->smin == (int64_t)value && x->smin != INT64_MAX)
			x->smin++;
		if (x->smax == (int64_t)value && x->smax != INT64_MIN)
			x->smax--;
	} else {
		x->u32min += x->u32min == (uint32_t)value;
		x->u32max -= x->u32max == (uint32_t)value;
		if (x->s32min == (int32_t)value && x->s32min != INT32_MAX)
			x->s32min++;
		if (x->s32max == (int32_t)value && x->s32max != INT32_MIN)
			x->s32max--;
	}
}

static void learn_set(struct ebpf_range *a, struct ebpf_range *b, bool wide)
{
	struct ebpf_range *x;
	const struct ebpf_range *c = constant(a, b, wide, &x);
	uint64_t value;

	if (!c)
		return;
	value = wide ? c->bits.value : (uint32_t)c->bits.value;
	/* Of several bits one does not know which. */
	if (!value || (value & (value - 1)))
		return;
	x->bits = ebpf_tnum_or(x->bits, ebpf_tnum_const(value));
}

static void learn_not_set(struct ebpf_range *a, struct ebpf_range *b, bool wide)
{
	struct ebpf_range *x;
	const struct ebpf_range *c = constant(a, b, wide, &x);

	if (!c)
		return;
	/* Bounds would contradict these bits on a path that cannot be taken. */
	ebpf_range_unbound(x);
	x->bits = ebpf_tnum_and(x->bits, ebpf_tnum_const(~(wide ? c->bits.value : (uint32_t)c->bits.value)));
}

/* a < b or a <= b, unsigned */
static void learn_below(struct ebpf_range *a, struct ebpf_range *b, unsigned int strict, bool wide)
{
	if (wide) {
		a->umax = MIN(a->umax, b->umax - strict);
		b->umin = MAX(a->umin + strict, b->umin);
	} else {
		a->u32max = MIN(a->u32max, b->u32max - strict);
		b->u32min = MAX(a->u32min + strict, b->u32min);
	}
}

static void learn_less(struct ebpf_range *a, struct ebpf_range *b, unsigned int strict, bool wide)
{
	/* Bounds at the very end would wrap around: then the outcome was known and nobody comes here. */
	if (wide) {
		int64_t max = b->smax == INT64_MIN ? b->smax : b->smax - (int64_t)strict;
		int64_t min = a->smin == INT64_MAX ? a->smin : a->smin + (int64_t)strict;

		a->smax = MIN(a->smax, max);
		b->smin = MAX(min, b->smin);
	} else {
		int32_t max = b->s32max == INT32_MIN ? b->s32max : b->s32max - (int32_t)strict;
		int32_t min = a->s32min == INT32_MAX ? a->s32min : a->s32min + (int32_t)strict;

		a->s32max = MIN(a->s32max, max);
		b->s32min = MAX(min, b->s32min);
	}
}

static void learn(struct ebpf_range *a, struct ebpf_range *b, uint8_t op, bool wide)
{
	switch (op) {
	case BPF_JEQ:
		(wide ? learn_equal : learn_equal32)(a, b);
		break;
	case BPF_JNE:
		learn_unequal(a, b, wide);
		break;
	case BPF_JSET:
		learn_set(a, b, wide);
		break;
	case NOT_SET:
		learn_not_set(a, b, wide);
		break;
	case BPF_JLT:
	case BPF_JLE:
		learn_below(a, b, op == BPF_JLT, wide);
		break;
	case BPF_JSLT:
	case BPF_JSLE:
		learn_less(a, b, op == BPF_JSLT, wide);
		break;
	}
}

void ebpf_range_refine(struct ebpf_range *a, struct ebpf_range *b, uint8_t op, bool taken, bool wide)
{
	if (!taken)
		op = negated(op);
	if (op != NOT_SET && greater(op))
		learn(b, a, ebpf_cond_flip(op), wide);
	else
		learn(a, b, op, wide);
	ebpf_range_sync(a);
	ebpf_range_sync(b);
}
