/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * double and float in integers. Both formats are unpacked to sign, exponent and 64 bits of fraction; the
 * operations work on those and leave below the bits that count whether anything was lost ("sticky"), so
 * that packing rounds correctly.
 */
#include "softfp.h"

#include <stdbool.h>
#include <stdint.h>

enum kind {
	ZERO,
	NUMBER,
	INFINITE,
	NAN_,
};

/* A NUMBER is frac / 2^63 * 2^exp, the highest bit of frac set. */
struct fp {
	enum kind kind;
	bool negative;
	int exp;
	uint64_t frac;
};

struct format {
	int frac_bits, exp_bits;
};

static const struct format binary64 = {52, 11}, binary32 = {23, 8};

static int bias(const struct format *f)
{
	return (1 << (f->exp_bits - 1)) - 1;
}

/* Lost bits leave a mark in the lowest one. */
static uint64_t shift_right(uint64_t value, int n)
{
	if (!n)
		return value;
	return n > 63 ? value != 0 : value >> n | ((value << (64 - n)) != 0);
}

/* A number of any 64 bits of fraction, none of which need be the highest */
static struct fp normal(bool negative, int exp, uint64_t frac)
{
	int n = frac ? __clzdi2(frac) : 0;

	return (struct fp){.kind = frac ? NUMBER : ZERO, .negative = negative, .exp = exp - n, .frac = frac << n};
}

static struct fp unpack(const struct format *f, uint64_t bits)
{
	uint64_t frac = bits << (63 - f->frac_bits) & INT64_MAX;
	int exp = (int)(bits >> f->frac_bits) & ((1 << f->exp_bits) - 1);
	bool negative = bits >> (f->frac_bits + f->exp_bits) & 1;

	if (exp == (1 << f->exp_bits) - 1)
		return (struct fp){.kind = frac ? NAN_ : INFINITE, .negative = negative};
	if (!exp)
		return normal(negative, 1 - bias(f), frac);
	return normal(negative, exp - bias(f), frac | 1ull << 63);
}

/* The fraction behind the sign, rounded; what it carries over goes into the exponent above it, as it should. */
static uint64_t pack_number(const struct format *f, const struct fp *x)
{
	int exp = x->exp + bias(f), drop = 63 - f->frac_bits;
	uint64_t frac = x->frac, half = 1ull << (drop - 1), rest;

	if (exp >= (1 << f->exp_bits) - 1)
		return ((1ull << f->exp_bits) - 1) << f->frac_bits;
	if (exp <= 0) {
		frac = shift_right(frac, 1 - exp);
		exp = 0;
	} else {
		frac &= INT64_MAX;
	}
	rest = frac & (2 * half - 1);
	frac = ((uint64_t)exp << f->frac_bits) + (frac >> drop);
	return frac + (rest > half || (rest == half && frac & 1));
}

static uint64_t pack(const struct format *f, struct fp x)
{
	uint64_t infinite = ((1ull << f->exp_bits) - 1) << f->frac_bits, bits;

	switch (x.kind) {
	case ZERO:
		bits = 0;
		break;
	case NUMBER:
		bits = pack_number(f, &x);
		break;
	case INFINITE:
		bits = infinite;
		break;
	default:
		return infinite | 1ull << (f->frac_bits - 1);
	}
	return bits | (uint64_t)x.negative << (f->frac_bits + f->exp_bits);
}

static const struct fp not_a_number = {.kind = NAN_};

/* Two NUMBERs, a not smaller in exponent. Fractions move down by one bit: a sum has room, a rest what rounding needs.
 */
static struct fp add_numbers(struct fp a, struct fp b)
{
	uint64_t x = a.frac >> 1, y = shift_right(b.frac >> 1, a.exp - b.exp);

	if (a.negative == b.negative)
		return normal(a.negative, a.exp + 1, x + y);
	if (x == y)
		return (struct fp){.kind = ZERO};
	return x > y ? normal(a.negative, a.exp + 1, x - y) : normal(b.negative, a.exp + 1, y - x);
}

static struct fp add(struct fp a, struct fp b)
{
	if (a.kind == NAN_ || b.kind == NAN_)
		return not_a_number;
	if (a.kind == INFINITE || b.kind == INFINITE) {
		if (a.kind == b.kind && a.negative != b.negative)
			return not_a_number;
		return a.kind == INFINITE ? a : b;
	}
	if (a.kind == ZERO && b.kind == ZERO)
		return (struct fp){.kind = ZERO, .negative = a.negative && b.negative};
	if (a.kind == ZERO || b.kind == ZERO)
		return a.kind == ZERO ? b : a;
	return a.exp >= b.exp ? add_numbers(a, b) : add_numbers(b, a);
}

static struct fp negate(struct fp a)
{
	a.negative = !a.negative;
	return a;
}

static struct fp multiply(struct fp a, struct fp b)
{
	bool negative = a.negative != b.negative;
	unsigned __int128 product;

	if (a.kind == NAN_ || b.kind == NAN_)
		return not_a_number;
	if (a.kind == INFINITE || b.kind == INFINITE) {
		if (a.kind == ZERO || b.kind == ZERO)
			return not_a_number;
		return (struct fp){.kind = INFINITE, .negative = negative};
	}
	if (a.kind == ZERO || b.kind == ZERO)
		return (struct fp){.kind = ZERO, .negative = negative};
	product = (unsigned __int128)a.frac * b.frac; /* the low bits of both are 0, so that one bit is to spare */
	return normal(negative, a.exp + b.exp + 1, (uint64_t)(product >> 64) | ((uint64_t)product != 0));
}

static struct fp divide_numbers(bool negative, struct fp a, struct fp b)
{
	uint64_t rest = a.frac >> 1, by = b.frac >> 1, quotient = 0;

	for (int i = 0; i < 64; i++) {
		quotient <<= 1;
		if (rest >= by) {
			rest -= by;
			quotient |= 1;
		}
		rest <<= 1;
	}
	return normal(negative, a.exp - b.exp, quotient | (rest != 0));
}

static struct fp divide(struct fp a, struct fp b)
{
	bool negative = a.negative != b.negative;

	if (a.kind == NAN_ || b.kind == NAN_ || (a.kind == b.kind && (a.kind == ZERO || a.kind == INFINITE)))
		return not_a_number;
	if (a.kind == INFINITE || b.kind == ZERO)
		return (struct fp){.kind = INFINITE, .negative = negative};
	if (a.kind == ZERO || b.kind == INFINITE)
		return (struct fp){.kind = ZERO, .negative = negative};
	return divide_numbers(negative, a, b);
}

/* -1, 0, 1, or `unordered` if one is no number */
static int compare(struct fp a, struct fp b, int unordered)
{
	struct fp difference;

	if (a.kind == NAN_ || b.kind == NAN_)
		return unordered;
	if (a.kind == INFINITE && b.kind == INFINITE && a.negative == b.negative)
		return 0;
	difference = add(a, negate(b)); /* 0 only if they are the same: the sticky bit */
	return difference.kind == ZERO ? 0 : difference.negative ? -1 : 1;
}

/* What it is without its fraction, at most limit */
static uint64_t magnitude(struct fp a, uint64_t limit)
{
	uint64_t value;

	if (a.kind == ZERO || a.kind == NAN_ || (a.kind == NUMBER && a.exp < 0))
		return 0;
	if (a.kind == INFINITE || a.exp > 63)
		return limit;
	value = a.frac >> (63 - a.exp);
	return value > limit ? limit : value;
}

static int64_t to_signed(struct fp a, uint64_t max)
{
	uint64_t value = magnitude(a, max + a.negative);

	return (int64_t)(a.negative ? -value : value);
}

static uint64_t to_unsigned(struct fp a, uint64_t max)
{
	return a.negative ? 0 : magnitude(a, max);
}

static struct fp from_unsigned(uint64_t a)
{
	return normal(false, 63, a);
}

static struct fp from_signed(int64_t a)
{
	return normal(a < 0, 63, a < 0 ? -(uint64_t)a : (uint64_t)a);
}

/* --- The compiler's names, for both formats -------------------------------------------- */

static struct fp of_double(double a)
{
	union {
		double value;
		uint64_t bits;
	} u = {.value = a};

	return unpack(&binary64, u.bits);
}

static double to_double(struct fp a)
{
	union {
		uint64_t bits;
		double value;
	} u = {.bits = pack(&binary64, a)};

	return u.value;
}

static struct fp of_float(float a)
{
	union {
		float value;
		uint32_t bits;
	} u = {.value = a};

	return unpack(&binary32, u.bits);
}

static float to_float(struct fp a)
{
	union {
		uint32_t bits;
		float value;
	} u = {.bits = (uint32_t)pack(&binary32, a)};

	return u.value;
}

double __extendsfdf2(float a)
{
	return to_double(of_float(a));
}

float __truncdfsf2(double a)
{
	return to_float(of_double(a));
}

#define FUNCTIONS(TYPE, XF, OF, TO)                                                                                    \
	TYPE __add##XF##3(TYPE a, TYPE b)                                                                              \
	{                                                                                                              \
		return TO(add(OF(a), OF(b)));                                                                          \
	}                                                                                                              \
	TYPE __sub##XF##3(TYPE a, TYPE b)                                                                              \
	{                                                                                                              \
		return TO(add(OF(a), negate(OF(b))));                                                                  \
	}                                                                                                              \
	TYPE __mul##XF##3(TYPE a, TYPE b)                                                                              \
	{                                                                                                              \
		return TO(multiply(OF(a), OF(b)));                                                                     \
	}                                                                                                              \
	TYPE __div##XF##3(TYPE a, TYPE b)                                                                              \
	{                                                                                                              \
		return TO(divide(OF(a), OF(b)));                                                                       \
	}                                                                                                              \
	TYPE __neg##XF##2(TYPE a)                                                                                      \
	{                                                                                                              \
		return TO(negate(OF(a)));                                                                              \
	}                                                                                                              \
	int __lt##XF##2(TYPE a, TYPE b)                                                                                \
	{                                                                                                              \
		return compare(OF(a), OF(b), 1);                                                                       \
	}                                                                                                              \
	int __le##XF##2(TYPE a, TYPE b)                                                                                \
	{                                                                                                              \
		return compare(OF(a), OF(b), 1);                                                                       \
	}                                                                                                              \
	int __gt##XF##2(TYPE a, TYPE b)                                                                                \
	{                                                                                                              \
		return compare(OF(a), OF(b), -1);                                                                      \
	}                                                                                                              \
	int __ge##XF##2(TYPE a, TYPE b)                                                                                \
	{                                                                                                              \
		return compare(OF(a), OF(b), -1);                                                                      \
	}                                                                                                              \
	int __eq##XF##2(TYPE a, TYPE b)                                                                                \
	{                                                                                                              \
		return compare(OF(a), OF(b), 1);                                                                       \
	}                                                                                                              \
	int __ne##XF##2(TYPE a, TYPE b)                                                                                \
	{                                                                                                              \
		return compare(OF(a), OF(b), 1);                                                                       \
	}                                                                                                              \
	int __unord##XF##2(TYPE a, TYPE b)                                                                             \
	{                                                                                                              \
		return OF(a).kind == NAN_ || OF(b).kind == NAN_;                                                       \
	}                                                                                                              \
	TYPE __floatsi##XF(int a)                                                                                      \
	{                                                                                                              \
		return TO(from_signed(a));                                                                             \
	}                                                                                                              \
	TYPE __floatdi##XF(long a)                                                                                     \
	{                                                                                                              \
		return TO(from_signed(a));                                                                             \
	}                                                                                                              \
	TYPE __floatunsi##XF(unsigned int a)                                                                           \
	{                                                                                                              \
		return TO(from_unsigned(a));                                                                           \
	}                                                                                                              \
	TYPE __floatundi##XF(unsigned long a)                                                                          \
	{                                                                                                              \
		return TO(from_unsigned(a));                                                                           \
	}                                                                                                              \
	int __fix##XF##si(TYPE a)                                                                                      \
	{                                                                                                              \
		return (int)to_signed(OF(a), INT32_MAX);                                                               \
	}                                                                                                              \
	long __fix##XF##di(TYPE a)                                                                                     \
	{                                                                                                              \
		return to_signed(OF(a), INT64_MAX);                                                                    \
	}                                                                                                              \
	unsigned int __fixuns##XF##si(TYPE a)                                                                          \
	{                                                                                                              \
		return (unsigned int)to_unsigned(OF(a), UINT32_MAX);                                                   \
	}                                                                                                              \
	unsigned long __fixuns##XF##di(TYPE a)                                                                         \
	{                                                                                                              \
		return to_unsigned(OF(a), UINT64_MAX);                                                                 \
	}

FUNCTIONS(double, df, of_double, to_double)
FUNCTIONS(float, sf, of_float, to_float)
