/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a program and a thread begin. The kernel enters _start with a0 = argc,
 * a1 = argv, sp 16-byte aligned and every other register 0.
 */
	.section .text.start, "ax"
	.globl _start
_start:
	mv	s0, zero
	tail	__libc_start

	/* A thread: a0 = struct thread_start * (thread.c). Its return is its exit. */
	.text
	.globl __thread_start
__thread_start:
	mv	s0, zero
	tail	__libc_thread
