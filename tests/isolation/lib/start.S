/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of the payload on its first hart and on those it starts, its trap vector,
 * and the three ways to touch an address that may fault.
 */
#define STACK_SHIFT 14

	.section .text.start, "ax"
	.globl _start
_start:
	la	t0, bss_start
	la	t1, bss_end
1:	sd	zero, (t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b
	la	t0, payload_boot_hart
	sw	a0, (t0)
	call	set_up_hart
	call	payload_main
2:	j	2b

/* HSM: a0 = hart id, a1 = struct hart_job */
	.globl hart_entry
hart_entry:
	call	set_up_hart
	mv	a0, a1
	call	payload_hart_main
	j	2b

/* Stack and trap vector of hart a0; keeps a0 and a1. */
set_up_hart:
	csrw	sie, zero
	csrw	satp, zero
	la	t0, trap_vector
	csrw	stvec, t0
	addi	t1, a0, 1
	slli	t1, t1, STACK_SHIFT
	la	sp, stacks
	add	sp, sp, t1
	csrw	sscratch, zero
	ret

	.text
	.balign	4
	.globl trap_vector
trap_vector:
	addi	sp, sp, -288
	.irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd	x\n, 8 * \n (sp)
	.endr
	csrr	t0, sepc
	sd	t0, 0(sp)
	addi	t0, sp, 288
	sd	t0, 16(sp)
	csrr	t0, sstatus
	sd	t0, 256(sp)
	csrr	t0, scause
	sd	t0, 264(sp)
	csrr	t0, stval
	sd	t0, 272(sp)
	mv	a0, sp
	call	payload_trap
	ld	t0, 0(sp)
	csrw	sepc, t0
	ld	t0, 256(sp)
	csrw	sstatus, t0
	.irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld	x\n, 8 * \n (sp)
	.endr
	ld	sp, 16(sp)
	sret

/* a0 = address, a1 = value to store; the trap handler sets a0 = scause and goes to touch_out. */
	.globl touch_begin, touch_end, touch_out
touch_begin:
	.globl touch_load
touch_load:
	ld	a1, (a0)
	li	a0, 0
	ret
	.globl touch_store
touch_store:
	sd	a1, (a0)
	li	a0, 0
	ret
touch_end:
touch_out:
	ret
/* Jump there as a function; a fetch that faults comes back with a0 = scause. */
	.globl touch_exec
touch_exec:
	jr	a0

	.globl return_trampoline
return_trampoline:
	ebreak

	.bss
	.balign	16
stacks:
	.space	32 << STACK_SHIFT
