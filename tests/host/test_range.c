/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges against brute force: windows of neighbouring values around every place
 * where 32 or 64 bits, signed or not, wrap around; every pair of windows, every
 * operation and comparison, every pair of values. What values do must be within
 * what the ranges say; what a comparison's outcome excludes must be excluded
 * soundly. Then random sets of values, made into ranges in different ways.
 */
#include "range.h"
#include "uapi/bpf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MAX_SET 8

struct set {
	uint64_t value[MAX_SET];
	unsigned int n;
};

static const uint8_t alu_ops[] = {BPF_ADD, BPF_SUB, BPF_MUL,  BPF_OR,  BPF_AND, BPF_XOR,
				  BPF_LSH, BPF_RSH, BPF_ARSH, BPF_DIV, BPF_MOD};
static const uint8_t cond_ops[] = {BPF_JEQ,  BPF_JNE,  BPF_JGT,	 BPF_JGE,  BPF_JLT, BPF_JLE,
				   BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE, BPF_JSET};

static bool in_range(const struct ebpf_range *range, uint64_t v)
{
	return (v & ~range->bits.mask) == range->bits.value && v >= range->umin && v <= range->umax &&
	       (int64_t)v >= range->smin && (int64_t)v <= range->smax && (uint32_t)v >= range->u32min &&
	       (uint32_t)v <= range->u32max && (int32_t)v >= range->s32min && (int32_t)v <= range->s32max;
}

static void assert_in(const struct ebpf_range *range, uint64_t v, const char *what, unsigned int op, uint64_t a,
		      uint64_t b)
{
	if (!in_range(range, v))
		fail_msg("%s op 0x%x of 0x%llx, 0x%llx: 0x%llx is not in bits (0x%llx; 0x%llx) u [0x%llx, 0x%llx] "
			 "s [%lld, %lld] u32 [%u, %u] s32 [%d, %d]",
			 what, op, (unsigned long long)a, (unsigned long long)b, (unsigned long long)v,
			 (unsigned long long)range->bits.value, (unsigned long long)range->bits.mask,
			 (unsigned long long)range->umin, (unsigned long long)range->umax, (long long)range->smin,
			 (long long)range->smax, range->u32min, range->u32max, range->s32min, range->s32max);
}

/* `how`: which of the five is told what the set is; the others follow. */
static struct ebpf_range range_of(const struct set *set, unsigned int how)
{
	struct ebpf_range range;
	uint64_t ones = UINT64_MAX, any = 0;

	ebpf_range_unknown(&range);
	for (unsigned int i = 0; i < set->n; i++) {
		uint64_t v = set->value[i];

		ones &= v;
		any |= v;
	}
	if (how & 1)
		range.bits = (struct ebpf_tnum){.value = ones, .mask = any & ~ones};
	for (unsigned int i = 0; i < set->n; i++) {
		uint64_t v = set->value[i];
		bool first = i == 0;

		if (how & 2) {
			range.umin = first || v < range.umin ? v : range.umin;
			range.umax = first || v > range.umax ? v : range.umax;
		}
		if (how & 4) {
			range.smin = first || (int64_t)v < range.smin ? (int64_t)v : range.smin;
			range.smax = first || (int64_t)v > range.smax ? (int64_t)v : range.smax;
		}
		if (how & 8) {
			range.u32min = first || (uint32_t)v < range.u32min ? (uint32_t)v : range.u32min;
			range.u32max = first || (uint32_t)v > range.u32max ? (uint32_t)v : range.u32max;
		}
		if (how & 16) {
			range.s32min = first || (int32_t)v < range.s32min ? (int32_t)v : range.s32min;
			range.s32max = first || (int32_t)v > range.s32max ? (int32_t)v : range.s32max;
		}
	}
	ebpf_range_sync(&range);
	return range;
}

static uint64_t compute64(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & 63);
	case BPF_RSH:
		return a >> (b & 63);
	case BPF_ARSH:
		return (uint64_t)((int64_t)a >> (b & 63));
	case BPF_DIV:
		return b ? a / b : 0;
	}
	return b ? a % b : a;
}

static uint64_t compute32(uint8_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_LSH:
		return a << (b & 31);
	case BPF_RSH:
		return a >> (b & 31);
	case BPF_ARSH:
		return (uint32_t)((int32_t)a >> (b & 31));
	}
	return (uint32_t)compute64(op, a, b);
}

static bool compare(uint8_t op, uint64_t a, uint64_t b, bool wide)
{
	int64_t x = wide ? (int64_t)a : (int32_t)a, y = wide ? (int64_t)b : (int32_t)b;

	if (!wide) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	switch (op) {
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
	return a & b;
}

static void check_alu(const struct set *s, const struct set *t, unsigned int how)
{
	const struct ebpf_range a = range_of(s, how), b = range_of(t, how);

	for (unsigned int o = 0; o < sizeof(alu_ops); o++)
		for (unsigned int wide = 0; wide < 2; wide++) {
			struct ebpf_range result = a;

			ebpf_range_alu(&result, &b, alu_ops[o], wide);
			for (unsigned int i = 0; i < s->n; i++)
				for (unsigned int j = 0; j < t->n; j++) {
					uint64_t x = s->value[i], y = t->value[j];
					uint64_t v = wide ? compute64(alu_ops[o], x, y)
							  : compute32(alu_ops[o], (uint32_t)x, (uint32_t)y);

					assert_in(&result, v, wide ? "alu64" : "alu32", alu_ops[o], x, y);
				}
		}
}

static void check_cond(const struct set *s, const struct set *t, unsigned int how)
{
	const struct ebpf_range a = range_of(s, how), b = range_of(t, how);

	for (unsigned int o = 0; o < sizeof(cond_ops); o++)
		for (unsigned int wide = 0; wide < 2; wide++) {
			int known = ebpf_range_branch(&a, &b, cond_ops[o], wide);
			struct ebpf_range x[2] = {a, a}, y[2] = {b, b};

			if (known < 0)
				for (unsigned int taken = 0; taken < 2; taken++)
					ebpf_range_refine(&x[taken], &y[taken], cond_ops[o], taken, wide);
			for (unsigned int i = 0; i < s->n; i++)
				for (unsigned int j = 0; j < t->n; j++) {
					uint64_t v = s->value[i], w = t->value[j];
					bool taken = compare(cond_ops[o], v, w, wide);

					if (known >= 0 && known != taken)
						fail_msg("op 0x%x wide %u of 0x%llx, 0x%llx is not %d", cond_ops[o],
							 wide, (unsigned long long)v, (unsigned long long)w, known);
					if (known >= 0)
						continue;
					assert_in(&x[taken], v, "refined left", cond_ops[o], v, w);
					assert_in(&y[taken], w, "refined right", cond_ops[o], v, w);
				}
		}
}

static void check_extensions(const struct set *s, unsigned int how)
{
	for (unsigned int size = 1; size <= 4; size *= 2) {
		struct ebpf_range zero = range_of(s, how), sign = zero, sign32 = zero;
		unsigned int shift = 64 - size * 8;

		ebpf_range_zero_extend(&zero, size);
		ebpf_range_sign_extend(&sign, size);
		if (size < 4) {
			ebpf_range_sign_extend32(&sign32, size);
			ebpf_range_from32(&sign32);
			ebpf_range_sync(&sign32);
		}
		for (unsigned int i = 0; i < s->n; i++) {
			uint64_t v = s->value[i];
			int64_t extended = (int64_t)(v << shift) >> shift;

			assert_in(&zero, v << shift >> shift, "zero extension", size, v, 0);
			assert_in(&sign, (uint64_t)extended, "sign extension", size, v, 0);
			if (size < 4)
				assert_in(&sign32, (uint32_t)extended, "32-bit sign extension", size, v, 0);
		}
	}
}

/* ------------------------------------------------------------------ windows */

#define WIDTH 5

static const uint64_t places[] = {
	0,	     (uint64_t)-2, 0x7ffffffe,	       0xfffffffe,	   0x7ffffffffffffffe,
	0x100000000, 0x17ffffffe,  0xffffffff7ffffffe, 0xfffffffefffffffe, 30,
	62,
};

#define PLACES (sizeof(places) / sizeof(places[0]))
#define WINDOWS (PLACES * (WIDTH * (WIDTH + 1) / 2))

static void window(unsigned int n, struct set *set)
{
	uint64_t base = places[n % PLACES];
	unsigned int from = 0, len = 1;

	for (n /= PLACES; n; n--) {
		if (from + ++len > WIDTH) {
			from++;
			len = 1;
		}
	}
	set->n = len;
	for (unsigned int i = 0; i < len; i++)
		set->value[i] = base + from + i;
}

static void each_pair(void (*check)(const struct set *, const struct set *, unsigned int), unsigned int how)
{
	struct set s, t;

	for (unsigned int i = 0; i < WINDOWS; i++) {
		window(i, &s);
		for (unsigned int j = 0; j < WINDOWS; j++) {
			window(j, &t);
			check(&s, &t, how);
		}
	}
}

static void test_range_alu(void **state)
{
	(void)state;
	each_pair(check_alu, 31);
	each_pair(check_alu, 2);
	each_pair(check_alu, 4);
}

static void test_range_cond(void **state)
{
	(void)state;
	each_pair(check_cond, 31);
	each_pair(check_cond, 1);
	each_pair(check_cond, 8 | 16);
}

static void test_range_extend(void **state)
{
	struct set s;

	(void)state;
	for (unsigned int how = 0; how < 32; how++)
		for (unsigned int i = 0; i < WINDOWS; i++) {
			window(i, &s);
			check_extensions(&s, how);
		}
}

/* ------------------------------------------------------------------- random sets */

static uint64_t seed = 20240607;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t random_value(void)
{
	uint64_t v = next_random();

	switch (next_random() % 6) {
	case 0:
		return v % 70;
	case 1:
		return places[v % PLACES] + next_random() % 8;
	case 2:
		return (uint64_t)(int64_t)(int32_t)v;
	case 3:
		return (uint32_t)v;
	case 4:
		return v >> (next_random() % 64);
	}
	return v;
}

static void random_set(struct set *set)
{
	uint64_t base = random_value();

	set->n = 1 + (unsigned int)(next_random() % MAX_SET);
	for (unsigned int i = 0; i < set->n; i++)
		set->value[i] = next_random() % 3 ? base + next_random() % 300 : random_value();
}

static void test_range_random(void **state)
{
	struct set s, t;

	(void)state;
	for (unsigned int i = 0; i < 40000; i++) {
		unsigned int how = (unsigned int)(next_random() % 32);

		random_set(&s);
		random_set(&t);
		check_alu(&s, &t, how);
		check_cond(&s, &t, how);
		check_extensions(&s, how);
	}
}

/* Ranges that contradict themselves are given up, not made worse. */
static void test_range_contradiction(void **state)
{
	struct ebpf_range range;

	(void)state;
	ebpf_range_unknown(&range);
	range.umin = 10;
	range.umax = 5;
	ebpf_range_check(&range);
	assert_int_equal(range.umin, 0);
	assert_int_equal(range.umax, UINT64_MAX);
	ebpf_range_const(&range, 7);
	range.smax = 8;
	ebpf_range_check(&range);
	assert_int_equal(range.smin, INT64_MIN);
}

static void test_range_contains(void **state)
{
	struct ebpf_range all, small, one;
	const struct set set = {.value = {8, 12}, .n = 2};

	(void)state;
	ebpf_range_unknown(&all);
	small = range_of(&set, 31);
	ebpf_range_const(&one, 12);
	assert_true(ebpf_range_contains(&all, &small));
	assert_true(ebpf_range_contains(&small, &one));
	assert_false(ebpf_range_contains(&one, &small));
	ebpf_range_const(&one, 13);
	assert_false(ebpf_range_contains(&small, &one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_range_alu),	    cmocka_unit_test(test_range_cond),
		cmocka_unit_test(test_range_extend),	    cmocka_unit_test(test_range_random),
		cmocka_unit_test(test_range_contradiction), cmocka_unit_test(test_range_contains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
