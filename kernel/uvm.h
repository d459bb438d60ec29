/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User address spaces. A page of the low half is in one of these states, all
 * kept in its page table entry:
 *
 *   none      0
 *   reserved  V = 0, RSW0: zero-filled when first touched; R, W, X, U say how it may be
 *             (a write-only page stays like this: the hardware has no such entry)
 *   present   V = 1; with RSW1 it is writable, but shared: copied at the first store
 *
 * Every look at or change of the entries happens under the space's lock, so a
 * copy to a page cannot race with its removal by another thread.
 */
#ifndef KERNEL_UVM_H
#define KERNEL_UVM_H

#include "lock.h"
#include "string.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uvm {
	struct spinlock lock;
	uint64_t *root;
	uint64_t satp;
	uint64_t pages; /* present ones, shared ones included */
	bool shared;	/* more than one thread: other harts may have entries of it cached */
};

/* An empty space with the trampoline. 0 or -ENOMEM. */
int uvm_init(struct uvm *vm);
/* Everything goes: pages, tables, root. No hart may run in it. A cleared structure is allowed. */
void uvm_destroy(struct uvm *vm);
/* Make `to` (just initialised) a copy of `from`, sharing its pages until one of the two writes. 0 or -ENOMEM. */
int uvm_copy(struct uvm *to, struct uvm *from);

/* prot: PTE_R, PTE_W, PTE_X. start page-aligned; size is rounded up; within user space. */
/* Reserve a range of which nothing exists. 0, -EEXIST, -EINVAL, -ENOMEM; on an error nothing has changed. */
int uvm_reserve(struct uvm *vm, uint64_t start, uint64_t size, uint64_t prot);
/* Remove a range of which every page exists. 0, -EINVAL (nothing has changed). */
int uvm_unmap(struct uvm *vm, uint64_t start, uint64_t size);
/* Remove what there is in a range. */
void uvm_clear(struct uvm *vm, uint64_t start, uint64_t size);
/* A page of the program image: reserve it if it is not there, or widen its permissions. 0 or -ENOMEM. */
int uvm_image_page(struct uvm *vm, uint64_t va, uint64_t prot);

/* A thread's trap frame, visible to the trampoline only. */
bool uvm_map_trapframe(struct uvm *vm, int tid, void *page);
void uvm_unmap_trapframe(struct uvm *vm, int tid);

/* Page fault at va: 0 = try again, -EFAULT, -ENOMEM. access: PTE_R, PTE_W or PTE_X. */
int uvm_fault(struct uvm *vm, uint64_t va, uint64_t access);
/*
 * Make everything that exists present and unshared, for somebody who reads the
 * page table without us (the firmware). 0 or -ENOMEM.
 */
int uvm_populate(struct uvm *vm);

/* Lock held: make the byte at va accessible (access: PTE_R, PTE_W, PTE_X, 0 = just there) and say where it is. */
int uvm_resolve(struct uvm *vm, uint64_t va, uint64_t access, void **kva);

/* usercopy.c: copies between kernel and user. 0 or -EFAULT; a failed one may have been carried out in part. */
int copyin(struct uvm *vm, void *dst, uint64_t src, size_t n);
int copyout(struct uvm *vm, uint64_t dst, const void *src, size_t n);
/* The same whatever the permissions are: for filling in the image. */
int copyout_force(struct uvm *vm, uint64_t dst, const void *src, size_t n);
/* A string of less than max bytes. Its length, -EFAULT, or -ENAMETOOLONG. */
int64_t copyinstr(struct uvm *vm, char *dst, uint64_t src, size_t max);

/* Where a read goes or a write comes from: memory of a process, or of the kernel (vm = NULL). */
struct iobuf {
	struct uvm *vm;
	uint64_t addr;
};

/* n bytes at offset `off` of the buffer. 0 or -EFAULT. */
static inline int iobuf_put(const struct iobuf *b, uint64_t off, const void *src, size_t n)
{
	if (b->vm)
		return copyout(b->vm, b->addr + off, src, n);
	memcpy((void *)(b->addr + off), src, n);
	return 0;
}

static inline int iobuf_get(const struct iobuf *b, uint64_t off, void *dst, size_t n)
{
	if (b->vm)
		return copyin(b->vm, dst, b->addr + off, n);
	memcpy(dst, (const void *)(b->addr + off), n);
	return 0;
}

#endif
