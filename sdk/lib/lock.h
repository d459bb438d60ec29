/* SPDX-License-Identifier: BSD-2-Clause */
/* A lock between threads of one process: spins a little, then yields the hart. */
#ifndef SDK_LOCK_H
#define SDK_LOCK_H

#include <stdbool.h>
#include <unistd.h>

struct lock {
	unsigned int held;
};

static inline void lock_acquire(struct lock *lock)
{
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static inline void lock_release(struct lock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

#endif
