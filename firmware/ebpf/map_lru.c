/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_LRU_HASH and _LRU_PERCPU_HASH: a hash table that, when it is
 * full, drops what has not been used for long. The pool's list of elements in
 * use is the clock: its oldest element goes, unless it was used since it was
 * last looked at; then that is forgotten and it goes to the end. After SCAN
 * elements one is dropped whether used or not, so making room takes constant time.
 *
 * A lookup by a program, and an update of what is there, count as use; a look
 * from bpf(2) does not, as in Linux. There is one list for all harts:
 * BPF_F_NO_COMMON_LRU, which asks for less contention, changes nothing.
 */
#include "map_hash.h"
#include "map_percpu.h"

#include "limits.h"
#include "mem.h"
#include "platform.h"

#define SCAN 64u
#define ATTEMPTS 16u /* other harts may take the room that was made */

/* Making room */

static void move_to_end(struct ebpf_hash *h, uint32_t index)
{
	struct ebpf_hash_elem *e = ebpf_hash_elem(h, index);

	if (h->newest == index)
		return;
	h->oldest = e->later;
	ebpf_hash_elem(h, h->oldest)->earlier = EBPF_HASH_NONE;
	e->earlier = h->newest;
	e->later = EBPF_HASH_NONE;
	ebpf_hash_elem(h, h->newest)->later = index;
	h->newest = index;
}

/* An element to drop and its key, or EBPF_HASH_NONE if none is in use. */
static uint32_t pick_victim(struct ebpf_map *map, uint64_t *key)
{
	struct ebpf_hash *h = map->body;
	uint32_t index;

	ebpf_lock(&h->lock);
	for (unsigned int n = 0; n < SCAN && h->oldest != EBPF_HASH_NONE; n++) {
		index = h->oldest;
		/* not one exchange: RISC-V has none for bytes, and a mark set in between is only an approximation lost
		 */
		if (!__atomic_load_n(&h->used[index], __ATOMIC_RELAXED))
			break;
		__atomic_store_n(&h->used[index], 0, __ATOMIC_RELAXED);
		move_to_end(h, index);
	}
	index = h->oldest;
	if (index != EBPF_HASH_NONE)
		ebpf_memcpy(key, ebpf_hash_elem(h, index)->key, map->key_size);
	ebpf_unlock(&h->lock);
	return index;
}

/* The victim may be gone, or another's, by the time its bucket is locked: then there is room already, or there was. */
static void make_room(struct ebpf_map *map)
{
	uint64_t key[EBPF_MAX_KEY_SIZE / 8];
	uint32_t victim = pick_victim(map, key);

	if (victim != EBPF_HASH_NONE)
		ebpf_hash_take(map, key, victim, NULL, NULL);
}

static int update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags, ebpf_hash_fill_fn fill)
{
	for (unsigned int n = 0; n < ATTEMPTS; n++) {
		int err = ebpf_hash_update(map, key, value, flags, fill);

		if (err != -E2BIG)
			return err;
		make_room(map);
	}
	return -ENOMEM; /* as Linux, if others were faster each time */
}

/* Use */

static void set_used(struct ebpf_map *map, uint32_t index, bool used)
{
	const struct ebpf_hash *h = map->body;

	if (!!EBPF_MEM_LOAD(uint8_t, &h->used[index]) != used)
		EBPF_MEM_STORE(uint8_t, &h->used[index], used);
}

static void fill(struct ebpf_map *map, uint32_t index, const void *value, bool fresh)
{
	set_used(map, index, !fresh);
	ebpf_map_fill(map, index, value);
}

static void fill_own(struct ebpf_map *map, uint32_t index, const void *value, bool fresh)
{
	set_used(map, index, !fresh);
	ebpf_percpu_fill(map, index, value, fresh);
}

static void fill_all(struct ebpf_map *map, uint32_t index, const void *value, bool fresh)
{
	set_used(map, index, !fresh);
	ebpf_percpu_scatter(map, index, value, fresh);
}

static uint32_t find_used(struct ebpf_map *map, const void *key)
{
	uint32_t index = ebpf_hash_find(map, key);

	if (index != EBPF_HASH_NONE)
		set_used(map, index, true);
	return index;
}

/* Making and unmaking */

static int lru_check(const union bpf_attr *attr)
{
	union bpf_attr rest = *attr;

	if (attr->map_flags & BPF_F_NO_PREALLOC)
		return -ENOTSUPP;
	rest.map_flags &= ~BPF_F_NO_COMMON_LRU;
	return ebpf_hash_check(&rest);
}

static int lru_alloc(struct ebpf_map *map)
{
	struct ebpf_hash *h;
	int err = ebpf_hash_alloc(map);

	if (err)
		return err;
	h = map->body;
	h->used = ebpf_alloc(map->obj.account, map->max_entries); /* set when an element is filled */
	if (h->used)
		return 0;
	ebpf_hash_free(map);
	return -ENOMEM;
}

static void lru_free(struct ebpf_map *map)
{
	struct ebpf_hash *h = map->body;

	ebpf_free(h->used);
	ebpf_hash_free(map);
}

static void *lru_lookup(struct ebpf_map *map, const void *key)
{
	uint32_t index = find_used(map, key);

	return index == EBPF_HASH_NONE ? NULL : ebpf_map_value(map, index);
}

static int lru_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	return update(map, key, value, flags, fill);
}

static int lru_read(struct ebpf_map *map, const void *key, void *value)
{
	return ebpf_map_hash_ops.read(map, key, value);
}

static int lru_take(struct ebpf_map *map, const void *key, void *value)
{
	return ebpf_map_hash_ops.take(map, key, value);
}

const struct ebpf_map_ops ebpf_map_lru_hash_ops = {
	.name = "lru_hash",
	.check = lru_check,
	.alloc = lru_alloc,
	.prepare = ebpf_hash_prepare,
	.free = lru_free,
	.lookup = lru_lookup,
	.update = lru_update,
	.delete = ebpf_hash_delete,
	.read = lru_read,
	.take = lru_take,
	.next_key = ebpf_hash_next_key,
	.element = ebpf_hash_element,
	.batch = EBPF_BATCH_ALL,
};

/* With a value for each hart */

static int percpu_check(const union bpf_attr *attr)
{
	int err = lru_check(attr);

	return err ? err : ebpf_percpu_check(attr);
}

static int percpu_alloc(struct ebpf_map *map)
{
	ebpf_percpu_sizes(map);
	return lru_alloc(map);
}

static void *percpu_lookup_on(struct ebpf_map *map, const void *key, unsigned int hart)
{
	uint32_t index = find_used(map, key);

	return index == EBPF_HASH_NONE ? NULL : ebpf_percpu_slot(map, index, hart);
}

static void *percpu_lookup(struct ebpf_map *map, const void *key)
{
	return percpu_lookup_on(map, key, ebpf_plat_hart());
}

static int percpu_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	return update(map, key, value, flags, fill_own);
}

static int percpu_write(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	return update(map, key, value, flags, fill_all);
}

static int percpu_read(struct ebpf_map *map, const void *key, void *value)
{
	return ebpf_hash_read(map, key, ebpf_percpu_gather, value);
}

static int percpu_take(struct ebpf_map *map, const void *key, void *value)
{
	return ebpf_hash_take(map, key, EBPF_HASH_NONE, ebpf_percpu_gather, value);
}

const struct ebpf_map_ops ebpf_map_lru_percpu_hash_ops = {
	.name = "lru_percpu_hash",
	.check = percpu_check,
	.alloc = percpu_alloc,
	.prepare = ebpf_hash_prepare,
	.free = lru_free,
	.lookup = percpu_lookup,
	.update = percpu_update,
	.delete = ebpf_hash_delete,
	.read = percpu_read,
	.write = percpu_write,
	.take = percpu_take,
	.next_key = ebpf_hash_next_key,
	.lookup_on = percpu_lookup_on,
	.element = ebpf_percpu_element,
	.batch = EBPF_BATCH_ALL,
};
