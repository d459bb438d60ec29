/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects (maps, programs, links): reference counts, ids, and the descriptor
 * table (owner, fd) -> object. The kernel picks fd numbers; the firmware keeps
 * what they mean. A process cannot name another's objects.
 */
#ifndef EBPF_OBJ_H
#define EBPF_OBJ_H

#include "arena.h"

#include <stdint.h>

enum ebpf_obj_type {
	EBPF_OBJ_MAP = 1,
	EBPF_OBJ_PROG,
	EBPF_OBJ_LINK,
};

/* First member of every object. `release` frees the whole object when `refs` falls to 0. */
struct ebpf_obj {
	uint32_t refs;		      /* descriptors + internal references */
	uint32_t fd_refs;	      /* descriptors only */
	uint32_t id;		      /* unique since reset, from 1 */
	uint8_t type;		      /* enum ebpf_obj_type */
	struct ebpf_account *account; /* who pays */
	void (*release)(struct ebpf_obj *obj);
	struct ebpf_obj *next, *prev; /* all live objects, by id */
};

#endif
