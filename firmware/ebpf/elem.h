/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One element of a map on its way between a caller's memory and the map: its
 * key and its value as they were copied. For the commands on elements
 * (cmd_elem.c, cmd_batch.c).
 */
#ifndef EBPF_ELEM_H
#define EBPF_ELEM_H

#include "limits.h"
#include "map.h"
#include "work.h"

#include <stdint.h>

#define EBPF_ELEM_SMALL 512u /* bytes of a value that need no block of the arena */

struct ebpf_elem {
	struct ebpf_map *map; /* holds a reference */
	uint64_t *value;      /* aligned, with room for 16 bytes more than the value */
	void *block;	      /* behind `value` if it is not `small` */
	uint64_t key[EBPF_MAX_KEY_SIZE / 8];
	uint64_t small[EBPF_ELEM_SMALL / 8 + 2];
};

/* The map behind a descriptor; always followed by ebpf_elem_close(), whatever the result. 0, -EBADF, -EINVAL */
int ebpf_elem_open(struct ebpf_elem *elem, const struct ebpf_call *call, uint32_t fd);
int64_t ebpf_elem_close(struct ebpf_elem *elem, int err); /* returns err */
/* Memory for the value: 0 or -ENOMEM. Who pays: NULL, the firmware, only if it does not outlive the call. */
int ebpf_elem_buffer(struct ebpf_elem *elem, struct ebpf_account *account);
/* Copy in or out, at any alignment, in bounded time. 0 or -EFAULT; a key a map does not have must be NULL (-EINVAL). */
int ebpf_elem_key(struct ebpf_elem *elem, const struct ebpf_call *call, uint64_t va);
int ebpf_elem_read(struct ebpf_elem *elem, const struct ebpf_call *call, uint64_t va);
int ebpf_elem_write(struct ebpf_elem *elem, const struct ebpf_call *call, uint64_t va); /* spoils the value */
/* Maps of objects, control lock held: the value is a descriptor of the caller, put its object in. */
int ebpf_elem_assign(struct ebpf_elem *elem, const struct ebpf_call *call, uint64_t flags);

#endif
