/* SPDX-License-Identifier: BSD-2-Clause */
/* Values without keys: queue, stack, bloom filter. */
#include "map_case.h"

static void push(uint64_t value, uint64_t flags, int expected)
{
	assert_int_equal(ebpf_map_update_elem(map, NULL, &value, flags), expected);
}

static void pop(uint64_t expected)
{
	uint64_t value = 0;

	assert_int_equal(ebpf_map_lookup_elem(map, NULL, &value, 0), 0); /* peek */
	assert_int_equal(value, expected);
	value = 0;
	assert_int_equal(ebpf_map_take_elem(map, NULL, &value, 0), 0);
	assert_int_equal(value, expected);
}

static void test_queue_order(void **state)
{
	uint64_t value = 77;

	(void)state;
	for (uint32_t type = BPF_MAP_TYPE_QUEUE; type <= BPF_MAP_TYPE_STACK; type++) {
		bool stack = type == BPF_MAP_TYPE_STACK;

		assert_int_equal(case_make(type, 0, 8, 3, 0), 0);
		for (unsigned int round = 0; round < 10; round++) {
			value = 77;
			assert_int_equal(ebpf_map_take_elem(map, NULL, &value, 0), -ENOENT);
			assert_int_equal(value, 0); /* as in Linux */
			assert_int_equal(ebpf_map_lookup_elem(map, NULL, &value, 0), -ENOENT);
			push(1, BPF_ANY, 0);
			push(2, BPF_ANY, 0);
			pop(stack ? 2 : 1);
			push(3, BPF_ANY, 0);
			push(4, BPF_EXIST, 0);
			push(5, BPF_ANY, -E2BIG);
			push(6, BPF_EXIST, 0); /* the oldest makes room */
			pop(stack ? 6 : 3);
			pop(4);
			pop(stack ? 3 : 6);
		}
	}
}

static void test_queue_errors(void **state)
{
	uint64_t value = 1;
	uint32_t key = 0;

	(void)state;
	for (uint32_t type = BPF_MAP_TYPE_QUEUE; type <= BPF_MAP_TYPE_STACK; type++) {
		union bpf_attr attr = case_attr(type, 0, 100, 1000, 0);

		case_starve(&attr);
		assert_int_equal(case_make(type, 4, 8, 1, 0), -EINVAL);
		assert_int_equal(case_make(type, 0, 0, 1, 0), -EINVAL);
		assert_int_equal(case_make(type, 0, 8, 0, 0), -EINVAL);
		assert_int_equal(case_make(type, 0, 8, 1, BPF_F_NO_PREALLOC), -EINVAL);
		assert_int_equal(case_make(type, 0, EBPF_MAX_VALUE_SIZE + 1, 1, 0), -E2BIG);
		assert_int_equal(case_make(type, 0, 8, 1, 0), 0);
		push(1, BPF_NOEXIST, -EINVAL);
		push(1, 4, -EINVAL);
		assert_int_equal(ebpf_map_delete_elem(map, NULL), -EINVAL);
		assert_int_equal(ebpf_map_next_key(map, NULL, &key), -EINVAL);
		assert_int_equal(ebpf_map_take_elem(map, NULL, &value, 4), -EINVAL);
		assert_null(map->ops->lookup(map, &key));
		assert_int_equal(map->ops->update(map, &key, &value, 0), -EINVAL);
		push(3, 0, 0);
		assert_false(ebpf_map_value_ok(map, (uintptr_t)map->values, 8)); /* nobody gets a pointer */
		assert_int_equal(ebpf_map_freeze(map), 0);
		assert_int_equal(ebpf_map_freeze(map), -EBUSY);
		push(4, BPF_EXIST, -EPERM);
		assert_int_equal(ebpf_map_take_elem(map, NULL, &value, 0), -EPERM);
		assert_int_equal(ebpf_map_lookup_elem(map, NULL, &value, 0), 0);
		assert_int_equal(value, 3);
		assert_int_equal(map->ops->push(map, &value, BPF_EXIST), 0); /* programs go on */
	}
}

/* What was put in is always found; of what was not, few. */
static void test_bloom(void **state)
{
	static const uint32_t sizes[] = {1, 3, 8, 12, 61};

	(void)state;
	for (size_t n = 0; n < COUNT_OF(sizes); n++) {
		for (uint64_t extra = 0; extra < 16; extra += 5) {
			union bpf_attr attr = case_attr(BPF_MAP_TYPE_BLOOM_FILTER, 0, sizes[n], 200, 0);
			unsigned char value[64 + 8];
			unsigned int lies = 0, count = sizes[n] == 1 ? 20 : 200;

			attr.map_extra = extra;
			assert_int_equal(case_try(&attr), 0);
			memset(value, 0, sizeof(value));
			for (unsigned int i = 0; i < count; i++) {
				value[i % 3] = (unsigned char)i; /* another place and alignment each time */
				memcpy(value + (i & 7), &i, sizes[n] < 4 ? sizes[n] : 4);
				assert_int_equal(ebpf_map_update_elem(map, NULL, value + (i & 7), 0), 0);
				assert_int_equal(ebpf_map_lookup_elem(map, NULL, value + (i & 7), 0), 0);
			}
			if (sizes[n] < 8)
				continue;
			for (unsigned int i = 0; i < 1000; i++) {
				uint64_t other = 0xabcd000000000000u + i;

				memset(value, 0x77, sizeof(value));
				memcpy(value, &other, 8);
				lies += ebpf_map_lookup_elem(map, NULL, value, 0) == 0;
			}
			assert_in_range(lies, 0, 100);
		}
	}
}

static void test_bloom_errors(void **state)
{
	union bpf_attr attr = case_attr(BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 1000, 0);
	uint64_t value = 1;
	uint32_t key = 0;

	(void)state;
	case_starve(&attr);
	assert_int_equal(ebpf_map_update_elem(map, NULL, &value, BPF_NOEXIST), -EINVAL);
	assert_int_equal(ebpf_map_delete_elem(map, NULL), -EOPNOTSUPP);
	assert_int_equal(ebpf_map_take_elem(map, NULL, &value, 0), -EOPNOTSUPP);
	assert_int_equal(ebpf_map_next_key(map, NULL, &key), -EOPNOTSUPP);
	assert_int_equal(ebpf_map_lookup_elem(map, NULL, &value, 0), -ENOENT);
	attr.map_extra = 16;
	assert_int_equal(case_try(&attr), -EINVAL);
	attr.map_extra = (uint64_t)1 << 40;
	assert_int_equal(case_try(&attr), -EINVAL);
	assert_int_equal(case_make(BPF_MAP_TYPE_BLOOM_FILTER, 4, 8, 1, 0), -EINVAL);
	assert_int_equal(case_make(BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 1, BPF_F_ZERO_SEED), -EPERM);
	assert_int_equal(case_make(BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, UINT32_MAX, 0), -ENOMEM);
	attr = case_attr(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	attr.map_extra = 1;
	assert_int_equal(case_try(&attr), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_queue_order),
		CASE(test_queue_errors),
		CASE(test_bloom),
		CASE(test_bloom_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
