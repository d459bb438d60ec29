/* SPDX-License-Identifier: BSD-2-Clause */
/* Spinlocks: lock.h. */
#include "lock.h"
#include "cpu.h"
#include "printk.h"
#include "riscv.h"

#include <stddef.h>

void push_off(void)
{
	bool was_on = interrupts_on();
	struct cpu *c;

	interrupts_disable();
	c = this_cpu();
	if (c->off_depth++ == 0)
		c->off_was_on = was_on;
}

void pop_off(void)
{
	struct cpu *c = this_cpu();

	if (interrupts_on() || c->off_depth < 1)
		panic("pop_off: interrupts on or unbalanced");
	if (--c->off_depth == 0 && c->off_was_on)
		interrupts_enable();
}

bool spin_is_mine(const struct spinlock *lk)
{
	return __atomic_load_n(&lk->held, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&lk->owner, __ATOMIC_RELAXED) == this_cpu();
}

bool spin_trylock(struct spinlock *lk)
{
	push_off();
	if (__atomic_exchange_n(&lk->held, 1, __ATOMIC_ACQUIRE)) {
		pop_off();
		return false;
	}
	__atomic_store_n(&lk->owner, this_cpu(), __ATOMIC_RELAXED);
	return true;
}

void spin_lock(struct spinlock *lk)
{
	push_off();
	if (spin_is_mine(lk))
		panic("spin_lock: already held by this hart");
	while (__atomic_exchange_n(&lk->held, 1, __ATOMIC_ACQUIRE)) {
		/* Read until it looks free: the exchange would take the cache line away each time. */
		while (__atomic_load_n(&lk->held, __ATOMIC_RELAXED))
			;
	}
	__atomic_store_n(&lk->owner, this_cpu(), __ATOMIC_RELAXED);
}

void spin_unlock(struct spinlock *lk)
{
	if (!spin_is_mine(lk))
		panic("spin_unlock: not held by this hart");
	__atomic_store_n(&lk->owner, NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&lk->held, 0, __ATOMIC_RELEASE);
	pop_off();
}
