/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The element commands: BPF_MAP_LOOKUP_ELEM, _UPDATE_ELEM, _DELETE_ELEM,
 * _GET_NEXT_KEY. They hold a reference to their map and no lock: any number of
 * harts may be here. Keys and values are copied once; the map sees only the
 * copies.
 *
 * A value may have 64 KiB and any address, and byte by byte that would keep the
 * hart too long. So it is copied to or from a place in the buffer that is
 * misaligned in the same way, which goes by words, and moved inside the buffer.
 */
#include "cmd.h"
#include "map.h"
#include "uapi/errno.h"

#define SMALL_VALUE 512u /* on the stack; larger ones get a block of the arena */

/* One element command under way. */
struct elem {
	struct ebpf_map *map;
	uint64_t *value; /* aligned, with room for 16 bytes more than the value */
	void *block;	 /* behind `value` if it is not `small` */
	uint64_t key[EBPF_MAX_KEY_SIZE / 8];
	uint64_t small[SMALL_VALUE / 8 + 2];
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
	elem->value = elem->small;
	if (elem->map->user_size <= SMALL_VALUE)
		return 0;
	elem->block = ebpf_alloc(NULL, (size_t)elem->map->user_size + 16);
	elem->value = elem->block;
	return elem->block ? 0 : -ENOMEM;
}

/* Move n words' worth of bytes from `shift` bytes into w to its start, or back. 0 < shift < 8. */
static void shift_down(uint64_t *w, uint32_t n, unsigned int shift)
{
	unsigned int bits = 8 * shift;
	uint64_t low = w[0], high;

	for (uint64_t *end = w + n; w < end; w++, low = high) {
		high = w[1];
		w[0] = low >> bits | high << (64 - bits);
	}
}

static void shift_up(uint64_t *w, uint32_t n, unsigned int shift)
{
	unsigned int bits = 8 * shift;
	uint64_t high = w[n], low;

	for (uint64_t *at = w + n; at > w; at--, high = low) {
		low = at[-1];
		at[0] = high << bits | low >> (64 - bits);
	}
	w[0] <<= bits;
}

static uint32_t words(const struct elem *elem)
{
	return (elem->map->user_size + 7) / 8;
}

static int read_value(struct elem *elem, const struct ebpf_call *call, uint64_t va)
{
	unsigned int shift = va & 7;

	if (ebpf_copy_from(&call->as, (char *)elem->value + shift, va, elem->map->user_size))
		return -EFAULT;
	if (shift)
		shift_down(elem->value, words(elem), shift);
	return 0;
}

static int write_value(struct elem *elem, const struct ebpf_call *call, uint64_t va)
{
	unsigned int shift = va & 7;

	if (shift)
		shift_up(elem->value, words(elem), shift);
	return ebpf_copy_to(&call->as, va, (const char *)elem->value + shift, elem->map->user_size);
}

/* The value is a descriptor of the caller: put its object in. */
static int assign_elem(struct elem *elem, const struct ebpf_call *call, uint64_t flags)
{
	uint32_t fd = (uint32_t)elem->value[0];
	struct ebpf_obj *obj;
	int err;

	if (!ebpf_control_trylock())
		return -ERESTART;
	/* What is in the map goes with its last descriptor, which may just have gone. */
	err = -EBADF;
	obj = elem->map->obj.fd_refs ? ebpf_obj_get(call->owner, fd, elem->map->ops->elem_type, &err) : NULL;
	if (obj) {
		err = ebpf_map_assign_elem(elem->map, elem->key, obj, flags);
		ebpf_obj_put(obj);
	}
	ebpf_control_unlock();
	return err;
}

/* Element operations on objects are done with the control lock held. */
static bool begin_objects(const struct elem *elem)
{
	return !elem->map->ops->elem_type || ebpf_control_trylock();
}

static void end_objects(const struct elem *elem)
{
	if (elem->map->ops->elem_type)
		ebpf_control_unlock();
}

static int lookup_elem(struct elem *elem, uint64_t flags)
{
	int err;

	if (!begin_objects(elem))
		return -ERESTART;
	err = ebpf_map_lookup_elem(elem->map, elem->key, elem->value, flags);
	end_objects(elem);
	return err;
}

static int delete_elem(struct elem *elem)
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
	struct elem elem;
	int err = open_elem(&elem, call, attr->map_fd);

	if (!err)
		err = copy_key(&elem, call, attr->key);
	if (!err)
		err = value_buffer(&elem);
	if (!err && elem.map->type == BPF_MAP_TYPE_BLOOM_FILTER)
		err = read_value(&elem, call, attr->value); /* what to look for, as in Linux */
	if (!err)
		err = lookup_elem(&elem, attr->flags);
	if (!err && elem.map->type != BPF_MAP_TYPE_BLOOM_FILTER)
		err = write_value(&elem, call, attr->value);
	return close_elem(&elem, err);
}

/*
 * What was taken out cannot be put back: that the value can be stored is found
 * out first, by storing what is there now.
 */
int64_t ebpf_cmd_take_elem(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct elem elem;
	int err = open_elem(&elem, call, attr->map_fd);

	if (!err)
		err = copy_key(&elem, call, attr->key);
	if (!err)
		err = value_buffer(&elem);
	if (!err)
		err = read_value(&elem, call, attr->value);
	if (!err)
		err = write_value(&elem, call, attr->value);
	if (!err)
		err = ebpf_map_take_elem(elem.map, elem.key, elem.value, attr->flags);
	if (!err)
		err = write_value(&elem, call, attr->value);
	return close_elem(&elem, err);
}

int64_t ebpf_cmd_map_freeze(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct elem elem;
	int err = open_elem(&elem, call, attr->map_fd);

	return close_elem(&elem, err ? err : ebpf_map_freeze(elem.map));
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
		err = read_value(&elem, call, attr->value);
	if (!err)
		err = elem.map->ops->elem_type ? assign_elem(&elem, call, attr->flags)
					       : ebpf_map_update_elem(elem.map, elem.key, elem.value, attr->flags);
	return close_elem(&elem, err);
}

int64_t ebpf_cmd_delete_elem(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct elem elem;
	int err = open_elem(&elem, call, attr->map_fd);

	if (!err)
		err = copy_key(&elem, call, attr->key);
	if (!err)
		err = delete_elem(&elem);
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
