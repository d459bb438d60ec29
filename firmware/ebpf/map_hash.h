/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of a hash table, shared by its two files: the buckets and what is
 * done with them (map_hash.c), and the pool, which says which elements are free
 * and lists those in use (map_hash_pool.c).
 */
#ifndef EBPF_MAP_HASH_H
#define EBPF_MAP_HASH_H

#include "lock.h"
#include "map.h"

#include <stdint.h>

#define EBPF_HASH_NONE UINT32_MAX /* no element */

/* Element i owns value slot i. */
struct ebpf_hash_elem {
	uint32_t next;	  /* in the bucket; kept while free */
	uint32_t later;	  /* pool: next inserted, or next free */
	uint32_t earlier; /* pool: inserted before this one */
	uint32_t tag;	  /* of a longer key: hash bits, never 0; of one-word keys 1. 0 while free */
	uint64_t key[];	  /* padded with zero bytes */
};

struct ebpf_hash_bucket {
	uint32_t head;
	struct ebpf_lock lock;
};

/* map->body */
struct ebpf_hash {
	struct ebpf_hash_bucket *buckets;
	char *elems;
	uint64_t seed, factor;
	uint32_t mask; /* buckets - 1 */
	uint32_t elem_size;
	uint32_t key_words;

	/* the pool's */
	struct ebpf_lock lock;
	uint32_t untouched;	 /* elements from here on have never been used */
	uint32_t free;		 /* those that have, last deleted first */
	uint32_t oldest, newest; /* all in use */
	uint8_t *used;		 /* LRU only (map_lru.c): used since it was last looked at, one byte an element */
};

static inline struct ebpf_hash_elem *ebpf_hash_elem(const struct ebpf_hash *h, uint32_t index)
{
	return (struct ebpf_hash_elem *)(void *)(h->elems + (uint64_t)index * h->elem_size);
}

/*
 * What the kinds of hash tables share. Any hart; `fill` and `copy` are called
 * with the bucket locked, fill before a new element can be found (fresh) or for
 * the value of a present one. Element i owns value slot i, and a type may own more.
 */
typedef void (*ebpf_hash_fill_fn)(struct ebpf_map *map, uint32_t index, const void *value, bool fresh);
typedef void (*ebpf_hash_copy_fn)(struct ebpf_map *map, uint32_t index, void *value);

int ebpf_hash_check(const union bpf_attr *attr);
int ebpf_hash_alloc(struct ebpf_map *map); /* map->nr_values slots, max_entries if that is 0 */
bool ebpf_hash_prepare(struct ebpf_map *map);
void ebpf_hash_free(struct ebpf_map *map);
uint32_t ebpf_hash_find(struct ebpf_map *map, const void *key); /* the element or EBPF_HASH_NONE */
/* fill NULL: ebpf_map_fill() of slot i. 0, -EINVAL, -EEXIST, -ENOENT, -E2BIG (no free element) */
int ebpf_hash_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags, ebpf_hash_fill_fn fill);
int ebpf_hash_read(struct ebpf_map *map, const void *key, ebpf_hash_copy_fn copy, void *value);
/* Read (copy NULL: do not) and delete, if the key's element is `only` or that is EBPF_HASH_NONE. 0 or -ENOENT */
int ebpf_hash_take(struct ebpf_map *map, const void *key, uint32_t only, ebpf_hash_copy_fn copy, void *value);
int ebpf_hash_delete(struct ebpf_map *map, const void *key);
int ebpf_hash_next_key(struct ebpf_map *map, const void *key, void *next_key);

/* Place `at` of the table (map.h); deleted and inserted again while a program looks, it is another element. */
int ebpf_hash_element(struct ebpf_map *map, uint32_t at, const void **key, void **value);

/* The pool. Any hart; the caller may hold a bucket's lock. */
void ebpf_hash_pool_init(struct ebpf_hash *h);
/* A free element, in no list, or EBPF_HASH_NONE. */
uint32_t ebpf_hash_pool_take(struct ebpf_map *map);
/* Its key is set: put it last on the list of those in use. */
void ebpf_hash_pool_append(struct ebpf_hash *h, uint32_t index);
/* Off that list and free. Its `next` and key stay as they are. */
void ebpf_hash_pool_give(struct ebpf_hash *h, uint32_t index);
/* The key of the element after `index` (which is in use and stays so), or of the oldest for NONE. 0 or -ENOENT. */
int ebpf_hash_pool_next(struct ebpf_map *map, uint32_t index, void *next_key);

#endif
