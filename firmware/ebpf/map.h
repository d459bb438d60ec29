/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps: one ops table a type, the checks common to all types done once in map.c.
 *
 * Values live in an array of their own (`values`, `nr_values` slots of
 * `value_stride` bytes), apart from keys and links, so that a pointer a program
 * got from a lookup can be checked with one subtraction and a wild store inside
 * it can damage nothing but values of the same map. A slot stays a value slot
 * of its map until the map is freed.
 */
#ifndef EBPF_MAP_H
#define EBPF_MAP_H

#include "btf.h"
#include "lock.h"
#include "mem.h"
#include "obj.h"
#include "uapi/bpf.h"
#include "uapi/errno.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_map;

#define EBPF_BATCH_LOOKUP (1u << 0)
#define EBPF_BATCH_UPDATE (1u << 1)
#define EBPF_BATCH_DELETE (1u << 2)
#define EBPF_BATCH_TAKE (1u << 3)
#define EBPF_BATCH_ALL 0xfu

struct ebpf_map_ops {
	const char *name; /* as in bpftool: "hash" */

	/* Sizes, flags and limits of a new map. 0 or -errno. From BPF_MAP_CREATE; nothing is allocated yet. */
	int (*check)(const union bpf_attr *attr);
	/*
	 * Allocate the body; map->key_size .. map->flags are set. 0 or -errno with
	 * nothing kept. Memory that must be cleared and is larger than
	 * EBPF_SLICE_BYTES is left to `prepare`.
	 */
	int (*alloc)(struct ebpf_map *map);
	/* One slice of clearing; true when the map is ready. Called until it says so, before anybody sees the map. */
	bool (*prepare)(struct ebpf_map *map);
	/* Free what alloc got. No reader is left. */
	void (*free)(struct ebpf_map *map);

	/* From programs (any hart, any number at once) and from bpf(2). Keys and values are firmware memory. */
	void *(*lookup)(struct ebpf_map *map, const void *key); /* the value's slot or NULL */
	int (*update)(struct ebpf_map *map, const void *key, const void *value, uint64_t flags); /* 0 or -errno */
	int (*delete)(struct ebpf_map *map, const void *key);					 /* 0 or -errno */

	/*
	 * From bpf(2): copy one value out, whole as of one moment where the type can promise that. 0 or -errno.
	 * NULL: lookup and copy.
	 */
	int (*read)(struct ebpf_map *map, const void *key, void *value);
	/* From bpf(2): update with map->user_size bytes. NULL: update. */
	int (*write)(struct ebpf_map *map, const void *key, const void *value, uint64_t flags);
	/* From bpf(2): read and delete in one step. NULL: the type has no such operation. */
	int (*take)(struct ebpf_map *map, const void *key, void *value);
	/* From bpf(2) only. key NULL or absent: the first one. 0, or -ENOENT after the last. */
	int (*next_key)(struct ebpf_map *map, const void *key, void *next_key);

	/*
	 * Types whose elements are objects (map_fd_array.h), control lock held: put one in, of type elem_type (enum
	 * ebpf_obj_type; 0: the map has plain values). The map takes a reference of its own. write and update are
	 * not used then, and delete and read have the control lock as well.
	 */
	int (*assign)(struct ebpf_map *map, const void *key, struct ebpf_obj *obj, uint64_t flags);
	uint8_t elem_type;
	uint8_t batch; /* EBPF_BATCH_*: which batch commands there are, as in Linux */

	/* Optional from here on. Any hart's slot of a value that each hart has for itself. */
	void *(*lookup_on)(struct ebpf_map *map, const void *key, unsigned int hart);
	/*
	 * For bpf_for_each_map_elem() and batches: place `at` (from 0) of the map. 1 with its key (NULL: `at` itself)
	 * and the value slot a program sees, 0 if it holds no element, -ENOENT behind the last place.
	 */
	int (*element)(struct ebpf_map *map, uint32_t at, const void **key, void **value);
	/* Values without keys (queue, stack, bloom filter), from programs and from bpf(2). 0 or -errno */
	int (*push)(struct ebpf_map *map, const void *value, uint64_t flags);
	int (*pop)(struct ebpf_map *map, void *value);
	int (*peek)(struct ebpf_map *map, void *value);
};

struct ebpf_map {
	struct ebpf_obj obj; /* first */
	const struct ebpf_map_ops *ops;
	uint32_t type, key_size, value_size, max_entries, flags;
	uint64_t extra; /* map_extra */
	char name[BPF_OBJ_NAME_LEN];
	uint8_t *values;
	uint32_t value_stride; /* value_size rounded up to 8 */
	uint32_t nr_values;
	uint64_t prepared;	/* bytes cleared so far */
	uint32_t user_size;	/* bytes of a value for bpf(2): value_size, or one after the other for each hart */
	uint32_t lookup_size;	/* bytes a program may touch behind what lookup gave it: value_size, or 0 */
	uint32_t cost;		/* of a lookup by key, in units of ebpf_run_pay(); 0: constant and small */
	uint32_t frozen;	/* bpf(2) may not write any more; with BPF_F_RDONLY_PROG nobody may */
	uint32_t writers;	/* calls of bpf(2) that write at this moment */
	void *body;		/* the type's own */
	struct ebpf_map *inner; /* maps of maps: an example of those inside, map_fd_array.h */
	struct ebpf_btf *btf;	/* types of keys and values, for who prints them; holds a reference, or NULL */
	uint32_t btf_key_id, btf_value_id;
	/* As the types say: why programs may not use the map, a sentence, or NULL; where a struct bpf_spin_lock is */
	const char *not_for_programs;
	bool has_lock;
	uint32_t lock_off;
	struct ebpf_lock value_lock; /* held by calls of bpf(2) with BPF_F_LOCK while they copy a value */
};

/* Say what keys and values are, once, before the map is published. 0, or -EINVAL: types of another size. */
#define EBPF_MAP_LOCK_SIZE 4u /* sizeof(struct bpf_spin_lock) */
int ebpf_map_set_types(struct ebpf_map *map, struct ebpf_btf *btf, uint32_t key_id, uint32_t value_id);

/* ops of a map type, or NULL if mbpf has no such type */
const struct ebpf_map_ops *ebpf_map_ops_of(uint32_t type);

/*
 * A new map from a checked copy of attr. *out has one reference and is not
 * published. Returns 0, -EINVAL, -E2BIG, -ENOMEM ... as Linux. The caller calls
 * ebpf_map_prepare() until it returns true before it publishes the map.
 */
int ebpf_map_create(const union bpf_attr *attr, struct ebpf_account *account, struct ebpf_map **out);
bool ebpf_map_prepare(struct ebpf_map *map);

/*
 * Element operations with the checks common to all types (flags, sizes, read-only maps).
 * key and value: firmware memory of key_size and user_size bytes.
 */
int ebpf_map_lookup_elem(struct ebpf_map *map, const void *key, void *value, uint64_t flags); /* copies out */
int ebpf_map_update_elem(struct ebpf_map *map, const void *key, const void *value, uint64_t flags);
/* For types with elem_type: control lock held. */
int ebpf_map_assign_elem(struct ebpf_map *map, const void *key, struct ebpf_obj *obj, uint64_t flags);
int ebpf_map_delete_elem(struct ebpf_map *map, const void *key);
int ebpf_map_next_key(struct ebpf_map *map, const void *key, void *next_key);
int ebpf_map_take_elem(struct ebpf_map *map, const void *key, void *value, uint64_t flags);
/* No more writes from bpf(2). 0, -EBUSY (frozen already, or a write is under way), -EPERM (BPF_F_RDONLY) */
int ebpf_map_freeze(struct ebpf_map *map);

/*
 * The same for programs: what a helper calls. BPF_F_RDONLY_PROG and
 * BPF_F_WRONLY_PROG are enforced here; plain loads and stores through a
 * looked-up pointer are checked with ebpf_map_prog_may().
 */
static inline bool ebpf_map_prog_may(const struct ebpf_map *map, bool write)
{
	return !(map->flags & (write ? BPF_F_RDONLY_PROG : BPF_F_WRONLY_PROG));
}

static inline void *ebpf_map_prog_lookup(struct ebpf_map *map, const void *key)
{
	return ebpf_map_prog_may(map, false) ? map->ops->lookup(map, key) : NULL;
}

static inline int ebpf_map_prog_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	return ebpf_map_prog_may(map, true) ? map->ops->update(map, key, value, flags) : -EPERM;
}

static inline int ebpf_map_prog_delete(struct ebpf_map *map, const void *key)
{
	if (map->ops->elem_type)
		return -EINVAL;
	return ebpf_map_prog_may(map, true) ? map->ops->delete (map, key) : -EPERM;
}

/* Does [addr, addr + size) lie inside one value of this map? For run-time checks. */
bool ebpf_map_value_ok(const struct ebpf_map *map, uint64_t addr, uint64_t size);

/* For the types (map_*.c) */

/* map->values for map->nr_values slots. 0 or -ENOMEM; not cleared. */
int ebpf_map_alloc_values(struct ebpf_map *map);
/* One slice of clearing them, map->prepared counts the bytes; true when all are zero. */
bool ebpf_map_clear_values(struct ebpf_map *map);
static inline uint64_t ebpf_map_values_bytes(const struct ebpf_map *map)
{
	return (uint64_t)map->nr_values * map->value_stride;
}
static inline void *ebpf_map_value(const struct ebpf_map *map, uint32_t slot)
{
	return map->values + (uint64_t)slot * map->value_stride;
}

/* Copy a whole value into a slot. */
static inline __attribute__((always_inline)) void ebpf_map_fill(struct ebpf_map *map, uint32_t slot, const void *value)
{
	void *dst = ebpf_map_value(map, slot);

	if (map->value_size == 8 && !((uintptr_t)value & 7)) /* the common case, without the loop */
		EBPF_MEM_STORE(ebpf_word, dst, EBPF_MEM_LOAD(ebpf_word, value));
	else
		ebpf_memcpy(dst, value, map->value_size);
}

#if __STDC_HOSTED__ /* tests: called where a reader of a hash table stands on an element, so that others can move it   \
		     */
extern void (*ebpf_map_hash_reader_hook)(void);
#endif

extern const struct ebpf_map_ops ebpf_map_array_ops;
extern const struct ebpf_map_ops ebpf_map_hash_ops;
extern const struct ebpf_map_ops ebpf_map_percpu_array_ops;
extern const struct ebpf_map_ops ebpf_map_percpu_hash_ops;
extern const struct ebpf_map_ops ebpf_map_lru_hash_ops;
extern const struct ebpf_map_ops ebpf_map_lru_percpu_hash_ops;
extern const struct ebpf_map_ops ebpf_map_queue_ops;
extern const struct ebpf_map_ops ebpf_map_stack_ops;
extern const struct ebpf_map_ops ebpf_map_bloom_ops;
extern const struct ebpf_map_ops ebpf_map_ringbuf_ops;
extern const struct ebpf_map_ops ebpf_map_prog_array_ops;
extern const struct ebpf_map_ops ebpf_map_lpm_ops;
extern const struct ebpf_map_ops ebpf_map_stack_trace_ops;
extern const struct ebpf_map_ops ebpf_map_array_of_maps_ops;
extern const struct ebpf_map_ops ebpf_map_hash_of_maps_ops;
extern const struct ebpf_map_ops ebpf_map_perf_event_array_ops;

#endif
