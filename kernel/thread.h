/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of a process, for proc.c. */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "proc.h"

/* A thread in entry `tid`, with trap frame and kernel stack, zero registers. NULL: no room. */
struct thread *thread_add(struct proc *p, int tid, uint32_t id);
/* Take thread 0 of a process that never ran apart. */
void thread_remove_unstarted(struct proc *p);
uint32_t thread_new_id(void);

#endif
