/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The element commands: BPF_MAP_LOOKUP_ELEM, _UPDATE_ELEM, _DELETE_ELEM,
 * _GET_NEXT_KEY. They hold a reference to their map and no lock: any number of
 * harts may be here. Keys and values are copied once; the map sees only the
 * copies.
 */
#include "cmd.h"
#include "map.h"
#include "uapi/errno.h"

#define SMALL_VALUE 512u /* on the stack; larger ones get a block of the arena */

/* One element command under way. */
struct elem {
	struct ebpf_map *map;
	uint8_t *value;
	void *block; /* behind `value` if it is not `small` */
	uint64_t key[EBPF_MAX_KEY_SIZE / 8];
	uint64_t small[SMALL_VALUE / 8];
};

static int open_elem(struct elem *elem, const struct ebpf_call *call, uint32_t fd)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(call->owner, fd, EBPF_OBJ_MAP, &err);

	elem->map = (struct ebpf_map *)obj;
	elem->block = NULL;
	elem->value = NULL;
	return err;
}

static int64_t close_elem(struct elem *elem, int err)
{
	ebpf_free(elem->block);
	if (elem->map)
		ebpf_obj_put(&elem->map->obj);
	return err;
}

static int copy_key(struct elem *elem, const struct ebpf_call *call, uint64_t va)
{
	if (!elem->map->key_size)
		return va ? -EINVAL : 0;
	return ebpf_copy_from(&call->as, elem->key, va, elem->map->key_size);
}

/* Memory for one value. The block is the firmware's own: it lives no longer than this call. */
static int value_buffer(struct elem *elem)
{
	elem->value = (uint8_t *)elem->small;
	if (elem->map->value_size <= sizeof(elem->small))
		return 0;
	elem->block = ebpf_alloc(NULL, elem->map->value_size);
	elem->value = elem->block;
	return elem->block ? 0 : -ENOMEM;
}

int64_t ebpf_cmd_lookup_elem(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct elem elem;
	int err = open_elem(&elem, call, attr->map_fd);

	if (!err)
		err = copy_key(&elem, call, attr->key);
	if (!err)
		err = value_buffer(&elem);
	if (!err)
		err = ebpf_map_lookup_elem(elem.map, elem.key, elem.value, attr->flags);
	if (!err)
		err = ebpf_copy_to(&call->as, attr->value, elem.value, elem.map->value_size);
	return close_elem(&elem, err);
}

int64_t ebpf_cmd_update_elem(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct elem elem;
	int err = open_elem(&elem, call, attr->map_fd);

	if (!err)
		err = copy_key(&elem, call, attr->key);
	if (!err)
		err = value_buffer(&elem);
	if (!err)
		err = ebpf_copy_from(&call->as, elem.value, attr->value, elem.map->value_size);
	if (!err)
		err = ebpf_map_update_elem(elem.map, elem.key, elem.value, attr->flags);
	return close_elem(&elem, err);
}

int64_t ebpf_cmd_delete_elem(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct elem elem;
	int err = open_elem(&elem, call, attr->map_fd);

	if (!err)
		err = copy_key(&elem, call, attr->key);
	if (!err)
		err = ebpf_map_delete_elem(elem.map, elem.key);
	return close_elem(&elem, err);
}

int64_t ebpf_cmd_next_key(const struct ebpf_call *call, union bpf_attr *attr)
{
	uint64_t next[EBPF_MAX_KEY_SIZE / 8];
	struct elem elem;
	int err = open_elem(&elem, call, attr->map_fd);

	if (!err && attr->key)
		err = copy_key(&elem, call, attr->key);
	if (!err)
		err = ebpf_map_next_key(elem.map, attr->key ? elem.key : NULL, next);
	if (!err)
		err = ebpf_copy_to(&call->as, attr->next_key, next, elem.map->key_size);
	return close_elem(&elem, err);
}
