/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trap vector while probes are armed. A breakpoint from S-mode is taken
 * here, everything else goes on to OpenSBI's vector exactly as it arrived:
 * same registers, same mscratch, CSRs not touched.
 *
 * The saved registers are laid out as Linux's struct pt_regs (struct
 * ebpf_pt_regs), so they are the program's context without a copy. They lie at
 * the top of the hart's own stack, which is empty when S-mode traps.
 */
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_scratch.h>

#define REGS_SIZE 288
#define FRAME_SIZE (REGS_SIZE + 32) /* and a struct rv_trap, 24 bytes */
#define REGS_EPC 0
#define REGS_X(n) (8 * (n))
#define REGS_STATUS 256
#define REGS_BADADDR 264
#define REGS_CAUSE 272
#define REGS_ORIG_A0 280

/*
 * Registers by who may change them while C runs: x3 (gp), x8, x9 and x18..x27
 * come back from a call as they went in, so they are loaded again only where
 * the displaced instruction or a trap may have written them.
 */
.macro CALLER_SAVED insn
	\insn	x1, REGS_X(1)(sp)
	.irp n, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
	\insn	x\n, REGS_X(\n)(sp)
	.endr
.endm

.macro CALLEE_SAVED insn
	.irp n, 3, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
	\insn	x\n, REGS_X(\n)(sp)
	.endr
.endm

/* tp, t0 and sp, moved by hand because they are what the others are moved with */
.macro RESTORE_LAST
	ld	tp, REGS_X(4)(sp)
	ld	t0, REGS_X(5)(sp)
	ld	sp, REGS_X(2)(sp)
.endm

.macro TRAP_ENTRY name, opensbi_vector
	.section .text.\name, "ax", %progbits
	.balign	4
	.globl	\name
\name:
	csrrw	tp, mscratch, tp
	sd	t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	csrr	t0, mcause
	addi	t0, t0, -CAUSE_BREAKPOINT
	bnez	t0, 9f
	/* from S-mode proper: mstatus.MPV (bit 39) clear and MPP (bits 12:11) == 1 */
	csrr	t0, mstatus
	slli	t0, t0, 63 - 39
	bltz	t0, 9f
	srli	t0, t0, 63 - 39 + MSTATUS_MPP_SHIFT
	andi	t0, t0, 3
	addi	t0, t0, -PRV_S
	bnez	t0, 9f

	addi	t0, tp, -FRAME_SIZE
	sd	sp, REGS_X(2)(t0)
	mv	sp, t0
	CALLER_SAVED sd
	CALLEE_SAVED sd
	ld	t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	sd	t0, REGS_X(5)(sp)
	csrrw	t0, mscratch, tp
	sd	t0, REGS_X(4)(sp)
	csrr	t0, mepc
	sd	t0, REGS_EPC(sp)
	csrr	t0, sstatus
	sd	t0, REGS_STATUS(sp)
	li	t0, CAUSE_BREAKPOINT
	sd	t0, REGS_CAUSE(sp)
	sd	zero, REGS_BADADDR(sp)
	sd	a0, REGS_ORIG_A0(sp)

	/* ebpf_kprobe_hit(regs, &trap, hart index, satp) */
	mv	a0, sp
	addi	a1, sp, REGS_SIZE
	lwu	a2, SBI_SCRATCH_HARTINDEX_OFFSET(tp)
	csrr	a3, satp
	call	ebpf_kprobe_hit
	bnez	a0, 7f

	ld	t0, REGS_EPC(sp)
	csrw	mepc, t0
	CALLER_SAVED ld
	RESTORE_LAST
	mret

7:	/* seam_trap_result(result, regs, &trap): nonzero, it is somebody else's breakpoint */
	mv	a1, sp
	addi	a2, sp, REGS_SIZE
	call	seam_trap_result
	bnez	a0, 8f
	ld	t0, REGS_EPC(sp)
	csrw	mepc, t0
	CALLER_SAVED ld
	CALLEE_SAVED ld
	RESTORE_LAST
	mret

8:	/* as if we had never been here */
	CALLER_SAVED ld
	RESTORE_LAST
	j	\opensbi_vector

9:	ld	t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	csrrw	tp, mscratch, tp
	j	\opensbi_vector
.endm

	TRAP_ENTRY seam_trap_entry, _trap_handler
	TRAP_ENTRY seam_trap_entry_hyp, _trap_handler_hyp

/* The core's log is OpenSBI's console: varargs pass through untouched. */
	.section .text.ebpf_plat_log, "ax", %progbits
	.globl	ebpf_plat_log
ebpf_plat_log:
	tail	sbi_printf

/*
 * void seam_fp_get(unsigned long reg, u64 *value), seam_fp_put: move one F/D
 * register. The caller has made sure that mstatus.FS is not Off.
 */
	.option push
	.option arch, +f, +d
.macro FP_MOVE name, insn
	.section .text.\name, "ax", %progbits
	.globl	\name
\name:
	.option push
	.option norvc
	slli	a0, a0, 3
	lla	t0, 1f
	add	t0, t0, a0
	jr	t0
1:
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\insn	f\n, 0(a1)
	ret
	.endr
	.option pop
.endm
	FP_MOVE seam_fp_get, fsd
	FP_MOVE seam_fp_put, fld
	.option pop
