/* SPDX-License-Identifier: BSD-2-Clause */
/* Call chains: walked in memory that may hold anything, stored under their hash, read by bpf(2). */
#include "world.h"

#include "helper.h"
#include "kprobe.h"
#include "map.h"
#include "map_stack_trace.h"
#include "run.h"
#include "task.h"

#define MAP 3u
#define DEPTH 8u
#define STACK (RAM + 0x500000u) /* the kernel's */

static struct ebpf_pt_regs regs;
static struct ebpf_prog prog;
static struct ebpf_run run;
static struct ebpf_map *map;

static int setup(void **state)
{
	int err;

	world_setup(state);
	assert_int_equal(map_create(BPF_MAP_TYPE_STACK_TRACE, 4, DEPTH * 8, 64, MAP), MAP);
	map = (struct ebpf_map *)ebpf_obj_get(PROC, MAP, EBPF_OBJ_MAP, &err);
	ebpf_obj_put(&map->obj);
	memset(&prog, 0, sizeof(prog));
	memset(&run, 0, sizeof(run));
	memset(&regs, 0, sizeof(regs));
	prog.maps[prog.nr_maps++] = map;
	run.prog = &prog; /* accepted by a verifier */
	run.ctx = (uint8_t *)&regs;
	run.ctx_size = sizeof(regs);
	run.budget = EBPF_RUN_BUDGET;
	regs.epc = TEXT;
	return 0;
}

/* `n` frames of 32 bytes with return addresses 1001, 1002 ...; the outermost has none */
static void build_frames(unsigned int n)
{
	for (unsigned int i = 1; i <= n; i++) {
		uint64_t fp = STACK + 32 * i, frame[2] = {fp + 32, i == n ? 0 : 1000 + i};

		memcpy(ram_at(fp - 16), frame, sizeof(frame));
	}
	regs.x[7] = STACK + 32;
}

static int64_t get_stack(uint64_t *buf, uint64_t size, uint64_t flags)
{
	return (int64_t)ebpf_helper_of(BPF_FUNC_get_stack, false)
		->fn(&run, (uintptr_t)&regs, (uintptr_t)buf, size, flags, 0);
}

static int64_t get_stackid(uint64_t flags)
{
	return (int64_t)ebpf_helper_of(BPF_FUNC_get_stackid, false)
		->fn(&run, (uintptr_t)&regs, (uintptr_t)map, flags, 0, 0);
}

/* User space: pc, registers and frames of the process, each read with its own rights. */
static void test_stack_user(void **state)
{
	struct ebpf_task_area *task = (void *)ram_at(RAM + 0x600000u);
	uint64_t saved = RAM + 0x600100u, fp = U_DATA + 0x100, buf[8];

	(void)state;
	build_frames(4);
	assert_int_equal(get_stack(buf, 64, BPF_F_USER_STACK), -EFAULT); /* nothing is told */
	memset(task, 0, sizeof(*task));
	task->satp = world_user_satp;
	task->seq = 2;
	assert_int_equal(ebpf_task_set_area(RAM + 0x600000u, 0), 0);
	assert_int_equal(get_stack(buf, 64, BPF_F_USER_STACK), -EFAULT);
	task->user_pc = saved;
	task->user_regs = saved + 8;
	task->seq = 4;
	*(uint64_t *)(void *)ram_at(saved) = 0x10010;	     /* pc */
	*(uint64_t *)(void *)ram_at(saved + 8) = 0x10020;    /* ra */
	*(uint64_t *)(void *)ram_at(saved + 8 + 7 * 8) = fp; /* fp: of a leaf */
	user_put64(fp - 8, fp + 0x40);
	user_put64(fp + 0x40 - 8, 0x10030);
	user_put64(fp + 0x40 - 16, fp + 0x80);
	user_put64(fp + 0x80 - 8, 0x10040);
	user_put64(fp + 0x80 - 16, 0);
	assert_int_equal(get_stack(buf, 64, BPF_F_USER_STACK), 4 * 8);
	assert_memory_equal(buf, ((uint64_t[]){0x10010, 0x10020, 0x10030, 0x10040}), 32);
	assert_int_equal(get_stack(buf, 64, BPF_F_USER_STACK | 1), 3 * 8);
	/* a function that has saved its return address */
	user_put64(fp - 8, 0x10050);
	user_put64(fp - 16, fp + 0x80);
	assert_int_equal(get_stack(buf, 64, BPF_F_USER_STACK), 3 * 8);
	assert_memory_equal(buf, ((uint64_t[]){0x10010, 0x10050, 0x10040}), 24);
	/* a frame where the process may not read: it ends there; kernel memory is none of its */
	*(uint64_t *)(void *)ram_at(saved + 8 + 7 * 8) = STACK + 32;
	assert_int_equal(get_stack(buf, 64, BPF_F_USER_STACK), 8);
	*(uint64_t *)(void *)ram_at(saved + 8 + 7 * 8) = USER_S + 64;
	assert_int_equal(get_stack(buf, 64, BPF_F_USER_STACK), 8);
	task->user_pc = USER_HOLE;
	task->seq = 6;
	assert_int_equal(get_stack(buf, 64, BPF_F_USER_STACK), -EFAULT);
	ebpf_task_set_area(UINT64_MAX, 0);
}

static void test_stack_walk(void **state)
{
	uint64_t buf[200];

	(void)state;
	build_frames(4);
	memset(buf, 0xee, sizeof(buf));
	assert_int_equal(get_stack(buf, 64, 0), 4 * 8);
	assert_int_equal(buf[0], TEXT);
	assert_int_equal(buf[1], 1001);
	assert_int_equal(buf[3], 1003);
	assert_int_equal(buf[4], 0);
	assert_int_equal(buf[7], 0);
	assert_int_equal(buf[8], 0xeeeeeeeeeeeeeeee);
	assert_int_equal(get_stack(buf, 16, 2), 16);
	assert_int_equal(buf[0], 1002);
	assert_int_equal(get_stack(buf, 64, 200), -EFAULT); /* nothing is left */
	assert_int_equal(get_stack(buf, 63, 0), -EINVAL);
	assert_int_equal(get_stack(buf, 64, BPF_F_USER_STACK), -EFAULT);
	assert_int_equal(get_stack(buf, 64, 1u << 20), -EINVAL);
	build_frames(1000);
	assert_int_equal(get_stack(buf, sizeof(buf), 0), EBPF_MAX_STACK_DEPTH * 8);
}

/* Loops, holes, firmware's memory, all bits: the walk ends, with what it has. */
static void test_stack_walk_ends(void **state)
{
	static const uint64_t fps[] = {0,	 8,	     15,	  STACK + 4, UINT64_MAX, UINT64_MAX - 7,
				       0x100000, STACK + 32, 0x80ul << 32};
	uint64_t buf[8];

	(void)state;
	for (size_t i = 0; i < COUNT(fps); i++) {
		build_frames(1);
		regs.x[7] = STACK + 64;
		memcpy(ram_at(STACK + 48), (uint64_t[]){fps[i], 1234}, 16);
		assert_int_equal(get_stack(buf, 64, 0), 16);
		assert_int_equal(buf[1], 1234);
		regs.x[7] = fps[i] == STACK + 32 ? 0 : fps[i];
		assert_int_equal(get_stack(buf, 64, 0), 8);
	}
}

static void test_stackid(void **state)
{
	uint64_t buf[DEPTH];
	uint32_t key;
	int64_t id;

	(void)state;
	build_frames(4);
	id = get_stackid(0);
	assert_in_range(id, 0, 63);
	assert_int_equal(get_stackid(0), id); /* the same chain has the same number */
	assert_int_equal(get_stackid(BPF_F_FAST_STACK_CMP), id);
	key = (uint32_t)id;
	user_write(U_DATA, &key, 4);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, MAP, U_DATA, U_DATA + 8, 0), 0);
	user_read(buf, U_DATA + 8, sizeof(buf));
	assert_int_equal(buf[0], TEXT);
	assert_int_equal(buf[3], 1003);
	assert_int_equal(buf[4], 0);
	assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, MAP, 0, U_DATA, 0), 0);
	user_read(&key, U_DATA, 4);
	assert_int_equal(key, id);
	assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, MAP, U_DATA, U_DATA, 0), -ENOENT);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, MAP, U_DATA, U_DATA + 8, 0), -EINVAL);
	assert_int_equal(elem(BPF_MAP_DELETE_ELEM, MAP, U_DATA, 0, 0), 0);
	assert_int_equal(elem(BPF_MAP_DELETE_ELEM, MAP, U_DATA, 0, 0), -ENOENT);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, MAP, U_DATA, U_DATA + 8, 0), -ENOENT);
	assert_int_equal(get_stackid(1u << 11), -EINVAL);
	build_frames(100); /* cut off to what a value holds */
	assert_int_equal(get_stackid(0), get_stackid(0));
}

/* Two chains with one number: refused, or the old one goes. */
static void test_stackid_collision(void **state)
{
	int64_t ids[65], clash = -1;
	unsigned int n;

	(void)state;
	build_frames(4);
	for (n = 0; n < 65 && clash < 0; n++) {
		regs.epc = TEXT + 16 * n;
		ids[n] = get_stackid(0);
		if (ids[n] < 0)
			clash = n;
	}
	assert_in_range(clash, 1, 64); /* 65 chains cannot have 64 numbers */
	assert_int_equal(ids[clash], -EEXIST);
	assert_in_range(get_stackid(BPF_F_REUSE_STACKID), 0, 63);
	assert_in_range(get_stackid(0), 0, 63);
}

static void test_stack_trace_create(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_STACK_TRACE, 4, 12, 8, 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_STACK_TRACE, 4, 0, 8, 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_STACK_TRACE, 4, 128 * 8, 8, 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_STACK_TRACE, 8, 8, 8, 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_STACK_TRACE, 4, 8, 0, 9), -EINVAL);
	assert_int_equal(map_create_as(PROC, BPF_MAP_TYPE_STACK_TRACE, 4, 8, 8, BPF_F_STACK_BUILD_ID, 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_STACK_TRACE, 4, 127 * 8, 1, 9), 9);
	assert_int_equal(map_create(BPF_MAP_TYPE_STACK_TRACE, 4, 127 * 8, 1u << 29, 10), -ENOMEM);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_stack_walk), T(test_stack_walk_ends),   T(test_stackid),
		T(test_stack_user), T(test_stackid_collision), T(test_stack_trace_create),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
