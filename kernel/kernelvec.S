/* SPDX-License-Identifier: BSD-2-Clause */
/* Traps taken in the kernel, the context switch, and two places of interest to probes. */
#include "trapframe.h"

	.text
	.globl	kernelvec
	.type	kernelvec, @function
	.balign	4
kernelvec:
	csrw	sscratch, t0		/* free while in the kernel */
	addi	t0, sp, -KREGS_SIZE
	srli	t0, t0, 14		/* bit 14 is 1 on a stack, 0 in its guard: memlayout.h */
	andi	t0, t0, 1
	beqz	t0, 2f
	mv	t0, sp
	addi	sp, sp, -KREGS_SIZE
1:	sd	t0, 16(sp)		/* x2 at the trap */
	.irp	n, 1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd	x\n, 8 * \n(sp)
	.endr
	csrr	t0, sscratch
	sd	zero, 0(sp)
	sd	t0, 40(sp)		/* x5 */
	csrr	t0, sepc
	csrr	t1, sstatus
	csrr	t2, scause
	csrr	t3, stval
	sd	t0, KREGS_SEPC(sp)
	sd	t1, KREGS_SSTATUS(sp)
	sd	t2, KREGS_SCAUSE(sp)
	sd	t3, KREGS_STVAL(sp)
	mv	a0, sp
	call	kernel_trap

	ld	t0, KREGS_SEPC(sp)
	ld	t1, KREGS_SSTATUS(sp)
	csrw	sepc, t0
	csrw	sstatus, t1
	/* not x4: tp is this hart's, and the thread may have moved to another one */
	.irp	n, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld	x\n, 8 * \n(sp)
	.endr
	addi	sp, sp, KREGS_SIZE
	sret

	/* The stack is used up: tell of it on the hart's spare one. */
2:	mv	t0, sp
	ld	sp, 8(tp)		/* struct cpu: overflow_sp */
	addi	sp, sp, -KREGS_SIZE
	j	1b
	.size	kernelvec, . - kernelvec

/* void context_switch(struct context *save, struct context *load) */
	.globl	context_switch
	.type	context_switch, @function
context_switch:
	sd	ra, 0(a0)
	sd	sp, 8(a0)
	sd	s0, 16(a0)
	sd	s1, 24(a0)
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	sd	s\n, 16 + 8 * \n(a0)
	.endr
	ld	ra, 0(a1)
	ld	sp, 8(a1)
	ld	s0, 16(a1)
	ld	s1, 24(a1)
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	ld	s\n, 16 + 8 * \n(a1)
	.endr
	ret
	.size	context_switch, . - context_switch

/* Where a function with a return probe returns to: the firmware puts the real return address back at the ebreak. */
	.globl	kretprobe_trampoline
	.type	kretprobe_trampoline, @function
	.balign	4
kretprobe_trampoline:
	.option	push
	.option	norvc
	ebreak
	.option	pop
	ret
	.size	kretprobe_trampoline, . - kretprobe_trampoline

/* int debug_ebreak(void): a breakpoint of the kernel's own; kernel_trap() knows the address and steps over it. */
	.globl	debug_ebreak
	.globl	debug_ebreak_insn
	.type	debug_ebreak, @function
	.balign	4
debug_ebreak:
	li	a0, -1
	.option	push
	.option	norvc
debug_ebreak_insn:
	ebreak
	.option	pop
	ret
	.size	debug_ebreak, . - debug_ebreak
