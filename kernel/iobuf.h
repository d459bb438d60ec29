/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a read goes or a write comes from: memory of a process, or of the kernel (vm = NULL). */
#ifndef KERNEL_IOBUF_H
#define KERNEL_IOBUF_H

#include "string.h"
#include "uvm.h"

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
