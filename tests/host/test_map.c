/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all maps have in common: BPF_MAP_CREATE's checks and errnos, names,
 * rights, clearing in slices, and giving everything back when memory is short.
 */
#include "limits.h"
#include "map.h"
#include "platform_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define ARENA (4u << 20)

static size_t all_free;

static int setup(void **state)
{
	(void)state;
	host_reset();
	host_arena_init(ARENA);
	all_free = ebpf_arena_free_bytes();
	ebpf_arena_fail(0, false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ebpf_arena_fail(0, false);
	assert_int_equal(ebpf_arena_free_bytes(), all_free);
	assert_true(ebpf_arena_consistent());
	assert_string_equal(host_log_line, "");
	return 0;
}

static const union bpf_attr good_hash = {
	.map_type = BPF_MAP_TYPE_HASH,
	.key_size = 8,
	.value_size = 8,
	.max_entries = 10,
	.map_name = "good_1.x",
};

static const union bpf_attr good_array = {
	.map_type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 10,
};

static int try(const union bpf_attr *attr)
{
	struct ebpf_account account = {.limit = UINT64_MAX};
	struct ebpf_map *map = NULL;
	int err = ebpf_map_create(attr, &account, &map);

	if (err) {
		assert_null(map);
	} else {
		assert_int_equal(account.used, all_free - ebpf_arena_free_bytes());
		while (!ebpf_map_prepare(map))
			;
		assert_int_equal(map->obj.refs, 1);
		assert_int_equal(map->obj.type, EBPF_OBJ_MAP);
		assert_ptr_equal(map->obj.account, &account);
		map->obj.release(&map->obj);
	}
	assert_int_equal(account.used, 0);
	assert_int_equal(ebpf_arena_free_bytes(), all_free);
	return err;
}

#define WITH(good, field, value)                                                                                       \
	({                                                                                                             \
		union bpf_attr attr_ = (good);                                                                         \
		attr_.field = (value);                                                                                 \
		try(&attr_);                                                                                           \
	})

static void test_map_create(void **state)
{
	(void)state;
	assert_int_equal(try(&good_hash), 0);
	assert_int_equal(try(&good_array), 0);
}

static void test_map_create_types(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 40; type++)
		if (!ebpf_map_ops_of(type))
			assert_int_equal(WITH(good_hash, map_type, type), -EINVAL);
	assert_null(ebpf_map_ops_of(BPF_MAP_TYPE_UNSPEC));
	assert_string_equal(ebpf_map_ops_of(BPF_MAP_TYPE_HASH)->name, "hash");
	assert_string_equal(ebpf_map_ops_of(BPF_MAP_TYPE_ARRAY)->name, "array");
	assert_int_equal(WITH(good_hash, map_type, UINT32_MAX), -EINVAL);
}

static void test_map_create_sizes(void **state)
{
	static const uint32_t array_keys[] = {1, 2, 3, 5, 8, 0xffffffff};

	(void)state;
	assert_int_equal(WITH(good_hash, key_size, 0), -EINVAL);
	assert_int_equal(WITH(good_hash, value_size, 0), -EINVAL);
	assert_int_equal(WITH(good_hash, max_entries, 0), -EINVAL);
	assert_int_equal(WITH(good_hash, key_size, EBPF_MAX_KEY_SIZE), 0);
	assert_int_equal(WITH(good_hash, key_size, EBPF_MAX_KEY_SIZE + 1), -E2BIG);
	assert_int_equal(WITH(good_hash, key_size, UINT32_MAX), -E2BIG);
	assert_int_equal(WITH(good_hash, value_size, EBPF_MAX_VALUE_SIZE), 0);
	assert_int_equal(WITH(good_hash, value_size, EBPF_MAX_VALUE_SIZE + 1), -E2BIG);
	assert_int_equal(WITH(good_hash, value_size, UINT32_MAX), -E2BIG);
	assert_int_equal(WITH(good_hash, max_entries, UINT32_MAX), -E2BIG);
	assert_int_equal(WITH(good_hash, max_entries, 1u << 30), -ENOMEM);

	assert_int_equal(WITH(good_array, key_size, 0), -EINVAL);
	for (size_t i = 0; i < sizeof(array_keys) / sizeof(*array_keys); i++)
		assert_int_equal(WITH(good_array, key_size, array_keys[i]), -EINVAL);
	assert_int_equal(WITH(good_array, value_size, 0), -EINVAL);
	assert_int_equal(WITH(good_array, max_entries, 0), -EINVAL);
	assert_int_equal(WITH(good_array, value_size, EBPF_MAX_VALUE_SIZE), 0);
	assert_int_equal(WITH(good_array, value_size, EBPF_MAX_VALUE_SIZE + 1), -E2BIG);
	assert_int_equal(WITH(good_array, max_entries, UINT32_MAX), -ENOMEM);
}

static void test_map_create_flags(void **state)
{
	const uint32_t both = BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;

	(void)state;
	for (unsigned int bit = 0; bit < 32; bit++) {
		uint32_t flag = 1u << bit;
		int hash = flag == BPF_F_ZERO_SEED ? -EPERM : (flag & both) || flag == BPF_F_NO_PREALLOC ? 0 : -EINVAL;

		assert_int_equal(WITH(good_hash, map_flags, flag), hash);
		assert_int_equal(WITH(good_array, map_flags, flag), flag & both ? 0 : -EINVAL);
	}
	assert_int_equal(WITH(good_hash, map_flags, BPF_F_RDONLY | BPF_F_WRONLY), -EINVAL);
	assert_int_equal(WITH(good_array, map_flags, BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG), -EINVAL);
	assert_int_equal(WITH(good_array, map_flags, BPF_F_RDONLY | BPF_F_WRONLY_PROG), 0);
}

static void test_map_create_other_fields(void **state)
{
	(void)state;
	assert_int_equal(WITH(good_hash, map_ifindex, 1), -EINVAL);
	assert_int_equal(WITH(good_hash, map_extra, 1), -EINVAL);
	assert_int_equal(WITH(good_hash, btf_vmlinux_value_type_id, 1), -EINVAL);
	assert_int_equal(WITH(good_hash, btf_fd, 7), 0); /* without type ids nobody looks at it, as in Linux */
}

static int try_name(const char *name, size_t len)
{
	union bpf_attr attr = good_hash;

	memset(attr.map_name, 0, sizeof(attr.map_name));
	memcpy(attr.map_name, name, len);
	return try(&attr);
}

static void test_map_create_names(void **state)
{
	(void)state;
	assert_int_equal(try_name("", 0), 0);
	assert_int_equal(try_name("azAZ09_.abcdefg", 15), 0);
	assert_int_equal(try_name("azAZ09_.abcdefgh", 16), -EINVAL); /* no NUL */
	assert_int_equal(try_name("a\0!?", 4), 0);
	for (int c = 1; c < 256; c++) {
		char name[2] = {'x', (char)c};
		bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
			  c == '.';

		assert_int_equal(try_name(name, 2), ok ? 0 : -EINVAL);
	}
}

static void test_map_create_name_kept(void **state)
{
	union bpf_attr attr = good_hash;
	struct ebpf_map *map;

	(void)state;
	memcpy(attr.map_name, "ab\0zz", 5);
	assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
	assert_memory_equal(map->name, "ab\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	map->obj.release(&map->obj);
}

static void test_map_create_each_allocation_fails(void **state)
{
	const union bpf_attr *attrs[] = {&good_hash, &good_array};

	(void)state;
	for (int i = 0; i < 2; i++)
		for (uint64_t n = 1;; n++) {
			int err;

			ebpf_arena_fail(n, false);
			err = try(attrs[i]);
			if (ebpf_arena_allocs() < n) {
				assert_int_equal(err, 0);
				assert_true(n > 2);
				break;
			}
			assert_int_equal(err, -ENOMEM);
		}
}

static void test_map_create_account_limit(void **state)
{
	struct ebpf_account account = {.limit = 0};
	struct ebpf_map *map;
	unsigned int steps = 0;

	(void)state;
	while (ebpf_map_create(&good_hash, &account, &map)) {
		assert_int_equal(account.used, 0);
		account.limit += 16;
		assert_true(++steps < 1000);
	}
	assert_in_range(account.used, account.limit - 15, account.limit);
	map->obj.release(&map->obj);
	assert_int_equal(account.used, 0);
}

/* Memory that was somebody's comes out zero, a slice at a time. */
static void test_map_prepare_slices(void **state)
{
	union bpf_attr attr = good_array;
	unsigned int slices = 1;
	struct ebpf_map *map;

	(void)state;
	attr.max_entries = 3 * EBPF_SLICE_BYTES / 8 + 1;
	attr.value_size = 5;
	assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
	memset(map->values, 0xff, (size_t)map->nr_values * map->value_stride);
	for (; !ebpf_map_prepare(map); slices++)
		assert_int_equal(map->values[map->prepared], 0xff); /* not more than it says */
	assert_int_equal(slices, 4);
	for (size_t i = 0; i < (size_t)map->nr_values * map->value_stride; i++)
		assert_int_equal(map->values[i], 0);
	map->obj.release(&map->obj);
}

static struct ebpf_map *make(const union bpf_attr *good, uint32_t flags)
{
	union bpf_attr attr = *good;
	struct ebpf_map *map;

	attr.map_flags = flags;
	assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
	while (!ebpf_map_prepare(map))
		;
	return map;
}

/* bpf(2)'s rights and the programs' rights are apart. */
static void test_map_rights(void **state)
{
	const union bpf_attr *attrs[] = {&good_hash, &good_array};
	uint64_t key = 1, value = 2;

	(void)state;
	for (int i = 0; i < 2; i++) {
		int del = i == 0 ? 0 : -EINVAL;
		struct ebpf_map *map = make(attrs[i], BPF_F_RDONLY);

		assert_int_equal(ebpf_map_update_elem(map, &key, &value, 0), -EPERM);
		assert_int_equal(ebpf_map_delete_elem(map, &key), -EPERM);
		assert_int_equal(ebpf_map_prog_update(map, &key, &value, 0), 0);
		assert_int_equal(ebpf_map_lookup_elem(map, &key, &value, 0), 0);
		assert_int_equal(ebpf_map_next_key(map, NULL, &key), 0);
		map->obj.release(&map->obj);

		key = 1;
		map = make(attrs[i], BPF_F_WRONLY);
		assert_int_equal(ebpf_map_update_elem(map, &key, &value, 0), 0);
		assert_int_equal(ebpf_map_lookup_elem(map, &key, &value, 0), -EPERM);
		assert_int_equal(ebpf_map_next_key(map, NULL, &key), -EPERM);
		assert_non_null(ebpf_map_prog_lookup(map, &key));
		assert_int_equal(ebpf_map_delete_elem(map, &key), del);
		map->obj.release(&map->obj);

		map = make(attrs[i], BPF_F_RDONLY_PROG);
		assert_int_equal(ebpf_map_update_elem(map, &key, &value, 0), 0);
		assert_int_equal(ebpf_map_prog_update(map, &key, &value, 0), -EPERM);
		assert_int_equal(ebpf_map_prog_delete(map, &key), -EPERM);
		assert_non_null(ebpf_map_prog_lookup(map, &key));
		assert_true(ebpf_map_prog_may(map, false));
		assert_false(ebpf_map_prog_may(map, true));
		map->obj.release(&map->obj);

		map = make(attrs[i], BPF_F_WRONLY_PROG);
		assert_int_equal(ebpf_map_prog_update(map, &key, &value, 0), 0);
		assert_null(ebpf_map_prog_lookup(map, &key));
		assert_int_equal(ebpf_map_prog_delete(map, &key), del);
		assert_false(ebpf_map_prog_may(map, false));
		map->obj.release(&map->obj);
	}
}

static void test_map_lookup_flags(void **state)
{
	struct ebpf_map *map = make(&good_array, 0);
	uint64_t value, key = 0;

	(void)state;
	assert_int_equal(ebpf_map_lookup_elem(map, &key, &value, 1), -EINVAL);
	assert_int_equal(ebpf_map_lookup_elem(map, &key, &value, BPF_F_LOCK), -EINVAL);
	map->obj.release(&map->obj);
}

/* Whatever the size, each value begins where a program may use 8-byte atomics. */
static void test_map_values_aligned(void **state)
{
	union bpf_attr attr = good_array;
	struct ebpf_map *map;

	(void)state;
	for (attr.value_size = 1; attr.value_size < 40; attr.value_size++) {
		assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
		assert_int_equal((uintptr_t)map->values % 16, 0);
		assert_int_equal(map->value_stride % 8, 0);
		assert_in_range(map->value_stride, attr.value_size, attr.value_size + 7);
		map->obj.release(&map->obj);
	}
}

/* Every address around three values of 5 bytes in slots of 8. */
static void test_map_value_ok(void **state)
{
	union bpf_attr attr = good_array;
	struct ebpf_map *map;
	uint64_t base;

	(void)state;
	attr.value_size = 5;
	attr.max_entries = 3;
	assert_int_equal(ebpf_map_create(&attr, NULL, &map), 0);
	base = (uintptr_t)map->values;
	for (int at = -20; at < 40; at++)
		for (uint64_t size = 0; size < 12; size++) {
			bool inside = at >= 0 && at < 24 && at % 8 + (int)size <= 5;

			assert_int_equal(ebpf_map_value_ok(map, base + (uint64_t)(int64_t)at, size), inside);
		}
	assert_false(ebpf_map_value_ok(map, base, UINT64_MAX));
	assert_false(ebpf_map_value_ok(map, base + 1, UINT64_MAX));
	assert_false(ebpf_map_value_ok(map, 0, 1));
	assert_false(ebpf_map_value_ok(map, UINT64_MAX, 1));
	map->obj.release(&map->obj);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_map_create, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_create_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_create_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_create_flags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_create_other_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_create_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_create_name_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_create_each_allocation_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_create_account_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_prepare_slices, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_rights, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_lookup_flags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_value_ok, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_values_aligned, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
