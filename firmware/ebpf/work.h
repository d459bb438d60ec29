/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work: the making of a descriptor, in slices, or another command that takes
 * longer than one call may (then nothing is made). It belongs to the reserved
 * number (owner, newfd) and holds the only copy of attr and the half-built,
 * private object. A call that says -ERESTART is repeated by the kernel with the
 * same arguments and goes on from the copy; memory of the caller that has been
 * looked at is never read again. Another command with the same newfd, close()
 * of it and exit() of the owner drop the work.
 *
 * Everything here is called with the control lock held.
 */
#ifndef EBPF_WORK_H
#define EBPF_WORK_H

#include "limits.h"
#include "obj.h"
#include "owner.h"
#include "uapi/bpf.h"
#include "walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One bpf(2) call as its caller named it. Compared as a whole: no padding. */
struct ebpf_call {
	uint64_t cmd;
	uint64_t attr; /* address */
	uint64_t size;
	uint64_t owner; /* without SBI_EBPF_OWNER_KERNEL_ADDR */
	uint64_t newfd;
	struct ebpf_as as; /* of attr and of every address in it */
	uint32_t zero;
};

_Static_assert(sizeof(struct ebpf_call) == 64, "no padding but what is named");

struct ebpf_work;

/* How one command makes its object. */
struct ebpf_maker {
	size_t size; /* of the command's work record, struct ebpf_work first; it starts zeroed */
	/* Check the copy of attr; nothing is made. 0 or -errno. */
	int (*decode)(struct ebpf_work *work);
	/*
	 * Go on until work->credit is used up. 0: work->obj is complete and may be
	 * published, or there is none and all is done; -ERESTART: more to do, or
	 * -errno. Must make progress each time.
	 */
	int (*step)(struct ebpf_work *work);
	/* Free what the record holds besides work->obj, one slice; true when done. NULL: nothing. */
	bool (*cleanup)(struct ebpf_work *work);
};

struct ebpf_work {
	struct ebpf_fd *entry; /* the reserved number */
	const struct ebpf_maker *maker;
	struct ebpf_call call;
	union bpf_attr attr; /* the copy */
	int64_t credit;	     /* M-mode instructions left in this call, an estimate */
	struct ebpf_obj *obj;
	int error;  /* set: being undone, this is the answer */
	bool clean; /* maker->cleanup is done */
};

/* Work of one call, in M-mode instructions: the rest of EBPF_STAY_BOUND is for a last step and the way in and out. */
#define EBPF_WORK_CREDIT ((int64_t)EBPF_STAY_BOUND / 2)

/* newfd (0 if nothing is made), -ERESTART or -errno. `attr_end`: bytes of attr the command knows. */
int64_t ebpf_work_call(const struct ebpf_call *call, const struct ebpf_maker *maker, uint32_t attr_end);
/* Undo and drop the work of a reserved number, and the number. True when done; if not, call again. */
bool ebpf_work_drop(struct ebpf_work *work);

static inline struct ebpf_account *ebpf_work_account(struct ebpf_work *work)
{
	return &work->entry->owner->account;
}

#endif
