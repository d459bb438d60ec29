/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual addresses (Sv39). The kernel and each process have a page table of
 * their own; only the trampoline page is the same in all of them.
 *
 *   kernel                                      process
 *   0xffff_ffff_ffff_f000  trampoline (X)       trampoline (X, not U)
 *                                               trap frame of thread t: (1 + t) pages below it (not U)
 *   0xffff_ffff_c000_0000  kernel image, W^X
 *   0xffff_ffe0_0000_0000  kernel stacks: guard, stack, guard, stack ...
 *   0xffff_ffc0_0000_0000  direct map: RAM and device registers at this + physical address
 *
 *                          0x40_0000_0000       end of user space; stack of thread t below it, with guards
 *                          0x1000 ...           program image (0 is never mapped)
 */
#ifndef KERNEL_MEMLAYOUT_H
#define KERNEL_MEMLAYOUT_H

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096

#define TRAMPOLINE 0xfffffffffffff000
#define KERNEL_VA 0xffffffffc0000000
#define KSTACK_BASE 0xffffffe000000000
#define DIRECT_MAP 0xffffffc000000000
#define DIRECT_MAP_SIZE 0x2000000000 /* 128 GiB */

#define USER_TOP 0x4000000000
#define USER_BASE 0x1000

#ifndef __ASSEMBLER__
#include "param.h"

#define PAGE_ROUND_UP(x) (((x) + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1))
#define PAGE_ROUND_DOWN(x) ((x) & ~(uint64_t)(PAGE_SIZE - 1))

#define TRAPFRAME_VA(tid) (TRAMPOLINE - PAGE_SIZE * (1 + (uint64_t)(tid)))
/* One guard page above each stack, the rest of the slot's 1 MiB below it is never mapped. */
#define USER_STACK_SLOT 0x100000UL
#define USER_STACK_TOP(tid) (USER_TOP - PAGE_SIZE - USER_STACK_SLOT * (uint64_t)(tid))

/*
 * Slot i: KSTACK_SIZE of guard, then KSTACK_SIZE of stack. So bit 14 of a valid
 * stack pointer below the top is 1, which is how kernelvec notices an overflow.
 */
#define KSTACK_SLOT (2 * KSTACK_SIZE)
#define KSTACK_BOTTOM(i) (KSTACK_BASE + KSTACK_SLOT * (uint64_t)(i) + KSTACK_SIZE)
#define KSTACK_TOP(i) (KSTACK_BOTTOM(i) + KSTACK_SIZE)
#endif

#endif
