/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Helpers that call back: bpf_loop() and bpf_for_each_map_elem(), each program
 * once as the verifier lets it through and once with run-time checks.
 */
#include "world.h"

#include "decode.h"
#include "obj.h"
#include "prog.h"
#include "run.h"

#define FD 3u
#define MAP 10u

static struct ebpf_run run;
static _Alignas(16) uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];
static struct ebpf_pt_regs regs;

static void *obj_of(uint32_t fd)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(PROC, fd, 0, &err);

	assert_non_null(obj);
	ebpf_obj_put(obj);
	return obj;
}

static int run_once(uint64_t budget, uint64_t *r0)
{
	memset(&run, 0, sizeof(run));
	memset(stack, 0x5a, sizeof(stack));
	run.prog = obj_of(FD);
	run.ctx = (uint8_t *)&regs;
	run.ctx_size = sizeof(regs);
	run.arg[0] = (uintptr_t)&regs;
	run.stack = stack;
	run.budget = (int64_t)budget;
	return ebpf_run(&run, r0);
}

static void checked(bool on)
{
	struct ebpf_prog *prog = obj_of(FD);

	prog->checked = on;
	if (on)
		prog->entry = ebpf_decode(prog->insns, prog->insn_cnt, false, prog->ops);
}

static void load(const struct bpf_insn *insns, uint32_t cnt)
{
	if (prog_load(insns, cnt, FD) != FD)
		fail_msg("refused: %s", world_log());
}

/* Both ways; the last run is left in `run`. */
static uint64_t result_of(const struct bpf_insn *insns, uint32_t cnt)
{
	uint64_t plain, with_checks;

	load(insns, cnt);
	assert_int_equal(run_once(EBPF_RUN_BUDGET, &plain), 0);
	assert_int_equal(run.leftovers, 0);
	checked(true);
	if (run_once(EBPF_RUN_BUDGET, &with_checks))
		fail_msg("stopped: %s at %u", run.fault, run.fault_pc);
	assert_int_equal(run.leftovers, 0);
	assert_int_equal(plain, with_checks);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	return plain;
}

#define LD_FUNC(d, distance) LD_REF(d, BPF_PSEUDO_FUNC, distance, 0)
#define ADD64_REG(d, s) INSN(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)

/* for (i = 0; i < n && i < stop; i++) sum += i; r0 = sum << 32 | calls */
#define SUM(n, stop, flags)                                                                                            \
	{                                                                                                              \
		ST(BPF_DW, 10, -8, 0), MOV64_IMM(1, n), LD_FUNC(2, 9), MOV64_REG(3, 10), ADD64_IMM(3, -8),             \
			MOV64_IMM(4, flags), CALL(BPF_FUNC_loop), LDX(BPF_DW, 1, 10, -8),                              \
			INSN(BPF_ALU64 | BPF_LSH | BPF_K, 1, 0, 0, 32), ADD64_REG(0, 1), EXIT(), /* the callback: */   \
			LDX(BPF_DW, 3, 2, 0), ADD64_REG(3, 1), STX(BPF_DW, 2, 3, 0), MOV64_IMM(0, 0),                  \
			INSN(BPF_JMP | BPF_JLT | BPF_K, 1, 0, 1, (stop)-1), MOV64_IMM(0, 1), EXIT()                    \
	}

static void test_loop_runs_and_stops(void **state)
{
	const struct bpf_insn all[] = SUM(100, 1000, 0), some[] = SUM(100, 10, 0), none[] = SUM(0, 10, 0);
	const struct bpf_insn many[] = SUM((1 << 23) + 1, 10, 0), flags[] = SUM(5, 10, 1);

	(void)state;
	assert_int_equal(result_of(all, COUNT(all)), 4950ull << 32 | 100);
	assert_int_equal(result_of(some, COUNT(some)), 45ull << 32 | 10);
	assert_int_equal(result_of(none, COUNT(none)), 0);
	assert_int_equal((int32_t)result_of(many, COUNT(many)), -E2BIG);
	assert_int_equal((int32_t)result_of(flags, COUNT(flags)), -EINVAL);
}

/* Each call of the callback is paid for: a loop ends with the budget, exactly, and the next run is a new one. */
static void test_loop_pays(void **state)
{
	const struct bpf_insn forever[] = SUM(1 << 23, 1 << 24, 0);
	const struct bpf_insn little[] = SUM(10, 100, 0);
	uint64_t r0;

	(void)state;
	load(forever, COUNT(forever));
	for (int i = 0; i < 2; i++) {
		checked(i);
		assert_int_equal(run_once(EBPF_RUN_BUDGET, &r0), -ETIMEDOUT);
		assert_int_equal(run.leftovers, 0);
		assert_in_range(ebpf_run_executed(&run), EBPF_RUN_BUDGET - 10, EBPF_RUN_BUDGET + 10);
	}
	assert_int_equal(ebpf_call_close(PROC, FD), 0);

	load(little, COUNT(little));
	assert_int_equal(run_once(EBPF_RUN_BUDGET, &r0), 0);
	/* 7 before and the helper call, per call 6 and the return to the helper call, 4 after it; a wide load is two */
	assert_int_equal(ebpf_run_executed(&run), 8 + 10 * 7 + 4);
	assert_int_equal(run_once(8 + 10 * 7 + 4, &r0), 0);
	assert_int_equal(run_once(8 + 9 * 7, &r0), -ETIMEDOUT); /* calls look at the budget, what follows does not */
}

/* A loop in a loop in a loop; the frames' r6 to r9 and stacks are their own. */
static void test_loop_nested(void **state)
{
	const struct bpf_insn insns[] = {/* 0 */ ST(BPF_DW, 10, -8, 0),
					 MOV64_IMM(6, 77),
					 MOV64_IMM(1, 3),
					 LD_FUNC(2, 8),
					 MOV64_REG(3, 10),
					 ADD64_IMM(3, -8),
					 MOV64_IMM(4, 0),
					 CALL(BPF_FUNC_loop),
					 /* 9 */ LDX(BPF_DW, 0, 10, -8),
					 ADD64_REG(0, 6),
					 EXIT(),
					 /* 12: outer(i, ctx) */ MOV64_REG(6, 1),
					 MOV64_REG(3, 2),
					 MOV64_IMM(1, 4),
					 LD_FUNC(2, 5),
					 MOV64_IMM(4, 0),
					 CALL(BPF_FUNC_loop),
					 MOV64_IMM(0, 0),
					 EXIT(),
					 /* 21: inner(j, ctx): ctx += 10 */ MOV64_IMM(6, 5),
					 LDX(BPF_DW, 3, 2, 0),
					 ADD64_IMM(3, 10),
					 STX(BPF_DW, 2, 3, 0),
					 MOV64_IMM(0, 0),
					 EXIT()};

	(void)state;
	assert_int_equal(result_of(insns, COUNT(insns)), 3 * 4 * 10 + 77);
}

/* r0 = calls << 32 | sum of (key + value), or the first one's key + value and a stop. */
#define EACH(stop)                                                                                                     \
	{                                                                                                              \
		ST(BPF_DW, 10, -8, 0), LD_REF(1, BPF_PSEUDO_MAP_FD, MAP, 0), LD_FUNC(2, 9), MOV64_REG(3, 10),          \
			ADD64_IMM(3, -8), MOV64_IMM(4, 0), CALL(BPF_FUNC_for_each_map_elem),                           \
			INSN(BPF_ALU64 | BPF_LSH | BPF_K, 0, 0, 0, 32), LDX(BPF_DW, 1, 10, -8), ADD64_REG(0, 1),       \
			EXIT(), /* the callback: */                                                                    \
			LDX(BPF_W, 5, 2, 0), LDX(BPF_DW, 3, 3, 0), ADD64_REG(5, 3), LDX(BPF_DW, 3, 4, 0),              \
			ADD64_REG(5, 3), STX(BPF_DW, 4, 5, 0), MOV64_IMM(0, stop), EXIT()                              \
	}

static void test_for_each_of_all_types(void **state)
{
	static const uint32_t types[] = {BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH, BPF_MAP_TYPE_ARRAY};
	const struct bpf_insn all[] = EACH(0), first[] = EACH(1);

	(void)state;
	for (uint32_t t = 0; t < COUNT(types); t++) {
		uint64_t sum = 0, n = types[t] == BPF_MAP_TYPE_ARRAY ? 64 : 8;

		assert_int_equal(map_create(types[t], 4, 8, 64, MAP), MAP);
		if (n == 8) /* elements that have gone are not met */
			for (uint64_t i = 0; i < 40; i++)
				assert_int_equal(put(MAP, i, 1), 0);
		for (uint64_t i = 0; i < 64; i++) {
			if (n == 64 || i % 5 == 0)
				sum += i + (n == 64 ? i : 1);
			if (n == 64)
				assert_int_equal(put(MAP, i, i), 0);
			else if (i < 40 && i % 5)
				assert_int_equal(elem(BPF_MAP_DELETE_ELEM, MAP, (user_put64(U_DATA, i), U_DATA), 0, 0),
						 0);
			else if (i >= 40 && i % 5 == 0)
				sum -= i + 1;
		}
		assert_int_equal(result_of(all, COUNT(all)), n << 32 | sum);
		assert_int_equal(result_of(first, COUNT(first)) >> 32, 1);
		assert_int_equal(ebpf_call_close(PROC, MAP), 0);
	}
}

/* This hart's values; the map is empty first. */
static void test_for_each_percpu(void **state)
{
	static const uint32_t types[] = {BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH,
					 BPF_MAP_TYPE_PERCPU_ARRAY};
	const struct bpf_insn all[] = EACH(0);

	(void)state;
	host_hart_count = 4;
	for (uint32_t t = 0; t < COUNT(types); t++) {
		bool array = types[t] == BPF_MAP_TYPE_PERCPU_ARRAY;

		assert_int_equal(map_create(types[t], 4, 8, 4, MAP), MAP);
		assert_int_equal(result_of(all, COUNT(all)), array ? 4ull << 32 | 6 : 0);
		user_put64(U_DATA, 3);
		for (uint32_t hart = 0; hart < ebpf_plat_hart_count(); hart++)
			user_put64(U_DATA + 8 + 8 * hart, 100 + hart);
		assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, MAP, U_DATA, U_DATA + 8, BPF_ANY), 0);
		host_hart = 1;
		assert_int_equal(result_of(all, COUNT(all)), array ? 4ull << 32 | (6 + 101) : 1ull << 32 | (3 + 101));
		host_hart = 0;
		assert_int_equal(ebpf_call_close(PROC, MAP), 0);
	}
	host_hart_count = 1;
}

/* The callback deletes what it is shown: each element once, and none is left. */
static void test_for_each_deletes(void **state)
{
	const struct bpf_insn insns[] = {LD_REF(1, BPF_PSEUDO_MAP_FD, MAP, 0),
					 LD_FUNC(2, 5),
					 MOV64_IMM(3, 0),
					 MOV64_IMM(4, 0),
					 CALL(BPF_FUNC_for_each_map_elem),
					 EXIT(),
					 /* 8: the callback */ CALL(BPF_FUNC_map_delete_elem),
					 MOV64_IMM(0, 0),
					 EXIT()};
	uint64_t r0, value;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, 8, 5000, MAP), MAP);
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(put(MAP, i, i), 0);
	load(insns, COUNT(insns));
	assert_int_equal(run_once(EBPF_RUN_BUDGET, &r0), 0);
	assert_int_equal(r0, 5000);
	assert_int_equal(get(MAP, 4999, &value), -ENOENT);
	/* nothing to be found takes its time, a little for each place */
	assert_int_equal(run_once(EBPF_RUN_BUDGET, &r0), 0);
	assert_int_equal(r0, 0);
	assert_in_range(ebpf_run_executed(&run), 5000 / 16, 5000 / 16 + 20);
	checked(true);
	assert_int_equal(put(MAP, 7, 7), 0);
	assert_int_equal(run_once(EBPF_RUN_BUDGET, &r0), 0);
	assert_int_equal(r0, 1);
}

/* What an unverified program can do wrong is stopped by the run-time checks. */
static void test_loop_checked_arguments(void **state)
{
	struct bpf_insn insns[] = {MOV64_IMM(1, 3),	LD_FUNC(2, 5), MOV64_IMM(3, 0), MOV64_IMM(4, 0),
				   CALL(BPF_FUNC_loop), EXIT(),	       MOV64_IMM(0, 0), EXIT()};
	struct ebpf_prog *prog;
	uint64_t r0;

	(void)state;
	load(insns, COUNT(insns));
	checked(true);
	assert_int_equal(run_once(EBPF_RUN_BUDGET, &r0), 0);
	assert_int_equal(r0, 3);
	prog = obj_of(FD);
	for (unsigned int i = 0; i < 4; i++) {
		const uint64_t wrong[] = {0, (uintptr_t)prog->ops, (uintptr_t)(prog->ops + 1) + 8,
					  (uintptr_t)(prog->ops + prog->insn_cnt)};

		prog->insns[1] = INSN(BPF_LD | BPF_IMM | BPF_DW, 2, 0, 0, (int32_t)wrong[i]);
		prog->insns[2].imm = (int32_t)(wrong[i] >> 32);
		checked(true);
		assert_int_equal(run_once(EBPF_RUN_BUDGET, &r0), -EFAULT);
		assert_string_equal(run.fault, "helper argument: not a function of this program");
	}
}

/* Frames are as few as without callbacks. */
static void test_loop_depth(void **state)
{
	struct bpf_insn insns[] = {/* 0 */ MOV64_IMM(1, 1), LD_FUNC(2, -2),	 MOV64_IMM(3, 0),
				   MOV64_IMM(4, 0),	    CALL(BPF_FUNC_loop), EXIT()};
	uint64_t r0;

	(void)state;
	/* by itself: the verifier says no, so the checked interpreter gets it by hand */
	assert_true(prog_load(insns, COUNT(insns), FD) < 0);
	insns[1].imm = 5;
	load((const struct bpf_insn[]){insns[0], insns[1], insns[2], insns[3], insns[4], insns[5], EXIT(),
				       MOV64_IMM(0, 0), EXIT()},
	     9);
	((struct ebpf_prog *)obj_of(FD))->insns[1].imm = -2;
	checked(true);
	assert_int_equal(run_once(EBPF_RUN_BUDGET, &r0), -EINVAL);
	assert_non_null(strstr(run.fault, "too deep"));
	assert_int_equal(run.leftovers, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_loop_runs_and_stops),	   CASE(test_loop_pays),       CASE(test_loop_nested),
		CASE(test_for_each_of_all_types),  CASE(test_for_each_percpu), CASE(test_for_each_deletes),
		CASE(test_loop_checked_arguments), CASE(test_loop_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
