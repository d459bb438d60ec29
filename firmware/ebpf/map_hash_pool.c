/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which elements of a hash table are free, and all that are in use in order of
 * insertion. The second list makes next_key constant time in a large, nearly
 * empty table, and a walk meets what is inserted while it is under way.
 *
 * One lock a table, taken when elements come and go, not when values change.
 * Never-used elements are counted, not listed: a new table needs no work.
 */
#include "map_hash.h"

#include "mem.h"
#include "uapi/errno.h"

void ebpf_hash_pool_init(struct ebpf_hash *h)
{
	h->untouched = 0;
	h->free = h->oldest = h->newest = EBPF_HASH_NONE;
}

uint32_t ebpf_hash_pool_take(struct ebpf_map *map)
{
	struct ebpf_hash *h = map->body;
	uint32_t index = EBPF_HASH_NONE;

	ebpf_lock(&h->lock);
	if (h->free != EBPF_HASH_NONE) {
		index = h->free;
		h->free = ebpf_hash_elem(h, index)->later;
	} else if (h->untouched < map->max_entries) {
		index = h->untouched;
		EBPF_MEM_STORE(uint32_t, &h->untouched, index + 1);
	}
	ebpf_unlock(&h->lock);
	return index;
}

void ebpf_hash_pool_append(struct ebpf_hash *h, uint32_t index)
{
	struct ebpf_hash_elem *e = ebpf_hash_elem(h, index);

	ebpf_lock(&h->lock);
	e->later = EBPF_HASH_NONE;
	e->earlier = h->newest;
	if (h->newest == EBPF_HASH_NONE)
		h->oldest = index;
	else
		ebpf_hash_elem(h, h->newest)->later = index;
	h->newest = index;
	ebpf_unlock(&h->lock);
}

void ebpf_hash_pool_give(struct ebpf_hash *h, uint32_t index)
{
	struct ebpf_hash_elem *e = ebpf_hash_elem(h, index);

	ebpf_lock(&h->lock);
	if (e->earlier == EBPF_HASH_NONE)
		h->oldest = e->later;
	else
		ebpf_hash_elem(h, e->earlier)->later = e->later;
	if (e->later == EBPF_HASH_NONE)
		h->newest = e->earlier;
	else
		ebpf_hash_elem(h, e->later)->earlier = e->earlier;
	e->later = h->free;
	h->free = index;
	ebpf_unlock(&h->lock);
}

int ebpf_hash_pool_next(struct ebpf_map *map, uint32_t index, void *next_key)
{
	struct ebpf_hash *h = map->body;
	uint32_t next;

	ebpf_lock(&h->lock);
	next = index == EBPF_HASH_NONE ? h->oldest : ebpf_hash_elem(h, index)->later;
	if (next != EBPF_HASH_NONE)
		ebpf_memcpy(next_key, ebpf_hash_elem(h, next)->key, map->key_size);
	ebpf_unlock(&h->lock);
	return next == EBPF_HASH_NONE ? -ENOENT : 0;
}
