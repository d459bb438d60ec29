/* SPDX-License-Identifier: BSD-2-Clause */
/* Between uvm.c and usercopy.c. */
#ifndef KERNEL_USERCOPY_H
#define KERNEL_USERCOPY_H

#include "uvm.h"

/* Lock held: make the byte at va accessible (access: PTE_R, PTE_W, PTE_X, 0 = just there) and say where it is. */
int uvm_resolve(struct uvm *vm, uint64_t va, uint64_t access, void **kva);
void page_copy(void *dst, const void *src);

#endif
