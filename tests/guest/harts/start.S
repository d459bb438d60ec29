/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where harts come in: the first one from the firmware, the others by HSM start
 * and by the end of a non-retentive suspend. Each has its own stack, by hart id.
 */
#include "harts.h"

	.section .text.start, "ax"
	.globl _start
_start:
	la	t0, bss_start
	la	t1, bss_end
1:	sd	zero, (t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b
	li	a1, 0
	la	t0, first_hart
	j	enter

	.globl hart_entry
hart_entry:
	la	t0, other_hart

/* a0 = hart id (kept in tp), a1 = what the starter gave, t0 = where to go on */
enter:
	mv	tp, a0
	csrw	sie, zero
	la	t1, trap
	csrw	stvec, t1
	li	t1, STACK_SIZE
	addi	t2, a0, 1
	mul	t1, t1, t2
	la	sp, stacks
	add	sp, sp, t1
	jalr	t0
2:	j	2b

	.text
	.balign	4
trap:	/* harts_trap() says where to go on */
	addi	sp, sp, -144
	.set	at, 0
	.irp	r, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
	sd	x\r, at(sp)
	.set	at, at + 8
	.endr
	csrr	a0, scause
	csrr	a1, sepc
	call	harts_trap
	csrw	sepc, a0
	.set	at, 0
	.irp	r, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
	ld	x\r, at(sp)
	.set	at, at + 8
	.endr
	addi	sp, sp, 144
	sret

/* uint64_t peek(uint64_t at): a load that may fault (harts_trap() then says 1) */
	.globl peek
peek:
	.option push
	.option norvc
	.globl peek_load
peek_load:
	ld	a1, 0(a0)
	li	a0, 0
	ret
	.option pop
	.globl peek_faulted
peek_faulted:
	li	a0, 1
	ret

	.globl own_breakpoint
own_breakpoint:
	.option push
	.option norvc
	ebreak
	.option pop
	ret

	.bss
	.balign	16
stacks:
	.space	STACK_SIZE * MAX_HARTS
