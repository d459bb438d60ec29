/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Owners: whose descriptors a number means, and who pays for what is in the
 * arena. A record lives as long as anything refers to it: a descriptor, or an
 * object charged to it (which may outlive the last descriptor of its maker).
 */
#ifndef EBPF_OWNER_H
#define EBPF_OWNER_H

#include "arena.h"

#include <stdint.h>

struct ebpf_fd;

struct ebpf_owner {
	uint64_t id; /* as the kernel names it, without SBI_EBPF_OWNER_KERNEL_ADDR; 0 is the kernel */
	uint32_t refs;
	struct ebpf_account account;
	struct ebpf_fd *fds; /* its descriptors, newest first */
	struct ebpf_owner *hash_next;
};

/* All with obj.c's lock held. */

int ebpf_owner_init(void); /* table in the arena. 0 or -ENOMEM */
struct ebpf_owner *ebpf_owner_find(uint64_t id);
/* The owner's record with one more reference, made if there is none; NULL without memory. */
struct ebpf_owner *ebpf_owner_get(uint64_t id);
/* Frees the record with its last reference. Everything charged to it must be freed by then. */
void ebpf_owner_put(struct ebpf_owner *owner);

#endif
