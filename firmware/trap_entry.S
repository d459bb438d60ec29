/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trap vector while probes are armed. A breakpoint from S-mode is taken
 * here, everything else goes on to OpenSBI's vector exactly as it arrived:
 * same registers, same mscratch, CSRs not touched.
 *
 * The saved registers are laid out as Linux's struct pt_regs (struct
 * ebpf_pt_regs), so they are the program's context without a copy. They lie at
 * the top of the hart's own stack, which is empty when S-mode traps.
 *
 * Most hits need less than all registers. A leaf hit (ebpf/leaf.c) saves those of
 * LEAF_SAVED, which is all that its C code changes. A light one saves what any C
 * code may change. In both the probe is found here, and neither its programs nor
 * its instruction need another register. The other hits save all.
 */
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_scratch.h>

#include "trap_entry.h"

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
 * come back from a call as they went in. So they are saved only where somebody
 * looks at them, and loaded again only where somebody may have written them.
 */
.macro LEAF_SAVED insn
	.irp n, 1, 10, 11, 12, 13, 14, 15
	\insn	x\n, REGS_X(\n)(sp)
	.endr
.endm

.macro OTHER_CALLER_SAVED insn
	.irp n, 6, 7, 16, 17, 28, 29, 30, 31
	\insn	x\n, REGS_X(\n)(sp)
	.endr
.endm

.macro CALLER_SAVED insn
	LEAF_SAVED \insn
	OTHER_CALLER_SAVED \insn
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

/* To \other unless the trap comes from S-mode proper: mstatus.MPP (bits 12:11) == 1, MPV (bit 39) clear. t0 is changed. */
.macro FROM_SMODE hypervisor, other
	csrr	t0, mstatus
	.if	\hypervisor
	slli	t0, t0, 63 - 39
	bltz	t0, \other
	slli	t0, t0, 39 - 12
	.else
	slli	t0, t0, 63 - 12
	.endif
	bltz	t0, \other
	slli	t0, t0, 1
	bgez	t0, \other
.endm

/*
 * a1 = the probe whose address is a4; to \none if the table has none. As
 * ebpf_probe_find(); a0, a2, a3, a5 are changed.
 */
.macro FIND_PROBE none
	lla	a5, ebpf_probes
	ld	a0, TABLE_FACTOR(a5)
	ld	a1, TABLE_SHIFT(a5)
	ld	a2, TABLE_SLOTS(a5)
	mul	a0, a0, a4
	srl	a0, a0, a1
	andi	a0, a0, -8
1:	add	a3, a0, a2
	ld	a1, 0(a3)
	ld	a3, PROBE_ADDR(a1)
	beq	a3, a4, 2f
	addi	a3, a3, -PROBE_NONE
	beqz	a3, \none
	ld	a3, TABLE_MASK(a5)
	addi	a0, a0, 8
	and	a0, a0, a3
	j	1b
2:
.endm

.macro TRAP_ENTRY name, opensbi_vector, hypervisor
	.section .text.\name, "ax", %progbits
	.balign	4
	.globl	\name
\name:
	csrrw	tp, mscratch, tp
	sd	t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	csrr	t0, mcause
	addi	t0, t0, -CAUSE_BREAKPOINT
	bnez	t0, 9f
	FROM_SMODE \hypervisor, 9f

	sd	sp, REGS_X(2)-FRAME_SIZE(tp)
	addi	sp, tp, -FRAME_SIZE
	LEAF_SAVED sd
	csrrw	t0, mscratch, tp
	sd	t0, REGS_X(4)(sp)

	csrr	a4, mepc
	FIND_PROBE 5f
	csrr	a3, satp
	ld	a5, PROBE_LIGHT_SATP(a1)
	bne	a3, a5, 5f
	ld	a2, PROBE_LEAF(a1)
	beqz	a2, 4f

	/* ebpf_kprobe_hit_leaf(regs, probe, attachment, hart index) */
	mv	a0, sp
	lwu	a3, SBI_SCRATCH_HARTINDEX_OFFSET(tp)
	jal	ebpf_kprobe_hit_leaf
3:	csrw	mepc, a0
	LEAF_SAVED ld
	ld	t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	ld	tp, REGS_X(4)(sp)
	ld	sp, REGS_X(2)(sp)
	mret

4:	/* probe->leaf_return(regs, probe, hart index); odd: it has done nothing */
	ld	a5, PROBE_LEAF_RETURN(a1)
	beqz	a5, 6f
	sd	a1, REGS_SIZE(sp)
	mv	a0, sp
	lwu	a2, SBI_SCRATCH_HARTINDEX_OFFSET(tp)
	jalr	a5
	andi	a5, a0, 1
	beqz	a5, 3b
	ld	a1, REGS_SIZE(sp)

6:	OTHER_CALLER_SAVED sd
	ld	t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	sd	t0, REGS_X(5)(sp)

	/* ebpf_kprobe_hit_light(regs, probe, hart index) */
	mv	a0, sp
	lwu	a2, SBI_SCRATCH_HARTINDEX_OFFSET(tp)
	jal	ebpf_kprobe_hit_light
	andi	t0, a0, 1
	bnez	t0, 8f
	csrw	mepc, a0
	CALLER_SAVED ld
	RESTORE_LAST
	mret

5:	OTHER_CALLER_SAVED sd
	ld	t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	sd	t0, REGS_X(5)(sp)
	CALLEE_SAVED sd
	sd	a4, REGS_EPC(sp)
	csrr	t0, sstatus
	sd	t0, REGS_STATUS(sp)
	li	t0, CAUSE_BREAKPOINT
	sd	t0, REGS_CAUSE(sp)
	sd	zero, REGS_BADADDR(sp)
	ld	t0, REGS_X(10)(sp)
	sd	t0, REGS_ORIG_A0(sp)

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

	TRAP_ENTRY seam_trap_entry, _trap_handler, 0
	TRAP_ENTRY seam_trap_entry_hyp, _trap_handler_hyp, 1

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
