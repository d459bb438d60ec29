/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spinlocks, held with this hart's interrupts off. Order, outermost first:
 * any other lock -> proc_lock -> sched_lock -> console, page allocator.
 */
#ifndef KERNEL_LOCK_H
#define KERNEL_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;

struct spinlock {
	uint32_t held;
	struct cpu *owner;
};

void spin_lock(struct spinlock *lk);
bool spin_trylock(struct spinlock *lk);
void spin_unlock(struct spinlock *lk);
bool spin_is_mine(const struct spinlock *lk);

/* Interrupts off, counted: on again when each push has had its pop, if they were on before the first. */
void push_off(void);
void pop_off(void);

#endif
