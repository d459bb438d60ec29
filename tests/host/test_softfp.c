/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user programs' arithmetic of double and float, bit by bit against the host's: random
 * operands of all sizes, near each other and at the borders, and the special ones.
 */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "elf_builder.h" /* elf_random() */

/* libgcc has functions of these names */
#define __clzdi2 sdk_clzdi2
#define __ctzdi2 sdk_ctzdi2
#define __clzsi2 sdk_clzsi2
#define __ctzsi2 sdk_ctzsi2
#define __ffsdi2 sdk_ffsdi2
#define __popcountdi2 sdk_popcountdi2
#define __bswapdi2 sdk_bswapdi2
#define __bswapsi2 sdk_bswapsi2
#include "../../sdk/lib/bits.c"
#include "../../sdk/lib/softfp.c"

#define ROUNDS 300000

static uint64_t seed = 3;

static uint64_t random64(void)
{
	return (uint64_t)elf_random(&seed) << 32 | elf_random(&seed);
}

static const uint64_t special[] = {
	0,
	1,
	0x000fffffffffffff,
	0x0010000000000000,
	0x3ff0000000000000,
	0x3ff0000000000001,
	0x3fefffffffffffff,
	0x4340000000000000,
	0x43dfffffffffffff,
	0x43e0000000000000,
	0x43f0000000000000,
	0x7fefffffffffffff,
	0x7ff0000000000000,
	0x7ff8000000000000,
	0x36a0000000000000, /* the smallest floats */
	0x380fffffe0000000,
	0x47efffffe0000000,
	0x47efffffefffffff,
	0x47effffff0000000,
};

static double double_of(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* One of them; near tells what the other operand is */
static double random_double(double near)
{
	uint64_t bits = random64(), other;

	memcpy(&other, &near, sizeof(other));
	switch (bits % 5) {
	case 0:
		bits = special[(bits >> 8) % (sizeof(special) / sizeof(special[0]))] | (bits & 1ull << 63);
		break;
	case 1: /* few bits, so that results are exact or half way */
		bits &= 0xfff8000000000000 | 1ull << ((bits >> 3) % 52);
		break;
	case 2:
		bits = other ^ (bits & (0x8000000000000007 | 1ull << ((bits >> 3) % 60)));
		break;
	case 3: /* of the size of everyday's */
		bits = (bits & 0x800fffffffffffff) | (1023 - 32 + (bits >> 3) % 80) << 52;
		break;
	default:
		break;
	}
	return double_of(bits);
}

static void same_double(double ours, double theirs, double a, double b, char op)
{
	if (memcmp(&ours, &theirs, sizeof(ours)) != 0 && !(isnan(ours) && isnan(theirs)))
		fail_msg("%a %c %a is %a, not %a", a, op, b, theirs, ours);
}

static void same_float(float ours, float theirs, float a, float b, char op)
{
	if (memcmp(&ours, &theirs, sizeof(ours)) != 0 && !(isnan(ours) && isnan(theirs)))
		fail_msg("%a %c %a is %a, not %a", (double)a, op, (double)b, (double)theirs, (double)ours);
}

static void test_softfp_double(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		double a = random_double(1), b = random_double(a);

		same_double(__adddf3(a, b), a + b, a, b, '+');
		same_double(__subdf3(a, b), a - b, a, b, '-');
		same_double(__muldf3(a, b), a * b, a, b, '*');
		same_double(__divdf3(a, b), a / b, a, b, '/');
	}
	same_double(__negdf2(0.0), -0.0, 0, 0, '-');
}

static void test_softfp_float(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		float a = (float)random_double(1), b = (float)random_double((double)a);

		same_float(__addsf3(a, b), a + b, a, b, '+');
		same_float(__subsf3(a, b), a - b, a, b, '-');
		same_float(__mulsf3(a, b), a * b, a, b, '*');
		same_float(__divsf3(a, b), a / b, a, b, '/');
		same_double(__extendsfdf2(a), (double)a, (double)a, 0, 'd');
	}
	same_float(__negsf2(2.5f), -2.5f, 0, 0, '-');
}

static void test_softfp_compare(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		double a = random_double(1), b = random_double(a);
		float x = (float)a, y = (float)b;

		if (i % 7 == 0)
			b = a;
		assert_int_equal(__ltdf2(a, b) < 0, a < b);
		assert_int_equal(__ledf2(a, b) <= 0, a <= b);
		assert_int_equal(__gtdf2(a, b) > 0, a > b);
		assert_int_equal(__gedf2(a, b) >= 0, a >= b);
		assert_int_equal(__eqdf2(a, b) == 0, a == b);
		assert_int_equal(__nedf2(a, b) != 0, a != b);
		assert_int_equal(__unorddf2(a, b) != 0, isnan(a) || isnan(b));
		assert_int_equal(__ltsf2(x, y) < 0, x < y);
		assert_int_equal(__lesf2(x, y) <= 0, x <= y);
		assert_int_equal(__gtsf2(x, y) > 0, x > y);
		assert_int_equal(__gesf2(x, y) >= 0, x >= y);
		assert_int_equal(__eqsf2(x, y) == 0, x == y);
		assert_int_equal(__nesf2(x, y) != 0, x != y);
		assert_int_equal(__unordsf2(x, y) != 0, isnan(x) || isnan(y));
	}
}

static void from_integers(uint64_t n)
{
	same_double(__floatdidf((long)n), (double)(long)n, 0, 0, 'i');
	same_double(__floatundidf(n), (double)n, 0, 0, 'u');
	same_double(__floatsidf((int)n), (int)n, 0, 0, 'i');
	same_double(__floatunsidf((unsigned int)n), (unsigned int)n, 0, 0, 'u');
	same_float(__floatdisf((long)n), (float)(long)n, 0, 0, 'i');
	same_float(__floatundisf(n), (float)n, 0, 0, 'u');
	same_float(__floatsisf((int)n), (float)(int)n, 0, 0, 'i');
	same_float(__floatunsisf((unsigned int)n), (float)(unsigned int)n, 0, 0, 'u');
}

static long clamp(double a, double low, double high, long if_low, long if_high)
{
	return isnan(a) ? 0 : a <= low ? if_low : a >= high ? if_high : (long)a;
}

static void to_integers(double a)
{
	float x = (float)a;

	assert_int_equal(__fixdfdi(a), clamp(a, -0x1p63, 0x1p63, LONG_MIN, LONG_MAX));
	assert_int_equal(__fixdfsi(a), clamp(a, -0x1p31, 0x1p31, INT_MIN, INT_MAX));
	assert_int_equal(__fixunsdfsi(a), clamp(a, 0, 0x1p32, 0, UINT_MAX));
	assert_int_equal(__fixunsdfdi(a),
			 a >= 0x1p63 && a < 0x1p64 ? (unsigned long)a : (unsigned long)clamp(a, 0, 0x1p63, 0, -1));
	assert_int_equal(__fixsfdi(x), __fixdfdi((double)x));
	assert_int_equal(__fixsfsi(x), __fixdfsi((double)x));
	assert_int_equal(__fixunssfsi(x), __fixunsdfsi((double)x));
	assert_int_equal(__fixunssfdi(x), __fixunsdfdi((double)x));
	same_float(__truncdfsf2(a), x, a, 0, 'f');
}

static void test_softfp_convert(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t n = random64();

		from_integers(n >> (n & 63));
		to_integers(random_double(1));
	}
	for (int i = 0; i < 64; i++)
		for (int d = -1; d <= 1; d++)
			from_integers((1ull << i) + (uint64_t)(int64_t)d);
}

static void test_softfp_bits(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t n = random64() >> (random64() & 63);
		unsigned int w = (unsigned int)n;

		assert_int_equal(__popcountdi2(n), __builtin_popcountll(n));
		assert_int_equal(__ffsdi2(n), __builtin_ffsll((long long)n));
		assert_true(__bswapdi2(n) == __builtin_bswap64(n));
		assert_int_equal(__bswapsi2(w), __builtin_bswap32(w));
		if (n)
			assert_int_equal(__clzdi2(n) * 64 + __ctzdi2(n), __builtin_clzll(n) * 64 + __builtin_ctzll(n));
		if (w)
			assert_int_equal(__clzsi2(w) * 64 + __ctzsi2(w), __builtin_clz(w) * 64 + __builtin_ctz(w));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_softfp_double),  cmocka_unit_test(test_softfp_float),
		cmocka_unit_test(test_softfp_compare), cmocka_unit_test(test_softfp_convert),
		cmocka_unit_test(test_softfp_bits),
	};

	return cmocka_run_group_tests_name("softfp", tests, NULL, NULL);
}
