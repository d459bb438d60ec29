/* SPDX-License-Identifier: BSD-2-Clause */
/* Traps into the kernel. */
#ifndef KERNEL_TRAP_H
#define KERNEL_TRAP_H

#include <stdint.h>

void trap_init_hart(void); /* this hart takes its traps in kernelvec */
/* Where a new thread begins, coming from the scheduler. */
__attribute__((noreturn)) void thread_start(void);
int64_t trap_test_ebreak(void); /* 0, or -1: a kernel breakpoint did not arrive as it should */
const char *trap_cause_name(uint64_t cause);

#endif
