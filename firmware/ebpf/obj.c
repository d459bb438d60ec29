/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects and the descriptor table. This file knows counts and tables only;
 * what an object is, and what ends with its last descriptor, is behind its two
 * functions.
 *
 * Invariants, under `objs.lock`: an entry with an object holds one of its refs
 * and one of its fd_refs; an entry and a published object each hold a reference
 * to an owner; what is charged to an owner is freed before that reference goes.
 */
#include "obj.h"

#include "ids.h"
#include "limits.h"
#include "lock.h"
#include "mem.h"
#include "owner.h"
#include "platform.h"
#include "uapi/errno.h"

#define FD_MAX 0x7fffffffu /* a descriptor is a positive int */
#define ID_MAX 0x7fffffffu /* as in Linux: BPF_*_GET_NEXT_ID goes no further */

static struct {
	struct ebpf_lock lock;
	struct ebpf_fd **buckets;
	uint64_t seed;
	uint32_t nr_fds;
	uint32_t nr_objs;
	uint32_t last_id;
	bool ids_wrapped;
	struct ebpf_ids ids[EBPF_OBJ_TYPES];
} objs;

int ebpf_obj_init(void)
{
	ebpf_memzero(&objs, sizeof(objs));
	objs.seed = ebpf_plat_entropy();
	for (unsigned int type = 0; type < EBPF_OBJ_TYPES; type++)
		objs.ids[type].seed = ebpf_plat_entropy();
	objs.buckets = ebpf_zalloc(NULL, EBPF_FD_BUCKETS * sizeof(*objs.buckets));
	return objs.buckets ? ebpf_owner_init() : -ENOMEM;
}

/* Objects */

static bool id_in_use(uint32_t id)
{
	for (unsigned int type = 0; type < EBPF_OBJ_TYPES; type++)
		if (ebpf_ids_find(&objs.ids[type], id))
			return true;
	return false;
}

/* Once every number has been used: look before one is used again. */
static uint32_t new_id(void)
{
	do {
		if (++objs.last_id > ID_MAX) {
			objs.last_id = 1;
			objs.ids_wrapped = true;
		}
	} while (objs.ids_wrapped && id_in_use(objs.last_id));
	return objs.last_id;
}

static void live_insert(struct ebpf_obj *obj)
{
	obj->id = new_id();
	ebpf_ids_insert(&objs.ids[obj->type], obj);
	objs.nr_objs++;
}

static void live_remove(struct ebpf_obj *obj)
{
	ebpf_ids_remove(&objs.ids[obj->type], obj);
	objs.nr_objs--;
}

void ebpf_obj_hold(struct ebpf_obj *obj)
{
	ebpf_lock(&objs.lock);
	obj->refs++;
	ebpf_unlock(&objs.lock);
}

void ebpf_obj_put(struct ebpf_obj *obj)
{
	struct ebpf_owner *owner = NULL;
	bool last;

	ebpf_lock(&objs.lock);
	last = --obj->refs == 0;
	if (last && obj->id) {
		owner = obj->owner;
		live_remove(obj);
	}
	ebpf_unlock(&objs.lock);
	if (!last)
		return;

	obj->release(obj);
	if (owner) {
		ebpf_lock(&objs.lock);
		ebpf_owner_put(owner);
		ebpf_unlock(&objs.lock);
	}
}

uint32_t ebpf_obj_count(void)
{
	return __atomic_load_n(&objs.nr_objs, __ATOMIC_RELAXED);
}

uint32_t ebpf_obj_next_id(enum ebpf_obj_type type, uint32_t after)
{
	const struct ebpf_obj *obj;
	uint32_t id;

	ebpf_lock(&objs.lock);
	obj = ebpf_ids_next(&objs.ids[type], after);
	id = obj ? obj->id : 0;
	ebpf_unlock(&objs.lock);
	return id;
}

struct ebpf_obj *ebpf_obj_get_id(enum ebpf_obj_type type, uint32_t id)
{
	struct ebpf_obj *obj;

	ebpf_lock(&objs.lock);
	obj = ebpf_ids_find(&objs.ids[type], id);
	if (obj)
		obj->refs++;
	ebpf_unlock(&objs.lock);
	return obj;
}

/* Descriptors */

static struct ebpf_fd **bucket_of(uint64_t owner, uint64_t fd)
{
	uint64_t x = (owner ^ objs.seed) * 0x9e3779b97f4a7c15u;

	x = ((x ^ (x >> 29)) + fd) * 0xbf58476d1ce4e5b9u;
	return &objs.buckets[(x ^ (x >> 32)) % EBPF_FD_BUCKETS];
}

static struct ebpf_fd *find(uint64_t owner, uint64_t fd)
{
	struct ebpf_fd *entry = *bucket_of(owner, fd);

	while (entry && (entry->fd != fd || entry->owner->id != owner))
		entry = entry->hash_next;
	return entry;
}

struct ebpf_obj *ebpf_obj_get(uint64_t owner, uint32_t fd, enum ebpf_obj_type type, int *err)
{
	struct ebpf_obj *obj = NULL;
	struct ebpf_fd *entry;

	ebpf_lock(&objs.lock);
	entry = find(owner, fd);
	if (!entry || !entry->obj) {
		*err = -EBADF;
	} else if (type && entry->obj->type != type) {
		*err = -EINVAL;
	} else {
		obj = entry->obj;
		obj->refs++;
		*err = 0;
	}
	ebpf_unlock(&objs.lock);
	return obj;
}

struct ebpf_fd *ebpf_fd_find(uint64_t owner, uint64_t fd)
{
	struct ebpf_fd *entry;

	ebpf_lock(&objs.lock);
	entry = find(owner, fd);
	ebpf_unlock(&objs.lock);
	return entry;
}

struct ebpf_fd *ebpf_fd_first(uint64_t id)
{
	struct ebpf_owner *owner;
	struct ebpf_fd *entry;

	ebpf_lock(&objs.lock);
	owner = ebpf_owner_find(id);
	entry = owner ? owner->fds : NULL;
	ebpf_unlock(&objs.lock);
	return entry;
}

/* The table's part of a new descriptor; the lock is held. */
static void table_insert(struct ebpf_fd *entry)
{
	struct ebpf_fd **bucket = bucket_of(entry->owner->id, entry->fd);

	entry->hash_next = *bucket;
	*bucket = entry;
	entry->prev = NULL;
	entry->next = entry->owner->fds;
	if (entry->next)
		entry->next->prev = entry;
	entry->owner->fds = entry;
	objs.nr_fds++;
}

static void table_remove(struct ebpf_fd *entry)
{
	struct ebpf_fd **link = bucket_of(entry->owner->id, entry->fd);

	while (*link != entry)
		link = &(*link)->hash_next;
	*link = entry->hash_next;
	if (entry->next)
		entry->next->prev = entry->prev;
	if (entry->prev)
		entry->prev->next = entry->next;
	else
		entry->owner->fds = entry->next;
	objs.nr_fds--;
}

/* With the lock held: a record for (id, fd), in the table. */
static struct ebpf_fd *new_entry(uint64_t id, uint32_t fd, int *err)
{
	struct ebpf_owner *owner;
	struct ebpf_fd *entry;

	*err = -EEXIST;
	if (find(id, fd))
		return NULL;
	*err = -ENFILE;
	if (objs.nr_fds >= EBPF_MAX_FDS)
		return NULL;
	*err = -ENOMEM;
	owner = ebpf_owner_get(id);
	if (!owner)
		return NULL;
	entry = ebpf_zalloc(&owner->account, sizeof(*entry));
	if (!entry) {
		ebpf_owner_put(owner);
		return NULL;
	}
	entry->owner = owner;
	entry->fd = fd;
	table_insert(entry);
	*err = 0;
	return entry;
}

struct ebpf_fd *ebpf_fd_new(uint64_t owner, uint64_t fd, int *err)
{
	struct ebpf_fd *entry;

	*err = -EINVAL;
	if (fd == 0 || fd > FD_MAX)
		return NULL;
	ebpf_lock(&objs.lock);
	entry = new_entry(owner, (uint32_t)fd, err);
	ebpf_unlock(&objs.lock);
	return entry;
}

void ebpf_fd_publish(struct ebpf_fd *entry, struct ebpf_obj *obj)
{
	ebpf_lock(&objs.lock);
	obj->owner = entry->owner;
	obj->owner->refs++;
	live_insert(obj);
	obj->fd_refs = 1;
	entry->work = NULL;
	entry->obj = obj;
	ebpf_unlock(&objs.lock);
}

void ebpf_fd_share(struct ebpf_fd *entry, struct ebpf_obj *obj)
{
	ebpf_lock(&objs.lock);
	obj->refs++;
	obj->fd_refs++;
	entry->obj = obj;
	ebpf_unlock(&objs.lock);
}

bool ebpf_fd_close(struct ebpf_fd *entry)
{
	struct ebpf_owner *owner = entry->owner;
	struct ebpf_obj *obj = entry->obj;

	/* The control lock keeps fd_refs as it is. */
	if (obj && obj->fd_refs == 1 && obj->last_fd && !obj->last_fd(obj))
		return false;

	ebpf_lock(&objs.lock);
	table_remove(entry);
	if (obj)
		obj->fd_refs--;
	ebpf_unlock(&objs.lock);
	ebpf_free(entry);
	if (obj)
		ebpf_obj_put(obj);
	ebpf_lock(&objs.lock);
	ebpf_owner_put(owner);
	ebpf_unlock(&objs.lock);
	return true;
}
