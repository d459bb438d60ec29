/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Links: a program attached to a set of addresses. Two kinds of holder: a
 * descriptor (BPF_LINK_CREATE), which keeps the program alive, and a program
 * (BPF_PROG_ATTACH), which owns the links made by it in a chain and ends them
 * with its own last descriptor.
 *
 * Control lock held for everything here.
 */
#ifndef EBPF_LINK_H
#define EBPF_LINK_H

#include "kprobe.h"
#include "obj.h"
#include "prog.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_link {
	struct ebpf_obj obj; /* first; of no use in a program's own chain */
	struct ebpf_prog *prog;
	uint32_t cnt;		/* entries of at[] */
	uint32_t nr_attached;	/* the first so many are armed */
	uint32_t nr_committed;	/* and so many of them for every hart */
	struct ebpf_link *next; /* prog->rcore_link's chain */
	uint64_t missed;	/* hits that did not run the program */
	struct ebpf_attachment at[];
};

/* A link for `cnt` addresses of a program, which it keeps alive. One reference, at[] undefined. NULL: no memory. */
struct ebpf_link *ebpf_link_new(struct ebpf_prog *prog, uint32_t cnt, struct ebpf_account *account);
void ebpf_link_set(struct ebpf_link *link, uint32_t i, enum ebpf_attach_kind kind, uint64_t addr, uint64_t cookie);
/* Arm the next of at[]. 0 or -errno as ebpf_kprobe_attach(); why goes to the firmware's console. */
int ebpf_link_attach_next(struct ebpf_link *link);
/* All of at[] are armed: make some of them so for every hart; true when all are. */
bool ebpf_link_commit_slice(struct ebpf_link *link);
/* Disarm some; true when none is left. */
bool ebpf_link_detach_slice(struct ebpf_link *link);

/* BPF_PROG_ATTACH. 0, -EEXIST (attached there already), -ENOMEM, or as ebpf_kprobe_attach(). */
int ebpf_prog_attach_rcore(struct ebpf_prog *prog, enum ebpf_attach_kind kind, uint64_t addr);
/* End up to `max` of the program's own attachments; true when none is left. */
bool ebpf_prog_detach_rcore(struct ebpf_prog *prog, uint32_t max);

#endif
