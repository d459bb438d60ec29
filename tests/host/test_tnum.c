/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Known bits against brute force: every tnum of 5 bits, every pair of them, every
 * value of each, with the bits at the bottom, across bit 31 and at the top.
 */
#include "tnum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define BITS 5
#define VALUES (1u << BITS)

static const unsigned int places[] = {0, 29, 59};

/* The n-th tnum of 5 bits, placed at `shift`; false after the last */
static bool nth(unsigned int n, unsigned int shift, struct ebpf_tnum *out)
{
	uint64_t value = 0, mask = 0;

	for (unsigned int bit = 0; bit < BITS; bit++, n /= 3) {
		value |= (uint64_t)(n % 3 == 1) << bit;
		mask |= (uint64_t)(n % 3 == 2) << bit;
	}
	*out = (struct ebpf_tnum){.value = value << shift, .mask = mask << shift};
	return n == 0;
}

static bool has(struct ebpf_tnum tnum, uint64_t value)
{
	return (value & ~tnum.mask) == tnum.value;
}

static void assert_sound(struct ebpf_tnum result, uint64_t value, const char *what)
{
	if (result.value & result.mask)
		fail_msg("%s: value and mask overlap", what);
	if (!has(result, value))
		fail_msg("%s: 0x%llx is not in (0x%llx; 0x%llx)", what, (unsigned long long)value,
			 (unsigned long long)result.value, (unsigned long long)result.mask);
}

struct op {
	const char *name;
	struct ebpf_tnum (*tnum)(struct ebpf_tnum a, struct ebpf_tnum b);
	uint64_t (*value)(uint64_t a, uint64_t b);
};

#define OP(name, expr)                                                                                                 \
	static uint64_t value_##name(uint64_t a, uint64_t b)                                                           \
	{                                                                                                              \
		return expr;                                                                                           \
	}
OP(add, a + b)
OP(sub, a - b)
OP(mul, a *b)
OP(and, a &b)
OP(or, a | b)
OP(xor, a ^ b)

static const struct op ops[] = {
	{"add", ebpf_tnum_add, value_add}, {"sub", ebpf_tnum_sub, value_sub}, {"mul", ebpf_tnum_mul, value_mul},
	{"and", ebpf_tnum_and, value_and}, {"or", ebpf_tnum_or, value_or},    {"xor", ebpf_tnum_xor, value_xor},
};

static void check_pair(const struct op *op, struct ebpf_tnum a, struct ebpf_tnum b, unsigned int shift)
{
	struct ebpf_tnum result = op->tnum(a, b);

	for (uint64_t x = 0; x < VALUES; x++) {
		if (!has(a, x << shift))
			continue;
		for (uint64_t y = 0; y < VALUES; y++)
			if (has(b, y << shift))
				assert_sound(result, op->value(x << shift, y << shift), op->name);
	}
}

static void test_tnum_binary(void **state)
{
	struct ebpf_tnum a, b;

	(void)state;
	for (unsigned int o = 0; o < sizeof(ops) / sizeof(ops[0]); o++)
		for (unsigned int p = 0; p < sizeof(places) / sizeof(places[0]); p++)
			for (unsigned int i = 0; nth(i, places[p], &a); i++)
				for (unsigned int j = 0; nth(j, places[p], &b); j++)
					check_pair(&ops[o], a, b, places[p]);
}

/* Bitwise operations lose nothing: a bit of the result is unknown only if it can be both. */
static void test_tnum_bitwise_exact(void **state)
{
	struct ebpf_tnum a, b;

	(void)state;
	for (unsigned int o = 3; o < 6; o++)
		for (unsigned int i = 0; nth(i, 0, &a); i++)
			for (unsigned int j = 0; nth(j, 0, &b); j++) {
				uint64_t ones = UINT64_MAX, any = 0;

				for (uint64_t x = 0; x < VALUES; x++)
					for (uint64_t y = 0; y < VALUES; y++)
						if (has(a, x) && has(b, y)) {
							ones &= ops[o].value(x, y);
							any |= ops[o].value(x, y);
						}
				assert_int_equal(ops[o].tnum(a, b).mask, any & ~ones);
			}
}

static void test_tnum_shift(void **state)
{
	struct ebpf_tnum a;

	(void)state;
	for (unsigned int p = 0; p < sizeof(places) / sizeof(places[0]); p++)
		for (unsigned int i = 0; nth(i, places[p], &a); i++)
			for (unsigned int shift = 0; shift < 64; shift++)
				for (uint64_t x = 0; x < VALUES; x++) {
					uint64_t v = x << places[p];

					if (!has(a, v))
						continue;
					assert_sound(ebpf_tnum_shl(a, shift), v << shift, "shl");
					assert_sound(ebpf_tnum_shr(a, shift), v >> shift, "shr");
					assert_sound(ebpf_tnum_sar(a, shift, 64), (uint64_t)((int64_t)v >> shift),
						     "sar");
					if (shift < 32)
						assert_sound(ebpf_tnum_sar(ebpf_tnum_low(a), shift, 32),
							     (uint32_t)((int32_t)v >> shift), "sar32");
				}
}

static void test_tnum_range(void **state)
{
	(void)state;
	for (unsigned int p = 0; p < sizeof(places) / sizeof(places[0]); p++)
		for (uint64_t min = 0; min < VALUES; min++)
			for (uint64_t max = min; max < VALUES; max++)
				for (uint64_t x = min; x <= max; x++)
					assert_sound(ebpf_tnum_range(min << places[p], max << places[p]),
						     x << places[p], "range");
	assert_int_equal(ebpf_tnum_range(0, UINT64_MAX).mask, UINT64_MAX);
	assert_int_equal(ebpf_tnum_range(7, 7).mask, 0);
}

static void test_tnum_sets(void **state)
{
	struct ebpf_tnum a, b;

	(void)state;
	for (unsigned int i = 0; nth(i, 0, &a); i++)
		for (unsigned int j = 0; nth(j, 0, &b); j++) {
			bool within = true, aligned[4] = {true, true, true, true};

			for (uint64_t x = 0; x < VALUES; x++) {
				if (!has(b, x))
					continue;
				within &= has(a, x);
				for (unsigned int k = 0; k < 4; k++)
					aligned[k] &= x % (1u << k) == 0;
				if (has(a, x))
					assert_sound(ebpf_tnum_intersect(a, b), x, "intersect");
			}
			assert_int_equal(ebpf_tnum_contains(a, b), within);
			for (unsigned int k = 0; k < 4; k++)
				assert_int_equal(ebpf_tnum_is_aligned(b, 1u << k), aligned[k]);
		}
}

static void test_tnum_parts(void **state)
{
	struct ebpf_tnum a = {.value = 0x1234567800000000, .mask = 0x00000000ffffffff};

	(void)state;
	assert_int_equal(ebpf_tnum_low(a).value, 0);
	assert_int_equal(ebpf_tnum_low(a).mask, 0xffffffff);
	assert_int_equal(ebpf_tnum_cast(a, 1).mask, 0xff);
	assert_int_equal(ebpf_tnum_with_low(a, ebpf_tnum_const(7)).value, 0x1234567800000007);
	assert_int_equal(ebpf_tnum_with_low(a, ebpf_tnum_const(7)).mask, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tnum_binary), cmocka_unit_test(test_tnum_bitwise_exact),
		cmocka_unit_test(test_tnum_shift),  cmocka_unit_test(test_tnum_range),
		cmocka_unit_test(test_tnum_sets),   cmocka_unit_test(test_tnum_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
