/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_HASH. All elements are allocated with the map; element i owns
 * value slot i for ever. Buckets are singly linked lists of element indices.
 *
 * Writers lock their bucket. Readers lock nothing: they may be standing on an
 * element that is deleted and inserted elsewhere at that moment, and would then
 * walk on through a list that is not theirs. Therefore each list ends in a
 * marker that names its bucket; a reader that arrives at another's marker
 * starts again, and one that does not arrive within LOCKLESS_STEPS takes the
 * lock. A deleted element keeps `next`, the free list has links of its own.
 *
 * Before an element can be found its value is complete: the key (one word) or
 * the tag (longer keys) is stored last, with release order, and read with
 * acquire order. As in Linux's preallocated tables a slot may be used again as
 * soon as its key is deleted; a program that still holds its address then sees
 * the new value. An update of an existing key writes the value in place.
 *
 * Lock order: bucket, then pool.
 */
#include "map_hash.h"

#include "bits.h"
#include "limits.h"
#include "mem.h"
#include "platform.h"

#define END (1u << 31) /* set in a link: end of a list, the other bits are its bucket */
#define UNSURE (UINT32_MAX - 1)
#define MAX_ENTRIES (1u << 30)
#define KEY_WORDS (EBPF_MAX_KEY_SIZE / 8)
#define LOCKLESS_STEPS 128u

/* A longer key, taken from the caller once: it may lie in a map that another hart writes. */
struct long_key {
	uint64_t words[KEY_WORDS];
};

/* Keys and hashing */

/* Word i of a key of `size` bytes at any alignment, zero-padded. */
static uint64_t key_word(const void *key, uint32_t size, uint32_t i)
{
	const uint8_t *at = (const uint8_t *)key + 8 * i;
	uint32_t left = size - 8 * i;
	uint64_t word = 0;

	if (left >= 8 && !((uintptr_t)at & 7))
		return EBPF_MEM_LOAD(ebpf_word, at);
	if (left >= 4 && !((uintptr_t)at & 3)) {
		word = EBPF_MEM_LOAD(ebpf_half, at);
		if (left == 4)
			return word;
		if (left >= 8)
			return word | (uint64_t)EBPF_MEM_LOAD(ebpf_half, at + 4) << 32;
	}
	for (uint32_t n = 0; n < 8 && n < left; n++)
		word |= (uint64_t)at[n] << (8 * n);
	return word;
}

/* Both halves of a 128-bit product folded: all bits of a result depend on all bits of word and (secret) factor. */
static uint64_t mix(uint64_t word, uint64_t factor)
{
	unsigned __int128 product = (unsigned __int128)word * factor;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_word(const struct ebpf_hash *h, uint64_t word)
{
	return mix(word ^ h->seed, h->factor);
}

static uint64_t hash_long(const struct ebpf_hash *h, const struct long_key *key)
{
	uint64_t hash = 0;

	for (uint32_t i = 0; i < h->key_words; i++)
		hash = mix(hash ^ key->words[i] ^ h->seed, h->factor);
	return hash;
}

static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) | 1;
}

/* Searching */

/* What a search looks for: one word, or a longer key with its tag. */
struct wanted {
	uint64_t word;		    /* if key is NULL */
	const struct long_key *key; /* of h->key_words words */
	uint32_t tag;
	uint32_t bucket;
};

static inline struct wanted want_word(const struct ebpf_hash *h, uint64_t word)
{
	return (struct wanted){.word = word, .bucket = (uint32_t)hash_word(h, word) & h->mask};
}

/* Either kind of key. *copy is filled and referred to. */
static struct wanted want_any(const struct ebpf_map *map, const void *key, struct long_key *copy)
{
	const struct ebpf_hash *h = map->body;
	uint64_t hash;

	for (uint32_t i = 0; i < h->key_words; i++)
		copy->words[i] = key_word(key, map->key_size, i);
	if (h->key_words == 1)
		return want_word(h, copy->words[0]);
	hash = hash_long(h, copy);
	return (struct wanted){.key = copy, .tag = tag_of(hash), .bucket = (uint32_t)hash & h->mask};
}

/* The common keys, 4 or 8 aligned bytes, without a call; false: take want_any(). */
static inline bool quick_key(const struct ebpf_map *map, const void *key, uint64_t *word)
{
	if (map->key_size == 8 && !((uintptr_t)key & 7))
		*word = EBPF_MEM_LOAD(ebpf_word, key);
	else if (map->key_size == 4 && !((uintptr_t)key & 3))
		*word = EBPF_MEM_LOAD(ebpf_half, key);
	else
		return false;
	return true;
}

/* The tag before and after: the element was not given away while its key was compared. */
static bool matches_long(const struct ebpf_hash *h, const struct ebpf_hash_elem *e, const struct long_key *key,
			 uint32_t tag)
{
	if (ebpf_load_acquire32(&e->tag) != tag)
		return false;
	for (uint32_t i = 0; i < h->key_words; i++)
		if (ebpf_load_acquire64(&e->key[i]) != key->words[i])
			return false;
	return EBPF_MEM_LOAD(uint32_t, &e->tag) == tag;
}

/*
 * Inlined with want->key known to be NULL, this and the searches below come down to a few instructions
 * (if *want never leaves for a function that is not: pass what it holds).
 */
static inline __attribute__((always_inline)) bool matches(const struct ebpf_hash *h, const struct ebpf_hash_elem *e,
							  const struct wanted *want)
{
	if (!want->key)
		return ebpf_load_acquire64(&e->key[0]) == want->word;
	return matches_long(h, e, want->key, want->tag);
}

/* With the bucket's lock held. *link: where the element, or the end, is linked from. */
static inline __attribute__((always_inline)) uint32_t find_locked(struct ebpf_hash *h, const struct wanted *want,
								  uint32_t **link)
{
	uint32_t at;

	*link = &h->buckets[want->bucket].head;
	while (!((at = EBPF_MEM_LOAD(uint32_t, *link)) & END)) {
		struct ebpf_hash_elem *e = ebpf_hash_elem(h, at);

		if (matches(h, e, want))
			return at;
		*link = &e->next;
	}
	return EBPF_HASH_NONE;
}

#if __STDC_HOSTED__
void (*ebpf_map_hash_reader_hook)(void);

static void between_elements(void)
{
	if (ebpf_map_hash_reader_hook)
		ebpf_map_hash_reader_hook();
}
#else
static inline void between_elements(void)
{
}
#endif

/* Without a lock: an element, EBPF_HASH_NONE, or UNSURE if writers kept moving the ground. */
static inline __attribute__((always_inline)) uint32_t find(const struct ebpf_hash *h, const struct wanted *want)
{
	uint32_t steps = LOCKLESS_STEPS, at;

	do {
		at = ebpf_load_consume32(&h->buckets[want->bucket].head);
		while (!(at & END)) {
			const struct ebpf_hash_elem *e = ebpf_hash_elem(h, at);

			if (matches(h, e, want))
				return at;
			if (!--steps)
				return UNSURE;
			between_elements();
			at = ebpf_load_consume32(&e->next);
		}
		if (at == (END | want->bucket))
			return EBPF_HASH_NONE;
	} while (--steps);
	return UNSURE;
}

static void *value_of(const struct ebpf_map *map, uint32_t index)
{
	return index == EBPF_HASH_NONE ? NULL : ebpf_map_value(map, index);
}

/* Any key; patient if `find` would be UNSURE. */
static __attribute__((noinline)) uint32_t find_any(struct ebpf_map *map, const void *key)
{
	struct ebpf_hash *h = map->body;
	struct long_key copy;
	struct wanted want = want_any(map, key, &copy);
	struct ebpf_lock *lock = &h->buckets[want.bucket].lock;
	uint32_t index = find(h, &want), *link;

	if (index == UNSURE) {
		ebpf_lock(lock);
		index = find_locked(h, &want, &link);
		ebpf_unlock(lock);
	}
	return index;
}

uint32_t ebpf_hash_find(struct ebpf_map *map, const void *key)
{
	const struct ebpf_hash *h = map->body;
	struct wanted want;
	uint64_t word;
	uint32_t index;

	if (!quick_key(map, key, &word))
		return find_any(map, key);
	want = want_word(h, word);
	index = find(h, &want);
	return index == UNSURE ? find_any(map, key) : index;
}

static void *hash_lookup(struct ebpf_map *map, const void *key)
{
	const struct ebpf_hash *h = map->body;
	struct wanted want;
	uint64_t word;
	uint32_t index;

	if (!quick_key(map, key, &word))
		return value_of(map, find_any(map, key));
	want = want_word(h, word);
	index = find(h, &want);
	return value_of(map, index == UNSURE ? find_any(map, key) : index);
}

/* Changing */

/* Bucket locked, key absent. The order of the stores is what readers rely on. */
static int insert(struct ebpf_map *map, const struct wanted *want, const void *value, ebpf_hash_fill_fn fill)
{
	struct ebpf_hash *h = map->body;
	uint32_t *head = &h->buckets[want->bucket].head;
	uint32_t index = ebpf_hash_pool_take(map);
	struct ebpf_hash_elem *e;

	if (index == EBPF_HASH_NONE)
		return -E2BIG;
	e = ebpf_hash_elem(h, index);
	if (fill)
		fill(map, index, value, true);
	else
		ebpf_map_fill(map, index, value);
	if (!want->key) {
		ebpf_store_release64(&e->key[0], want->word);
		ebpf_store_release32(&e->tag, 1);
	} else {
		for (uint32_t i = 0; i < h->key_words; i++)
			EBPF_MEM_STORE(uint64_t, &e->key[i], want->key->words[i]);
		ebpf_store_release32(&e->tag, want->tag);
	}
	EBPF_MEM_STORE(uint32_t, &e->next, *head);
	ebpf_store_release32(head, index);
	ebpf_hash_pool_append(h, index);
	return 0;
}

/* Bucket locked; unlocks it. `index` is what was found. */
static int finish_update(struct ebpf_map *map, const struct wanted *want, uint32_t index, const void *value,
			 uint64_t flags, ebpf_hash_fill_fn fill)
{
	struct ebpf_hash *h = map->body;
	int err = 0;

	if (index == EBPF_HASH_NONE)
		err = flags == BPF_EXIST ? -ENOENT : insert(map, want, value, fill);
	else if (flags == BPF_NOEXIST)
		err = -EEXIST;
	else if (fill)
		fill(map, index, value, false);
	else
		ebpf_map_fill(map, index, value);
	ebpf_unlock(&h->buckets[want->bucket].lock);
	return err;
}

/* What hash_update() does not do itself, with the bucket still locked. Out of line: it costs registers. */
static __attribute__((noinline)) int finish_quick(struct ebpf_map *map, uint64_t word, uint32_t index,
						  const void *value, uint64_t flags)
{
	struct wanted want = want_word(map->body, word);

	return finish_update(map, &want, index, value, flags, NULL);
}

static __attribute__((noinline)) int update_any(struct ebpf_map *map, const void *key, const void *value,
						uint64_t flags, ebpf_hash_fill_fn fill)
{
	struct ebpf_hash *h = map->body;
	struct long_key copy;
	struct wanted want = want_any(map, key, &copy);
	uint32_t *link;

	ebpf_lock(&h->buckets[want.bucket].lock);
	return finish_update(map, &want, find_locked(h, &want, &link), value, flags, fill);
}

int ebpf_hash_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags, ebpf_hash_fill_fn fill)
{
	return flags > BPF_EXIST ? -EINVAL : update_any(map, key, value, flags, fill);
}

static int hash_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	struct ebpf_hash *h = map->body;
	struct wanted want;
	uint64_t word;
	uint32_t index, *link;

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (!quick_key(map, key, &word))
		return update_any(map, key, value, flags, NULL);
	want = want_word(h, word);
	ebpf_lock(&h->buckets[want.bucket].lock);
	index = find_locked(h, &want, &link);
	if (index == EBPF_HASH_NONE || flags == BPF_NOEXIST)
		return finish_quick(map, word, index, value, flags);
	ebpf_map_fill(map, index, value);
	ebpf_unlock(&h->buckets[want.bucket].lock);
	return 0;
}

int ebpf_hash_take(struct ebpf_map *map, const void *key, uint32_t only, ebpf_hash_copy_fn copy, void *value)
{
	struct ebpf_hash *h = map->body;
	struct long_key copy_of_key;
	struct wanted want = want_any(map, key, &copy_of_key);
	struct ebpf_hash_bucket *bucket = &h->buckets[want.bucket];
	uint32_t index, *link;
	bool found;

	ebpf_lock(&bucket->lock);
	index = find_locked(h, &want, &link);
	found = index != EBPF_HASH_NONE && (only == EBPF_HASH_NONE || only == index);
	if (found) {
		struct ebpf_hash_elem *e = ebpf_hash_elem(h, index);

		if (copy)
			copy(map, index, value);
		ebpf_store_release32(link, e->next);
		EBPF_MEM_STORE(uint32_t, &e->tag, 0); /* ordered before reuse by the pool's lock */
		ebpf_hash_pool_give(h, index);
	}
	ebpf_unlock(&bucket->lock);
	return found ? 0 : -ENOENT;
}

int ebpf_hash_delete(struct ebpf_map *map, const void *key)
{
	return ebpf_hash_take(map, key, EBPF_HASH_NONE, NULL, NULL);
}

/* Under the bucket's lock no update, and no new owner of the slot, can come between. */
int ebpf_hash_read(struct ebpf_map *map, const void *key, ebpf_hash_copy_fn copy, void *value)
{
	struct ebpf_hash *h = map->body;
	struct long_key copy_of_key;
	struct wanted want = want_any(map, key, &copy_of_key);
	struct ebpf_hash_bucket *bucket = &h->buckets[want.bucket];
	uint32_t index, *link;

	ebpf_lock(&bucket->lock);
	index = find_locked(h, &want, &link);
	if (index != EBPF_HASH_NONE)
		copy(map, index, value);
	ebpf_unlock(&bucket->lock);
	return index == EBPF_HASH_NONE ? -ENOENT : 0;
}

static void copy_value(struct ebpf_map *map, uint32_t index, void *value)
{
	ebpf_memcpy(value, ebpf_map_value(map, index), map->value_size);
}

static int hash_read(struct ebpf_map *map, const void *key, void *value)
{
	return ebpf_hash_read(map, key, copy_value, value);
}

static int hash_take(struct ebpf_map *map, const void *key, void *value)
{
	return ebpf_hash_take(map, key, EBPF_HASH_NONE, copy_value, value);
}

int ebpf_hash_next_key(struct ebpf_map *map, const void *key, void *next_key)
{
	struct ebpf_hash *h = map->body;
	struct long_key copy;
	struct wanted want;
	struct ebpf_hash_bucket *bucket;
	uint32_t *link;
	int err;

	if (!key)
		return ebpf_hash_pool_next(map, EBPF_HASH_NONE, next_key);
	want = want_any(map, key, &copy);
	bucket = &h->buckets[want.bucket];
	ebpf_lock(&bucket->lock); /* the element stays in use while the pool is asked */
	err = ebpf_hash_pool_next(map, find_locked(h, &want, &link), next_key);
	ebpf_unlock(&bucket->lock);
	return err;
}

int ebpf_hash_element(struct ebpf_map *map, uint32_t at, const void **key, void **value)
{
	const struct ebpf_hash *h = map->body;
	const struct ebpf_hash_elem *e = ebpf_hash_elem(h, at);

	if (at >= ebpf_load_acquire32(&h->untouched))
		return -ENOENT;
	if (!ebpf_load_acquire32(&e->tag))
		return 0;
	*key = e->key;
	*value = ebpf_map_value(map, at);
	return 1;
}

/* Making and unmaking */

int ebpf_hash_check(const union bpf_attr *attr)
{
	const uint32_t allowed = BPF_F_NO_PREALLOC | BPF_F_ZERO_SEED | BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG |
				 BPF_F_WRONLY_PROG;

	if (attr->map_flags & BPF_F_ZERO_SEED)
		return -EPERM; /* a known seed lets programs choose their collisions */
	if (attr->map_flags & ~allowed)
		return -EINVAL;
	if (attr->max_entries == 0 || attr->key_size == 0 || attr->value_size == 0)
		return -EINVAL;
	if (attr->key_size > EBPF_MAX_KEY_SIZE || attr->value_size > EBPF_MAX_VALUE_SIZE ||
	    attr->max_entries > MAX_ENTRIES)
		return -E2BIG;
	return 0;
}

void ebpf_hash_free(struct ebpf_map *map)
{
	struct ebpf_hash *h = map->body;

	ebpf_free(h->elems);
	ebpf_free(h->buckets);
	ebpf_free(h);
	ebpf_free(map->values);
}

int ebpf_hash_alloc(struct ebpf_map *map)
{
	struct ebpf_account *account = map->obj.account;
	uint32_t nr_buckets = 1;
	struct ebpf_hash *h;

	if (map->max_entries > 1)
		nr_buckets = 2u << ebpf_log2(map->max_entries - 1);
	h = ebpf_zalloc(account, sizeof(*h));
	if (!h)
		return -ENOMEM;
	map->body = h;
	if (!map->nr_values)
		map->nr_values = map->max_entries;
	h->key_words = (map->key_size + 7) / 8;
	h->elem_size = (uint32_t)(sizeof(struct ebpf_hash_elem) + 8 * h->key_words);
	h->mask = nr_buckets - 1;
	h->seed = ebpf_plat_entropy();
	h->factor = ebpf_plat_entropy() | 1;
	ebpf_hash_pool_init(h);
	h->elems = ebpf_alloc(account, (uint64_t)map->max_entries * h->elem_size);
	h->buckets = ebpf_alloc(account, (uint64_t)nr_buckets * sizeof(struct ebpf_hash_bucket));
	if (!h->elems || !h->buckets || ebpf_map_alloc_values(map)) {
		ebpf_hash_free(map);
		return -ENOMEM;
	}
	return 0;
}

/* Values first, then the empty buckets; elements need no clearing, none is looked at before it was filled. */
bool ebpf_hash_prepare(struct ebpf_map *map)
{
	struct ebpf_hash *h = map->body;
	uint64_t values = ebpf_map_values_bytes(map);
	uint64_t first, last = (uint64_t)h->mask + 1;

	if (map->prepared < values) {
		ebpf_map_clear_values(map);
		return false;
	}
	first = (map->prepared - values) / sizeof(struct ebpf_hash_bucket);
	if (last - first > EBPF_SLICE_BYTES / sizeof(struct ebpf_hash_bucket))
		last = first + EBPF_SLICE_BYTES / sizeof(struct ebpf_hash_bucket);
	for (uint64_t i = first; i < last; i++)
		h->buckets[i] = (struct ebpf_hash_bucket){.head = END | (uint32_t)i};
	map->prepared = values + last * sizeof(struct ebpf_hash_bucket);
	return last == (uint64_t)h->mask + 1;
}

const struct ebpf_map_ops ebpf_map_hash_ops = {
	.name = "hash",
	.check = ebpf_hash_check,
	.alloc = ebpf_hash_alloc,
	.prepare = ebpf_hash_prepare,
	.free = ebpf_hash_free,
	.lookup = hash_lookup,
	.update = hash_update,
	.delete = ebpf_hash_delete,
	.read = hash_read,
	.take = hash_take,
	.next_key = ebpf_hash_next_key,
	.element = ebpf_hash_element,
	.batch = EBPF_BATCH_ALL,
};
