/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of the payload, and the way into and out of one instruction under test.
 *
 * exec_insn() loads all 31 integer registers, goes to the instruction with sret,
 * and is back when it traps: everything around the instruction is ebreaks, so
 * the trap's pc says where it went. No register is lost in between: sscratch
 * holds the state's address.
 */
	.section .text.start, "ax"
	.globl _start
_start:
	csrw	sie, zero
	la	t0, unexpected_trap
	csrw	stvec, t0
	la	t0, bss_start
	la	t1, bss_end
1:	sd	zero, (t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b
	la	sp, stack_top
	call	rvtest_main
2:	wfi
	j	2b

	.text
/* A trap that no test asked for: report and end. */
	.balign 4
unexpected_trap:
	la	sp, stack_top
	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
	call	rvtest_unexpected
3:	j	3b

/* void exec_insn(struct rv_state *s): x[0] is the pc, then cause, tval. */
	.globl exec_insn
exec_insn:
	addi	sp, sp, -128
	sd	ra, 0(sp)
	sd	gp, 8(sp)
	sd	tp, 16(sp)
	sd	s0, 24(sp)
	sd	s1, 32(sp)
	sd	s2, 40(sp)
	sd	s3, 48(sp)
	sd	s4, 56(sp)
	sd	s5, 64(sp)
	sd	s6, 72(sp)
	sd	s7, 80(sp)
	sd	s8, 88(sp)
	sd	s9, 96(sp)
	sd	s10, 104(sp)
	sd	s11, 112(sp)
	la	t0, host_sp
	sd	sp, (t0)
	la	t0, exec_trap
	csrw	stvec, t0
	csrw	sscratch, a0
	ld	t0, 0(a0)
	csrw	sepc, t0
	li	t0, 0x122		/* SPIE, SPP, SIE */
	csrc	sstatus, t0
	li	t0, 0x100		/* SPP: sret stays in S-mode, interrupts off */
	csrs	sstatus, t0
	.irp	r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld	x\r, \r*8(a0)
	.endr
	ld	a0, 80(a0)
	sret

	.balign 4
exec_trap:
	csrrw	a0, sscratch, a0
	.irp	r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd	x\r, \r*8(a0)
	.endr
	csrr	t0, sscratch
	sd	t0, 80(a0)
	csrr	t0, sepc
	sd	t0, 0(a0)
	csrr	t0, scause
	sd	t0, 256(a0)
	csrr	t0, stval
	sd	t0, 264(a0)
	la	t0, unexpected_trap
	csrw	stvec, t0
	la	t0, host_sp
	ld	sp, (t0)
	ld	ra, 0(sp)
	ld	gp, 8(sp)
	ld	tp, 16(sp)
	ld	s0, 24(sp)
	ld	s1, 32(sp)
	ld	s2, 40(sp)
	ld	s3, 48(sp)
	ld	s4, 56(sp)
	ld	s5, 64(sp)
	ld	s6, 72(sp)
	ld	s7, 80(sp)
	ld	s8, 88(sp)
	ld	s9, 96(sp)
	ld	s10, 104(sp)
	ld	s11, 112(sp)
	addi	sp, sp, 128
	ret

/* uint64_t fp_get(unsigned int reg), void fp_put(unsigned int reg, uint64_t value): one 8-byte entry a register. */
	.option push
	.option arch, +d
	.option norvc
	.globl fp_get
fp_get:
	slli	a0, a0, 3
	la	t0, 4f
	add	t0, t0, a0
	jr	t0
4:
	.irp	r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fmv.x.d	a0, f\r
	ret
	.endr

	.globl fp_put
fp_put:
	slli	a0, a0, 3
	la	t0, 5f
	add	t0, t0, a0
	jr	t0
5:
	.irp	r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fmv.d.x	f\r, a1
	ret
	.endr
	.option pop

/*
 * uint64_t count_run(insn, x, pc, trap, bus): instructions retired by one call
 * of insn->run with these arguments, the call and the return included.
 */
	.globl count_run
count_run:
	addi	sp, sp, -32
	sd	ra, 0(sp)
	sd	s0, 8(sp)
	sd	s1, 16(sp)
	ld	t1, 16(a0)		/* rv_insn.run */
	csrr	s0, instret
	jalr	t1
	csrr	s1, instret
	sub	a0, s1, s0
	addi	a0, a0, -1		/* the first csrr itself; jalr counts */
	ld	ra, 0(sp)
	ld	s0, 8(sp)
	ld	s1, 16(sp)
	addi	sp, sp, 32
	ret

	.globl count_nothing
count_nothing:
	csrr	t0, instret
	nop
	nop
	nop
	csrr	t1, instret
	sub	a0, t1, t0
	ret

/* bool quiet_store(...), quiet_load(va, size, value, trap): the bus at its cheapest */
	.globl quiet_store
quiet_store:
	li	a0, 1
	ret
	.globl quiet_load
quiet_load:
	sd	zero, (a2)
	li	a0, 1
	ret

	.bss
	.balign 16
	.space 16384
stack_top:
host_sp:
	.space 8
