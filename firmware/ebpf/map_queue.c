/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_QUEUE and BPF_MAP_TYPE_STACK: values without keys, taken out in
 * the order they came, or the last one first. One lock a map, held while one
 * value is copied. Nobody gets a pointer to a value.
 *
 * Slots from `first` on are in use, `count` of them, going round at the end.
 */
#include "map.h"

#include "limits.h"
#include "lock.h"
#include "mem.h"

struct queue {
	struct ebpf_lock lock;
	uint32_t first, count;
};

static int queue_check(const union bpf_attr *attr)
{
	const uint32_t allowed = BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;

	if (attr->max_entries == 0 || attr->key_size || attr->value_size == 0 || (attr->map_flags & ~allowed))
		return -EINVAL;
	return attr->value_size > EBPF_MAX_VALUE_SIZE ? -E2BIG : 0;
}

static int queue_alloc(struct ebpf_map *map)
{
	map->nr_values = map->max_entries;
	map->lookup_size = 0;
	map->body = ebpf_zalloc(map->obj.account, sizeof(struct queue));
	if (!map->body)
		return -ENOMEM;
	if (!ebpf_map_alloc_values(map))
		return 0;
	ebpf_free(map->body);
	return -ENOMEM;
}

static void queue_free(struct ebpf_map *map)
{
	ebpf_free(map->values);
	ebpf_free(map->body);
}

/* The slot of the nth value, counted from the oldest. */
static uint32_t slot_of(const struct ebpf_map *map, uint32_t n)
{
	const struct queue *queue = map->body;
	uint64_t slot = (uint64_t)queue->first + n;

	return (uint32_t)(slot >= map->max_entries ? slot - map->max_entries : slot);
}

static void drop_oldest(struct ebpf_map *map)
{
	struct queue *queue = map->body;

	queue->first = slot_of(map, 1);
	queue->count--;
}

/* BPF_EXIST: if it is full, the oldest value makes room. */
static int queue_push(struct ebpf_map *map, const void *value, uint64_t flags)
{
	struct queue *queue = map->body;
	int err = 0;

	if (flags != BPF_ANY && flags != BPF_EXIST)
		return -EINVAL;
	ebpf_lock(&queue->lock);
	if (queue->count == map->max_entries) {
		if (flags == BPF_EXIST)
			drop_oldest(map);
		else
			err = -E2BIG;
	}
	if (!err)
		ebpf_map_fill(map, slot_of(map, queue->count++), value);
	ebpf_unlock(&queue->lock);
	return err;
}

/* An empty one gives zeroes with its error, as in Linux. */
static int get(struct ebpf_map *map, void *value, bool newest, bool remove)
{
	struct queue *queue = map->body;
	int err = 0;

	ebpf_lock(&queue->lock);
	if (queue->count) {
		ebpf_memcpy(value, ebpf_map_value(map, slot_of(map, newest ? queue->count - 1 : 0)), map->value_size);
		if (remove && newest)
			queue->count--;
		else if (remove)
			drop_oldest(map);
	} else {
		ebpf_memzero(value, map->value_size);
		err = -ENOENT;
	}
	ebpf_unlock(&queue->lock);
	return err;
}

static int queue_pop(struct ebpf_map *map, void *value)
{
	return get(map, value, false, true);
}

static int queue_peek(struct ebpf_map *map, void *value)
{
	return get(map, value, false, false);
}

static int stack_pop(struct ebpf_map *map, void *value)
{
	return get(map, value, true, true);
}

static int stack_peek(struct ebpf_map *map, void *value)
{
	return get(map, value, true, false);
}

/* What works by key: not at all. */

static void *no_lookup(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return NULL;
}

static int no_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	(void)map;
	(void)key;
	(void)value;
	(void)flags;
	return -EINVAL;
}

static int no_delete(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return -EINVAL;
}

static int no_next_key(struct ebpf_map *map, const void *key, void *next_key)
{
	(void)map;
	(void)key;
	(void)next_key;
	return -EINVAL;
}

#define QUEUE_OPS(kind)                                                                                                \
	{                                                                                                              \
		.name = #kind, .check = queue_check, .alloc = queue_alloc, .prepare = ebpf_map_clear_values,           \
		.free = queue_free, .lookup = no_lookup, .update = no_update, .delete = no_delete,                     \
		.next_key = no_next_key, .push = queue_push, .pop = kind##_pop, .peek = kind##_peek,                   \
	}

const struct ebpf_map_ops ebpf_map_queue_ops = QUEUE_OPS(queue);
const struct ebpf_map_ops ebpf_map_stack_ops = QUEUE_OPS(stack);
