/* SPDX-License-Identifier: BSD-2-Clause */
/* Traps into the kernel. */
#ifndef KERNEL_TRAP_H
#define KERNEL_TRAP_H

#include <stdint.h>

void trap_init_hart(void); /* this hart takes its traps in kernelvec */
/* Where a new thread begins, coming from the scheduler. */
__attribute__((noreturn)) void thread_start(void);
const char *trap_cause_name(uint64_t cause);

#endif
