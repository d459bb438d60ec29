/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF_MAP_TYPE_ARRAY: Linux's errnos, iteration, and updates from several harts at once. */
#include "limits.h"
#include "map.h"
#include "platform_host.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static size_t all_free;
static struct ebpf_map *map;

static void make(uint32_t value_size, uint32_t entries)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4};

	attr.value_size = value_size;
	attr.max_entries = entries;
	assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
	while (!ebpf_map_prepare(map))
		;
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	host_arena_init(8u << 20);
	all_free = ebpf_arena_free_bytes();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	map->obj.release(&map->obj);
	assert_int_equal(ebpf_arena_free_bytes(), all_free);
	return 0;
}

static void test_array_elements(void **state)
{
	uint64_t value;
	uint32_t i;

	(void)state;
	make(8, 5);
	for (i = 0; i < 5; i++) {
		value = 99;
		assert_int_equal(ebpf_map_lookup_elem(map, &i, &value, 0), 0);
		assert_int_equal(value, 0);
		value = 100 + i;
		assert_int_equal(ebpf_map_update_elem(map, &i, &value, i % 2 ? BPF_EXIST : BPF_ANY), 0);
	}
	for (i = 0; i < 5; i++) {
		uint64_t *slot = map->ops->lookup(map, &i);

		assert_int_equal(*slot, 100 + i);
		assert_true(ebpf_map_value_ok(map, (uintptr_t)slot, 8));
	}
}

static void test_array_errors(void **state)
{
	static const uint32_t outside[] = {5, 6, 0x80000000, 0xffffffff};
	uint64_t value = 7;
	uint32_t i = 0;

	(void)state;
	make(8, 5);
	assert_int_equal(ebpf_map_update_elem(map, &i, &value, BPF_NOEXIST), -EEXIST);
	assert_int_equal(ebpf_map_update_elem(map, &i, &value, 3), -EINVAL);
	assert_int_equal(ebpf_map_update_elem(map, &i, &value, BPF_F_LOCK), -EINVAL);
	assert_int_equal(ebpf_map_update_elem(map, &i, &value, UINT64_MAX), -EINVAL);
	assert_int_equal(ebpf_map_delete_elem(map, &i), -EINVAL);
	for (size_t n = 0; n < sizeof(outside) / sizeof(*outside); n++) {
		i = outside[n];
		assert_int_equal(ebpf_map_lookup_elem(map, &i, &value, 0), -ENOENT);
		assert_null(map->ops->lookup(map, &i));
		assert_int_equal(ebpf_map_update_elem(map, &i, &value, 0), -E2BIG);
		assert_int_equal(ebpf_map_update_elem(map, &i, &value, BPF_NOEXIST), -E2BIG);
		assert_int_equal(ebpf_map_update_elem(map, &i, &value, 3), -EINVAL);
		assert_int_equal(ebpf_map_delete_elem(map, &i), -EINVAL);
	}
	assert_int_equal(value, 7);
	for (i = 0; i < 5; i++) {
		assert_int_equal(ebpf_map_lookup_elem(map, &i, &value, 0), 0);
		assert_int_equal(value, 0);
	}
}

static void test_array_next_key(void **state)
{
	uint32_t key, next = 77;

	(void)state;
	make(8, 3);
	assert_int_equal(ebpf_map_next_key(map, NULL, &next), 0);
	assert_int_equal(next, 0);
	for (key = 0; key < 2; key++) {
		assert_int_equal(ebpf_map_next_key(map, &key, &next), 0);
		assert_int_equal(next, key + 1);
	}
	next = 77;
	assert_int_equal(ebpf_map_next_key(map, &key, &next), -ENOENT);
	assert_int_equal(next, 77);
	for (key = 3; key < 5; key++) {
		assert_int_equal(ebpf_map_next_key(map, &key, &next), 0);
		assert_int_equal(next, 0);
	}
	key = UINT32_MAX;
	assert_int_equal(ebpf_map_next_key(map, &key, &next), 0);
	assert_int_equal(next, 0);
}

/* Values of all sizes, keys and buffers at all alignments; nothing outside the value changes. */
static void test_array_sizes_and_alignments(void **state)
{
	(void)state;
	make(8, 1);
	for (uint32_t size = 1; size < 40; size++) {
		teardown(NULL);
		make(size, 3);
		for (unsigned int shift = 0; shift < 8; shift++) {
			unsigned char keys[16], in[64], out[64];
			uint32_t i = 1;

			memcpy(keys + shift, &i, 4);
			for (unsigned int b = 0; b < sizeof(in); b++)
				in[b] = (unsigned char)(b + shift + size);
			assert_int_equal(ebpf_map_update_elem(map, keys + shift, in + shift, 0), 0);
			memset(out, 0xee, sizeof(out));
			assert_int_equal(ebpf_map_lookup_elem(map, keys + shift, out + shift + 1, 0), 0);
			assert_memory_equal(out + shift + 1, in + shift, size);
			assert_int_equal(out[shift], 0xee);
			assert_int_equal(out[shift + 1 + size], 0xee);
			for (unsigned int b = size; b < map->value_stride; b++)
				assert_int_equal(map->values[map->value_stride + b], 0);
			for (unsigned int b = 0; b < size; b++) {
				assert_int_equal(map->values[b], 0);
				assert_int_equal(map->values[2 * map->value_stride + b], 0);
			}
		}
	}
}

static void *writer(void *arg)
{
	uint64_t id = (uintptr_t)arg;

	for (unsigned int n = 0; n < 100000; n++) {
		uint32_t i = n % 4;
		uint64_t value = (id << 32 | n) * 0x0000000100000001u;

		if (ebpf_map_update_elem(map, &i, &value, 0))
			return arg;
	}
	return NULL;
}

/* Words are never torn: each value read is one that somebody wrote. */
static void test_array_threads(void **state)
{
	pthread_t threads[3];
	void *failed;

	(void)state;
	make(8, 4);
	for (uintptr_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, writer, (void *)(i + 1)), 0);
	for (unsigned int n = 0; n < 200000; n++) {
		uint32_t i = n % 4;
		uint64_t value;

		assert_int_equal(ebpf_map_lookup_elem(map, &i, &value, 0), 0);
		assert_in_range((uint32_t)((value >> 32) - (uint32_t)value), 0, 3);
	}
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_array_elements, setup, teardown),
		cmocka_unit_test_setup_teardown(test_array_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_array_next_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_array_sizes_and_alignments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_array_threads, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
