/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects (maps, programs, links, BTF): reference counts, ids, and the descriptor
 * table (owner, fd) -> object. The kernel picks fd numbers; the firmware keeps
 * what they mean. A process cannot name another's objects.
 *
 * One short spin lock guards the table, the owners and all counts; nothing slow
 * happens under it. Making, removing and publishing descriptors is done with
 * the control lock held (cmd.h); ebpf_obj_get() and ebpf_obj_put() of maps are
 * for any hart at any time.
 */
#ifndef EBPF_OBJ_H
#define EBPF_OBJ_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_owner; /* owner.h */
struct ebpf_work;  /* a creation under way, work.h */

enum ebpf_obj_type {
	EBPF_OBJ_MAP = 1,
	EBPF_OBJ_PROG,
	EBPF_OBJ_LINK,
	EBPF_OBJ_BTF,
	EBPF_OBJ_TYPES /* how many, with the 0 that none has */
};

/*
 * First member of every object. Who makes one clears it, sets refs = 1, type,
 * account, release and, if it has one, last_fd; the rest is obj.c's.
 * `release` frees the whole object when `refs` falls to 0, in a bounded number
 * of steps.
 */
struct ebpf_obj {
	uint32_t refs;		      /* descriptors + internal references */
	uint32_t fd_refs;	      /* descriptors only */
	uint32_t id;		      /* unique among live objects, from 1; 0 until published */
	uint8_t type;		      /* enum ebpf_obj_type */
	struct ebpf_account *account; /* who pays */
	void (*release)(struct ebpf_obj *obj);
	/*
	 * Optional, control lock held: the last descriptor is about to go, end what
	 * must end with it (attachments). One slice of that; true when done.
	 */
	bool (*last_fd)(struct ebpf_obj *obj);
	struct ebpf_owner *owner;      /* of `account`; set when published */
	struct ebpf_obj *left, *right; /* ids.c */
};

/*
 * One descriptor. While `work` is set the number is reserved for an object that
 * is being made; then `obj` is NULL.
 */
struct ebpf_fd {
	struct ebpf_owner *owner; /* holds a reference */
	uint32_t fd;
	struct ebpf_obj *obj; /* holds a reference and an fd reference */
	struct ebpf_work *work;
	struct ebpf_fd *hash_next;
	struct ebpf_fd *next, *prev; /* of the same owner */
};

/* Tables in the arena; once. 0 or -ENOMEM. */
int ebpf_obj_init(void);

/* Drop one reference. A map's may be dropped anywhere; others with the control lock held. */
void ebpf_obj_put(struct ebpf_obj *obj);
/* One more reference for somebody who is sure the object lives. */
void ebpf_obj_hold(struct ebpf_obj *obj);
/*
 * The object behind a descriptor, with a reference. NULL with *err = -EBADF (no
 * such descriptor) or -EINVAL (not of this type; type 0 takes any).
 */
struct ebpf_obj *ebpf_obj_get(uint64_t owner, uint32_t fd, enum ebpf_obj_type type, int *err);
/* By number: the lowest above `after`, 0 if there is none; the object with a reference, or NULL. */
uint32_t ebpf_obj_next_id(enum ebpf_obj_type type, uint32_t after);
struct ebpf_obj *ebpf_obj_get_id(enum ebpf_obj_type type, uint32_t id);
/* Live, published objects. */
uint32_t ebpf_obj_count(void);

/* Control lock held for all that follow. */

/*
 * Reserve number `fd`. NULL with *err = -EINVAL (not in 1 .. INT_MAX), -EEXIST,
 * -ENFILE (EBPF_MAX_FDS), -ENOMEM. The record is charged to the owner.
 */
struct ebpf_fd *ebpf_fd_new(uint64_t owner, uint64_t fd, int *err);
struct ebpf_fd *ebpf_fd_find(uint64_t owner, uint64_t fd); /* or NULL */
struct ebpf_fd *ebpf_fd_first(uint64_t owner);		   /* any of the owner's, or NULL */
/* Give a reserved number its new object; the caller's reference becomes the descriptor's. Cannot fail. */
void ebpf_fd_publish(struct ebpf_fd *entry, struct ebpf_obj *obj);
/* Give a reserved number an object that is published already; takes a reference of its own. */
void ebpf_fd_share(struct ebpf_fd *entry, struct ebpf_obj *obj);
/*
 * Remove the descriptor and, with the last one, what goes with its object.
 * Only for entries with an object or with neither object nor work. True when
 * done, false if there is more to do: nothing is lost, call again.
 */
bool ebpf_fd_close(struct ebpf_fd *entry);

#endif
