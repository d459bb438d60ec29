/* SPDX-License-Identifier: BSD-2-Clause */
/* The trie against a list that is searched from one end to the other. */
#include "map_case.h"

#define ENTRIES 40u

struct key {
	uint32_t bits;
	uint8_t data[3];
};

static struct {
	struct key key;
	uint64_t value;
	bool used;
} model[ENTRIES];
static uint32_t model_count;
static uint64_t rng;

static uint32_t below(uint32_t n)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(rng >> 33) % n;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, uint32_t bits)
{
	for (uint32_t i = 0; i < bits; i++)
		if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

/* The exact element, or of all that match the one with most bits; ENTRIES if there is none. */
static uint32_t model_find(const struct key *key, bool exact)
{
	uint32_t best = ENTRIES;

	for (uint32_t i = 0; i < ENTRIES; i++) {
		if (!model[i].used || model[i].key.bits > key->bits ||
		    !same_bits(model[i].key.data, key->data, model[i].key.bits))
			continue;
		if (exact ? model[i].key.bits == key->bits
			  : best == ENTRIES || model[i].key.bits > model[best].key.bits)
			best = i;
	}
	return best;
}

/* Few different bits, so that prefixes meet often */
static struct key random_key(void)
{
	struct key key = {.bits = below(25)};

	key.data[0] = (uint8_t)(below(4) * 0x55);
	key.data[1] = (uint8_t)(below(3) << 6 | below(2));
	key.data[2] = (uint8_t)(1u << below(8));
	return key;
}

static void random_update(void)
{
	struct key key = random_key();
	uint32_t flags = below(3), at = model_find(&key, true);
	uint64_t value = rng;
	int expected = 0;

	if (at != ENTRIES && flags == BPF_NOEXIST)
		expected = -EEXIST;
	else if (at == ENTRIES && flags == BPF_EXIST)
		expected = -ENOENT;
	else if (at == ENTRIES && model_count == map->max_entries)
		expected = -ENOSPC;
	assert_int_equal(ebpf_map_update_elem(map, &key, &value, flags), expected);
	if (expected)
		return;
	if (at == ENTRIES) {
		for (at = 0; model[at].used; at++)
			;
		model_count++;
	}
	model[at].used = true;
	model[at].key = key;
	model[at].value = value;
}

static void random_delete(void)
{
	struct key key = random_key();
	uint32_t at = model_find(&key, true);

	assert_int_equal(ebpf_map_delete_elem(map, &key), at == ENTRIES ? -ENOENT : 0);
	if (at != ENTRIES) {
		model[at].used = false;
		model_count--;
	}
}

static void check_lookups(void)
{
	for (unsigned int n = 0; n < 20; n++) {
		struct key key = random_key();
		uint32_t at = model_find(&key, false);
		const uint64_t *value = map->ops->lookup(map, &key);

		if (at == ENTRIES) {
			assert_null(value);
			continue;
		}
		assert_non_null(value);
		assert_true(ebpf_map_value_ok(map, (uintptr_t)value, 8));
		assert_int_equal(*value, model[at].value);
	}
}

/* Each key once, and none before all that lie below it. */
static void check_walk(void)
{
	struct key key, next, seen[ENTRIES];
	uint32_t n = 0;

	for (const struct key *at = NULL; !ebpf_map_next_key(map, at, &next); at = &key) {
		key = next;
		assert_true(n < ENTRIES);
		assert_int_not_equal(model_find(&key, true), ENTRIES);
		for (uint32_t i = 0; i < n; i++)
			assert_false(seen[i].bits <= key.bits && same_bits(seen[i].data, key.data, seen[i].bits));
		seen[n++] = key;
	}
	assert_int_equal(n, model_count);
}

static void test_lpm_model(void **state)
{
	(void)state;
	for (uint32_t entries = 1; entries <= ENTRIES; entries = entries * 2 + 1) {
		memset(model, 0, sizeof(model));
		model_count = 0;
		rng = entries;
		assert_int_equal(case_make(BPF_MAP_TYPE_LPM_TRIE, 7, 8, entries, BPF_F_NO_PREALLOC), 0);
		for (unsigned int n = 0; n < 3000; n++) {
			if (below(5) < 3)
				random_update();
			else
				random_delete();
			check_lookups();
			if (n % 16 == 0)
				check_walk();
		}
	}
}

static void test_lpm_errors(void **state)
{
	union bpf_attr attr = case_attr(BPF_MAP_TYPE_LPM_TRIE, 8, 24, 100, BPF_F_NO_PREALLOC);
	struct {
		uint32_t bits;
		uint8_t data[4];
	} key = {33, {0}};
	uint64_t value[3] = {0};

	(void)state;
	case_starve(&attr);
	assert_int_equal(ebpf_map_update_elem(map, &key, value, 0), -EINVAL);
	assert_int_equal(ebpf_map_lookup_elem(map, &key, value, 0), -ENOENT);
	assert_int_equal(ebpf_map_delete_elem(map, &key), -EINVAL);
	key.bits = UINT32_MAX;
	assert_int_equal(ebpf_map_update_elem(map, &key, value, 0), -EINVAL);
	key.bits = 32;
	assert_int_equal(ebpf_map_update_elem(map, &key, value, 3), -EINVAL);
	assert_int_equal(ebpf_map_take_elem(map, &key, value, 0), -ENOTSUPP);
	assert_int_equal(ebpf_map_next_key(map, NULL, &key), -ENOENT);
	assert_int_equal(case_make(BPF_MAP_TYPE_LPM_TRIE, 8, 8, 100, 0), -EINVAL);
	assert_int_equal(case_make(BPF_MAP_TYPE_LPM_TRIE, 4, 8, 100, BPF_F_NO_PREALLOC), -EINVAL);
	assert_int_equal(case_make(BPF_MAP_TYPE_LPM_TRIE, 261, 8, 100, BPF_F_NO_PREALLOC), -EINVAL);
	assert_int_equal(case_make(BPF_MAP_TYPE_LPM_TRIE, 8, 0, 100, BPF_F_NO_PREALLOC), -EINVAL);
	assert_int_equal(case_make(BPF_MAP_TYPE_LPM_TRIE, 260, 8, 100, BPF_F_NO_PREALLOC), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {CASE(test_lpm_model), CASE(test_lpm_errors)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
