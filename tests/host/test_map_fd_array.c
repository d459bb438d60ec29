/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps of objects: who holds whom, what goes when, tail calls and their limit,
 * maps in maps, and ring buffers behind a perf event array.
 */
#include "world.h"

#include "kprobe.h"
#include "map.h"
#include "map_fd_array.h"
#include "prog.h"
#include "ringbuf.h"
#include "run.h"

#define ARRAY 3u
#define PROG 4u
#define NEXT 5u
#define COUNTS 6u
#define INNER 7u

static struct ebpf_obj *obj_of(uint32_t fd)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(PROC, fd, 0, &err);

	assert_non_null(obj);
	ebpf_obj_put(obj);
	return obj;
}

static struct ebpf_run run;
static _Alignas(16) uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];

static int run_prog(uint32_t fd, uint64_t *r0)
{
	static struct ebpf_pt_regs regs;

	memset(&run, 0, sizeof(run));
	run.prog = (struct ebpf_prog *)obj_of(fd);
	run.stack = stack;
	run.ctx = (uint8_t *)&regs;
	run.ctx_size = sizeof(regs);
	run.arg[0] = (uintptr_t)&regs;
	run.budget = 10000;
	return ebpf_run(&run, r0);
}

/* key and the u32 value at U_DATA */
static int64_t put32(uint32_t fd, uint32_t key, uint32_t value)
{
	user_write(U_DATA, &key, 4);
	user_write(U_DATA + 8, &value, 4);
	return elem(BPF_MAP_UPDATE_ELEM, fd, U_DATA, U_DATA + 8, BPF_ANY);
}

static int64_t get32(uint32_t fd, uint32_t key, uint32_t *value)
{
	int64_t result;

	user_write(U_DATA, &key, 4);
	result = elem(BPF_MAP_LOOKUP_ELEM, fd, U_DATA, U_DATA + 8, 0);
	user_read(value, U_DATA + 8, 4);
	return result;
}

static int64_t del32(uint32_t fd, uint32_t key)
{
	user_write(U_DATA, &key, 4);
	return elem(BPF_MAP_DELETE_ELEM, fd, U_DATA, 0, 0);
}

static int64_t close_fd(uint32_t fd)
{
	int64_t result;

	while ((result = ebpf_call_close(PROC, fd)) == -ERESTART)
		;
	return result;
}

/* counts[0]++, then on to entry `index`; 1 if there was none */
static int64_t load_jumper(uint32_t index, uint32_t fd)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(6, 1),
		LD_REF(1, BPF_PSEUDO_MAP_VALUE, COUNTS, 0),
		LDX(BPF_DW, 2, 1, 0),
		ADD64_IMM(2, 1),
		STX(BPF_DW, 1, 2, 0),
		MOV64_REG(1, 6),
		LD_REF(2, BPF_PSEUDO_MAP_FD, ARRAY, 0),
		MOV64_IMM(3, (int32_t)index),
		CALL(12),
		MOV64_IMM(0, 1),
		EXIT(),
	};

	return prog_load(insns, COUNT(insns), fd);
}

static uint64_t count(void)
{
	uint32_t zero = 0;

	return *(uint64_t *)((struct ebpf_map *)obj_of(COUNTS))->ops->lookup((struct ebpf_map *)obj_of(COUNTS), &zero);
}

static int setup(void **state)
{
	world_setup(state);
	assert_int_equal(map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, ARRAY), ARRAY);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, COUNTS), COUNTS);
	return 0;
}

static void test_tail_call(void **state)
{
	/* the next program: its own stack is clean, r1 is the context */
	static const struct bpf_insn next[] = {
		LDX(BPF_DW, 2, 1, 0),
		MOV64_IMM(0, 77),
		ST(BPF_DW, 10, -8, 3),
		EXIT(),
	};
	uint32_t id;
	uint64_t r0 = 0;

	(void)state;
	assert_int_equal(load_jumper(2, PROG), PROG);
	assert_int_equal(prog_load(next, COUNT(next), NEXT), NEXT);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 1);
	assert_int_equal(put32(ARRAY, 2, NEXT), 0);
	assert_int_equal(get32(ARRAY, 2, &id), 0);
	assert_int_equal(id, obj_of(NEXT)->id);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 77);
	assert_ptr_equal(run.prog, obj_of(NEXT)); /* a fault would be the next one's */
	assert_int_equal(run.leftovers, 0);
	assert_int_equal(count(), 2);
	/* the array keeps it */
	assert_int_equal(close_fd(NEXT), 0);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 77);
	assert_int_equal(del32(ARRAY, 2), 0);
	assert_int_equal(del32(ARRAY, 2), -ENOENT);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 1);
}

/* A program that goes on with itself ends after 33 calls, as in Linux. */
static void test_tail_call_limit(void **state)
{
	uint64_t r0 = 0;

	(void)state;
	assert_int_equal(load_jumper(0, PROG), PROG);
	assert_int_equal(put32(ARRAY, 0, PROG), 0);
	for (unsigned int i = 1; i <= 3; i++) {
		assert_int_equal(run_prog(PROG, &r0), 0);
		assert_int_equal(r0, 1);
		assert_int_equal(count(), 34 * i);
	}
	run.budget = 100; /* it is one budget for all of them */
	assert_int_equal(ebpf_run(&run, &r0), -ETIMEDOUT);
	/* a program in an array it uses: both go with the descriptors (teardown looks) */
}

static void test_prog_array_errors(void **state)
{
	union bpf_attr attr;

	(void)state;
	assert_int_equal(load_jumper(0, PROG), PROG);
	assert_int_equal(put32(ARRAY, 4, PROG), -E2BIG);
	assert_int_equal(put32(ARRAY, 0, COUNTS), -EINVAL);
	assert_int_equal(put32(ARRAY, 0, 99), -EBADF);
	user_put64(U_DATA, 0);
	user_put64(U_DATA + 8, PROG);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, ARRAY, U_DATA, U_DATA + 8, BPF_NOEXIST), -EINVAL);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, ARRAY, U_DATA, U_DATA + 8, 0), -ENOENT);
	assert_int_equal(elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, ARRAY, U_DATA, U_DATA + 8, 0), -ENOTSUPP);
	assert_int_equal(del32(ARRAY, 9), -E2BIG);
	assert_int_equal(map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 8, 4, 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_PROG_ARRAY, 8, 4, 4, 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 0, 9), -EINVAL);
	/* a program of the tutorial's ABI has another context */
	prog_attr(&attr, (const struct bpf_insn[]){MOV64_IMM(0, 0), EXIT()}, 2);
	attr.prog_flags = EBPF_F_RCORE_ABI;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 9), 9);
	assert_int_equal(put32(ARRAY, 0, 9), -EINVAL);
	/* frozen */
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = ARRAY;
	assert_int_equal(bpf(BPF_MAP_FREEZE, &attr, 0), 0);
	assert_int_equal(put32(ARRAY, 0, PROG), -EPERM);
}

/* A large array full of programs is emptied in slices. */
static void test_prog_array_end(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 20000, 9), 9);
	assert_int_equal(load_jumper(0, PROG), PROG);
	for (uint32_t i = 0; i < 20000; i += 100)
		assert_int_equal(put32(9, i, PROG), 0);
	assert_int_equal(put32(9, 19999, PROG), 0);
	assert_int_equal(close_fd(PROG), 0);
	assert_int_equal(close_fd(9), 0);
}

/* ------------------------------------------------------------------- maps in maps */

static uint32_t outer_type; /* both kinds pass the same tests */

static int64_t create_outer(uint32_t inner_fd, uint32_t entries, uint64_t fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = outer_type;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = entries;
	attr.inner_map_fd = inner_fd;
	return bpf(BPF_MAP_CREATE, &attr, fd);
}

/* outer[0], and in it the value of key 0, plus one; 1 if there is none */
static const struct bpf_insn look_inside[] = {
	ST(BPF_W, 10, -4, 0),
	LD_REF(1, BPF_PSEUDO_MAP_FD, 9, 0),
	MOV64_REG(2, 10),
	ADD64_IMM(2, -4),
	CALL(1),
	JEQ_IMM(0, 0, 8),
	MOV64_REG(1, 0),
	MOV64_REG(2, 10),
	ADD64_IMM(2, -4),
	CALL(1),
	JEQ_IMM(0, 0, 3),
	LDX(BPF_DW, 0, 0, 0),
	ADD64_IMM(0, 1),
	EXIT(),
	MOV64_IMM(0, 1),
	EXIT(),
};

static void try_map_of_maps(uint32_t type)
{
	uint64_t r0 = 0;

	outer_type = type;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 4, 8, 10, INNER), INNER);
	assert_int_equal(create_outer(INNER, 2, 9), 9);
	assert_int_equal(prog_load(look_inside, COUNT(look_inside), PROG), PROG);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 1);
	assert_int_equal(put32(9, 0, INNER), 0);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 1);
	user_put64(U_DATA, 0);
	user_put64(U_DATA + 8, 41);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, INNER, U_DATA, U_DATA + 8, 0), 0);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 42);
	assert_int_equal(close_fd(INNER), 0); /* the outer one keeps it */
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 42);
	/* another one, of another length but the same kind */
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 4, 8, 3, INNER), INNER);
	host_syncs = 0;
	assert_int_equal(put32(9, 0, INNER), 0);
	assert_int_equal(host_syncs, 1); /* a grace period before the old one goes */
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 1);
}

static void test_array_of_maps(void **state)
{
	(void)state;
	try_map_of_maps(BPF_MAP_TYPE_ARRAY_OF_MAPS);
}

static void test_hash_of_maps(void **state)
{
	(void)state;
	try_map_of_maps(BPF_MAP_TYPE_HASH_OF_MAPS);
}

static void try_map_of_maps_errors(uint32_t type)
{
	outer_type = type;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 10, INNER), INNER);
	assert_int_equal(create_outer(99, 2, 9), -EBADF);
	assert_int_equal(create_outer(ARRAY, 2, 9), -ENOTSUPP);
	assert_int_equal(create_outer(INNER, 2, 9), 9);
	assert_int_equal(create_outer(9, 2, 10), -EINVAL);
	assert_int_equal(put32(9, 0, COUNTS), -EINVAL); /* another length */
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 16, 10, 11), 11);
	assert_int_equal(put32(9, 0, 11), -EINVAL);
	assert_int_equal(map_create_as(PROC, BPF_MAP_TYPE_ARRAY, 4, 8, 10, BPF_F_RDONLY_PROG, 12), 12);
	assert_int_equal(put32(9, 0, 12), -EINVAL);
	assert_int_equal(put32(9, 0, 9), -EINVAL);
	assert_int_equal(put32(9, 1, INNER), 0);
	for (uint64_t n = 1;; n++) { /* each allocation fails once */
		int64_t result;

		ebpf_arena_fail(n, false);
		result = create_outer(INNER, 3, 13);
		if (ebpf_arena_allocs() < n) {
			assert_int_equal(result, 13);
			break;
		}
		assert_int_equal(result, -ENOMEM);
	}
	ebpf_arena_fail(0, false);
}

static void test_array_of_maps_errors(void **state)
{
	(void)state;
	try_map_of_maps_errors(BPF_MAP_TYPE_ARRAY_OF_MAPS);
}

static void test_hash_of_maps_errors(void **state)
{
	(void)state;
	try_map_of_maps_errors(BPF_MAP_TYPE_HASH_OF_MAPS);
}

static int64_t put_key(const char *key, uint32_t fd, uint64_t flags)
{
	char padded[20] = {0};

	memcpy(padded, key, strlen(key));
	user_write(U_DATA, padded, sizeof(padded));
	user_write(U_DATA + 32, &fd, 4);
	return elem(BPF_MAP_UPDATE_ELEM, 9, U_DATA, U_DATA + 32, flags);
}

/* Keys of any size, flags, ids, walking, and who keeps what alive. */
static void test_hash_of_maps_elements(void **state)
{
	uint32_t id, inner_id, freed;
	union bpf_attr attr;

	(void)state;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_HASH_OF_MAPS;
	attr.key_size = 20;
	attr.value_size = 8;
	attr.max_entries = 3;
	attr.inner_map_fd = COUNTS;
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, 9), -EINVAL);
	attr.value_size = 4;
	attr.map_flags = BPF_F_RDONLY_PROG;
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, 9), -EINVAL);
	attr.map_flags = 0;
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, 9), 9);
	inner_id = obj_of(COUNTS)->id;

	assert_int_equal(put_key("one", COUNTS, BPF_EXIST), -ENOENT);
	assert_int_equal(put_key("one", COUNTS, BPF_NOEXIST), 0);
	assert_int_equal(put_key("one", COUNTS, BPF_NOEXIST), -EEXIST);
	assert_int_equal(put_key("one", COUNTS, 7), -EINVAL);
	assert_int_equal(put_key("two", COUNTS, BPF_ANY), 0);
	assert_int_equal(put_key("three", COUNTS, BPF_ANY), 0);
	assert_int_equal(put_key("four", COUNTS, BPF_ANY), -E2BIG);
	assert_int_equal(obj_of(COUNTS)->refs, 4); /* descriptor and three elements: what failed holds nothing */
	assert_int_equal(put_key("two", 77, BPF_ANY), -EBADF);
	assert_int_equal(put_key("two", COUNTS, BPF_EXIST), 0); /* by itself */
	assert_int_equal(obj_of(COUNTS)->refs, 4);

	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, 9, U_DATA, U_DATA + 32, 0), 0);
	user_read(&id, U_DATA + 32, 4);
	assert_int_equal(id, inner_id);
	freed = host_syncs;
	assert_int_equal(elem(BPF_MAP_DELETE_ELEM, 9, U_DATA, 0, 0), 0);
	assert_int_equal(host_syncs, freed + 1);
	assert_int_equal(elem(BPF_MAP_DELETE_ELEM, 9, U_DATA, 0, 0), -ENOENT);
	assert_int_equal(elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, 9, U_DATA, U_DATA + 32, 0), -ENOTSUPP);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, 9, U_DATA, U_DATA + 32, 0), -ENOENT);
	assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, 9, 0, U_DATA, 0), 0);
	assert_string_equal((char *)user_ptr(U_DATA), "one");
	assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, 9, U_DATA, U_DATA, 0), 0);
	assert_string_equal((char *)user_ptr(U_DATA), "three");
	assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, 9, U_DATA, U_DATA, 0), -ENOENT);
	assert_int_equal(obj_of(COUNTS)->refs, 3);
	assert_int_equal(close_fd(9), 0);
	assert_int_equal(obj_of(COUNTS)->refs, 1);
}

/* The end of a large one is sliced; a program that still uses the map finds it empty. */
static void test_hash_of_maps_end(void **state)
{
	uint64_t r0;

	(void)state;
	outer_type = BPF_MAP_TYPE_HASH_OF_MAPS;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 4, 8, 10, INNER), INNER);
	assert_int_equal(create_outer(INNER, 2000, 9), 9);
	for (uint32_t i = 0; i < 2000; i++)
		assert_int_equal(put32(9, i, INNER), 0);
	assert_int_equal(prog_load(look_inside, COUNT(look_inside), PROG), PROG);
	host_syncs = 0;
	assert_int_equal(close_fd(9), 0);
	assert_in_range(host_syncs, 2000 / 32, 2000 / 32 + 1);
	assert_int_equal(obj_of(INNER)->refs, 1);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 1);
}

/* --------------------------------------------------------------------- perf events */

static void test_perf_event_array(void **state)
{
	static const struct bpf_insn insns[] = {
		ST(BPF_DW, 10, -8, 0x1234),
		LD_REF(2, BPF_PSEUDO_MAP_FD, 9, 0),
		INSN(BPF_ALU | BPF_MOV | BPF_K, 3, 0, 0, -1),
		MOV64_REG(4, 10),
		ADD64_IMM(4, -8),
		MOV64_IMM(5, 8),
		CALL(25),
		EXIT(),
	};
	const uint64_t *record;
	uint32_t len, credit = 5;
	uint64_t r0, at;
	struct ebpf_map *ring;

	(void)state;
	host_hart_count = 1;
	assert_int_equal(map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 9), 9);
	assert_int_equal(map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 10), 10);
	assert_int_equal(prog_load(insns, COUNT(insns), PROG), PROG);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal((int64_t)r0, -ENOENT);
	assert_int_equal(put32(9, 0, COUNTS), -EINVAL);
	assert_int_equal(put32(9, 0, 10), 0);
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal(r0, 0);
	ring = (struct ebpf_map *)obj_of(10);
	assert_true(ebpf_ringbuf_begin(ring, &at));
	record = ebpf_ringbuf_next(ring, &at, &len, &credit);
	assert_non_null(record);
	assert_int_equal(len, 16);
	assert_int_equal(record[1], 0x1234);
	ebpf_ringbuf_end(ring);
	host_hart = 1; /* no ring for that one */
	assert_int_equal(run_prog(PROG, &r0), 0);
	assert_int_equal((int64_t)r0, -E2BIG);
	host_hart = 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_tail_call),	     T(test_tail_call_limit),
		T(test_prog_array_errors),   T(test_prog_array_end),
		T(test_array_of_maps),	     T(test_array_of_maps_errors),
		T(test_perf_event_array),    T(test_hash_of_maps),
		T(test_hash_of_maps_errors), T(test_hash_of_maps_elements),
		T(test_hash_of_maps_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
