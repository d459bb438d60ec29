/* SPDX-License-Identifier: BSD-2-Clause */
/* Saved registers: of user mode (trampoline.S) and of the kernel (kernelvec.S). */
#ifndef KERNEL_TRAPFRAME_H
#define KERNEL_TRAPFRAME_H

#define TF_EPC 256
#define TF_KERNEL_SATP 264
#define TF_KERNEL_SP 272
#define TF_KERNEL_TP 280
#define TF_HANDLER 288

#define KREGS_SEPC 256
#define KREGS_SSTATUS 264
#define KREGS_SCAUSE 272
#define KREGS_STVAL 280
#define KREGS_SIZE 288

#define REG_RA 1
#define REG_SP 2
#define REG_FP 8
#define REG_A0 10
#define REG_A1 11
#define REG_A7 17

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/* One page each, mapped in the process at TRAPFRAME_VA(tid). */
struct trapframe {
	uint64_t x[32]; /* x[0] is 0 */
	uint64_t epc;
	uint64_t kernel_satp, kernel_sp, kernel_tp; /* what uservec loads */
	uint64_t handler;			    /* where it jumps */
};

struct kernel_regs {
	uint64_t x[32];
	uint64_t sepc, sstatus, scause, stval;
};

_Static_assert(offsetof(struct trapframe, epc) == TF_EPC, "trampoline.S");
_Static_assert(offsetof(struct trapframe, kernel_satp) == TF_KERNEL_SATP, "trampoline.S");
_Static_assert(offsetof(struct trapframe, kernel_sp) == TF_KERNEL_SP, "trampoline.S");
_Static_assert(offsetof(struct trapframe, kernel_tp) == TF_KERNEL_TP, "trampoline.S");
_Static_assert(offsetof(struct trapframe, handler) == TF_HANDLER, "trampoline.S");
_Static_assert(offsetof(struct kernel_regs, sepc) == KREGS_SEPC, "kernelvec.S");
_Static_assert(offsetof(struct kernel_regs, stval) == KREGS_STVAL, "kernelvec.S");
_Static_assert(sizeof(struct kernel_regs) == KREGS_SIZE, "kernelvec.S");
#endif

#endif
