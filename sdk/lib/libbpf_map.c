/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's maps: what they are, what may be changed before load, and their element functions. */
#include "libbpf_internal.h"

#include <errno.h>
#include <string.h>

int bpf_map__fd(const struct bpf_map *map)
{
	return map ? map->fd : libbpf_err(-EINVAL);
}

const char *bpf_map__name(const struct bpf_map *map)
{
	return map ? map->name : NULL;
}

enum bpf_map_type bpf_map__type(const struct bpf_map *map)
{
	return map->type;
}

__u32 bpf_map__key_size(const struct bpf_map *map)
{
	return map->key_size;
}

__u32 bpf_map__value_size(const struct bpf_map *map)
{
	return map->value_size;
}

__u32 bpf_map__max_entries(const struct bpf_map *map)
{
	return map->max_entries;
}

__u32 bpf_map__numa_node(const struct bpf_map *map)
{
	return map->numa_node;
}

__u32 bpf_map__btf_key_type_id(const struct bpf_map *map)
{
	return map->btf_key;
}

__u32 bpf_map__btf_value_type_id(const struct bpf_map *map)
{
	return map->btf_value;
}

__u32 bpf_map__map_flags(const struct bpf_map *map)
{
	return map->flags;
}

bool bpf_map__is_internal(const struct bpf_map *map)
{
	return map->internal;
}

/* Once it has been created there is nothing left to set. */
static int set_number(const struct bpf_map *map, __u32 *number, __u32 value)
{
	if (map->fd >= 0)
		return libbpf_err(-EBUSY);
	*number = value;
	return 0;
}

int bpf_map__set_max_entries(struct bpf_map *map, __u32 max_entries)
{
	return set_number(map, &map->max_entries, max_entries);
}

int bpf_map__set_key_size(struct bpf_map *map, __u32 size)
{
	map->btf_key = 0;
	return set_number(map, &map->key_size, size);
}

int bpf_map__set_value_size(struct bpf_map *map, __u32 size)
{
	if (map->internal)
		return libbpf_err(-EOPNOTSUPP); /* its contents have the size they have */
	map->btf_value = 0;
	return set_number(map, &map->value_size, size);
}

int bpf_map__set_map_flags(struct bpf_map *map, __u32 flags)
{
	return set_number(map, &map->flags, flags);
}

int bpf_map__set_numa_node(struct bpf_map *map, __u32 numa_node)
{
	return set_number(map, &map->numa_node, numa_node);
}

int bpf_map__set_type(struct bpf_map *map, enum bpf_map_type type)
{
	if (map->fd >= 0)
		return libbpf_err(-EBUSY);
	map->type = type;
	return 0;
}

int bpf_map__set_autocreate(struct bpf_map *map, bool autocreate)
{
	if (map->obj->loaded)
		return libbpf_err(-EBUSY);
	map->no_create = !autocreate;
	return 0;
}

bool bpf_map__autocreate(const struct bpf_map *map)
{
	return !map->no_create;
}

struct bpf_map *bpf_map__inner_map(struct bpf_map *map)
{
	return map->inner ? map->inner : libbpf_err_ptr(-EINVAL);
}

int bpf_map__set_inner_map_fd(struct bpf_map *map, int fd)
{
	if (map->fd >= 0)
		return libbpf_err(-EBUSY);
	if (map->type != BPF_MAP_TYPE_ARRAY_OF_MAPS && map->type != BPF_MAP_TYPE_HASH_OF_MAPS) {
		pr_warn("map '%s': no map of maps\n", map->name);
		return libbpf_err(-EINVAL);
	}
	if (map->inner || map->inner_fd >= 0) {
		pr_warn("map '%s': it has an inner map already\n", map->name);
		return libbpf_err(-EINVAL);
	}
	map->inner_fd = fd;
	return 0;
}

void *bpf_map__initial_value(struct bpf_map *map, size_t *size)
{
	int err;

	if (!map->data)
		return libbpf_err_ptr(-EINVAL);
	*size = map->value_size;
	err = libbpf_live_start(map); /* nothing before load */
	if (err)
		return libbpf_err_ptr(err);
	libbpf_live_sync();
	return map->data;
}

int bpf_map__set_initial_value(struct bpf_map *map, const void *data, size_t size)
{
	if (map->fd >= 0)
		return libbpf_err(-EBUSY);
	if (!map->data || size != map->value_size)
		return libbpf_err(-EINVAL);
	memcpy(map->data, data, size);
	return 0;
}

/* A value of a map with one for each hart comes as that many, each rounded up to 8 bytes. */
static bool is_percpu(const struct bpf_map *map)
{
	return map->type == BPF_MAP_TYPE_PERCPU_HASH || map->type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       map->type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static size_t value_bytes(const struct bpf_map *map)
{
	int harts = is_percpu(map) ? libbpf_num_possible_cpus() : 0;

	return harts > 0 ? (size_t)harts * ((map->value_size + 7u) & ~7u) : map->value_size;
}

/* The sizes a caller believes in must be the map's: a mistake here would overrun a buffer. */
static int check_elem(const struct bpf_map *map, size_t key_sz, const size_t *value_sz)
{
	if (map->fd < 0)
		return -ENOENT;
	if (key_sz == map->key_size && (!value_sz || *value_sz == value_bytes(map)))
		return 0;
	pr_warn("map '%s': key has %u bytes and value %zu, not what the call says\n", map->name, map->key_size,
		value_bytes(map));
	return -EINVAL;
}

int bpf_map__lookup_elem(const struct bpf_map *map, const void *key, size_t key_sz, void *value, size_t value_sz,
			 __u64 flags)
{
	int err = check_elem(map, key_sz, &value_sz);

	return err ? libbpf_err(err) : bpf_map_lookup_elem_flags(map->fd, key, value, flags);
}

int bpf_map__update_elem(const struct bpf_map *map, const void *key, size_t key_sz, const void *value, size_t value_sz,
			 __u64 flags)
{
	int err = check_elem(map, key_sz, &value_sz);

	return err ? libbpf_err(err) : bpf_map_update_elem(map->fd, key, value, flags);
}

int bpf_map__delete_elem(const struct bpf_map *map, const void *key, size_t key_sz, __u64 flags)
{
	int err = flags ? -EINVAL : check_elem(map, key_sz, NULL);

	return err ? libbpf_err(err) : bpf_map_delete_elem(map->fd, key);
}

int bpf_map__lookup_and_delete_elem(const struct bpf_map *map, const void *key, size_t key_sz, void *value,
				    size_t value_sz, __u64 flags)
{
	int err = check_elem(map, key_sz, &value_sz);

	return err ? libbpf_err(err) : bpf_map_lookup_and_delete_elem_flags(map->fd, key, value, flags);
}

int bpf_map__get_next_key(const struct bpf_map *map, const void *cur_key, void *next_key, size_t key_sz)
{
	int err = check_elem(map, key_sz, NULL);

	return err ? libbpf_err(err) : bpf_map_get_next_key(map->fd, cur_key, next_key);
}
