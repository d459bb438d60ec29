/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_*_BATCH: many elements by one command, in slices; what is done is said
 * also after an error, and nothing is taken out that cannot be delivered.
 */
#include "world.h"

#include "map.h"
#include "obj.h"

#define FD 3u
#define MAP 10u
#define N 1000u

/* A page each of user memory and more */
#define KEYS (USER + 0x4000u)
#define VALUES (USER + 0x14000u)
#define TOKEN (USER + 0x3ff4u)

static uint32_t count; /* as the last command left it */

static int64_t batch(uint32_t cmd, uint32_t room, uint64_t in)
{
	union bpf_attr attr;
	int64_t result;

	memset(&attr, 0, sizeof(attr));
	attr.batch.in_batch = in;
	attr.batch.out_batch = cmd == BPF_MAP_UPDATE_BATCH || cmd == BPF_MAP_DELETE_BATCH ? 0 : TOKEN;
	attr.batch.keys = KEYS;
	attr.batch.values = cmd == BPF_MAP_DELETE_BATCH ? 0 : VALUES;
	attr.batch.count = room;
	attr.batch.map_fd = MAP;
	result = bpf(cmd, &attr, FD);
	user_read(&count, U_ATTR + offsetof(union bpf_attr, batch.count), sizeof(count));
	return result;
}

static void set(uint32_t i, uint32_t key, uint64_t value)
{
	user_write(KEYS + 4 * i, &key, 4);
	user_put64(VALUES + 8 * i, value);
}

static void fill(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		set(i, i, 1000 + i);
	assert_int_equal(batch(BPF_MAP_UPDATE_BATCH, n, 0), 0);
	assert_int_equal(count, n);
}

/* All elements by walks of `room` each; sums of keys and values. */
static uint32_t walk(uint32_t cmd, uint32_t room, uint64_t *keys, uint64_t *values)
{
	uint64_t in = 0;
	uint32_t n = 0;
	int64_t result;

	*keys = *values = 0;
	do {
		result = batch(cmd, room, in);
		assert_true(result == 0 || result == -ENOENT);
		in = TOKEN;
		for (uint32_t i = 0; i < count; i++) {
			uint32_t key;

			user_read(&key, KEYS + 4 * i, 4);
			*keys += key;
			*values += user_get64(VALUES + 8 * i);
		}
		n += count;
		assert_true(n <= 2 * N);
	} while (!result);
	return n;
}

static void test_batch_all_types(void **state)
{
	static const uint32_t types[] = {BPF_MAP_TYPE_HASH,	   BPF_MAP_TYPE_LRU_HASH,
					 BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH,
					 BPF_MAP_TYPE_ARRAY,	   BPF_MAP_TYPE_PERCPU_ARRAY};
	const uint64_t keys = N * (N - 1) / 2;
	uint64_t k, v;

	(void)state;
	for (uint32_t t = 0; t < COUNT(types); t++) {
		bool array = types[t] == BPF_MAP_TYPE_ARRAY || types[t] == BPF_MAP_TYPE_PERCPU_ARRAY;

		assert_int_equal(map_create(types[t], 4, 8, N, MAP), MAP);
		fill(N);
		for (uint32_t room = 7; room <= 2 * N; room = room * 5 + 1) {
			assert_int_equal(walk(BPF_MAP_LOOKUP_BATCH, room, &k, &v), N);
			assert_int_equal(k, keys);
			assert_int_equal(v, keys + 1000 * N);
		}
		if (array) {
			assert_int_equal(batch(BPF_MAP_DELETE_BATCH, 1, 0), -ENOTSUPP);
			assert_int_equal(batch(BPF_MAP_LOOKUP_AND_DELETE_BATCH, 1, 0), -ENOTSUPP);
		} else {
			for (uint32_t i = 0; i < 100; i++)
				set(i, 3 * i, 0);
			assert_int_equal(batch(BPF_MAP_DELETE_BATCH, 100, 0), 0);
			assert_int_equal(walk(BPF_MAP_LOOKUP_AND_DELETE_BATCH, 33, &k, &v), N - 100);
			assert_int_equal(k, keys - 3 * 99 * 100 / 2);
			assert_int_equal(walk(BPF_MAP_LOOKUP_BATCH, 33, &k, &v), 0);
		}
		assert_int_equal(ebpf_call_close(PROC, MAP), 0);
	}
}

/* Walked by key: prefixes. */
static void test_batch_of_prefixes(void **state)
{
	uint32_t n = 0;
	int64_t result;

	(void)state;
	assert_int_equal(map_create_as(PROC, BPF_MAP_TYPE_LPM_TRIE, 8, 8, 100, BPF_F_NO_PREALLOC, MAP), MAP);
	for (uint32_t i = 0; i < 50; i++) {
		user_put64(KEYS + 8 * i, 16 | (uint64_t)(i + 1) << 40);
		user_put64(VALUES + 8 * i, i);
	}
	assert_int_equal(batch(BPF_MAP_UPDATE_BATCH, 50, 0), 0);
	for (uint64_t in = 0; !(result = batch(BPF_MAP_LOOKUP_BATCH, 7, in)); in = TOKEN)
		n += count;
	assert_int_equal(result, -ENOENT);
	assert_int_equal(n + count, 50);
	assert_int_equal(batch(BPF_MAP_LOOKUP_AND_DELETE_BATCH, 7, 0), -ENOTSUPP);
	user_put64(KEYS, 16 | (uint64_t)1 << 40);
	user_put64(KEYS + 8, 16 | (uint64_t)77 << 40);
	assert_int_equal(batch(BPF_MAP_DELETE_BATCH, 2, 0), -ENOENT);
	assert_int_equal(count, 1);
}

/* An error in the middle: what was done is said and stays. */
static void test_batch_errors(void **state)
{
	union bpf_attr attr;
	uint64_t value;
	uint32_t at;

	(void)state;
	assert_int_equal(batch(BPF_MAP_LOOKUP_BATCH, 1, 0), -EBADF);
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 4, 8, 5, MAP), MAP);
	for (uint32_t i = 0; i < 7; i++)
		set(i, i, i);
	assert_int_equal(batch(BPF_MAP_UPDATE_BATCH, 7, 0), -E2BIG);
	assert_int_equal(count, 5);
	assert_int_equal(get(MAP, 4, &value), 0);
	set(1, 99, 0);
	assert_int_equal(batch(BPF_MAP_DELETE_BATCH, 3, 0), -ENOENT);
	assert_int_equal(count, 1);
	assert_int_equal(batch(BPF_MAP_LOOKUP_BATCH, 0, 0), 0);
	assert_int_equal(batch(BPF_MAP_LOOKUP_BATCH, 3, USER_HOLE), -EFAULT);
	assert_int_equal(count, 0);
	at = UINT32_MAX; /* a token from nowhere */
	user_write(U_DATA, &at, 4);
	assert_int_equal(batch(BPF_MAP_LOOKUP_BATCH, 3, U_DATA), -ENOENT);
	assert_int_equal(count, 0);

	memset(&attr, 0, sizeof(attr));
	attr.batch.out_batch = TOKEN;
	attr.batch.keys = KEYS;
	attr.batch.count = 5;
	attr.batch.map_fd = MAP;
	attr.batch.values = USER_RO;
	assert_int_equal(bpf(BPF_MAP_LOOKUP_AND_DELETE_BATCH, &attr, FD), -EFAULT);
	attr.batch.keys = USER_RO;
	attr.batch.values = VALUES;
	assert_int_equal(bpf(BPF_MAP_LOOKUP_AND_DELETE_BATCH, &attr, FD), -EFAULT);
	attr.batch.keys = KEYS;
	attr.batch.elem_flags = 8;
	assert_int_equal(bpf(BPF_MAP_LOOKUP_BATCH, &attr, FD), -EINVAL);
	attr.batch.elem_flags = 0;
	attr.batch.flags = 1;
	assert_int_equal(bpf(BPF_MAP_LOOKUP_BATCH, &attr, FD), -EINVAL);
	attr.batch.flags = 0;
	user_write(U_ATTR, &attr, sizeof(attr));
	assert_int_equal(bpf_at(BPF_MAP_LOOKUP_BATCH, U_ATTR, 40, FD), -EINVAL);
	assert_int_equal(bpf(BPF_MAP_LOOKUP_AND_DELETE_BATCH, &attr, FD), -ENOENT); /* all four are still there */
	user_read(&count, U_ATTR + offsetof(union bpf_attr, batch.count), sizeof(count));
	assert_int_equal(count, 4);
	assert_int_equal(ebpf_call_close(PROC, MAP), 0);

	assert_int_equal(map_create(BPF_MAP_TYPE_QUEUE, 0, 8, 5, MAP), MAP);
	assert_int_equal(batch(BPF_MAP_LOOKUP_BATCH, 3, 0), -ENOTSUPP);
	assert_int_equal(ebpf_call_close(PROC, MAP), 0);
	assert_int_equal(map_create_as(PROC, BPF_MAP_TYPE_HASH, 4, 8, 5, BPF_F_WRONLY, MAP), MAP);
	fill(3);
	assert_int_equal(batch(BPF_MAP_LOOKUP_BATCH, 3, 0), -EPERM);
}

static int64_t once(uint32_t cmd, const union bpf_attr *attr)
{
	user_write(U_ATTR, attr, sizeof(*attr));
	return ebpf_call_bpf(cmd, U_ATTR, sizeof(*attr), world_user_satp, PROC, FD);
}

/* One piece after the other with the interrupts taken in between; another call with that number, or the end, drops it.
 */
static void test_batch_slices(void **state)
{
	union bpf_attr attr;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 4, 8, N, MAP), MAP);
	world_restarts = 0;
	fill(N);
	assert_true(world_restarts > 3);

	memset(&attr, 0, sizeof(attr));
	attr.batch.keys = KEYS;
	attr.batch.count = N;
	attr.batch.map_fd = MAP;
	assert_int_equal(once(BPF_MAP_DELETE_BATCH, &attr), -ERESTART);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, FD), FD);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	assert_int_equal(bpf(BPF_MAP_DELETE_BATCH, &attr, FD), -ENOENT); /* the first has gone */
	attr.batch.values = VALUES;
	assert_int_equal(once(BPF_MAP_UPDATE_BATCH, &attr), -ERESTART);
	/* the process ends: world_teardown sees that nothing is left */
}

/* Without memory nothing happens and nothing is kept. */
static void test_batch_no_memory(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 2048, 4, MAP), MAP);
	for (uint32_t i = 0; i < 2; i++)
		user_write(KEYS + 4 * i, &i, 4);
	for (uint64_t n = 1;; n++) {
		int64_t result;

		ebpf_arena_fail(n, false);
		result = batch(BPF_MAP_UPDATE_BATCH, 2, 0);
		if (ebpf_arena_allocs() < n) {
			assert_int_equal(result, 0);
			break;
		}
		assert_int_equal(result, -ENOMEM);
	}
	ebpf_arena_fail(0, false);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_batch_all_types), CASE(test_batch_of_prefixes), CASE(test_batch_errors),
		CASE(test_batch_slices),    CASE(test_batch_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
