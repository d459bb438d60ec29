/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structural check as an interface: slices, sizes, helper tables, where the
 * fault is. What it refuses and why is in tests/isa/refused.data.
 */
#include "check_insn.h"
#include "engine.h"
#include "limits.h"
#include "opcodes.h"
#include "uapi/errno.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct bpf_insn exit_insn = {.code = BPF_JMP | BPF_EXIT};
static struct ebpf_check_result result;

static void test_check_insn_sizes(void **state)
{
	struct bpf_insn *insns = calloc(EBPF_MAX_INSNS + 1, sizeof(*insns));

	(void)state;
	assert_non_null(insns);
	assert_int_equal(ebpf_check_insns(insns, 0, false, &result), -EINVAL);
	assert_string_equal(result.reason, "program has no instructions");
	for (uint32_t i = 0; i <= EBPF_MAX_INSNS; i++)
		insns[i] = exit_insn;
	assert_int_equal(ebpf_check_insns(insns, 1, false, &result), 0);
	assert_int_equal(ebpf_check_insns(insns, EBPF_MAX_INSNS, false, &result), 0);
	assert_int_equal(ebpf_check_insns(insns, EBPF_MAX_INSNS + 1, false, &result), -EINVAL);
	assert_int_equal(ebpf_check_insns(insns, UINT32_MAX, false, &result), -EINVAL);
	free(insns);
}

static void test_check_insn_reports_place(void **state)
{
	(void)state;
	engine_assemble("lddw r1 5\nmov64_k r0 0\nmov64_x r0 r12\nexit");
	assert_int_equal(ebpf_check_insns(engine_insns, 5, false, &result), -EINVAL);
	assert_int_equal(result.pc, 3);
	assert_string_equal(result.reason, "R12 is invalid");
	engine_assemble("lddw r1 5\njne_k r1 5 +7\nmov64_k r0 0\nexit");
	assert_int_equal(ebpf_check_insns(engine_insns, 5, false, &result), -EINVAL);
	assert_int_equal(result.pc, 2);
	assert_string_equal(result.reason, "jump out of range");
	engine_assemble("call_local +1\nexit\nmov64_k r0 0");
	assert_int_equal(ebpf_check_insns(engine_insns, 3, false, &result), -EINVAL);
	assert_int_equal(result.pc, 2);
}

/* Any slicing gives the same verdict. */
static void test_check_insn_slices(void **state)
{
	static const char *const listings[] = {
		"mov64_k r0 0\nlddw r1 5\ncall_local fn\nexit\nfn:\njeq_k r1 5 +1\nja +0\nexit",
		"mov64_k r0 0\nlddw r1 5\nja -2\nexit",
		"mov64_k r0 0\nmov64_k r10 0\nexit",
	};

	(void)state;
	for (unsigned int n = 0; n < 3; n++)
		for (uint32_t slice = 1; slice < 20; slice++) {
			struct ebpf_check_result whole = {0}, sliced = {0};
			uint32_t count = engine_assemble(listings[n]), steps = 0;
			struct ebpf_check check = {
				.insns = engine_insns, .count = count, .helper_of = ebpf_helper_of, .result = &sliced};
			int err = ebpf_check_insns(engine_insns, count, false, &whole), step;

			while ((step = ebpf_check_step(&check, slice)) == -ERESTART)
				assert_true(++steps <= 2 * count);
			assert_int_equal(step, err);
			assert_int_equal(sliced.pc, whole.pc);
			assert_ptr_equal(sliced.reason, whole.reason);
		}
}

static void test_check_insn_helpers(void **state)
{
	(void)state;
	engine_assemble("call 1\nexit");
	assert_int_equal(ebpf_check_insns(engine_insns, 2, false, &result), 0);
	/* Linux has it, mbpf does not (yet): another sentence than for what nobody has */
	for (int32_t id = 1; id < 220; id++) {
		bool here = ebpf_helper_of((uint32_t)id, false), named = ebpf_helper_name((uint32_t)id);

		engine_insns[0].imm = id;
		assert_int_equal(ebpf_check_insns(engine_insns, 2, false, &result), here ? 0 : -EINVAL);
		if (!here)
			assert_string_equal(result.reason, named ? "program of this type cannot use this helper"
								 : "invalid func unknown");
	}
	engine_insns[0].imm = -1;
	assert_int_equal(ebpf_check_insns(engine_insns, 2, false, &result), -EINVAL);
}

/* Rows and codes agree: each row is found by its own selector, and only then. */
static void test_check_insn_rows(void **state)
{
	(void)state;
	for (int i = 0; i < EBPF_NR_OPS; i++) {
		const struct ebpf_opcode *opcode = &ebpf_opcodes[i];
		struct bpf_insn insn = {.code = opcode->code};

		if (opcode->field == EBPF_FIELD_OFF)
			insn.off = opcode->value;
		if (opcode->field == EBPF_FIELD_IMM)
			insn.imm = opcode->value;
		if (opcode->field == EBPF_FIELD_SRC)
			insn.src_reg = opcode->value & 15;
		assert_int_equal(ebpf_opcode_find(&insn), i);
		assert_true(ebpf_opcode_known(opcode->code));
	}
	for (unsigned int code = 0; code < 256; code++) {
		struct bpf_insn insn = {.code = (uint8_t)code, .off = 1234, .imm = 4321, .src_reg = 13};
		int row = ebpf_opcode_find(&insn);

		if (row >= 0)
			assert_int_equal(ebpf_opcodes[row].field, EBPF_FIELD_NONE);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_check_insn_sizes),   TEST(test_check_insn_reports_place), TEST(test_check_insn_slices),
		TEST(test_check_insn_helpers), TEST(test_check_insn_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
