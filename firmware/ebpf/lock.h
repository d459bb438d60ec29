/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spin locks of the core. Rules: taken with interrupts off (M-mode always has),
 * held for a bounded number of instructions, never held across a program run
 * or across ebpf_plat_sync_harts(). Order: see docs/architecture.md.
 */
#ifndef EBPF_LOCK_H
#define EBPF_LOCK_H

#include "mem.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_lock {
	uint32_t held;
};

static inline bool ebpf_trylock(struct ebpf_lock *lock)
{
	return __atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE) == 0;
}

static inline void ebpf_lock(struct ebpf_lock *lock)
{
	while (!ebpf_trylock(lock))
		while (__atomic_load_n(&lock->held, __ATOMIC_RELAXED))
			;
}

static inline void ebpf_unlock(struct ebpf_lock *lock)
{
	ebpf_store_release32(&lock->held, 0);
}

#endif
