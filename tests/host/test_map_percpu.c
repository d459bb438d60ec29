/* SPDX-License-Identifier: BSD-2-Clause */
/* A value for each hart: what programs and what bpf(2) see of it; the LRU tables. */
#include "map_case.h"

#define HARTS 3u

static const uint32_t kinds[] = {BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH};

static int setup(void **state)
{
	case_setup(state);
	host_hart_count = HARTS;
	return 0;
}

#define HART_CASE(name) cmocka_unit_test_setup_teardown(name, setup, case_teardown)

/* A 12-byte value: 16 bytes for each hart in a buffer of bpf(2). */
struct value {
	uint32_t word[3];
};

static void test_percpu_views(void **state)
{
	(void)state;
	for (size_t n = 0; n < COUNT_OF(kinds); n++) {
		uint64_t all[2 * HARTS], back[2 * HARTS];
		uint32_t key = 2;
		struct value *mine;

		assert_int_equal(case_make(kinds[n], 4, sizeof(struct value), 5, 0), 0);
		assert_int_equal(map->user_size, 16 * HARTS);
		for (unsigned int i = 0; i < 2 * HARTS; i++)
			all[i] = 0x1111111111111111u * (i + 1);
		assert_int_equal(ebpf_map_update_elem(map, &key, all, BPF_ANY), 0);
		for (host_hart = 0; host_hart < HARTS; host_hart++) {
			mine = map->ops->lookup(map, &key);
			assert_non_null(mine);
			assert_true(ebpf_map_value_ok(map, (uintptr_t)mine, sizeof(*mine)));
			assert_memory_equal(mine, &all[2 * host_hart], sizeof(*mine));
			assert_ptr_equal(map->ops->lookup_on(map, &key, host_hart), mine);
			mine->word[0] = host_hart + 100;
		}
		host_hart = 0;
		memset(back, 0xee, sizeof(back));
		assert_int_equal(ebpf_map_lookup_elem(map, &key, back, 0), 0);
		for (unsigned int i = 0; i < HARTS; i++) {
			assert_int_equal((uint32_t)back[2 * i], 100 + i);
			assert_int_equal(back[2 * i] >> 32, all[2 * i] >> 32);
			assert_int_equal(back[2 * i + 1], (uint32_t)all[2 * i + 1]); /* the padding is 0 */
		}
	}
}

/* A program that makes an element sets its own value; the others' are 0, also where an element was before. */
static void test_percpu_program_update(void **state)
{
	static const uint32_t hashes[] = {BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH};

	(void)state;
	for (size_t n = 0; n < COUNT_OF(hashes); n++) {
		uint64_t all[HARTS] = {7, 8, 9}, key = 1, value = 55;

		assert_int_equal(case_make(hashes[n], 8, 8, 1, 0), 0);
		assert_int_equal(ebpf_map_update_elem(map, &key, all, BPF_ANY), 0);
		assert_int_equal(ebpf_map_delete_elem(map, &key), 0);
		host_hart = 1;
		key = 2;
		assert_int_equal(map->ops->update(map, &key, &value, BPF_NOEXIST), 0);
		assert_int_equal(map->ops->update(map, &key, &value, BPF_NOEXIST), -EEXIST);
		value = 66;
		host_hart = 2;
		assert_int_equal(map->ops->update(map, &key, &value, BPF_EXIST), 0);
		host_hart = 0;
		assert_int_equal(ebpf_map_lookup_elem(map, &key, all, 0), 0);
		assert_int_equal(all[0], 0);
		assert_int_equal(all[1], 55);
		assert_int_equal(all[2], 66);
		memset(all, 0, sizeof(all));
		assert_int_equal(ebpf_map_take_elem(map, &key, all, 0), 0);
		assert_int_equal(all[2], 66);
		assert_int_equal(ebpf_map_take_elem(map, &key, all, 0), -ENOENT);
		assert_null(map->ops->lookup(map, &key));
	}
}

static void test_percpu_array_errors(void **state)
{
	uint64_t all[HARTS] = {1, 2, 3};
	uint32_t key = 4;

	(void)state;
	assert_int_equal(case_make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 4, 0), 0);
	assert_int_equal(ebpf_map_update_elem(map, &key, all, BPF_ANY), -E2BIG);
	assert_int_equal(ebpf_map_lookup_elem(map, &key, all, 0), -ENOENT);
	assert_null(map->ops->lookup(map, &key));
	key = 0;
	assert_int_equal(ebpf_map_update_elem(map, &key, all, BPF_NOEXIST), -EEXIST);
	assert_int_equal(ebpf_map_update_elem(map, &key, all, 3), -EINVAL);
	assert_int_equal(ebpf_map_delete_elem(map, &key), -EINVAL);
	assert_int_equal(ebpf_map_take_elem(map, &key, all, 0), -ENOTSUPP);
	assert_int_equal(ebpf_map_next_key(map, NULL, &key), 0);
	assert_int_equal(key, 0);
}

static void test_percpu_sizes(void **state)
{
	(void)state;
	for (size_t n = 0; n < COUNT_OF(kinds); n++) {
		union bpf_attr attr = case_attr(kinds[n], 4, 24, 7, 0);

		case_starve(&attr);
		/* all values of an element are copied in one call: 21840 * 3 fit, 21848 * 3 do not */
		assert_int_equal(case_make(kinds[n], 4, 21840, 1, 0), 0);
		assert_int_equal(case_make(kinds[n], 4, 21841, 1, 0), -E2BIG);
		assert_int_equal(case_make(kinds[n], 4, UINT32_MAX, 1, 0), -E2BIG);
		assert_int_equal(case_make(kinds[n], 4, 0, 1, 0), -EINVAL);
		assert_int_equal(case_make(kinds[n], 4, 8, 0, 0), -EINVAL);
		assert_int_not_equal(case_make(kinds[n], 4, 8, UINT32_MAX / HARTS + 1, 0), 0);
	}
}

/* Any sequence of calls gives what a table of arrays gives. */
static void test_percpu_hash_model(void **state)
{
	static uint64_t model[16][HARTS];
	static bool there[16];
	uint64_t random = 1, all[HARTS];

	(void)state;
	memset(there, 0, sizeof(there));
	assert_int_equal(case_make(BPF_MAP_TYPE_PERCPU_HASH, 8, 8, 16, 0), 0);
	for (unsigned int n = 0; n < 20000; n++) {
		uint64_t key, value;

		random = random * 6364136223846793005u + 1442695040888963407u;
		key = random >> 60;
		value = random >> 20;
		host_hart = (unsigned int)(random >> 33) % HARTS;
		switch (random >> 40 & 3) {
		case 0:
			assert_int_equal(map->ops->update(map, &key, &value, 0), 0);
			if (!there[key])
				memset(model[key], 0, sizeof(model[key]));
			model[key][host_hart] = value;
			there[key] = true;
			break;
		case 1:
			assert_int_equal(ebpf_map_delete_elem(map, &key), there[key] ? 0 : -ENOENT);
			there[key] = false;
			break;
		case 2:
			assert_int_equal(ebpf_map_lookup_elem(map, &key, all, 0), there[key] ? 0 : -ENOENT);
			if (there[key])
				assert_memory_equal(all, model[key], sizeof(all));
			break;
		default:
			for (unsigned int i = 0; i < HARTS; i++)
				model[key][i] = value + i;
			memcpy(all, model[key], sizeof(all));
			assert_int_equal(ebpf_map_update_elem(map, &key, all, 0), 0);
			there[key] = true;
		}
	}
	host_hart = 0;
}

/* ---------------------------------------------------------------------- LRU */

static void put(uint64_t key)
{
	uint64_t value = key * 10;

	assert_int_equal(map->ops->update(map, &key, &value, BPF_ANY), 0);
}

static bool has(uint64_t key)
{
	uint64_t value;
	int err = ebpf_map_lookup_elem(map, &key, &value, 0); /* from bpf(2): no use */

	assert_true(err == 0 || err == -ENOENT);
	if (!err)
		assert_int_equal(value, key * 10);
	return !err;
}

static void test_lru_drops_what_is_not_used(void **state)
{
	uint64_t key = 1;

	(void)state;
	assert_int_equal(case_make(BPF_MAP_TYPE_LRU_HASH, 8, 8, 4, 0), 0);
	for (uint64_t i = 1; i <= 4; i++)
		put(i);
	assert_non_null(map->ops->lookup(map, &key)); /* 1 was used */
	assert_true(has(2));			      /* a look from bpf(2) does not count */
	put(5);
	assert_false(has(2));
	assert_true(has(1) && has(3) && has(4) && has(5));
	key = 4;
	put(4); /* an update counts */
	put(6);
	assert_false(has(3));
	put(7);		      /* 4 and 1 were used before, 5 was not */
	assert_false(has(1)); /* used once, looked at once since: its turn */
	assert_true(has(4) && has(5) && has(6) && has(7));
}

/* Always room, never more than max_entries, and what is put in is there afterwards. */
static void test_lru_never_full(void **state)
{
	static const uint32_t sizes[] = {1, 2, 3, 64, 100, 200};

	(void)state;
	for (size_t n = 0; n < COUNT_OF(sizes); n++) {
		uint64_t key, next, count = 0;

		assert_int_equal(case_make(BPF_MAP_TYPE_LRU_HASH, 8, 8, sizes[n], 0), 0);
		for (uint64_t i = 0; i < 5000; i++) {
			put(i);
			assert_true(has(i));
			for (key = 0; key < i; key += 1 + i / 7)
				map->ops->lookup(map, &key); /* all that is left is used */
		}
		for (uint64_t *at = NULL; !ebpf_map_next_key(map, at, &next); at = &key) {
			key = next;
			count++;
		}
		assert_int_equal(count, sizes[n]);
	}
}

static void test_lru_long_keys(void **state)
{
	struct {
		uint64_t word[3];
	} key = {{1, 2, 3}};
	uint32_t value = 1;

	(void)state;
	assert_int_equal(case_make(BPF_MAP_TYPE_LRU_HASH, sizeof(key), 4, 10, BPF_F_NO_COMMON_LRU), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		key.word[1] = i;
		value = i;
		assert_int_equal(ebpf_map_update_elem(map, &key, &value, BPF_NOEXIST), 0);
		assert_int_equal(ebpf_map_lookup_elem(map, &key, &value, 0), 0);
		assert_int_equal(value, i);
	}
	key.word[1] = 0;
	assert_int_equal(ebpf_map_lookup_elem(map, &key, &value, 0), -ENOENT);
	assert_int_equal(ebpf_map_update_elem(map, &key, &value, BPF_EXIST), -ENOENT);
	assert_int_equal(ebpf_map_update_elem(map, &key, &value, 7), -EINVAL);
	key.word[1] = 999;
	assert_int_equal(ebpf_map_take_elem(map, &key, &value, 0), 0);
	assert_int_equal(value, 999);
	assert_int_equal(ebpf_map_delete_elem(map, &key), -ENOENT);
}

static void test_lru_making(void **state)
{
	union bpf_attr attr = case_attr(BPF_MAP_TYPE_LRU_HASH, 8, 8, 100, 0);

	(void)state;
	case_starve(&attr);
	assert_int_equal(case_make(BPF_MAP_TYPE_LRU_HASH, 8, 8, 100, BPF_F_NO_PREALLOC), -ENOTSUPP);
	assert_int_equal(case_make(BPF_MAP_TYPE_LRU_HASH, 0, 8, 100, 0), -EINVAL);
	assert_int_equal(case_make(BPF_MAP_TYPE_LRU_HASH, 8, 8, 100, BPF_F_MMAPABLE), -EINVAL);
	assert_int_equal(case_make(BPF_MAP_TYPE_HASH, 8, 8, 100, BPF_F_NO_COMMON_LRU), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		HART_CASE(test_percpu_views),
		HART_CASE(test_percpu_program_update),
		HART_CASE(test_percpu_array_errors),
		HART_CASE(test_percpu_sizes),
		HART_CASE(test_percpu_hash_model),
		CASE(test_lru_drops_what_is_not_used),
		CASE(test_lru_never_full),
		CASE(test_lru_long_keys),
		CASE(test_lru_making),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
