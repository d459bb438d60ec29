/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_PROG_ARRAY and _PERF_EVENT_ARRAY, and what arrays of objects have
 * in common (map_fd_array.h).
 * A perf event array holds ring buffers, one for each hart that shall have one:
 * there are no perf events below which to open others. The pointers are no
 * values (map.h): programs cannot reach them.
 */
#include "map_fd_array.h"

#include "mem.h"
#include "platform.h"
#include "prog.h"

#define CLEAR_SCAN 4096u /* elements looked at, and taken out, in one slice of the end */

struct fd_array {
	struct ebpf_obj **slots; /* max_entries */
	uint32_t used;
	uint32_t cursor; /* of the end */
};

static uint32_t index_of(const void *key)
{
	uint32_t index;

	ebpf_memcpy(&index, key, sizeof(index));
	return index;
}

struct ebpf_obj *ebpf_fd_array_get(const struct ebpf_map *map, uint64_t index)
{
	const struct fd_array *array = map->body;

	return index < map->max_entries ? __atomic_load_n(&array->slots[index], __ATOMIC_ACQUIRE) : NULL;
}

void ebpf_fd_map_let_go(struct ebpf_obj **gone, uint32_t n)
{
	if (!n)
		return;
	ebpf_plat_sync_harts();
	for (uint32_t i = 0; i < n; i++)
		ebpf_obj_put(gone[i]);
}

static bool fd_array_last_fd(struct ebpf_obj *obj)
{
	struct ebpf_map *map = (struct ebpf_map *)obj;
	struct fd_array *array = map->body;
	struct ebpf_obj *gone[EBPF_FD_MAP_CLEAR];
	uint32_t n = 0;

	for (uint32_t i = 0; array->used && n < EBPF_FD_MAP_CLEAR && i < CLEAR_SCAN; i++) {
		struct ebpf_obj *old = __atomic_exchange_n(&array->slots[array->cursor], NULL, __ATOMIC_SEQ_CST);

		if (++array->cursor == map->max_entries)
			array->cursor = 0;
		if (!old)
			continue;
		gone[n++] = old;
		array->used--;
	}
	ebpf_fd_map_let_go(gone, n);
	return !array->used;
}

int ebpf_fd_array_check(const union bpf_attr *attr)
{
	const uint32_t allowed = BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;

	if (attr->max_entries == 0 || attr->key_size != 4 || attr->value_size != 4 || (attr->map_flags & ~allowed))
		return -EINVAL;
	/* As in Linux: a program could not do anything else with these. */
	return attr->map_flags & (BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG) ? -EINVAL : 0;
}

int ebpf_fd_array_alloc(struct ebpf_map *map)
{
	struct fd_array *array = ebpf_zalloc(map->obj.account, sizeof(*array));

	if (!array)
		return -ENOMEM;
	array->slots = ebpf_alloc(map->obj.account, (uint64_t)map->max_entries * sizeof(*array->slots));
	if (!array->slots) {
		ebpf_free(array);
		return -ENOMEM;
	}
	map->body = array;
	map->lookup_size = 0;
	map->obj.last_fd = fd_array_last_fd;
	return 0;
}

bool ebpf_fd_array_prepare(struct ebpf_map *map)
{
	struct fd_array *array = map->body;
	uint64_t end = (uint64_t)map->max_entries * sizeof(*array->slots), left = end - map->prepared;

	if (left > EBPF_SLICE_BYTES)
		left = EBPF_SLICE_BYTES;
	ebpf_memzero((char *)array->slots + map->prepared, left);
	map->prepared += left;
	return map->prepared == end;
}

/* Nothing is in it: last_fd came before, and without a descriptor nobody puts anything in. */
void ebpf_fd_array_free(struct ebpf_map *map)
{
	struct fd_array *array = map->body;

	ebpf_free(array->slots);
	ebpf_free(array);
}

int ebpf_fd_array_put(struct ebpf_map *map, const void *key, struct ebpf_obj *obj, uint64_t flags)
{
	struct fd_array *array = map->body;
	uint32_t index = index_of(key);
	struct ebpf_obj *old;

	if (flags != BPF_ANY)
		return -EINVAL;
	if (index >= map->max_entries)
		return -E2BIG;
	ebpf_obj_hold(obj);
	old = __atomic_exchange_n(&array->slots[index], obj, __ATOMIC_SEQ_CST);
	if (old)
		ebpf_fd_map_let_go(&old, 1);
	else
		array->used++;
	return 0;
}

int ebpf_fd_array_delete(struct ebpf_map *map, const void *key)
{
	struct fd_array *array = map->body;
	uint32_t index = index_of(key);
	struct ebpf_obj *old;

	if (index >= map->max_entries)
		return -E2BIG;
	old = __atomic_exchange_n(&array->slots[index], NULL, __ATOMIC_SEQ_CST);
	if (!old)
		return -ENOENT;
	array->used--;
	ebpf_fd_map_let_go(&old, 1);
	return 0;
}

/* bpf(2) reads the object's id. Control lock held: the object stays. */
int ebpf_fd_array_read(struct ebpf_map *map, const void *key, void *value)
{
	const struct ebpf_obj *obj = ebpf_fd_array_get(map, index_of(key));

	if (!obj)
		return -ENOENT;
	ebpf_memcpy(value, &obj->id, sizeof(obj->id));
	return 0;
}

static int no_read(struct ebpf_map *map, const void *key, void *value)
{
	(void)map;
	(void)key;
	(void)value;
	return -ENOTSUPP;
}

static void *no_lookup(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return NULL;
}

int ebpf_fd_map_no_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	(void)map;
	(void)key;
	(void)value;
	(void)flags;
	return -EINVAL;
}

int ebpf_fd_array_next_key(struct ebpf_map *map, const void *key, void *next_key)
{
	return ebpf_map_array_ops.next_key(map, key, next_key);
}

/* Programs */

static int assign_prog(struct ebpf_map *map, const void *key, struct ebpf_obj *obj, uint64_t flags)
{
	const struct ebpf_prog *prog = (const struct ebpf_prog *)obj;

	if (ebpf_prog_is_rcore(prog))
		return -EINVAL; /* it expects another context */
	if (ebpf_prog_special(prog) & EBPF_PROG_OVERRIDES)
		return -EINVAL; /* where it may be attached is asked of itself only */
	return ebpf_fd_array_put(map, key, obj, flags);
}

const struct ebpf_map_ops ebpf_map_prog_array_ops = {
	.name = "prog_array",
	.check = ebpf_fd_array_check,
	.alloc = ebpf_fd_array_alloc,
	.prepare = ebpf_fd_array_prepare,
	.free = ebpf_fd_array_free,
	.lookup = no_lookup,
	.update = ebpf_fd_map_no_update,
	.delete = ebpf_fd_array_delete,
	.read = ebpf_fd_array_read,
	.next_key = ebpf_fd_array_next_key,
	.elem_type = EBPF_OBJ_PROG,
	.assign = assign_prog,
};

/* Ring buffers */

static int assign_ring(struct ebpf_map *map, const void *key, struct ebpf_obj *obj, uint64_t flags)
{
	if (((const struct ebpf_map *)obj)->type != BPF_MAP_TYPE_RINGBUF)
		return -EINVAL;
	return ebpf_fd_array_put(map, key, obj, flags);
}

const struct ebpf_map_ops ebpf_map_perf_event_array_ops = {
	.name = "perf_event_array",
	.check = ebpf_fd_array_check,
	.alloc = ebpf_fd_array_alloc,
	.prepare = ebpf_fd_array_prepare,
	.free = ebpf_fd_array_free,
	.lookup = no_lookup,
	.update = ebpf_fd_map_no_update,
	.delete = ebpf_fd_array_delete,
	.read = no_read,
	.next_key = ebpf_fd_array_next_key,
	.elem_type = EBPF_OBJ_MAP,
	.assign = assign_ring,
};
