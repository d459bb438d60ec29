/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_HASH: Linux's errnos, keys of all sizes, a random run against a
 * model, a million elements, and harts (threads) that read while others write.
 */
#include "limits.h"
#include "map.h"
#include "platform_host.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static size_t all_free;
static struct ebpf_map *map;

static void make_in(size_t arena, uint32_t key_size, uint32_t value_size, uint32_t entries)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_HASH};

	if (map)
		map->obj.release(&map->obj);
	host_arena_init(arena);
	all_free = ebpf_arena_free_bytes();
	attr.key_size = key_size;
	attr.value_size = value_size;
	attr.max_entries = entries;
	assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
	while (!ebpf_map_prepare(map))
		;
}

static void make(uint32_t key_size, uint32_t value_size, uint32_t entries)
{
	make_in(4u << 20, key_size, value_size, entries);
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	map->obj.release(&map->obj);
	map = NULL;
	assert_int_equal(ebpf_arena_free_bytes(), all_free);
	return 0;
}

static int put(uint64_t key, uint64_t value, uint64_t flags)
{
	return ebpf_map_update_elem(map, &key, &value, flags);
}

static int64_t get(uint64_t key)
{
	uint64_t value;
	int err = ebpf_map_lookup_elem(map, &key, &value, 0);

	return err ? err : (int64_t)value;
}

static int del(uint64_t key)
{
	return ebpf_map_delete_elem(map, &key);
}

static void test_hash_errors(void **state)
{
	uint64_t key = 1, value = 2;

	(void)state;
	make(8, 8, 2);
	assert_int_equal(get(1), -ENOENT);
	assert_null(map->ops->lookup(map, &key));
	assert_int_equal(del(1), -ENOENT);
	assert_int_equal(put(1, 10, BPF_EXIST), -ENOENT);
	assert_int_equal(put(1, 10, 3), -EINVAL);
	assert_int_equal(put(1, 10, BPF_F_LOCK), -EINVAL);
	assert_int_equal(put(1, 10, 1ull << 32), -EINVAL);
	assert_int_equal(get(1), -ENOENT);

	assert_int_equal(put(1, 10, BPF_NOEXIST), 0);
	assert_int_equal(put(1, 11, BPF_NOEXIST), -EEXIST);
	assert_int_equal(get(1), 10);
	assert_int_equal(put(1, 12, BPF_EXIST), 0);
	assert_int_equal(get(1), 12);
	assert_int_equal(put(2, 20, BPF_ANY), 0);
	assert_int_equal(put(3, 30, BPF_ANY), -E2BIG);
	assert_int_equal(put(3, 30, BPF_NOEXIST), -E2BIG);
	assert_int_equal(put(3, 30, BPF_EXIST), -ENOENT);
	assert_int_equal(put(2, 21, BPF_ANY), 0); /* full, but it exists */
	assert_int_equal(get(2), 21);
	assert_int_equal(del(1), 0);
	assert_int_equal(del(1), -ENOENT);
	assert_int_equal(put(3, 30, BPF_ANY), 0);
	assert_int_equal(get(3), 30);
	assert_int_equal(get(1), -ENOENT);
	assert_int_equal(ebpf_map_lookup_elem(map, &key, &value, 1), -EINVAL);
}

/* A full table, emptied and filled again in another order, many times: no slot is lost. */
static void test_hash_capacity(void **state)
{
	(void)state;
	make(4, 8, 100);
	for (uint64_t round = 0; round < 50; round++) {
		for (uint64_t k = 0; k < 100; k++)
			assert_int_equal(put(round * 1000 + k, k, BPF_NOEXIST), 0);
		assert_int_equal(put(round * 1000 + 100, 1, 0), -E2BIG);
		for (uint64_t k = 0; k < 100; k++)
			assert_int_equal(del(round * 1000 + (k * 37 + round) % 100), 0);
	}
}

/* Odd sizes of keys and values, every alignment of the caller's buffers; one byte makes another key. */
static void test_hash_key_sizes(void **state)
{
	static const uint32_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 20, 24, 31, 64, 100, 511, 512};
	static unsigned char key[600], value[64], out[64], next[600];

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		uint32_t size = sizes[s];

		make(size, 13, 600);
		for (unsigned int at = 0; at < 8; at++) {
			memset(key, 0, sizeof(key));
			memset(value, (int)at, sizeof(value));
			assert_int_equal(ebpf_map_update_elem(map, key + at, value + at, 0), 0);
			for (uint32_t b = 0; b < size && b < 64; b++) {
				key[at + b] ^= 0x80;
				assert_int_equal(ebpf_map_lookup_elem(map, key + at, out, 0), at ? 0 : -ENOENT);
				value[0] = (unsigned char)(b + at);
				assert_int_equal(ebpf_map_update_elem(map, key + at, value, 0), 0);
				memset(out, 0xee, sizeof(out));
				assert_int_equal(ebpf_map_lookup_elem(map, key + at, out + at, 0), 0);
				assert_memory_equal(out + at, value, 13);
				assert_int_equal(out[at + 13], 0xee);
				assert_non_null(map->ops->lookup(map, key + at));
				key[at + b] ^= 0x80;
			}
			key[at + size] = 1; /* behind the key: not looked at */
			assert_int_equal(ebpf_map_lookup_elem(map, key + at, out, 0), 0);
		}
		/* last byte counts */
		memset(key, 0, sizeof(key));
		key[size - 1] = 1;
		assert_int_equal(ebpf_map_delete_elem(map, key), -ENOENT);
		key[size - 1] = 0;
		memset(next, 0xee, sizeof(next));
		assert_int_equal(ebpf_map_next_key(map, NULL, next + 3), 0);
		assert_memory_equal(next + 3, key, size);
		assert_int_equal(next[3 + size], 0xee);
		assert_int_equal(ebpf_map_delete_elem(map, key), 0);
		assert_int_equal(ebpf_map_lookup_elem(map, key, out, 0), -ENOENT);
	}
}

static void test_hash_next_key(void **state)
{
	uint64_t key, next = 77, absent = 1000;

	(void)state;
	make(8, 8, 50);
	assert_int_equal(ebpf_map_next_key(map, NULL, &next), -ENOENT);
	assert_int_equal(ebpf_map_next_key(map, &absent, &next), -ENOENT);
	assert_int_equal(next, 77);
	for (uint64_t k = 0; k < 50; k++)
		assert_int_equal(put(k * k, k, 0), 0);
	/* each key once, in order of insertion */
	assert_int_equal(ebpf_map_next_key(map, NULL, &key), 0);
	for (uint64_t k = 0; k < 50; k++) {
		assert_int_equal(key, k * k);
		assert_int_equal(ebpf_map_next_key(map, &key, &key), k == 49 ? -ENOENT : 0);
	}
	/* an absent key starts anew */
	assert_int_equal(ebpf_map_next_key(map, &absent, &next), 0);
	assert_int_equal(next, 0);
	/* delete while walking, as many programs do */
	for (unsigned int n = 0; n < 50; n++) {
		assert_int_equal(ebpf_map_next_key(map, NULL, &key), 0);
		assert_int_equal(del(key), 0);
	}
	assert_int_equal(ebpf_map_next_key(map, NULL, &key), -ENOENT);
	/* from the middle and both ends */
	for (uint64_t k = 0; k < 5; k++)
		put(k, k, 0);
	del(2);
	del(0);
	del(4);
	assert_int_equal(ebpf_map_next_key(map, NULL, &key), 0);
	assert_int_equal(key, 1);
	assert_int_equal(ebpf_map_next_key(map, &key, &key), 0);
	assert_int_equal(key, 3);
	assert_int_equal(ebpf_map_next_key(map, &key, &next), -ENOENT);
}

/* What a program holds: the address stays, updates are seen through it, and it is inside the values. */
static void test_hash_value_address(void **state)
{
	uint64_t key = 5, *slot;

	(void)state;
	make(8, 8, 4);
	put(5, 1, 0);
	slot = map->ops->lookup(map, &key);
	assert_true(ebpf_map_value_ok(map, (uintptr_t)slot, 8));
	*slot = 2;
	assert_int_equal(get(5), 2);
	put(5, 3, 0);
	assert_ptr_equal(map->ops->lookup(map, &key), slot);
	assert_int_equal(*slot, 3);
}

static void test_hash_random(void **state)
{
	enum { KEYS = 400 };
	static int64_t model[KEYS];
	uint64_t seed = 99, count = 0;

	(void)state;
	make(8, 8, 250);
	for (int k = 0; k < KEYS; k++)
		model[k] = -ENOENT;
	for (unsigned int step = 0; step < 300000; step++) {
		uint64_t k, flags, value;
		int want = 0;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		k = (seed >> 33) % KEYS;
		flags = (seed >> 50) % 3;
		value = seed >> 20;
		switch ((seed >> 60) % 4) {
		case 0:
		case 1:
			if (model[k] >= 0 && flags == BPF_NOEXIST)
				want = -EEXIST;
			else if (model[k] < 0 && flags == BPF_EXIST)
				want = -ENOENT;
			else if (model[k] < 0 && count == 250)
				want = -E2BIG;
			assert_int_equal(put(k << 32 | k, value, flags), want);
			if (!want) {
				count += model[k] < 0;
				model[k] = (int64_t)value;
			}
			break;
		case 2:
			assert_int_equal(del(k << 32 | k), model[k] < 0 ? -ENOENT : 0);
			count -= model[k] >= 0;
			model[k] = -ENOENT;
			break;
		default:
			assert_int_equal(get(k << 32 | k), model[k]);
		}
		if (step % 5000 == 0) {
			uint64_t key, n = 0;
			int err = ebpf_map_next_key(map, NULL, &key);

			for (; !err; n++, err = ebpf_map_next_key(map, &key, &key))
				assert_true(model[key & 0xffffffff] >= 0);
			assert_int_equal(n, count);
		}
	}
}

/* A million elements; patterns of keys that a plain multiplication or masking would pile up. */
static void test_hash_million(void **state)
{
	enum { MILLION = 1000000 };
	static const uint64_t strides[] = {1, 1ull << 20, 1ull << 44, 0x100000001ull, 4096};

	(void)state;
	make_in(128u << 20, 8, 8, MILLION);
	for (size_t s = 0; s < sizeof(strides) / sizeof(*strides); s++) {
		uint64_t key, n = s == 0 ? MILLION : 200000;

		for (uint64_t k = 0; k < n; k++)
			if (put(k * strides[s], k, BPF_NOEXIST))
				fail();
		for (uint64_t k = 0; k < n; k++)
			if (get(k * strides[s]) != (int64_t)k)
				fail();
		assert_int_equal(get(UINT64_MAX), -ENOENT);
		if (s == 0)
			assert_int_equal(put(MILLION + 1, 0, 0), -E2BIG);
		/* all but the last deleted: the first is found at once */
		for (uint64_t k = 0; k + 1 < n; k++)
			if (del(k * strides[s]))
				fail();
		assert_int_equal(ebpf_map_next_key(map, NULL, &key), 0);
		assert_int_equal(key, (n - 1) * strides[s]);
		assert_int_equal(del(key), 0);
	}
}

/* Memory that held something else shows nothing of it: not in values, not between them. */
static void test_hash_starts_zeroed(void **state)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_HASH};
	uint64_t key = 1, value[2] = {0};

	(void)state;
	make(8, 13, 100);
	attr.key_size = 8;
	attr.value_size = 13;
	attr.max_entries = 100;
	memset(map->values, 0x77, (size_t)map->nr_values * map->value_stride);
	assert_int_equal(ebpf_map_update_elem(map, &key, value, 0), 0);
	map->obj.release(&map->obj);
	assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
	while (!ebpf_map_prepare(map))
		;
	for (size_t i = 0; i < (size_t)map->nr_values * map->value_stride; i++)
		assert_int_equal(map->values[i], 0);
	assert_null(map->ops->lookup(map, &key));
	assert_int_equal(ebpf_map_next_key(map, NULL, &key), -ENOENT);
}

static void test_hash_each_allocation_fails(void **state)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_HASH};

	(void)state;
	make(8, 8, 1);
	attr.key_size = attr.value_size = attr.max_entries = 8;
	for (uint64_t n = 1; n <= 5; n++) {
		size_t before = ebpf_arena_free_bytes();
		struct ebpf_map *other = NULL;

		ebpf_arena_fail(n, false);
		assert_int_equal(ebpf_map_create(&attr, NULL, &other), -ENOMEM);
		assert_null(other);
		assert_int_equal(ebpf_arena_free_bytes(), before);
	}
	ebpf_arena_fail(0, false);
}

/*
 * A reader stands on an element while it is deleted and its slot inserted under
 * another key: the key looked for is behind it and must still be found. Which
 * keys share a bucket is a secret; among all pairs tried, enough do.
 */
static uint64_t moved_from, moved_to;
static unsigned int moves;

static void move_once(void)
{
	if (moves++ % 1000) /* the second try is left alone; a thousand in a row are not */
		return;
	assert_int_equal(del(moved_from), 0);
	assert_int_equal(put(moved_to, moved_to, BPF_NOEXIST), 0);
}

static void test_hash_reader_loses_its_list(void **state)
{
	unsigned int disturbed = 0;

	(void)state;
	for (moved_from = 1; moved_from < 20; moved_from++)
		for (moved_to = 100; moved_to < 110; moved_to++) {
			make(8, 8, 4);
			put(0, 5, 0);
			put(moved_from, 6, 0);
			moves = 0;
			ebpf_map_hash_reader_hook = move_once;
			assert_non_null(map->ops->lookup(map, &(uint64_t){0}));
			ebpf_map_hash_reader_hook = NULL;
			disturbed += moves > 0;
		}
	assert_in_range(disturbed, 10, 180);
}

/* An element that moves under the reader each time it looks: the absent key stays absent, the search ends. */
static uint64_t turn;

static void move_always(void)
{
	del(1000 + turn);
	turn++;
	put(1000 + turn, 0, 0);
	moves++;
}

static void test_hash_reader_on_moving_ground(void **state)
{
	(void)state;
	make(8, 8, 2);
	for (unsigned int n = 0; n < 100; n++) {
		moves = 0;
		put(1000 + turn, 0, 0);
		ebpf_map_hash_reader_hook = move_always;
		assert_null(map->ops->lookup(map, &(uint64_t){n}));
		ebpf_map_hash_reader_hook = NULL;
		assert_in_range(moves, 0, 300);
	}
	assert_true(turn > 20);
}

/*
 * Threads. Keys 0..STABLE-1 are never deleted: a reader must find them always,
 * whatever moves around them. The others come and go. Values tell their key.
 */
enum { STABLE = 64, MOVING = 192, ROUNDS = 60000 };

static unsigned int key_bytes;
static bool stop;

static void key_of(uint64_t k, void *key)
{
	memset(key, (int)k, key_bytes);
	memcpy(key, &k, key_bytes < 8 ? key_bytes : 8);
}

static void *move_keys(void *arg)
{
	uint64_t seed = (uintptr_t)arg, failed = 0;

	for (unsigned int n = 0; n < ROUNDS; n++) {
		_Alignas(8) unsigned char key[64];
		uint64_t k, value[2];

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		k = STABLE + (seed >> 40) % MOVING;
		key_of(k, key);
		value[0] = value[1] = k;
		if ((seed >> 33) & 1)
			failed += ebpf_map_update_elem(map, key, value, 0) != 0;
		else
			ebpf_map_delete_elem(map, key);
	}
	return (void *)(uintptr_t)failed;
}

static void *read_keys(void *arg)
{
	uint64_t seed = (uintptr_t)arg, failed = 0;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		_Alignas(8) unsigned char key[64], next[64];
		uint64_t k, value[2];
		int err;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		k = (seed >> 40) % STABLE;
		key_of(k, key);
		failed += map->ops->lookup(map, key) == NULL;
		failed += ebpf_map_lookup_elem(map, key, value, 0) || value[0] != k || value[1] != k;
		/* a moving one: there or not, but its own value */
		k = STABLE + (seed >> 33) % MOVING;
		key_of(k, key);
		err = ebpf_map_lookup_elem(map, key, value, 0);
		failed += err ? err != -ENOENT : value[0] != k || value[1] != k;
		/* the stable ones were inserted first, in order: each is followed by the next */
		k = (seed >> 20) % (STABLE - 1);
		key_of(k, key);
		failed += ebpf_map_next_key(map, key, next) != 0;
		key_of(k + 1, key);
		failed += memcmp(key, next, key_bytes) != 0;
	}
	return (void *)(uintptr_t)failed;
}

static void run_threads(unsigned int bytes)
{
	pthread_t movers[2], readers[2];
	uint64_t live = 0, n = 0, next[8];
	_Alignas(8) unsigned char key[64];
	void *failed;

	key_bytes = bytes;
	make(bytes, 16, STABLE + MOVING);
	for (uint64_t k = 0; k < STABLE; k++) {
		uint64_t value[2] = {k, k};

		key_of(k, key);
		assert_int_equal(ebpf_map_update_elem(map, key, value, 0), 0);
	}
	stop = false;
	for (uintptr_t i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&readers[i], NULL, read_keys, (void *)(i + 5)), 0);
		assert_int_equal(pthread_create(&movers[i], NULL, move_keys, (void *)(i + 1)), 0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(movers[i], &failed);
		assert_null(failed);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++) {
		pthread_join(readers[i], &failed);
		assert_null(failed);
	}
	for (uint64_t k = 0; k < STABLE + MOVING; k++) {
		key_of(k, key);
		live += map->ops->lookup(map, key) != NULL;
	}
	for (int err = ebpf_map_next_key(map, NULL, next); !err; err = ebpf_map_next_key(map, next, next))
		n++;
	assert_int_equal(n, live);
	/* nothing leaked out of the pool: it still takes every key */
	for (uint64_t k = 0; k < STABLE + MOVING; k++) {
		uint64_t value[2] = {k, k};

		key_of(k, key);
		assert_int_equal(ebpf_map_update_elem(map, key, value, 0), 0);
	}
	key_of(255, key);
	key[0] = 0xff;
	key[1] = 1;
	assert_int_equal(ebpf_map_update_elem(map, key, next, 0), -E2BIG);
}

static void test_hash_threads_word_keys(void **state)
{
	(void)state;
	run_threads(8);
}

static void test_hash_threads_small_keys(void **state)
{
	(void)state;
	run_threads(2);
}

static void test_hash_threads_long_keys(void **state)
{
	(void)state;
	run_threads(40);
}

/* Counting with atomic adds through looked-up addresses, while the same keys are updated with BPF_NOEXIST. */
static void *count_hits(void *arg)
{
	(void)arg;
	for (unsigned int n = 0; n < 50000; n++) {
		uint64_t key = n % 16, zero = 0, *slot;

		slot = map->ops->lookup(map, &key);
		if (!slot) {
			map->ops->update(map, &key, &zero, BPF_NOEXIST);
			slot = map->ops->lookup(map, &key);
		}
		__atomic_fetch_add(slot, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void test_hash_no_lost_update(void **state)
{
	pthread_t threads[4];
	uint64_t sum = 0;

	(void)state;
	make(8, 8, 16);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_hits, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (uint64_t k = 0; k < 16; k++)
		sum += (uint64_t)get(k);
	assert_int_equal(sum, 200000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hash_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_capacity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_key_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_next_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_value_address, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_random, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_million, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_starts_zeroed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_each_allocation_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_reader_loses_its_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_reader_on_moving_ground, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_threads_word_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_threads_small_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_threads_long_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_no_lost_update, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
