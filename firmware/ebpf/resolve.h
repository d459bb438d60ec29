/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map references of a program being loaded: from descriptor numbers in its
 * instructions (RFC 9669 sec. 5.4) to addresses, and the list of maps it uses.
 */
#ifndef EBPF_RESOLVE_H
#define EBPF_RESOLVE_H

#include "prog.h"
#include "work.h"

#include <stdint.h>

struct ebpf_resolve {
	struct ebpf_prog *prog;
	const struct ebpf_call *call; /* whose descriptors, which address space */
	uint64_t fd_array;	      /* address of attr's array of descriptors, or 0 */
	uint32_t pc;		      /* next slot to look at; after an error, the offender */
	const char *reason;	      /* after an error: a sentence, static */
};

/* Bind the map behind fd_array[index] to the program. 0, -EFAULT, -EBADF, -EINVAL, -E2BIG. */
int ebpf_resolve_bind(struct ebpf_resolve *resolve, uint32_t index);
/*
 * Resolve references in the next `count` slots at most (a wide instruction is
 * never cut). 0 or -errno; done when pc has reached the program's end.
 * A resolved instruction has src_reg 0 and the address as its immediate.
 */
int ebpf_resolve_slots(struct ebpf_resolve *resolve, uint32_t count);

#endif
