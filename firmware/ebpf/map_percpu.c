/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_PERCPU_ARRAY, _PERCPU_HASH and _LRU_PERCPU_HASH: a value for each
 * hart. A program sees its own hart's; bpf(2) reads and writes all of them, one
 * after the other, each rounded up to 8 bytes, as Linux does for its possible
 * CPUs. Their number is ebpf_plat_hart_count(), and user space must know it to
 * size its buffers: BPF_OBJ_GET_INFO_BY_FD does not tell, as in Linux.
 *
 * The values of one hart lie together: slot `hart * max_entries + i` is hart's
 * value of element i. So harts do not share cache lines, and what a program
 * holds a pointer to is an ordinary slot (map.h).
 *
 * All values of an element together have at most EBPF_MAX_VALUE_SIZE bytes:
 * they are copied in one call.
 */
#include "map_percpu.h"

#include "limits.h"
#include "map_hash.h"
#include "mem.h"
#include "platform.h"

static uint64_t stride_of(uint32_t value_size)
{
	return ((uint64_t)value_size + 7) & ~(uint64_t)7;
}

static uint32_t slot_on(const struct ebpf_map *map, uint32_t index, unsigned int hart)
{
	return hart * map->max_entries + index;
}

int ebpf_percpu_check(const union bpf_attr *attr)
{
	unsigned int harts = ebpf_plat_hart_count();

	if (stride_of(attr->value_size) * harts > EBPF_MAX_VALUE_SIZE)
		return -E2BIG;
	return (uint64_t)attr->max_entries * harts > UINT32_MAX ? -E2BIG : 0;
}

void ebpf_percpu_sizes(struct ebpf_map *map)
{
	unsigned int harts = ebpf_plat_hart_count();

	map->nr_values = map->max_entries * harts;
	map->user_size = map->value_stride * harts;
}

void *ebpf_percpu_slot(const struct ebpf_map *map, uint32_t index, unsigned int hart)
{
	return ebpf_map_value(map, slot_on(map, index, hart));
}

/* From a program: this hart's value; those of the others in a new element are 0. */
void ebpf_percpu_fill(struct ebpf_map *map, uint32_t index, const void *value, bool fresh)
{
	unsigned int self = ebpf_plat_hart();

	for (unsigned int hart = 0; fresh && hart < ebpf_plat_hart_count(); hart++)
		if (hart != self)
			ebpf_memzero(ebpf_percpu_slot(map, index, hart), map->value_size);
	ebpf_map_fill(map, slot_on(map, index, self), value);
}

/* From bpf(2): all of them. */
void ebpf_percpu_scatter(struct ebpf_map *map, uint32_t index, const void *value, bool fresh)
{
	const char *from = value;

	(void)fresh;
	for (unsigned int hart = 0; hart < ebpf_plat_hart_count(); hart++, from += map->value_stride)
		ebpf_map_fill(map, slot_on(map, index, hart), from);
}

/* The bytes between values are 0. */
void ebpf_percpu_gather(struct ebpf_map *map, uint32_t index, void *value)
{
	char *to = value;

	for (unsigned int hart = 0; hart < ebpf_plat_hart_count(); hart++, to += map->value_stride) {
		ebpf_memcpy(to, ebpf_percpu_slot(map, index, hart), map->value_size);
		ebpf_memzero(to + map->value_size, map->value_stride - map->value_size);
	}
}

/* The array */

static uint32_t index_of(const void *key)
{
	uint32_t index;

	ebpf_memcpy(&index, key, sizeof(index));
	return index;
}

static int array_check(const union bpf_attr *attr)
{
	int err = ebpf_map_array_ops.check(attr);

	return err ? err : ebpf_percpu_check(attr);
}

static int array_alloc(struct ebpf_map *map)
{
	ebpf_percpu_sizes(map);
	return ebpf_map_alloc_values(map);
}

static void array_free(struct ebpf_map *map)
{
	ebpf_free(map->values);
}

static void *array_lookup_on(struct ebpf_map *map, const void *key, unsigned int hart)
{
	uint32_t index = index_of(key);

	return index < map->max_entries ? ebpf_percpu_slot(map, index, hart) : NULL;
}

static void *array_lookup(struct ebpf_map *map, const void *key)
{
	return array_lookup_on(map, key, ebpf_plat_hart());
}

static int array_change(struct ebpf_map *map, const void *key, const void *value, uint64_t flags,
			ebpf_hash_fill_fn fill)
{
	uint32_t index = index_of(key);

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (index >= map->max_entries)
		return -E2BIG;
	if (flags == BPF_NOEXIST)
		return -EEXIST;
	fill(map, index, value, false);
	return 0;
}

static int array_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	return array_change(map, key, value, flags, ebpf_percpu_fill);
}

static int array_write(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	return array_change(map, key, value, flags, ebpf_percpu_scatter);
}

static int array_delete(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return -EINVAL;
}

static int array_read(struct ebpf_map *map, const void *key, void *value)
{
	uint32_t index = index_of(key);

	if (index >= map->max_entries)
		return -ENOENT;
	ebpf_percpu_gather(map, index, value);
	return 0;
}

static int array_next_key(struct ebpf_map *map, const void *key, void *next_key)
{
	return ebpf_map_array_ops.next_key(map, key, next_key);
}

static int array_element(struct ebpf_map *map, uint32_t at, const void **key, void **value)
{
	if (at >= map->max_entries)
		return -ENOENT;
	*key = NULL;
	*value = ebpf_percpu_slot(map, at, ebpf_plat_hart());
	return 1;
}

const struct ebpf_map_ops ebpf_map_percpu_array_ops = {
	.name = "percpu_array",
	.check = array_check,
	.alloc = array_alloc,
	.prepare = ebpf_map_clear_values,
	.free = array_free,
	.lookup = array_lookup,
	.update = array_update,
	.delete = array_delete,
	.read = array_read,
	.write = array_write,
	.next_key = array_next_key,
	.lookup_on = array_lookup_on,
	.element = array_element,
	.batch = EBPF_BATCH_LOOKUP | EBPF_BATCH_UPDATE,
};

/* The hash */

static int hash_check(const union bpf_attr *attr)
{
	int err = ebpf_hash_check(attr);

	return err ? err : ebpf_percpu_check(attr);
}

static int hash_alloc(struct ebpf_map *map)
{
	ebpf_percpu_sizes(map);
	return ebpf_hash_alloc(map);
}

static void *hash_lookup_on(struct ebpf_map *map, const void *key, unsigned int hart)
{
	uint32_t index = ebpf_hash_find(map, key);

	return index == EBPF_HASH_NONE ? NULL : ebpf_percpu_slot(map, index, hart);
}

static void *hash_lookup(struct ebpf_map *map, const void *key)
{
	return hash_lookup_on(map, key, ebpf_plat_hart());
}

static int hash_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	return ebpf_hash_update(map, key, value, flags, ebpf_percpu_fill);
}

static int hash_write(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	return ebpf_hash_update(map, key, value, flags, ebpf_percpu_scatter);
}

static int hash_read(struct ebpf_map *map, const void *key, void *value)
{
	return ebpf_hash_read(map, key, ebpf_percpu_gather, value);
}

static int hash_take(struct ebpf_map *map, const void *key, void *value)
{
	return ebpf_hash_take(map, key, EBPF_HASH_NONE, ebpf_percpu_gather, value);
}

int ebpf_percpu_element(struct ebpf_map *map, uint32_t at, const void **key, void **value)
{
	int found = ebpf_hash_element(map, at, key, value);

	if (found == 1)
		*value = ebpf_percpu_slot(map, at, ebpf_plat_hart());
	return found;
}

const struct ebpf_map_ops ebpf_map_percpu_hash_ops = {
	.name = "percpu_hash",
	.check = hash_check,
	.alloc = hash_alloc,
	.prepare = ebpf_hash_prepare,
	.free = ebpf_hash_free,
	.lookup = hash_lookup,
	.update = hash_update,
	.delete = ebpf_hash_delete,
	.read = hash_read,
	.write = hash_write,
	.take = hash_take,
	.next_key = ebpf_hash_next_key,
	.lookup_on = hash_lookup_on,
	.element = ebpf_percpu_element,
	.batch = EBPF_BATCH_ALL,
};
