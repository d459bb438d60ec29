/* SPDX-License-Identifier: BSD-2-Clause */
/* What the boot hart leaves for another one (smp.c), read with translation off (head.S). */
#ifndef KERNEL_HANDOVER_H
#define KERNEL_HANDOVER_H

#define HANDOVER_ROOT 0
#define HANDOVER_STACK 8
#define HANDOVER_CPU 16
#define HANDOVER_HART 24
#define HANDOVER_SIZE 32

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct boot_handover {
	uint64_t root; /* physical address of the kernel page table */
	uint64_t stack_top;
	uint64_t cpu;	       /* struct cpu */
	uint64_t hartid_plus1; /* written last; 0 = nothing here */
};

_Static_assert(offsetof(struct boot_handover, hartid_plus1) == HANDOVER_HART, "head.S");
_Static_assert(sizeof(struct boot_handover) == HANDOVER_SIZE, "head.S");
#endif

#endif
