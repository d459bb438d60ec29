/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way from user mode into the kernel and back: one page, at the same address
 * in every page table, because it runs while satp changes.
 */
#include "trapframe.h"

	.section .trampoline, "ax"

/* Trap from user mode; sscratch = trap frame in the user page table. */
	.globl	uservec
	.type	uservec, @function
	.balign	4
uservec:
	csrrw	a0, sscratch, a0
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd	x\n, 8 * \n(a0)
	.endr
	csrr	t0, sscratch
	sd	t0, 80(a0)		/* x10 */
	ld	sp, TF_KERNEL_SP(a0)
	ld	tp, TF_KERNEL_TP(a0)
	ld	t0, TF_HANDLER(a0)
	ld	t1, TF_KERNEL_SATP(a0)
	li	fp, 0			/* end of the frame pointer chain */
	li	ra, 0
	csrw	satp, t1
	sfence.vma
	jr	t0
	.size	uservec, . - uservec

/* Return to user mode. a0 = trap frame in the user page table, a1 = its satp; sstatus and sepc are set. */
	.globl	userret
	.type	userret, @function
userret:
	csrw	satp, a1
	sfence.vma
	csrw	sscratch, a0
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld	x\n, 8 * \n(a0)
	.endr
	ld	a0, 80(a0)
	sret
	.size	userret, . - userret
