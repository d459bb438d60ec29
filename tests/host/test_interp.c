/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interpreter beyond single instructions (those are tests/isa): maps, what a
 * fault reports, regions, harts at once, and random programs, which must end
 * without touching anything that is not theirs (the sanitizer watches).
 */
#include "engine.h"
#include "opcodes.h"
#include "platform_host.h"
#include "uapi/errno.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* ---------------------------------------------------------------------- maps */

static struct ebpf_map *maps[2];

static struct ebpf_map *make_map(unsigned int index, uint32_t type, uint32_t value_size, uint32_t entries,
				 uint32_t flags)
{
	union bpf_attr attr = {.map_type = type, .key_size = 4};
	struct ebpf_map *map;

	attr.value_size = value_size;
	attr.max_entries = entries;
	attr.map_flags = flags;
	assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
	while (!ebpf_map_prepare(map))
		;
	maps[index] = map;
	engine_prog.maps[engine_prog.nr_maps++] = map;
	return map;
}

static int map_setup(void **state)
{
	host_reset();
	host_arena_init(1u << 20);
	return engine_setup(state);
}

static int map_teardown(void **state)
{
	for (unsigned int i = 0; i < 2; i++) {
		if (maps[i])
			maps[i]->obj.release(&maps[i]->obj);
		maps[i] = NULL;
	}
	return engine_teardown(state);
}

/* `after` runs with r0 = value of `key` in map `index`; 0 if there is none. */
static int with_value(unsigned int index, uint32_t key, const char *after)
{
	char listing[2048];

	snprintf(listing, sizeof(listing),
		 "stw [r10-4] %u\n"
		 "mov64_x r2 r10\n"
		 "add64_k r2 -4\n"
		 "lddw r1 0x%llx\n"
		 "call 1\n"
		 "jne_k r0 0 found\n"
		 "mov64_k r0 -77\n"
		 "exit\n"
		 "found:\n"
		 "%s\n",
		 key, (unsigned long long)(uintptr_t)maps[index], after);
	return engine(listing);
}

static void test_interp_map_counter(void **state)
{
	uint64_t *values;

	(void)state;
	values = (uint64_t *)(void *)make_map(0, BPF_MAP_TYPE_ARRAY, 8, 4, 0)->values;
	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal(with_value(0, 2,
					    "ldxdw r3 [r0]\nadd64_k r3 1\nstxdw [r0] r3\nmov64_k r3 100\n"
					    "add64_atomic [r0] r3\nldxdw r0 [r0]\nexit"),
				 0);
	assert_int_equal(values[2], 1010);
	assert_int_equal(engine_r0, 1010);
	assert_int_equal(values[1], 0);
	assert_int_equal(values[3], 0);
	assert_int_equal(with_value(0, 4, "exit"), 0);
	assert_int_equal((int64_t)engine_r0, -77);
}

/*
 * What is executed at once does what its instructions do, with run-time checks,
 * without and as a leaf program, and also for a jump into its middle.
 */
static unsigned int leaves;

static void both_ways(const char *listing, uint64_t expected)
{
	for (unsigned int checked = 0; checked < 2; checked++) {
		engine_prog.checked = checked;
		assert_int_equal(engine(listing), 0);
		if (engine_r0 != expected)
			fail_msg("%s checks, %s: %llx", checked ? "with" : "without", listing,
				 (unsigned long long)engine_r0);
	}
	if (!engine_load_leaf(listing))
		return;
	leaves++;
	engine_r0 = ~expected;
	assert_int_equal(ebpf_run(&engine_run, &engine_r0), 0);
	if (engine_r0 != expected)
		fail_msg("leaf, %s: %llx", listing, (unsigned long long)engine_r0);
}

#define LOOK_UP "mov64_x r2 r10\nadd64_k r2 -4\nlddw r1 0x%1$llx\ncall 1\njeq_k r0 0 none\n"
#define ANSWER "ldxdw r0 [r0]\nexit\nnone:\nmov32_k r0 77\nexit"

static void lookups(uint32_t type, const char *code, uint64_t expected)
{
	struct ebpf_map *map = make_map(0, type, 8, 4, 0);
	uint64_t values[] = {5, 6};
	char listing[512];

	for (uint32_t key = 0; key < 2; key++)
		assert_int_equal(ebpf_map_update_elem(map, &key, &values[key], 0), 0);
	snprintf(listing, sizeof(listing), code, (unsigned long long)(uintptr_t)map);
	both_ways(listing, expected);
	map->obj.release(&map->obj);
	maps[0] = NULL;
	engine_prog.nr_maps = 0;
}

static void test_interp_at_once(void **state)
{
	static const uint32_t types[] = {BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH};

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		lookups(types[i], "stw [r10-4] 1\n" LOOK_UP ANSWER, 6);
		lookups(types[i], "mov64_k r6 1\nstxw [r10-4] r6\n" LOOK_UP ANSWER, 6);
		lookups(types[i], "stw [r10-4] 9\n" LOOK_UP ANSWER, 77);
		lookups(types[i], "mov32_k r1 1\nstxw [r10-4] r1\n" LOOK_UP ANSWER, 6);
		lookups(types[i], "mov64_k r5 -1\nstxw [r10-4] r5\n" LOOK_UP ANSWER, 77);
		/* the key is in the frame, and no more than the key */
		lookups(types[i],
			"stdw [r10-8] -1\nmov64_k r3 1\nstxw [r10-4] r3\n" LOOK_UP "ldxdw r0 [r10-8]\nexit\n"
			"none:\nmov64_k r0 0\nexit",
			0x1ffffffff);
		/* another key's place */
		lookups(types[i], "stw [r10-4] 1\nstw [r10-8] 0\n" LOOK_UP ANSWER, 6);
		/* jumps to the second slot and further into it */
		lookups(types[i], "mov64_k r3 0\nja second\nmov64_k r3 1\nsecond:\nstxw [r10-4] r3\n" LOOK_UP ANSWER,
			5);
		lookups(types[i],
			"stw [r10-8] 0\nstw [r10-4] 0\njne_k r10 0 third\nstw [r10-4] 1\nthird:\n" LOOK_UP ANSWER, 5);
		/* r2 from elsewhere, and a jump to where it is taken */
		lookups(types[i],
			"stw [r10-8] 0\nstw [r10-4] 1\nmov64_x r2 r10\nadd64_k r2 -8\nja middle\n"
			"mov64_x r2 r10\nadd64_k r2 -4\nmiddle:\nlddw r1 0x%1$llx\ncall 1\njeq_k r0 0 none\n" ANSWER,
			5);
		/* the value is the sum of what was there and r6 .. */
		lookups(types[i],
			"stw [r10-4] 1\nstdw [r10-16] 9\nmov64_x r2 r10\nadd64_k r2 -4\nmov64_x r3 r10\nadd64_k r3 "
			"-16\n"
			"lddw r1 0x%1$llx\nmov64_k r4 2\ncall 2\nmov64_x r6 r0\n" LOOK_UP
			"ldxdw r0 [r0]\nadd64_x r0 r6\nexit\nnone:\nexit",
			9);
		/* BPF_NOEXIST for what exists */
		lookups(types[i],
			"stw [r10-4] 1\nstdw [r10-16] 9\nmov64_x r2 r10\nadd64_k r2 -4\nmov64_x r3 r10\nadd64_k r3 "
			"-16\n"
			"lddw r1 0x%1$llx\nmov64_k r4 1\ncall 2\nexit",
			(uint64_t)-EEXIST);
	}
	assert_int_equal(leaves, 9); /* those in an array that nobody jumps into */
}

static void test_interp_constants_at_once(void **state)
{
	(void)state;
	both_ways("mov64_k r0 -1\nexit", UINT64_MAX);
	both_ways("mov32_k r0 -1\nexit", UINT32_MAX);
	both_ways("mov32_k r0 5\nexit", 5);
	both_ways("mov64_k r0 3\nja end\nmov64_k r0 -1\nend:\nexit", 3);
	both_ways("mov64_k r1 -2\nstxdw [r10-8] r1\nldxdw r0 [r10-8]\nadd64_x r0 r1\nexit", (uint64_t)-4);
	both_ways("mov32_k r1 -2\nstxdw [r10-8] r1\nldxdw r0 [r10-8]\nadd64_x r0 r1\nexit", 2 * 0xfffffffeull);
	both_ways("stdw [r10-8] -1\nmov64_k r1 -2\nstxw [r10-8] r1\nldxdw r0 [r10-8]\nsub64_x r0 r1\nexit",
		  0xfffffffffffffffeull + 2);
	both_ways("stdw [r10-8] 7\nmov64_x r2 r10\nmov64_k r1 -2\nadd64_atomic [r2-8] r1\nldxdw r0 [r10-8]\n"
		  "sub64_x r0 r1\nexit",
		  7);
	both_ways("stdw [r10-8] 7\nmov64_k r1 1\nja add\nmov64_k r1 5\nadd:\nadd64_atomic [r10-8] r1\n"
		  "ldxdw r0 [r10-8]\nexit",
		  8);
	both_ways("mov64_k r1 1\nja end\nmov64_k r1 5\nend:\nstxdw [r10-8] r1\nldxdw r0 [r10-8]\nexit", 1);
	/* places of the frame that are not aligned */
	both_ways("mov64_k r1 0x1234\nstxdw [r10-13] r1\nldxh r0 [r10-13]\nldxb r2 [r10-6]\nadd64_x r0 r2\nexit",
		  0x1234);
	both_ways("sth [r10-3] 0x102\nldxh r0 [r10-3]\nldxb r2 [r10-3]\nadd64_x r0 r2\nexit", 0x104);
}

/* A value ends at value_size, whatever the distance to the next one. */
static void test_interp_map_bounds(void **state)
{
	static const struct {
		const char *access;
		bool good;
	} cases[] = {
		{"ldxw r0 [r0]\nexit", true},
		{"ldxb r0 [r0+3]\nexit", true},
		{"ldxh r0 [r0+2]\nexit", true},
		{"stb [r0+3] 1\nexit", true},
		{"ldxdw r0 [r0]\nexit", false},
		{"ldxw r0 [r0+1]\nexit", false},
		{"ldxb r0 [r0+4]\nexit", false},
		{"ldxb r0 [r0-1]\nexit", false},
		{"stb [r0+4] 1\nexit", false},
		{"stb [r0-1] 1\nexit", false},
		{"stdw [r0] 1\nexit", false},
		{"stxw [r0+2] r0\nexit", false},
		{"mov64_k r3 1\nadd64_atomic [r0] r3\nexit", false},
		{"mov64_k r3 1\nadd32_atomic [r0] r3\nexit", true},
		/* another slot of the same map is as good, found the long way */
		{"ldxw r3 [r0]\nldxw r0 [r0+8]\nexit", true},
		{"ldxw r3 [r0]\nldxw r0 [r0+16]\nexit", false},
		{"ldxw r0 [r0-16]\nexit", false},
		{"ldxw r0 [r0-8]\nexit", true},
		{"ldxdw r0 [r0+4]\nexit", false},
	};

	(void)state;
	make_map(0, BPF_MAP_TYPE_ARRAY, 4, 3, 0);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int err = with_value(0, 1, cases[i].access);

		if ((err == 0) != cases[i].good)
			fail_msg("%s: %d", cases[i].access, err);
		if (err)
			assert_int_equal(err, -EFAULT);
	}
}

/* Alternating between maps, context and stack always finds the right region. */
static void test_interp_map_regions_alternate(void **state)
{
	uint8_t ctx[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	char after[512];

	(void)state;
	make_map(0, BPF_MAP_TYPE_ARRAY, 8, 1, 0);
	make_map(1, BPF_MAP_TYPE_ARRAY, 16, 2, 0);
	memset(maps[0]->values, 0x11, 8);
	memset(maps[1]->values, 0x22, 32);
	engine_run.ctx = ctx;
	engine_run.ctx_size = sizeof(ctx);
	engine_run.arg[0] = (uintptr_t)ctx;
	snprintf(after, sizeof(after),
		 "lddw r6 0x%llx\nlddw r7 0x%llx\nldxb r3 [r0]\nldxb r4 [r6+15]\nldxb r5 [r0+7]\nldxb r8 [r7+8]\n"
		 "stxb [r6+16] r3\nldxb r9 [r7]\nldxb r2 [r6+16]\nmov64_k r0 0\n"
		 "add64_x r0 r3\nadd64_x r0 r4\nadd64_x r0 r5\nadd64_x r0 r8\nadd64_x r0 r9\nadd64_x r0 r2\nexit",
		 (unsigned long long)(uintptr_t)maps[1]->values, (unsigned long long)(uintptr_t)ctx);
	assert_int_equal(with_value(0, 0, after), 0);
	assert_int_equal(engine_r0, 0x11 + 0x22 + 0x11 + 9 + 1 + 0x11);
	assert_int_equal(maps[1]->values[16], 0x11);
}

static void test_interp_map_readonly(void **state)
{
	(void)state;
	make_map(0, BPF_MAP_TYPE_ARRAY, 8, 1, BPF_F_RDONLY_PROG);
	assert_int_equal(with_value(0, 0, "ldxdw r0 [r0]\nexit"), 0);
	assert_int_equal(with_value(0, 0, "stdw [r0] 1\nexit"), -EFAULT);
	assert_int_equal(with_value(0, 0, "ldxdw r3 [r0]\nstb [r0] 1\nexit"), -EFAULT);
	assert_int_equal(with_value(0, 0, "mov64_k r3 1\nadd64_atomic [r0] r3\nexit"), -EFAULT);
	assert_int_equal(*(uint64_t *)(void *)maps[0]->values, 0);
}

static void test_interp_map_writeonly(void **state)
{
	char listing[256];
	uint64_t addr;

	(void)state;
	addr = (uintptr_t)make_map(0, BPF_MAP_TYPE_ARRAY, 8, 1, BPF_F_WRONLY_PROG)->values;
	snprintf(listing, sizeof(listing), "lddw r3 0x%llx\nstdw [r3] 5\nmov64_k r0 0\nexit", (unsigned long long)addr);
	assert_int_equal(engine(listing), 0);
	assert_int_equal(*(uint64_t *)(void *)maps[0]->values, 5);
	snprintf(listing, sizeof(listing), "lddw r3 0x%llx\nstdw [r3] 6\nldxdw r0 [r3]\nexit",
		 (unsigned long long)addr);
	assert_int_equal(engine(listing), -EFAULT);
	/* an atomic operation reads as well */
	snprintf(listing, sizeof(listing), "lddw r3 0x%llx\nstdw [r3] 7\nadd64_fetch [r3] r3\nexit",
		 (unsigned long long)addr);
	assert_int_equal(engine(listing), -EFAULT);
	assert_int_equal(*(uint64_t *)(void *)maps[0]->values, 7);
}

/* Keys and values of map helpers: in the frame, beside it, elsewhere. */
static void test_interp_map_arguments(void **state)
{
	static const struct {
		const char *key, *value;
		bool good_key, good_value;
	} cases[] = {
		{"mov64_x r2 r10\nadd64_k r2 -4", "mov64_x r3 r10\nadd64_k r3 -24", true, true},
		{"mov64_x r2 r10\nadd64_k r2 -512", "mov64_x r3 r10\nadd64_k r3 -300", true, true},
		{"mov64_x r2 r10\nadd64_k r2 -3", "mov64_x r3 r10\nadd64_k r3 -24", false, true},
		{"mov64_x r2 r10\nadd64_k r2 -4", "mov64_x r3 r10\nadd64_k r3 -15", true, false},
		{"mov64_x r2 r10\nadd64_k r2 -4", "mov64_x r3 r10\nadd64_k r3 -16", true, true},
		{"mov64_x r2 r10\nadd64_k r2 -513", "mov64_x r3 r10\nadd64_k r3 -24", false, true},
		{"mov64_x r2 r10\nadd64_k r2 -4", "mov64_x r3 r10\nadd64_k r3 -520", true, false},
		{"mov64_x r2 r10", "mov64_x r3 r10\nadd64_k r3 -24", false, true},
		{"mov64_k r2 0", "mov64_x r3 r10\nadd64_k r3 -24", false, true},
		{"mov64_k r2 -4", "mov64_x r3 r10\nadd64_k r3 -24", false, true},
		{"mov64_x r2 r10\nadd64_k r2 -4", "mov64_k r3 -16", true, false},
		{"mov64_x r2 r6", "mov64_x r3 r6", true, true},
		{"mov64_x r2 r6\nadd64_k r2 13", "mov64_x r3 r6", false, true},
		{"mov64_x r2 r6\nadd64_k r2 12", "mov64_x r3 r6", true, true},
		{"mov64_x r2 r6", "mov64_x r3 r6\nadd64_k r3 1", true, false},
		{"mov64_x r2 r6", "mov64_x r3 r6\nadd64_k r3 -1", true, false},
	};
	static const uint32_t helpers[] = {BPF_FUNC_map_update_elem, BPF_FUNC_map_lookup_elem,
					   BPF_FUNC_map_delete_elem};
	uint8_t ctx[16] = {0};

	(void)state;
	make_map(0, BPF_MAP_TYPE_HASH, 16, 8, 0);
	engine_run.ctx = ctx;
	engine_run.ctx_size = sizeof(ctx);
	engine_run.arg[0] = (uintptr_t)ctx;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (unsigned int n = 0; n < 3; n++) {
			bool good = cases[i].good_key && (n || cases[i].good_value); /* the value is update's alone */
			char listing[512];

			snprintf(listing, sizeof(listing),
				 "mov64_x r6 r1\n%s\n%s\nlddw r1 0x%llx\nmov64_k r4 0\ncall %u\nmov64_k r0 0\nexit",
				 cases[i].key, cases[i].value, (unsigned long long)(uintptr_t)maps[0], helpers[n]);
			if ((engine(listing) == 0) != good)
				fail_msg("case %u, helper %u: %s", i, helpers[n],
					 good ? engine_run.fault : "not stopped");
		}
}

/* A key longer than what is cleared of the frame when the helper is called. */
static void test_interp_map_key_not_cleared(void **state)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_HASH, .key_size = 200};
	uint8_t zeroes[200] = {0};
	uint64_t value = 5;
	char listing[256];

	(void)state;
	attr.value_size = 8;
	attr.max_entries = 2;
	assert_int_equal(ebpf_map_create(&attr, NULL, &maps[0]), 0);
	while (!ebpf_map_prepare(maps[0]))
		;
	engine_prog.maps[engine_prog.nr_maps++] = maps[0];
	assert_int_equal(ebpf_map_update_elem(maps[0], zeroes, &value, 0), 0);
	memset(engine_stack, 0xa5, sizeof(engine_stack));
	snprintf(listing, sizeof(listing),
		 "mov64_x r2 r10\nmov64_k r3 200\nsub64_x r2 r3\nlddw r1 0x%llx\ncall 1\njeq_k r0 0 out\n"
		 "ldxdw r0 [r0]\nout:\nexit",
		 (unsigned long long)(uintptr_t)maps[0]);
	assert_int_equal(engine(listing), 0);
	assert_int_equal(engine_r0, 5);
}

/* Not every map there is: only the program's own. */
static void test_interp_map_foreign(void **state)
{
	(void)state;
	make_map(0, BPF_MAP_TYPE_ARRAY, 8, 1, 0);
	assert_ptr_equal(ebpf_run_map(&engine_run, (uintptr_t)maps[0]), maps[0]);
	assert_null(ebpf_run_map(&engine_run, (uintptr_t)maps[0] + 8));
	assert_null(ebpf_run_map(&engine_run, 0));
	engine_prog.nr_maps = 0;
	assert_null(ebpf_run_map(&engine_run, (uintptr_t)maps[0]));
	assert_int_equal(with_value(0, 0, "ldxdw r0 [r0]\nexit"), -EFAULT);
	assert_non_null(strstr(engine_run.fault, "not a map"));
	assert_int_equal(engine_run.fault_pc, 5);
}

/* -------------------------------------------------------------------- faults */

static void test_interp_fault_reports(void **state)
{
	(void)state;
	assert_int_equal(engine("mov64_k r1 0x1000\nlddw r2 5\nldxw r0 [r1-16]\nexit"), -EFAULT);
	assert_int_equal(engine_run.fault_pc, 3);
	assert_int_equal(engine_run.fault_addr, 0xff0);
	assert_non_null(engine_run.fault);
	assert_int_equal(ebpf_run_executed(&engine_run), 3);

	assert_int_equal(engine("mov64_k r3 7\ncall_local fn\nexit\nfn:\nadd64_atomic [r10-9] r3\nexit"), -EFAULT);
	assert_int_equal(engine_run.fault_pc, 3);
	assert_int_equal(engine_run.fault_addr,
			 (uintptr_t)engine_stack + (EBPF_MAX_CALL_DEPTH - 1) * EBPF_STACK_SIZE - 9);

	assert_int_equal(engine("call_local fn\nexit\nfn:\ncall_local fn\nexit"), -EINVAL);
	assert_int_equal(engine_run.fault_pc, 2);

	engine_run.budget = 1000;
	assert_int_equal(engine("mov64_k r0 1\ntop:\nja top\nexit"), -ETIMEDOUT);
	assert_int_equal(engine_run.fault_pc, 1);
	assert_int_equal(ebpf_run_executed(&engine_run), 1000);
	engine_run.budget = 0;
	assert_int_equal(engine("mov64_k r0 1\ntop:\nja top\nexit"), -ETIMEDOUT);
	engine_run.budget = EBPF_RUN_BUDGET;

	/* a failed run leaves r0 alone, and the next one works */
	engine_r0 = 99;
	assert_int_equal(engine("mov64_k r0 1\nldxb r0 [r0]\nexit"), -EFAULT);
	assert_int_equal(engine_r0, 99);
	assert_int_equal(engine("mov64_k r0 1\nexit"), 0);
	assert_int_equal(engine_r0, 1);
	assert_null(engine_run.fault);
}

/* Decoding makes slots that cannot be reached lawfully stop the run. */
static void test_interp_trap(void **state)
{
	(void)state;
	engine_load("ja +0\nlddw r0 0x4141414141414141\nexit");
	engine_ops[0].imm = sizeof(engine_ops[0]); /* as if the check had let a jump into the wide instruction pass */
	assert_int_equal(ebpf_run(&engine_run, &engine_r0), -EINVAL);
	assert_int_equal(engine_run.fault_pc, 2);

	engine_insns[1].code = 0; /* not an instruction */
	engine_prog.entry = ebpf_decode(engine_insns, engine_prog.insn_cnt, false, engine_ops);
	assert_int_equal(ebpf_run(&engine_run, &engine_r0), -EINVAL);
	assert_int_equal(engine_run.fault_pc, 1);
}

/* ------------------------------------------------------------------- mem_ok */

static void test_interp_mem_ok(void **state)
{
	static uint8_t ctx[24];
	uint64_t top = (uintptr_t)engine_stack + sizeof(engine_stack), base = (uintptr_t)ctx;

	(void)state;
	engine_run.ctx = ctx;
	engine_run.ctx_size = sizeof(ctx);
	assert_int_equal(engine("mov64_k r0 0\nstdw [r10-8] 1\nexit"), 0);

	assert_true(ebpf_run_mem_ok(&engine_run, base, 24, false));
	assert_false(ebpf_run_mem_ok(&engine_run, base, 25, false));
	assert_false(ebpf_run_mem_ok(&engine_run, base - 1, 2, false));
	assert_false(ebpf_run_mem_ok(&engine_run, base + 24, 1, false));
	assert_false(ebpf_run_mem_ok(&engine_run, base, UINT64_MAX, false));
	assert_false(ebpf_run_mem_ok(&engine_run, base + 1, UINT64_MAX, false));
	assert_false(ebpf_run_mem_ok(&engine_run, base, 24, true));
	engine_run.ctx_writable = true;
	assert_true(ebpf_run_mem_ok(&engine_run, base, 24, true));

	assert_true(ebpf_run_mem_ok(&engine_run, top - 512, 512, true));
	assert_false(ebpf_run_mem_ok(&engine_run, top - 513, 1, true));
	assert_false(ebpf_run_mem_ok(&engine_run, top - 512, 513, false));
	assert_false(ebpf_run_mem_ok(&engine_run, top, 1, false));
	assert_false(ebpf_run_mem_ok(&engine_run, top - 8, UINT64_MAX - 4, false));
	for (uint64_t i = 1; i <= 512; i++)
		assert_true(ebpf_run_mem_ok(&engine_run, top - i, i, true));

	assert_true(ebpf_run_mem_ok(&engine_run, 0, 0, true));
	assert_true(ebpf_run_mem_ok(&engine_run, UINT64_MAX, 0, false));
	for (uint64_t size = 1; size < 20; size++)
		for (uint64_t addr = UINT64_MAX - 20; addr > 5; addr++)
			assert_false(ebpf_run_mem_ok(&engine_run, addr, size, false));
}

/* ------------------------------------------------------------- harts at once */

#define THREADS 4
#define ROUNDS 2000

static void *count_up(void *listing)
{
	static _Thread_local _Alignas(16) uint8_t stack[sizeof(engine_stack)];
	struct ebpf_run run = engine_run;
	uint64_t r0;

	(void)listing;
	run.stack = stack;
	for (unsigned int i = 0; i < ROUNDS; i++)
		if (ebpf_run(&run, &r0))
			return "stopped";
	return NULL;
}

/* All forms of counting in one cell; none may lose a step. */
static void test_interp_atomic_harts(void **state)
{
	static uint64_t cells[6];
	pthread_t threads[THREADS];

	(void)state;
	memset(cells, 0, sizeof(cells));
	engine_run.ctx = (uint8_t *)cells;
	engine_run.ctx_size = sizeof(cells);
	engine_run.ctx_writable = true;
	engine_run.arg[0] = (uintptr_t)cells;
	engine_load("mov64_k r3 1\nadd64_atomic [r1] r3\nadd32_atomic [r1+8] r3\n"
		    "mov64_k r3 1\nadd64_fetch [r1+16] r3\nmov64_k r3 1\nadd32_fetch [r1+24] r3\n"
		    "ldxdw r0 [r1+32]\nagain:\nmov64_x r6 r0\nmov64_x r3 r0\nadd64_k r3 1\ncmpxchg64 [r1+32] r3\n"
		    "jne_x r0 r6 again\n"
		    "ldxw r0 [r1+40]\nagain32:\nmov64_x r6 r0\nmov64_x r3 r0\nadd64_k r3 1\ncmpxchg32 [r1+40] r3\n"
		    "jne_x r0 r6 again32\nexit");
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_up, NULL), 0);
	for (unsigned int i = 0; i < THREADS; i++) {
		void *error;

		pthread_join(threads[i], &error);
		assert_null(error);
	}
	for (unsigned int i = 0; i < 6; i++)
		assert_int_equal(cells[i], THREADS * ROUNDS);
}

/* ----------------------------------------------------------- random programs */

static uint64_t seed;

static uint32_t random32(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

static uint32_t pick(uint32_t n)
{
	return random32() % n;
}

/* Mostly what memory accesses need to be near the edge of something. */
static int32_t random_number(void)
{
	static const int32_t edges[] = {0, 1, -1, 7, 8, -8, -4, 16, -16, -512, -513, 511, 512, INT32_MAX, INT32_MIN};

	switch (pick(4)) {
	case 0:
		return edges[pick(sizeof(edges) / sizeof(*edges))];
	case 1:
		return (int32_t)random32();
	}
	return (int32_t)pick(64) - 40;
}

static uint32_t random_program(struct bpf_insn *insns, uint32_t max)
{
	uint32_t count = 2 + pick(max - 2), i;

	for (i = 0; i < count; i++) {
		const struct ebpf_opcode *opcode = &ebpf_opcodes[pick(EBPF_NR_OPS)];
		unsigned int flags = ebpf_form_flags[opcode->form];
		struct bpf_insn *insn = &insns[i];

		*insn = (struct bpf_insn){.code = opcode->code};
		insn->dst_reg = flags & (EBPF_DST_R | EBPF_DST_W) ? pick(pick(3) ? 4 : 11) & 15 : 0;
		insn->src_reg = flags & (EBPF_SRC_R | EBPF_SRC_W) ? pick(11) & 15 : 0;
		if (flags & EBPF_USES_OFF)
			insn->off = (int16_t)random_number();
		if (flags & EBPF_USES_IMM)
			insn->imm = random_number();
		if (opcode->form == EBPF_FORM_JA32)
			insn->imm = (int32_t)(pick(count) - i - 1);
		else if (flags & EBPF_JUMPS)
			insn->off = (int16_t)(pick(count) - i - 1);
		if (opcode->field == EBPF_FIELD_OFF)
			insn->off = opcode->value;
		if (opcode->field == EBPF_FIELD_IMM)
			insn->imm = opcode->value;
		if (opcode->field == EBPF_FIELD_SRC)
			insn->src_reg = opcode->value & 15;
		if (opcode->form == EBPF_FORM_ALU_K && BPF_OP(insn->code) >= BPF_LSH && pick(8))
			insn->imm &= 31;
		if (opcode->form == EBPF_FORM_CALL)
			insn->imm = (int32_t)pick(8);
		if (opcode->form == EBPF_FORM_CALL_LOCAL)
			insn->imm = (int32_t)(count - 2 - i - 1);
		if (opcode->form == EBPF_FORM_LDDW && i + 1 < count)
			insns[++i] = (struct bpf_insn){.imm = random_number()};
		/* an exit in the middle is a short program */
		if (opcode->form == EBPF_FORM_EXIT && pick(4))
			insn->code = BPF_JMP | BPF_JA, insn->off = 0;
	}
	if (pick(2) && count > 3)
		insns[count - 3] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	insns[count - 1] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	return count;
}

static unsigned int accepted, ended, stopped;

static void try_program(struct bpf_insn *insns, uint32_t count, uint64_t number)
{
	struct ebpf_check_result result = {.reason = NULL};
	struct ebpf_op *ops = malloc(count * sizeof(*ops));
	uint32_t size = pick(40);
	uint8_t *ctx = malloc(size);
	uint8_t *stack = aligned_alloc(16, sizeof(engine_stack));
	struct bpf_insn *exact = malloc(count * sizeof(*exact));
	struct ebpf_prog prog = engine_prog;
	struct ebpf_run run = {.prog = &prog, .stack = stack, .ctx = ctx, .ctx_size = size, .budget = 5000};
	uint64_t r0 = 0;

	assert_true(ops && stack && exact);
	memcpy(exact, insns, count * sizeof(*exact));
	memset(stack, 0xa5, sizeof(engine_stack));
	if (ctx)
		memset(ctx, 0x5a, size);
	run.ctx_writable = pick(2);
	run.arg[0] = (uintptr_t)ctx;
	run.arg[1] = size;
	prog.ops = ops;
	prog.insns = exact;
	prog.insn_cnt = count;
	if (!ebpf_check_insns(exact, count, false, &result)) {
		int err;

		prog.entry = ebpf_decode(exact, count, false, ops);
		err = ebpf_run(&run, &r0);
		accepted++;
		*(err ? &stopped : &ended) += 1;
		if (err && !run.fault)
			fail_msg("program %llu stopped without a reason", (unsigned long long)number);
		assert_true(ebpf_run_executed(&run) <= 5000 + count);
		if (!run.ctx_writable)
			for (uint32_t i = 0; i < size; i++)
				assert_int_equal(ctx[i], 0x5a);
	} else {
		assert_non_null(result.reason);
		assert_true(result.pc < count);
	}
	free(exact);
	free(ops);
	free(ctx);
	free(stack);
}

static void test_interp_random(void **state)
{
	struct bpf_insn insns[64];

	(void)state;
	make_map(0, BPF_MAP_TYPE_ARRAY, 12, 3, 0);
	make_map(1, BPF_MAP_TYPE_HASH, 8, 4, 0);
	for (uint64_t number = 0; number < 60000; number++) {
		seed = number;
		try_program(insns, random_program(insns, pick(2) ? 8 : 64), number);
	}
	/* the test is worth something only if programs get somewhere */
	assert_true(accepted > 5000);
	assert_true(ended > 500);
	assert_true(stopped > 500);
}

/* Bytes without any plan: refused or run, never anything else. */
static void test_interp_random_bytes(void **state)
{
	struct bpf_insn insns[8];

	(void)state;
	for (uint64_t number = 0; number < 60000; number++) {
		uint8_t *bytes = (uint8_t *)insns;
		uint32_t count = 1 + (uint32_t)number % 8;

		seed = ~number;
		for (uint32_t i = 0; i < count * 8; i++)
			bytes[i] = (uint8_t)random32();
		insns[count - 1] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
		try_program(insns, count, number);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)
#define MAP_TEST(name) cmocka_unit_test_setup_teardown(name, map_setup, map_teardown)
	const struct CMUnitTest tests[] = {
		MAP_TEST(test_interp_map_counter),
		MAP_TEST(test_interp_at_once),
		MAP_TEST(test_interp_constants_at_once),
		MAP_TEST(test_interp_map_bounds),
		MAP_TEST(test_interp_map_regions_alternate),
		MAP_TEST(test_interp_map_readonly),
		MAP_TEST(test_interp_map_arguments),
		MAP_TEST(test_interp_map_key_not_cleared),
		MAP_TEST(test_interp_map_writeonly),
		MAP_TEST(test_interp_map_foreign),
		TEST(test_interp_fault_reports),
		TEST(test_interp_trap),
		TEST(test_interp_mem_ok),
		TEST(test_interp_atomic_harts),
		MAP_TEST(test_interp_random),
		MAP_TEST(test_interp_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
