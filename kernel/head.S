/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions: boot image header (Linux Documentation/arch/riscv/
 * boot-image-header.rst), entry of the boot hart, entry of the others.
 *
 * Everything here runs wherever the image was loaded (2 MiB aligned), with
 * translation off, until `enable_mmu` has jumped to the addresses it is linked at.
 */
#include "handover.h"
#include "memlayout.h"
#include "param.h"

	.section .head, "ax"
	.globl _start
_start:
	.option push
	.option norvc
	j	boot
	.word	0
	.option pop
	.quad	0x200000		/* offset from the start of RAM that loaders use */
	.quad	image_size
	.quad	0			/* little-endian */
	.word	0x2			/* header version 0.2 */
	.word	0
	.quad	0
	.quad	0x5643534952		/* "RISCV" */
	.ascii	"RSC\x05"
	.word	0

/* a0 = hart id, a1 = physical address of the device tree */
boot:
	csrw	sie, zero
	lla	t0, boot_lottery
	li	t1, 1
	amoswap.w.aqrl t1, t1, (t0)
	bnez	t1, late_hart
	mv	s3, a0			/* not s0: that is the frame pointer */
	mv	s1, a1
	lla	t0, bss_start
	lla	t1, image_end
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b

	lla	sp, boot_stack_top
	lla	a0, _start
	mv	s2, a0
	li	fp, 0
	call	early_map
	lla	a0, boot_root
	call	enable_mmu
	lla	sp, boot_stack_top	/* the same stack, now by its linked address */
	mv	a0, s3
	mv	a1, s1
	mv	a2, s2
	call	kernel_main
1:	wfi
	j	1b

/*
 * Turn translation on with the root table at physical a0 and return to the
 * caller at its linked address. The write of satp makes the next fetch fault
 * (the low half is not mapped), and stvec already says where to continue.
 */
enable_mmu:
	lla	t0, _start
	li	t1, KERNEL_VA
	sub	t1, t1, t0		/* linked - loaded */
	add	ra, ra, t1
	lla	t2, 1f
	add	t2, t2, t1
	csrw	stvec, t2
	srli	a0, a0, 12
	li	t0, 8 << 60
	or	a0, a0, t0
	sfence.vma
	csrw	satp, a0
	.balign	4
1:	sfence.vma
	ret

/*
 * Another hart comes in by the front door: firmware without HSM, or OpenSBI
 * before 1.2, whose hart_start marks a hart as started before it has stored where.
 * Wait until smp.c says what this hart (a0) is to do.
 */
late_hart:
	addi	t2, a0, 1
1:	lla	a1, handover
	li	t0, MAX_HARTS
2:	ld	t1, HANDOVER_HART(a1)
	beq	t1, t2, secondary_start
	addi	a1, a1, HANDOVER_SIZE
	addi	t0, t0, -1
	bnez	t0, 2b
	j	1b

/* SBI HSM entry: a0 = hart id, a1 = physical address of struct boot_handover (smp.c) */
	.globl	secondary_start
secondary_start:
	csrw	sie, zero
	fence	r, rw
	ld	s0, HANDOVER_ROOT(a1)	/* physical address of the kernel page table */
	ld	s1, HANDOVER_STACK(a1)		/* stack */
	ld	s2, HANDOVER_CPU(a1)		/* struct cpu */
	mv	a0, s0
	call	enable_mmu
	mv	sp, s1
	mv	tp, s2
	li	s0, 0
	call	secondary_main
1:	wfi
	j	1b

	.data
	.balign	4
boot_lottery:
	.word	0

	.section .bss.boot, "aw", @nobits
	.balign	32768
	.skip	16384			/* keeps the rule of memlayout.h: bit 14 of sp is 1 */
	.skip	16384
	.globl	boot_stack_top
boot_stack_top:
	.balign	4096
	.globl	boot_root
boot_root:
	.skip	4096
	.globl	boot_level1
boot_level1:
	.skip	4096
