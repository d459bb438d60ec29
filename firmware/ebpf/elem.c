/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying elements (elem.h). A value may have 64 KiB and any address, and byte by
 * byte that would keep the hart too long. So it is copied to or from a place in
 * the buffer that is misaligned in the same way, which goes by words, and moved
 * inside the buffer.
 */
#include "elem.h"

#include "uapi/errno.h"

int ebpf_elem_open(struct ebpf_elem *elem, const struct ebpf_call *call, uint32_t fd)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(call->owner, fd, EBPF_OBJ_MAP, &err);

	elem->map = (struct ebpf_map *)obj;
	elem->block = NULL;
	elem->value = NULL;
	return err;
}

int64_t ebpf_elem_close(struct ebpf_elem *elem, int err)
{
	ebpf_free(elem->block);
	if (elem->map)
		ebpf_obj_put(&elem->map->obj);
	return err;
}

int ebpf_elem_key(struct ebpf_elem *elem, const struct ebpf_call *call, uint64_t va)
{
	if (!elem->map->key_size)
		return va ? -EINVAL : 0;
	return ebpf_copy_from(&call->as, elem->key, va, elem->map->key_size);
}

int ebpf_elem_buffer(struct ebpf_elem *elem, struct ebpf_account *account)
{
	elem->value = elem->small;
	if (elem->map->user_size <= EBPF_ELEM_SMALL)
		return 0;
	elem->block = ebpf_alloc(account, (size_t)elem->map->user_size + 16);
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

static uint32_t words(const struct ebpf_elem *elem)
{
	return (elem->map->user_size + 7) / 8;
}

int ebpf_elem_read(struct ebpf_elem *elem, const struct ebpf_call *call, uint64_t va)
{
	unsigned int shift = va & 7;

	if (ebpf_copy_from(&call->as, (char *)elem->value + shift, va, elem->map->user_size))
		return -EFAULT;
	if (shift)
		shift_down(elem->value, words(elem), shift);
	return 0;
}

int ebpf_elem_write(struct ebpf_elem *elem, const struct ebpf_call *call, uint64_t va)
{
	unsigned int shift = va & 7;

	if (shift)
		shift_up(elem->value, words(elem), shift);
	return ebpf_copy_to(&call->as, va, (const char *)elem->value + shift, elem->map->user_size);
}

int ebpf_elem_assign(struct ebpf_elem *elem, const struct ebpf_call *call, uint64_t flags)
{
	/* What is in the map goes with its last descriptor, which may just have gone. */
	int err = -EBADF;
	struct ebpf_obj *obj = NULL;

	if (elem->map->obj.fd_refs)
		obj = ebpf_obj_get(call->owner, (uint32_t)elem->value[0], elem->map->ops->elem_type, &err);
	if (!obj)
		return err;
	err = ebpf_map_assign_elem(elem->map, elem->key, obj, flags);
	ebpf_obj_put(obj);
	return err;
}
