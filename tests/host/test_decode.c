/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoder: what it finds out about a program's start (a wrong answer would
 * show a program what an earlier run left behind), slices, and which ops run
 * without checks.
 */
#include "engine.h"
#include "opcodes.h"
#include "uapi/errno.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static uint32_t entry_of(const char *listing)
{
	engine_load(listing);
	return engine_prog.entry;
}

static bool clean(const char *listing)
{
	return entry_of(listing) & EBPF_ENTRY_CLEAN;
}

static uint32_t stack(const char *listing)
{
	return entry_of(listing) >> EBPF_ENTRY_STACK_SHIFT;
}

static void test_decode_clean(void **state)
{
	(void)state;
	assert_true(clean("mov64_k r0 0\nexit"));
	assert_true(clean("mov64_x r0 r1\nadd64_x r0 r2\nadd64_x r0 r10\nexit"));
	assert_true(clean("mov64_k r6 1\nmov64_x r0 r6\nexit"));
	assert_true(clean("ldxdw r0 [r1]\nexit"));
	assert_true(clean("lddw r0 1\nexit"));
	assert_true(clean("call 5\nexit"));
	assert_true(clean("mov64_k r0 0\nja over\nmov64_x r0 r7\nover:\nexit")); /* never executed */
	assert_true(clean("jeq_k r1 0 a\nmov64_k r6 1\nja b\na:\nmov64_k r6 2\nb:\nmov64_x r0 r6\nexit"));
	assert_true(clean("mov64_k r0 0\ntop:\nadd64_k r0 1\nmov64_k r6 1\njlt_k r0 5 top\nmov64_x r0 r6\nexit"));
	assert_true(clean("mov64_k r1 1\ncall_local fn\nexit\nfn:\nmov64_x r0 r1\nexit"));
	assert_true(clean("mov64_k r6 1\ncall_local fn\nadd64_x r0 r6\nexit\nfn:\nmov64_x r0 r6\nexit"));
	assert_true(clean("stdw [r10-8] 1\nmov64_k r3 1\nadd64_fetch [r10-8] r3\nmov64_x r0 r3\nexit"));
}

static void test_decode_unclean(void **state)
{
	(void)state;
	assert_false(clean("exit"));
	assert_false(clean("mov64_x r0 r3\nexit"));
	assert_false(clean("add64_k r0 1\nexit"));
	assert_false(clean("neg32 r0\nexit"));
	assert_false(clean("be16 r0\nexit"));
	assert_false(clean("stxdw [r10-8] r4\nmov64_k r0 0\nexit"));
	assert_false(clean("stdw [r4] 1\nmov64_k r0 0\nexit"));
	assert_false(clean("jeq_k r5 0 +0\nmov64_k r0 0\nexit"));
	assert_false(clean("jeq_k r1 0 over\nmov64_k r6 1\nover:\nmov64_x r0 r6\nexit"));
	assert_false(clean("stdw [r10-8] 1\nmov64_k r3 1\ncmpxchg64 [r10-8] r3\nexit")); /* r0 */
	assert_false(clean("stdw [r10-8] 1\nadd64_atomic [r10-8] r3\nmov64_k r0 0\nexit"));
	/* entered in the middle, read at the top */
	assert_false(
		clean("mov64_k r0 0\nja mid\ntop:\nmov64_x r0 r6\nexit\nmid:\njeq_k r1 0 top\nmov64_k r6 1\nja top"));
	assert_false(clean("call_local fn\nexit\nfn:\nmov64_x r0 r6\nexit"));
	assert_false(clean("mov64_k r0 0\ncall_local fn\nexit\nfn:\nexit")); /* r0 is what the call returns */
	assert_false(clean("mov64_k r1 0\nmov64_k r2 8\ncall 6\nexit"));     /* printk takes r3 to r5 */
	assert_false(clean("mov64_k r2 0\ncall 1\nmov64_x r0 r3\nexit"));
	/* the second call of a subprogram knows less than the first */
	assert_false(clean("mov64_k r6 1\ncall_local fn\nexit\nfn:\nmov64_x r0 r7\nexit"));
	assert_false(clean("jeq_k r1 0 other\nmov64_k r7 1\ncall_local fn\nexit\nother:\ncall_local fn\nexit\n"
			   "fn:\nmov64_x r0 r7\nexit"));
}

static void test_decode_plain(void **state)
{
	(void)state;
	assert_true(entry_of("mov64_k r0 0\nexit") & EBPF_ENTRY_PLAIN);
	assert_true(entry_of("mov64_k r3 7\nmov64_x r0 r3\ntop:\nadd64_k r0 1\njlt_k r0 9 top\nexit") &
		    EBPF_ENTRY_PLAIN);
	assert_false(entry_of("mov64_x r0 r1\nexit") & EBPF_ENTRY_PLAIN);
	assert_false(entry_of("mov64_x r0 r2\nexit") & EBPF_ENTRY_PLAIN);
	assert_false(entry_of("mov64_x r0 r10\nexit") & EBPF_ENTRY_PLAIN);
	assert_false(entry_of("call 5\nexit") & EBPF_ENTRY_PLAIN);
	assert_false(entry_of("mov64_k r0 0\nstxdw [r10-8] r0\nexit") & EBPF_ENTRY_PLAIN);
	assert_false(entry_of("mov64_k r0 0\ncall_local fn\nexit\nfn:\nmov64_k r0 0\nexit") & EBPF_ENTRY_PLAIN);
	assert_false(entry_of("exit") & EBPF_ENTRY_PLAIN);
}

static void test_decode_stack(void **state)
{
	(void)state;
	assert_int_equal(stack("mov64_k r0 0\nexit"), 8);
	assert_int_equal(stack("mov64_k r0 0\nstw [r10-12] 0\nexit"), 16);
	assert_int_equal(stack("ldxdw r0 [r10-40]\nexit"), 40);
	assert_int_equal(stack("mov64_x r2 r10\nadd64_k r2 -24\nmov64_k r0 0\nexit"), 24);
	assert_int_equal(stack("mov64_x r2 r10\nmov64_k r0 0\nexit"), 8);
	assert_int_equal(stack("mov64_k r0 0\nstdw [r10-512] 0\nexit"), EBPF_ENTRY_STACK_MAX);
	assert_int_equal(stack("mov64_k r0 0\nstdw [r10-32768] 0\nexit"), 8); /* never right, so not cleared for it */
	assert_int_equal(stack("mov64_k r0 0\nstdw [r10+16] 0\nexit"), 8);
}

/* Nothing is called, nothing goes back, and the operations are those that leaf.c has. */
static void test_decode_leaf(void **state)
{
	static const struct {
		const char *listing;
		bool leaf;
	} cases[] = {
		{"mov64_k r0 0\nexit", true},
		{"ldxdw r0 [r1+80]\nexit", true},
		{"mov64_x r0 r10\nstxdw [r0-8] r1\nldxdw r0 [r10-8]\nexit", true},
		{"mov64_k r3 1\nstxdw [r10-8] r3\nadd64_fetch [r10-8] r3\nmov64_x r0 r3\nexit", true},
		{"lddw r0 5\njeq_k r1 0 out\nmul64_k r0 3\nout:\nexit", true},
		{"mov64_k r0 0\nja over\ndead:\nja dead\nover:\nexit", true}, /* as the verifier leaves it */
		{"mov64_k r0 0\ntop:\nadd64_k r0 1\njlt_k r0 9 top\nexit", false},
		{"mov64_x r0 r2\nexit", false},
		{"mov64_k r2 1\nmov64_x r0 r2\nexit", true},
		{"jeq_k r1 0 over\nmov64_k r2 1\nover:\nmov64_x r0 r2\nexit", false},
		{"mov64_x r0 r3\nexit", false},
		{"call 5\nexit", false},
		{"mov64_k r1 1\ncall_local fn\nexit\nfn:\nmov64_x r0 r1\nexit", false},
		{"mov64_k r0 8\nsdiv64_k r0 3\nexit", false},
		{"mov64_k r0 8\nsmod32_k r0 3\nexit", false},
		{"mov64_k r0 8\nbe64 r0\nexit", false},
		{"mov64_k r0 8\nbswap32 r0\nexit", false},
		{"mov64_k r0 8\nstxdw [r10-8] r0\ncmpxchg64 [r10-8] r0\nexit", false},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (engine_load_leaf(cases[i].listing) != cases[i].leaf)
			fail_msg("%s: leaf must be %d", cases[i].listing, cases[i].leaf);
}

static const void *code_of(enum ebpf_op_index row, enum ebpf_op_variant variant)
{
	struct ebpf_labels labels;

	ebpf_interp_labels(&labels);
	return labels.base + labels.rows[row][variant];
}

/* Unchecked is only what lies in the cleared part of a frame, whatever the program does. */
static void test_decode_checked(void **state)
{
	static const struct {
		int off;
		enum ebpf_op_variant variant;
	} cases[] = {{-8, EBPF_OP_FRAME},      {-64, EBPF_OP_FRAME},	{-60, EBPF_OP_BARE},
		     {-65, EBPF_OP_CHECKED},   {-72, EBPF_OP_CHECKED},	{-7, EBPF_OP_CHECKED},
		     {-1, EBPF_OP_CHECKED},    {0, EBPF_OP_CHECKED},	{8, EBPF_OP_CHECKED},
		     {-512, EBPF_OP_CHECKED},  {-520, EBPF_OP_CHECKED}, {32767, EBPF_OP_CHECKED},
		     {-32768, EBPF_OP_CHECKED}};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char listing[128];

		snprintf(listing, sizeof(listing), "stdw [r10-64] 0\nldxdw r0 [r10%+d]\nexit", cases[i].off);
		engine_load(listing);
		assert_ptr_equal(engine_ops[1].code, code_of(EBPF_OP_LDXDW, cases[i].variant));
	}
	engine_load("ldxdw r0 [r1-8]\nexit");
	assert_ptr_equal(engine_ops[0].code, code_of(EBPF_OP_LDXDW, EBPF_OP_CHECKED));
	engine_load("mov64_k r3 1\nadd64_atomic [r10-8] r3\nmov64_k r0 0\nexit");
	assert_ptr_equal(engine_ops[1].code, code_of(EBPF_OP_ADD64_ATOMIC, EBPF_OP_CHECKED));
	engine_prog.checked = false;
	engine_load("ldxdw r0 [r1-8]\nexit");
	assert_ptr_equal(engine_ops[0].code, code_of(EBPF_OP_LDXDW, EBPF_OP_BARE));
}

static void test_decode_slices(void **state)
{
	static const char listing[] =
		"mov64_k r6 0\nlddw r1 5\ntop:\nadd64_k r6 1\ncall_local fn\njlt_k r6 9 top\nexit\n"
		"fn:\nldxdw r0 [r10-16]\nexit";

	(void)state;
	for (uint32_t slice = 1; slice < 32; slice++) {
		uint32_t count = engine_assemble(listing), steps = 0;
		struct ebpf_op *ops = malloc(count * sizeof(*ops));
		struct ebpf_decoder decoder = {.insns = engine_insns,
					       .count = count,
					       .checked = true,
					       .helper_of = ebpf_helper_of,
					       .ops = ops};

		assert_non_null(ops);
		engine_prog.entry = ebpf_decode(engine_insns, count, false, engine_ops);
		while (!ebpf_decode_step(&decoder, slice))
			assert_true(++steps <= 3 * count);
		assert_int_equal(decoder.entry, engine_prog.entry);
		assert_memory_equal(ops, engine_ops, count * sizeof(*ops));
		free(ops);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_decode_clean),   TEST(test_decode_unclean), TEST(test_decode_plain),	TEST(test_decode_stack),
		TEST(test_decode_checked), TEST(test_decode_leaf),    TEST(test_decode_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
