/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_ARRAY_OF_MAPS and _HASH_OF_MAPS. Programs were judged by an
 * example of the maps inside, so all of them must be like it. A lookup by a
 * program finds the map itself; bpf(2) puts in descriptors and reads ids.
 *
 * The hash is the one of map_hash.c with the pointers as its values, which
 * programs cannot reach (lookup_size 0). Whoever changes it has the control lock
 * and waits for a grace period before a slot is used again, so what a run finds
 * under a key is what belongs to that key.
 */
#include "map_fd_array.h"

#include "limits.h"
#include "map_hash.h"
#include "mem.h"

/* What the maps inside are like */

const struct ebpf_map *ebpf_map_inner(const struct ebpf_map *outer)
{
	return outer->inner;
}

int ebpf_map_set_inner(struct ebpf_map *outer, const struct ebpf_map *inner)
{
	struct ebpf_map *example;

	if (inner->ops->elem_type)
		return ebpf_map_is_of_maps(inner->type) ? -EINVAL : -ENOTSUPP;
	example = ebpf_zalloc(outer->obj.account, sizeof(*example));
	if (!example)
		return -ENOMEM;
	example->type = inner->type;
	example->ops = inner->ops;
	example->key_size = inner->key_size;
	example->value_size = inner->value_size;
	example->value_stride = inner->value_stride;
	example->user_size = inner->user_size;
	example->lookup_size = inner->lookup_size;
	example->max_entries = inner->max_entries;
	example->flags = inner->flags;
	outer->inner = example;
	return 0;
}

/* Linux wants an array's length equal, too: the verifier may have relied on it. */
static bool is_like(const struct ebpf_map *map, const struct ebpf_map *example)
{
	if (!example || map->type != example->type || map->key_size != example->key_size ||
	    map->value_size != example->value_size || map->flags != example->flags)
		return false;
	return map->type != BPF_MAP_TYPE_ARRAY || map->max_entries == example->max_entries;
}

/* The array */

static int array_assign(struct ebpf_map *map, const void *key, struct ebpf_obj *obj, uint64_t flags)
{
	if (!is_like((const struct ebpf_map *)obj, map->inner))
		return -EINVAL;
	return ebpf_fd_array_put(map, key, obj, flags);
}

static void *array_lookup(struct ebpf_map *map, const void *key)
{
	uint32_t index;

	ebpf_memcpy(&index, key, sizeof(index));
	return ebpf_fd_array_get(map, index);
}

static int array_element(struct ebpf_map *map, uint32_t at, const void **key, void **value)
{
	if (at >= map->max_entries)
		return -ENOENT;
	*key = NULL;
	*value = ebpf_fd_array_get(map, at);
	return !!*value;
}

static void array_free(struct ebpf_map *map)
{
	ebpf_free(map->inner);
	ebpf_fd_array_free(map);
}

const struct ebpf_map_ops ebpf_map_array_of_maps_ops = {
	.name = "array_of_maps",
	.check = ebpf_fd_array_check,
	.alloc = ebpf_fd_array_alloc,
	.prepare = ebpf_fd_array_prepare,
	.free = array_free,
	.lookup = array_lookup,
	.update = ebpf_fd_map_no_update,
	.delete = ebpf_fd_array_delete,
	.read = ebpf_fd_array_read,
	.next_key = ebpf_fd_array_next_key,
	.element = array_element,
	.batch = EBPF_BATCH_LOOKUP | EBPF_BATCH_UPDATE,
	.elem_type = EBPF_OBJ_MAP,
	.assign = array_assign,
};

/* The hash */

static struct ebpf_obj **slot_of(const struct ebpf_map *map, uint32_t index)
{
	return ebpf_map_value(map, index);
}

/* As ebpf_hash_copy_fn and ebpf_hash_fill_fn */
static void get_obj(struct ebpf_map *map, uint32_t index, void *value)
{
	*(struct ebpf_obj **)value = __atomic_load_n(slot_of(map, index), __ATOMIC_ACQUIRE);
}

static void set_obj(struct ebpf_map *map, uint32_t index, const void *value, bool fresh)
{
	(void)fresh;
	__atomic_store_n(slot_of(map, index), *(struct ebpf_obj *const *)value, __ATOMIC_RELEASE);
}

static int hash_check(const union bpf_attr *attr)
{
	if (attr->value_size != sizeof(uint32_t))
		return -EINVAL;
	/* As in Linux: a program could not do anything else with these. */
	return attr->map_flags & (BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG) ? -EINVAL : ebpf_hash_check(attr);
}

/* Some elements of the table, taken out and let go; true when none is left. */
static bool hash_last_fd(struct ebpf_obj *obj)
{
	struct ebpf_map *map = (struct ebpf_map *)obj;
	uint64_t key[EBPF_MAX_KEY_SIZE / 8];
	struct ebpf_obj *gone[EBPF_FD_MAP_CLEAR];
	uint32_t n = 0;
	bool more;

	while ((more = !ebpf_hash_pool_next(map, EBPF_HASH_NONE, key)) && n < EBPF_FD_MAP_CLEAR)
		if (!ebpf_hash_take(map, key, EBPF_HASH_NONE, get_obj, &gone[n]))
			n++;
	ebpf_fd_map_let_go(gone, n);
	return !more;
}

static int hash_alloc(struct ebpf_map *map)
{
	map->lookup_size = 0;
	map->obj.last_fd = hash_last_fd;
	return ebpf_hash_alloc(map);
}

static void hash_free(struct ebpf_map *map)
{
	ebpf_free(map->inner);
	ebpf_hash_free(map);
}

static int hash_assign(struct ebpf_map *map, const void *key, struct ebpf_obj *obj, uint64_t flags)
{
	struct ebpf_obj *old = NULL;
	int err;

	if (!is_like((const struct ebpf_map *)obj, map->inner))
		return -EINVAL;
	ebpf_hash_read(map, key, get_obj, &old);
	err = ebpf_hash_update(map, key, &obj, flags, set_obj);
	if (err)
		return err;
	ebpf_obj_hold(obj);
	if (old)
		ebpf_fd_map_let_go(&old, 1);
	return 0;
}

static void *hash_lookup(struct ebpf_map *map, const void *key)
{
	uint32_t index = ebpf_hash_find(map, key);

	return index == EBPF_HASH_NONE ? NULL : __atomic_load_n(slot_of(map, index), __ATOMIC_ACQUIRE);
}

static int hash_delete(struct ebpf_map *map, const void *key)
{
	struct ebpf_obj *old;
	int err = ebpf_hash_take(map, key, EBPF_HASH_NONE, get_obj, &old);

	if (!err)
		ebpf_fd_map_let_go(&old, 1);
	return err;
}

/* bpf(2) reads the map's id. */
static int hash_read(struct ebpf_map *map, const void *key, void *value)
{
	struct ebpf_obj *obj;
	int err = ebpf_hash_read(map, key, get_obj, &obj);

	if (!err)
		ebpf_memcpy(value, &obj->id, sizeof(obj->id));
	return err;
}

const struct ebpf_map_ops ebpf_map_hash_of_maps_ops = {
	.name = "hash_of_maps",
	.check = hash_check,
	.alloc = hash_alloc,
	.prepare = ebpf_hash_prepare,
	.free = hash_free,
	.lookup = hash_lookup,
	.update = ebpf_fd_map_no_update,
	.delete = hash_delete,
	.read = hash_read,
	.next_key = ebpf_hash_next_key,
	.element = ebpf_hash_element,
	.batch = EBPF_BATCH_LOOKUP | EBPF_BATCH_UPDATE | EBPF_BATCH_DELETE,
	.elem_type = EBPF_OBJ_MAP,
	.assign = hash_assign,
};
