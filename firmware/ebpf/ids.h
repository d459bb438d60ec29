/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects by their numbers: a search tree of one type's objects, linked through
 * themselves, so that putting one in cannot fail. Steps grow with the logarithm
 * of the number of objects (expected: the shape depends on a secret, not on the
 * order of ids). The caller has the lock.
 */
#ifndef EBPF_IDS_H
#define EBPF_IDS_H

#include "obj.h"

struct ebpf_ids {
	struct ebpf_obj *root;
	uint64_t seed; /* any number nobody knows */
};

/* obj->id is set and in no tree of its type. */
void ebpf_ids_insert(struct ebpf_ids *ids, struct ebpf_obj *obj);
/* It is in the tree. */
void ebpf_ids_remove(struct ebpf_ids *ids, struct ebpf_obj *obj);
struct ebpf_obj *ebpf_ids_find(const struct ebpf_ids *ids, uint32_t id); /* or NULL */
/* The one with the lowest id above `id`, or NULL. */
struct ebpf_obj *ebpf_ids_next(const struct ebpf_ids *ids, uint32_t id);

#endif
