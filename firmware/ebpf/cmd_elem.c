/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The element commands: BPF_MAP_LOOKUP_ELEM, _UPDATE_ELEM, _DELETE_ELEM,
 * _GET_NEXT_KEY, _LOOKUP_AND_DELETE_ELEM and BPF_MAP_FREEZE. They hold a reference
 * to their map and no lock, except on maps of objects: any number of harts may be
 * here. Keys and values are copied once (elem.h); the map sees only the copies.
 */
#include "cmd.h"
#include "elem.h"
#include "uapi/errno.h"

static int assign_elem(struct ebpf_elem *elem, const struct ebpf_call *call, uint64_t flags)
{
	int err;

	if (!ebpf_control_trylock())
		return -ERESTART;
	err = ebpf_elem_assign(elem, call, flags);
	ebpf_control_unlock();
	return err;
}

/* Element operations on objects are done with the control lock held. */
static bool begin_objects(const struct ebpf_elem *elem)
{
	return !elem->map->ops->elem_type || ebpf_control_trylock();
}

static void end_objects(const struct ebpf_elem *elem)
{
	if (elem->map->ops->elem_type)
		ebpf_control_unlock();
}

static int lookup_elem(struct ebpf_elem *elem, uint64_t flags)
{
	int err;

	if (!begin_objects(elem))
		return -ERESTART;
	err = ebpf_map_lookup_elem(elem->map, elem->key, elem->value, flags);
	end_objects(elem);
	return err;
}

static int delete_elem(struct ebpf_elem *elem)
{
	int err;

	if (!begin_objects(elem))
		return -ERESTART;
	err = ebpf_map_delete_elem(elem->map, elem->key);
	end_objects(elem);
	return err;
}

int64_t ebpf_cmd_lookup_elem(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct ebpf_elem elem;
	int err = ebpf_elem_open(&elem, call, attr->map_fd);

	if (!err)
		err = ebpf_elem_key(&elem, call, attr->key);
	if (!err)
		err = ebpf_elem_buffer(&elem, NULL);
	if (!err && elem.map->type == BPF_MAP_TYPE_BLOOM_FILTER)
		err = ebpf_elem_read(&elem, call, attr->value); /* what to look for, as in Linux */
	if (!err)
		err = lookup_elem(&elem, attr->flags);
	if (!err && elem.map->type != BPF_MAP_TYPE_BLOOM_FILTER)
		err = ebpf_elem_write(&elem, call, attr->value);
	return ebpf_elem_close(&elem, err);
}

/*
 * What was taken out cannot be put back: that the value can be stored is found
 * out first, by storing what is there now.
 */
int64_t ebpf_cmd_take_elem(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct ebpf_elem elem;
	int err = ebpf_elem_open(&elem, call, attr->map_fd);

	if (!err)
		err = ebpf_elem_key(&elem, call, attr->key);
	if (!err)
		err = ebpf_elem_buffer(&elem, NULL);
	if (!err)
		err = ebpf_elem_read(&elem, call, attr->value);
	if (!err)
		err = ebpf_elem_write(&elem, call, attr->value);
	if (!err)
		err = ebpf_map_take_elem(elem.map, elem.key, elem.value, attr->flags);
	if (!err)
		err = ebpf_elem_write(&elem, call, attr->value);
	return ebpf_elem_close(&elem, err);
}

int64_t ebpf_cmd_map_freeze(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct ebpf_elem elem;
	int err = ebpf_elem_open(&elem, call, attr->map_fd);

	return ebpf_elem_close(&elem, err ? err : ebpf_map_freeze(elem.map));
}

int64_t ebpf_cmd_update_elem(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct ebpf_elem elem;
	int err = ebpf_elem_open(&elem, call, attr->map_fd);

	if (!err)
		err = ebpf_elem_key(&elem, call, attr->key);
	if (!err)
		err = ebpf_elem_buffer(&elem, NULL);
	if (!err)
		err = ebpf_elem_read(&elem, call, attr->value);
	if (!err)
		err = elem.map->ops->elem_type ? assign_elem(&elem, call, attr->flags)
					       : ebpf_map_update_elem(elem.map, elem.key, elem.value, attr->flags);
	return ebpf_elem_close(&elem, err);
}

int64_t ebpf_cmd_delete_elem(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct ebpf_elem elem;
	int err = ebpf_elem_open(&elem, call, attr->map_fd);

	if (!err)
		err = ebpf_elem_key(&elem, call, attr->key);
	if (!err)
		err = delete_elem(&elem);
	return ebpf_elem_close(&elem, err);
}

int64_t ebpf_cmd_next_key(const struct ebpf_call *call, union bpf_attr *attr)
{
	uint64_t next[EBPF_MAX_KEY_SIZE / 8];
	struct ebpf_elem elem;
	int err = ebpf_elem_open(&elem, call, attr->map_fd);

	if (!err && attr->key)
		err = ebpf_elem_key(&elem, call, attr->key);
	if (!err)
		err = ebpf_map_next_key(elem.map, attr->key ? elem.key : NULL, next);
	if (!err)
		err = ebpf_copy_to(&call->as, attr->next_key, next, elem.map->key_size);
	return ebpf_elem_close(&elem, err);
}
