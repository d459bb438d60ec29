/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps from user space, no program involved: an array of 512 values and a hash
 * table, every operation once, including those that must fail.
 *
 * Prints ("cmd = N" lines of the library left out):
 *	Start test on bpf array map, this is just a test in user space
 *	bpf array with fd: 3 created
 *	...
 *	bpf array tests PASSED
 *	...
 *	put kv: (...)		ten times
 *	get kv: (...)		ten times, in the table's own order
 *	...
 *	bpf hashmap tests OK
 *	ALL TEST PASSED!
 */
#include <assert.h>
#include <bpf.h>
#include <stdio.h>

#define MAX_ENTRIES 512
#define NR_KEYS 10

static void test_array(void)
{
	const uint64_t pattern = 0x1122334455667788;
	uint64_t value = 1;
	int key = 3, fd;

	printf("Start test on bpf array map, this is just a test in user space\n");
	fd = bpf_create_map(BPF_MAP_TYPE_ARRAY, sizeof(key), sizeof(value), MAX_ENTRIES);
	assert(fd > 0);
	printf("bpf array with fd: %d created\n", fd);

	assert(bpf_lookup_elem(fd, &key, &value) == 0);
	assert(value == 0);
	printf("lookup index %d: %lu, a new array is all zero\n", key, value);

	value = pattern;
	assert(bpf_update_elem(fd, &key, &value, BPF_ANY) == 0);
	printf("update index %d: %lx\n", key, value);

	key = MAX_ENTRIES + 1;
	assert(bpf_update_elem(fd, &key, &value, BPF_ANY) < 0);
	printf("update index %d: refused, behind the end\n", key);

	key = 3;
	assert(bpf_delete_elem(fd, &key) < 0);
	printf("delete index %d: refused, an array keeps its elements\n", key);

	value = 0;
	assert(bpf_lookup_elem(fd, &key, &value) == 0);
	assert(value == pattern);
	printf("lookup index %d: %lx\n", key, value);
	printf("bpf array tests PASSED\n");
}

static uint64_t nth_key(uint64_t i)
{
	return i * 0x2348fe12 + (86514 ^ i);
}

static void test_hash(void)
{
	uint64_t key, next_key, value;
	int fd, seen = 0;

	printf("Start test on bpf hash map, this is just a test in user space\n");
	fd = bpf_create_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(value), MAX_ENTRIES);
	assert(fd > 0);
	printf("bpf hash map with fd: %d created\n", fd);

	for (value = 1; value <= NR_KEYS; value++) {
		key = nth_key(value);
		printf("put kv: (%lx, %lu)\n", key, value);
		assert(bpf_update_elem(fd, &key, &value, BPF_ANY) == 0);
	}

	/* a key that is not in the table asks for the first one */
	key = 0;
	while (bpf_get_next_key(fd, &key, &next_key) == 0) {
		key = next_key;
		assert(bpf_lookup_elem(fd, &key, &value) == 0);
		assert(key == nth_key(value));
		printf("get kv: (%lx, %lu)\n", key, value);
		seen++;
	}
	assert(seen == NR_KEYS);

	key = nth_key(1);
	assert(bpf_delete_elem(fd, &key) == 0);
	printf("delete key %lx\n", key);
	assert(bpf_lookup_elem(fd, &key, &value) < 0);
	printf("lookup key %lx: not found any more\n", key);
	printf("bpf hashmap tests OK\n");
}

int main(void)
{
	test_array();
	test_hash();
	printf("ALL TEST PASSED!\n");
	return 0;
}
