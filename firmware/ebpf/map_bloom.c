/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_BLOOM_FILTER: was this value ever put in? "No" is certain, "yes"
 * is likely. Bits are only ever set, so nobody needs a lock. map_extra is the
 * number of hash functions (0: 5); the bits are as many as Linux has, for
 * max_entries values. Hashed with a seed of its own, so that no one can choose
 * values that collide.
 */
#include "map.h"

#include "bits.h"
#include "limits.h"
#include "mem.h"
#include "platform.h"

#define DEFAULT_HASHES 5u
#define MAX_HASHES 15u
#define MAX_BITS ((uint64_t)1 << 32)

struct bloom {
	uint64_t seed, factor;
	uint32_t nr_hashes;
	uint64_t mask; /* bits - 1; the words are map->values */
};

static uint32_t hashes_of(uint64_t extra)
{
	return extra ? (uint32_t)extra : DEFAULT_HASHES;
}

/* ln 2 is about 5/7: entries * hashes / ln 2, rounded up to a power of two, at least a word. */
static uint64_t bits_for(uint32_t entries, uint32_t hashes)
{
	uint64_t bits = (uint64_t)entries * hashes / 5 * 7;

	if (bits >= MAX_BITS)
		return MAX_BITS;
	return bits <= 64 ? 64 : (uint64_t)2 << ebpf_log2(bits - 1);
}

static int bloom_check(const union bpf_attr *attr)
{
	const uint32_t allowed = BPF_F_ZERO_SEED | BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;

	if (attr->map_flags & BPF_F_ZERO_SEED)
		return -EPERM; /* as for hash tables */
	if (attr->key_size || attr->value_size == 0 || attr->max_entries == 0 || (attr->map_flags & ~allowed) ||
	    attr->map_extra > MAX_HASHES)
		return -EINVAL;
	return attr->value_size > EBPF_MAX_VALUE_SIZE ? -E2BIG : 0;
}

static int bloom_alloc(struct ebpf_map *map)
{
	struct bloom *bloom = ebpf_zalloc(map->obj.account, sizeof(*bloom));

	if (!bloom)
		return -ENOMEM;
	map->body = bloom;
	bloom->seed = ebpf_plat_entropy();
	bloom->factor = ebpf_plat_entropy() | 1;
	bloom->nr_hashes = hashes_of(map->extra);
	bloom->mask = bits_for(map->max_entries, bloom->nr_hashes) - 1;
	map->lookup_size = 0;
	map->value_stride = 8;
	map->nr_values = (uint32_t)((bloom->mask + 1) / 64);
	if (!ebpf_map_alloc_values(map))
		return 0;
	ebpf_free(bloom);
	return -ENOMEM;
}

static void bloom_free(struct ebpf_map *map)
{
	ebpf_free(map->values);
	ebpf_free(map->body);
}

static uint64_t mix(uint64_t word, uint64_t factor)
{
	unsigned __int128 product = (unsigned __int128)word * factor;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_value(const struct bloom *bloom, const void *value, uint32_t size)
{
	const uint8_t *at = value;
	uint64_t hash = 0;

	for (; size >= 8 && !((uintptr_t)at & 7); at += 8, size -= 8)
		hash = mix(hash ^ EBPF_MEM_LOAD(ebpf_word, at) ^ bloom->seed, bloom->factor);
	while (size) {
		uint64_t word = 0;

		for (unsigned int n = 0; n < 8 && size; n++, size--)
			word |= (uint64_t)*at++ << (8 * n);
		hash = mix(hash ^ word ^ bloom->seed, bloom->factor);
	}
	return hash;
}

/* The nth bit of a value: its word, and the bit in it. */
static uint64_t *word_of(const struct ebpf_map *map, uint64_t hash, uint32_t n, uint64_t *bit)
{
	const struct bloom *bloom = map->body;
	uint64_t at = mix(hash + (n + 1) * 0x9e3779b97f4a7c15u, bloom->factor) & bloom->mask;

	*bit = (uint64_t)1 << (at & 63);
	return (uint64_t *)(void *)(map->values + at / 64 * 8);
}

static int bloom_push(struct ebpf_map *map, const void *value, uint64_t flags)
{
	const struct bloom *bloom = map->body;
	uint64_t hash, bit;

	if (flags != BPF_ANY)
		return -EINVAL;
	hash = hash_value(bloom, value, map->value_size);
	for (uint32_t n = 0; n < bloom->nr_hashes; n++) {
		uint64_t *word = word_of(map, hash, n, &bit);

		__atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
	}
	return 0;
}

static int bloom_peek(struct ebpf_map *map, void *value)
{
	const struct bloom *bloom = map->body;
	uint64_t hash = hash_value(bloom, value, map->value_size), bit;

	for (uint32_t n = 0; n < bloom->nr_hashes; n++)
		if (!(EBPF_MEM_LOAD(uint64_t, word_of(map, hash, n, &bit)) & bit))
			return -ENOENT;
	return 0;
}

static int bloom_pop(struct ebpf_map *map, void *value)
{
	(void)map;
	(void)value;
	return -EOPNOTSUPP;
}

static void *bloom_lookup(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return NULL;
}

static int bloom_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	(void)map;
	(void)key;
	(void)value;
	(void)flags;
	return -EINVAL;
}

static int bloom_delete(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return -EOPNOTSUPP;
}

static int bloom_next_key(struct ebpf_map *map, const void *key, void *next_key)
{
	(void)map;
	(void)key;
	(void)next_key;
	return -EOPNOTSUPP;
}

const struct ebpf_map_ops ebpf_map_bloom_ops = {
	.name = "bloom_filter",
	.check = bloom_check,
	.alloc = bloom_alloc,
	.prepare = ebpf_map_clear_values,
	.free = bloom_free,
	.lookup = bloom_lookup,
	.update = bloom_update,
	.delete = bloom_delete,
	.next_key = bloom_next_key,
	.push = bloom_push,
	.pop = bloom_pop,
	.peek = bloom_peek,
};
