/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw system calls: number in a7, arguments in a0..a5, result in a0; the kernel
 * keeps every other register. Numbers are the uCore tutorial's; those above them
 * that mbpf's kernel adds are Linux's.
 */
#ifndef SDK_SYSCALL_H
#define SDK_SYSCALL_H

#include "kernel/syscall_ids.h"

static inline long syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;
	register long a7 __asm__("a7") = nr;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
	return a0;
}

static inline long syscall3(long nr, long a, long b, long c)
{
	return syscall6(nr, a, b, c, 0, 0, 0);
}

/*
 * A result as C library functions give it: the value, or -1 with errno set. The
 * uCore ABI says -1 for every failure; `likely` is the errno that then stands in.
 */
long __syscall_ret(long result, int likely);

#endif
