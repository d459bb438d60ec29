/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes, semaphores and condition variables of user processes, with deadlock
 * detection. Ids are dense from 0, each kind has its own.
 */
#ifndef KERNEL_SYNC_H
#define KERNEL_SYNC_H

#include <stdint.h>

struct proc;
struct sync;

/* All act on the calling process. -1: no such id, no room. */
int sync_mutex_create(void);
int sync_mutex_lock(uint64_t id); /* 0, -1, EDEADLOCK_DETECTED */
int sync_mutex_unlock(uint64_t id);
int sync_semaphore_create(uint32_t count);
int sync_semaphore_up(uint64_t id);
int sync_semaphore_down(uint64_t id); /* 0, -1, EDEADLOCK_DETECTED */
int sync_condvar_create(void);
int sync_condvar_signal(uint64_t id);
int sync_condvar_wait(uint64_t id, uint64_t mutex);
int sync_detect(uint64_t on);

void sync_thread_exit(struct proc *p, int tid);
void sync_destroy(struct sync *s); /* NULL is allowed */

#endif
