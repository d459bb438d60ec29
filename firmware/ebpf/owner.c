/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of owners: a hash keyed with a secret, so that nobody can choose
 * owner numbers that collide. The records are the firmware's own memory, not
 * charged to anybody: an account cannot pay for itself and still fall to 0.
 */
#include "owner.h"

#include "limits.h"
#include "mem.h"
#include "platform.h"
#include "uapi/errno.h"

static struct {
	struct ebpf_owner **buckets;
	uint64_t seed;
} owners;

static struct ebpf_owner **bucket_of(uint64_t id)
{
	uint64_t x = (id ^ owners.seed) * 0x9e3779b97f4a7c15u;

	return &owners.buckets[(x ^ (x >> 32)) % EBPF_OWNER_BUCKETS];
}

int ebpf_owner_init(void)
{
	owners.seed = ebpf_plat_entropy();
	owners.buckets = ebpf_zalloc(NULL, EBPF_OWNER_BUCKETS * sizeof(*owners.buckets));
	return owners.buckets ? 0 : -ENOMEM;
}

struct ebpf_owner *ebpf_owner_find(uint64_t id)
{
	struct ebpf_owner *owner = *bucket_of(id);

	while (owner && owner->id != id)
		owner = owner->hash_next;
	return owner;
}

struct ebpf_owner *ebpf_owner_get(uint64_t id)
{
	struct ebpf_owner *owner = ebpf_owner_find(id), **bucket = bucket_of(id);

	if (!owner) {
		owner = ebpf_zalloc(NULL, sizeof(*owner));
		if (!owner)
			return NULL;
		owner->id = id;
		owner->account.limit = ebpf_arena_size() / EBPF_OWNER_SHARE;
		owner->hash_next = *bucket;
		*bucket = owner;
	}
	owner->refs++;
	return owner;
}

void ebpf_owner_put(struct ebpf_owner *owner)
{
	struct ebpf_owner **link = bucket_of(owner->id);

	if (--owner->refs)
		return;
	if (owner->account.used) {
		/* Memory that names this account would free into a record that is gone: keep it, and say so. */
		ebpf_plat_log("ebpf: owner %#lx is gone but %lu bytes are still charged to it\n",
			      (unsigned long)owner->id, (unsigned long)owner->account.used);
		owner->refs++;
		return;
	}
	while (*link != owner)
		link = &(*link)->hash_next;
	*link = owner->hash_next;
	ebpf_free(owner);
}
