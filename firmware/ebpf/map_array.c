/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_ARRAY: max_entries values, all of which exist from the start and
 * none of which goes away. The key is the index, 4 bytes. Updates copy in place
 * without a lock, as in Linux: aligned fields of up to 8 bytes are never torn.
 */
#include "map.h"

#include "limits.h"
#include "mem.h"

static uint32_t index_of(const void *key)
{
	uint32_t index;

	ebpf_memcpy(&index, key, sizeof(index));
	return index;
}

static int array_check(const union bpf_attr *attr)
{
	const uint32_t allowed = BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;

	if (attr->max_entries == 0 || attr->key_size != 4 || attr->value_size == 0 || (attr->map_flags & ~allowed))
		return -EINVAL;
	return attr->value_size > EBPF_MAX_VALUE_SIZE ? -E2BIG : 0;
}

static int array_alloc(struct ebpf_map *map)
{
	map->nr_values = map->max_entries;
	return ebpf_map_alloc_values(map);
}

static void array_free(struct ebpf_map *map)
{
	ebpf_free(map->values);
}

static void *array_lookup(struct ebpf_map *map, const void *key)
{
	uint32_t index = index_of(key);

	return index < map->max_entries ? ebpf_map_value(map, index) : NULL;
}

static int array_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t index = index_of(key);

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (index >= map->max_entries)
		return -E2BIG;
	if (flags == BPF_NOEXIST)
		return -EEXIST;
	ebpf_map_fill(map, index, value);
	return 0;
}

static int array_delete(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return -EINVAL;
}

static int array_next_key(struct ebpf_map *map, const void *key, void *next_key)
{
	uint32_t next = 0;

	if (key) {
		uint32_t index = index_of(key);

		if (index == map->max_entries - 1)
			return -ENOENT;
		if (index < map->max_entries)
			next = index + 1;
	}
	ebpf_memcpy(next_key, &next, sizeof(next));
	return 0;
}

static int array_element(struct ebpf_map *map, uint32_t at, const void **key, void **value)
{
	if (at >= map->max_entries)
		return -ENOENT;
	*key = NULL;
	*value = ebpf_map_value(map, at);
	return 1;
}

const struct ebpf_map_ops ebpf_map_array_ops = {
	.name = "array",
	.check = array_check,
	.alloc = array_alloc,
	.prepare = ebpf_map_clear_values,
	.free = array_free,
	.lookup = array_lookup,
	.update = array_update,
	.delete = array_delete,
	.next_key = array_next_key,
	.element = array_element,
	.batch = EBPF_BATCH_LOOKUP | EBPF_BATCH_UPDATE,
};
