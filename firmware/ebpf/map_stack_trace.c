/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_STACK_TRACE: call chains under the number that their hash gives
 * them. Programs put them in with bpf_get_stackid() (helper_stack.c) and bpf(2)
 * reads them, padded with zeroes. Each bucket holds one chain and has a lock,
 * held while one chain is compared or copied.
 */
#include "map_stack_trace.h"

#include "bits.h"
#include "limits.h"
#include "lock.h"
#include "mem.h"
#include "platform.h"

struct bucket {
	struct ebpf_lock lock;
	uint32_t hash;
	uint32_t nr; /* 0: empty */
	uint32_t pad;
	uint64_t ip[];
};

struct stack_map {
	char *buckets;
	uint32_t nr_buckets; /* power of two */
	uint32_t bucket_size;
	uint64_t seed;
};

static struct bucket *bucket_of(const struct stack_map *stacks, uint32_t id)
{
	return (struct bucket *)(void *)(stacks->buckets + (uint64_t)id * stacks->bucket_size);
}

static int stack_check(const union bpf_attr *attr)
{
	const uint32_t allowed = BPF_F_RDONLY | BPF_F_WRONLY;

	if (attr->map_flags & ~allowed || attr->max_entries == 0 || attr->key_size != 4 || attr->value_size < 8 ||
	    attr->value_size % 8)
		return -EINVAL;
	if (attr->value_size / 8 > EBPF_MAX_STACK_DEPTH)
		return -EINVAL;
	return attr->max_entries > 1u << 30 ? -E2BIG : 0;
}

static int stack_alloc(struct ebpf_map *map)
{
	struct stack_map *stacks = ebpf_zalloc(map->obj.account, sizeof(*stacks));

	if (!stacks)
		return -ENOMEM;
	stacks->nr_buckets = map->max_entries == 1 ? 1 : 2u << ebpf_log2(map->max_entries - 1);
	stacks->bucket_size = (uint32_t)sizeof(struct bucket) + map->value_size;
	stacks->seed = ebpf_plat_entropy();
	stacks->buckets = ebpf_alloc(map->obj.account, (uint64_t)stacks->nr_buckets * stacks->bucket_size);
	if (!stacks->buckets) {
		ebpf_free(stacks);
		return -ENOMEM;
	}
	map->body = stacks;
	map->lookup_size = 0;
	return 0;
}

static bool stack_prepare(struct ebpf_map *map)
{
	struct stack_map *stacks = map->body;
	uint64_t end = (uint64_t)stacks->nr_buckets * stacks->bucket_size, left = end - map->prepared;

	if (left > EBPF_SLICE_BYTES)
		left = EBPF_SLICE_BYTES;
	ebpf_memzero(stacks->buckets + map->prepared, left);
	map->prepared += left;
	return map->prepared == end;
}

static void stack_free(struct ebpf_map *map)
{
	struct stack_map *stacks = map->body;

	ebpf_free(stacks->buckets);
	ebpf_free(stacks);
}

static uint32_t hash_chain(const struct stack_map *stacks, const uint64_t *ip, uint32_t nr)
{
	uint64_t hash = stacks->seed;

	for (uint32_t i = 0; i < nr; i++) {
		hash = (hash ^ ip[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash ^ hash >> 32);
}

/* Lock held. What Linux does with a chain whose bucket is taken, by its flags. */
static int place(struct bucket *bucket, uint32_t hash, const uint64_t *ip, uint32_t nr, uint64_t flags)
{
	if (bucket->nr && bucket->hash == hash) {
		if (flags & BPF_F_FAST_STACK_CMP)
			return 0;
		if (bucket->nr == nr && ebpf_memeq(bucket->ip, ip, (size_t)nr * sizeof(*ip)))
			return 0;
	}
	if (bucket->nr && !(flags & BPF_F_REUSE_STACKID))
		return -EEXIST;
	bucket->hash = hash;
	bucket->nr = nr;
	ebpf_memcpy(bucket->ip, ip, (size_t)nr * sizeof(*ip));
	return 0;
}

int64_t ebpf_stack_trace_put(struct ebpf_map *map, const uint64_t *ip, uint32_t nr, uint64_t flags)
{
	const struct stack_map *stacks = map->body;
	uint32_t hash, id;
	struct bucket *bucket;
	int err;

	if (nr > map->value_size / 8)
		nr = map->value_size / 8;
	hash = hash_chain(stacks, ip, nr);
	id = hash & (stacks->nr_buckets - 1);
	bucket = bucket_of(stacks, id);
	ebpf_lock(&bucket->lock);
	err = place(bucket, hash, ip, nr, flags);
	ebpf_unlock(&bucket->lock);
	return err ? err : (int64_t)id;
}

/* bpf(2) */

static uint32_t id_of(const void *key)
{
	uint32_t id;

	ebpf_memcpy(&id, key, sizeof(id));
	return id;
}

/* Copy (value NULL: do not) and remove. */
static int look(struct ebpf_map *map, const void *key, void *value, bool remove)
{
	const struct stack_map *stacks = map->body;
	uint32_t id = id_of(key);
	struct bucket *bucket;
	uint32_t nr;

	if (id >= stacks->nr_buckets)
		return remove ? -E2BIG : -ENOENT;
	bucket = bucket_of(stacks, id);
	ebpf_lock(&bucket->lock);
	nr = bucket->nr;
	if (nr && value) {
		ebpf_memcpy(value, bucket->ip, nr * sizeof(uint64_t));
		ebpf_memzero((uint64_t *)value + nr, map->value_size - nr * sizeof(uint64_t));
	}
	if (remove)
		bucket->nr = 0;
	ebpf_unlock(&bucket->lock);
	return nr ? 0 : -ENOENT;
}

static int stack_read(struct ebpf_map *map, const void *key, void *value)
{
	return look(map, key, value, false);
}

static int stack_delete(struct ebpf_map *map, const void *key)
{
	return look(map, key, NULL, true);
}

static int stack_take(struct ebpf_map *map, const void *key, void *value)
{
	int err = look(map, key, value, true);

	return err == -E2BIG ? -ENOENT : err;
}

/* Bounded: after STEPS empty buckets it says where to go on, as if there were one. */
#define STEPS 8192u

static int stack_next_key(struct ebpf_map *map, const void *key, void *next_key)
{
	const struct stack_map *stacks = map->body;
	uint32_t id = 0, steps = STEPS;

	if (key && id_of(key) < stacks->nr_buckets)
		id = id_of(key) + 1;
	while (id < stacks->nr_buckets && !EBPF_MEM_LOAD(uint32_t, &bucket_of(stacks, id)->nr) && --steps)
		id++;
	if (id >= stacks->nr_buckets)
		return -ENOENT;
	ebpf_memcpy(next_key, &id, sizeof(id));
	return 0;
}

static void *stack_lookup(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return NULL;
}

static int stack_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	(void)map;
	(void)key;
	(void)value;
	(void)flags;
	return -EINVAL;
}

const struct ebpf_map_ops ebpf_map_stack_trace_ops = {
	.name = "stack_trace",
	.check = stack_check,
	.alloc = stack_alloc,
	.prepare = stack_prepare,
	.free = stack_free,
	.lookup = stack_lookup,
	.update = stack_update,
	.delete = stack_delete,
	.read = stack_read,
	.take = stack_take,
	.next_key = stack_next_key,
};
