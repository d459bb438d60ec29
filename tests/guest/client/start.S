/* SPDX-License-Identifier: BSD-2-Clause */
/* Start of the payload, its traps, and the breakpoint that return probes return to. */
	.section .text.start, "ax"
	.globl _start
_start:
	csrw	sie, zero
	la	t0, trap
	csrw	stvec, t0
	la	t0, bss_start
	la	t1, bss_end
1:	sd	zero, (t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b
	la	sp, stack_top
	call	client_main
2:	j	2b

	.text
	.balign	4
trap:					/* no test asks for one */
	la	sp, stack_top
	csrr	a0, scause
	csrr	a1, sepc
	call	client_trap
	j	2b

	.globl return_trampoline
return_trampoline:
	ebreak

	.bss
	.balign	16
	.space	16384
stack_top:
