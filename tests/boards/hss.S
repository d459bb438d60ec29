/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What PolarFire's Hart Software Services do with a payload that skips their OpenSBI, once they have put it into memory:
 * each U54 enters it in M-mode with its number in a0 and the device tree's address in a1; the E51 stays.
 */
	.globl _start
_start:
	csrr	a0, mhartid
1:	beqz	a0, 1b
	li	a1, TREE
	li	t0, PAYLOAD
	jr	t0
