/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduler, sleep and wake: sched.h. */
#include "sched.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "bpf.h"
#include "kvm.h"
#include "page.h"
#include "printk.h"
#include "proc.h"
#include "riscv.h"
#include "string.h"
#include "timer.h"

#define STRIDE_ONE (1UL << 32)

extern void context_switch(struct context *save, struct context *load);

static struct thread threads[MAX_THREADS];
static struct spinlock sched_lock;
static struct thread *ready_head, **ready_end = &ready_head;
static uint32_t idle_harts;	   /* bit i: cpus[i] waits for an interrupt */
static uint64_t next_wake = NEVER; /* no sleeper's time comes before */
static uint64_t latest_pass;	   /* of the thread that was picked last: where newcomers and sleepers rejoin */

static uint64_t stride(const struct thread *t)
{
	uint64_t step = STRIDE_ONE / (uint64_t)t->proc->priority;

	return step ? step : 1;
}

struct thread *thread_alloc(struct proc *proc, int tid)
{
	struct thread *t = NULL;

	spin_lock(&sched_lock);
	for (uint32_t i = 0; i < MAX_THREADS && !t; i++) {
		if (threads[i].state == THREAD_FREE) {
			t = &threads[i];
			*t = (struct thread){.state = THREAD_NEW, .proc = proc, .tid = tid, .slot = i};
		}
	}
	spin_unlock(&sched_lock);
	if (t && !kvm_map_stack(t->slot)) {
		thread_free(t);
		return NULL;
	}
	if (t)
		t->context = (struct context){.ra = (uint64_t)thread_start, .sp = KSTACK_TOP(t->slot)};
	return t;
}

void thread_free(struct thread *t)
{
	spin_lock(&sched_lock);
	t->state = THREAD_FREE;
	spin_unlock(&sched_lock);
}

/*
 * Append to the ready list, for an idle hart if there is one: this one, which looks
 * at the list when its interrupt ends, or else the one to wake, as a mask of one bit.
 */
static uint32_t make_ready(struct thread *t)
{
	uint32_t self = 1u << this_cpu()->index, hart = idle_harts & self ? self : idle_harts & -idle_harts;

	t->state = THREAD_READY;
	t->next = NULL;
	*ready_end = t;
	ready_end = &t->next;
	idle_harts &= ~hart;
	return hart & ~self;
}

static void kick(uint32_t harts)
{
	for (uint32_t i = 0; harts; i++, harts >>= 1) {
		if (harts & 1)
			smp_ipi(i);
	}
}

/* Where a thread that was away goes on: not with the advantage of its absence. */
static void rejoin(struct thread *t)
{
	if (t->pass < latest_pass)
		t->pass = latest_pass;
}

void thread_ready(struct thread *t)
{
	uint32_t harts;

	spin_lock(&sched_lock);
	rejoin(t);
	harts = make_ready(t);
	spin_unlock(&sched_lock);
	kick(harts);
}

/* Take the ready thread with the smallest pass, the oldest one of equals. */
static struct thread *pick(void)
{
	struct thread **best = &ready_head, *t = ready_head;

	if (!t)
		return NULL;
	for (struct thread **link = &t->next; *link; link = &(*link)->next) {
		if ((*link)->pass < (*best)->pass)
			best = link;
	}
	t = *best;
	*best = t->next;
	if (ready_end == &t->next)
		ready_end = best;
	if (t->pass > latest_pass)
		latest_pass = t->pass;
	return t;
}

/* sched_lock held. The time since the last look is the thread's that has run here. */
static void account(struct cpu *c, const struct thread *t)
{
	uint64_t now = read_time();

	c->busy += now - c->since;
	if (t->state != THREAD_DEAD)
		t->proc->ran += now - c->since;
	c->since = now;
}

/* sched_lock held; it is held again when the thread gives the hart back. */
static void run(struct cpu *c, struct thread *t)
{
	c->since = read_time();
	t->state = THREAD_RUNNING;
	c->current = t;
	c->switches++;
	bpf_task_switch(c, t);
	/* Another hart may have loaded this program or mapped this kernel stack. */
	fence_i();
	sfence_vma_all();
	context_switch(&c->context, &t->context);
	c->current = NULL;
	account(c, t);
	if (t->state == THREAD_DEAD)
		t->state = THREAD_FREE;
}

void scheduler(void)
{
	struct cpu *c = this_cpu();
	struct thread *t;

	for (;;) {
		/* Interrupts are taken here and nowhere else while no thread runs. */
		interrupts_enable();
		interrupts_disable();
		spin_lock(&sched_lock);
		t = pick();
		if (t) {
			idle_harts &= ~(1u << c->index);
			timer_idle(false);
			run(c, t);
		} else {
			idle_harts |= 1u << c->index;
			bpf_task_switch(c, NULL);
			timer_idle(true);
		}
		spin_unlock(&sched_lock);
		if (!t)
			__asm__ volatile("wfi"); /* ends at a pending interrupt even with interrupts off */
	}
}

/* Give the hart to its scheduler. sched_lock held, and nothing else; the state says what becomes of the thread. */
static void switch_away(void)
{
	struct cpu *c = this_cpu();
	struct thread *t = c->current;
	bool was_on = c->off_was_on;

	if (c->off_depth != 1)
		panic("switch with %d locks held", c->off_depth);
	context_switch(&t->context, &c->context);
	this_cpu()->off_was_on = was_on; /* perhaps another hart */
}

void sched_started(void)
{
	spin_unlock(&sched_lock);
}

void sched_yield(void)
{
	struct thread *t = current();
	uint64_t least = UINT64_MAX;

	spin_lock(&sched_lock);
	t->pass += stride(t);
	if (ready_head) {
		/* Whoever is ready goes first, however far behind the caller is. */
		for (struct thread *r = ready_head; r; r = r->next)
			least = r->pass < least ? r->pass : least;
		if (t->pass < least)
			t->pass = least;
		make_ready(t);
		switch_away();
	}
	spin_unlock(&sched_lock);
}

void sched_tick(void)
{
	struct thread *t = current();

	spin_lock(&sched_lock);
	account(this_cpu(), t);
	t->pass += stride(t);
	if (ready_head) {
		make_ready(t);
		switch_away();
	}
	spin_unlock(&sched_lock);
}

void sched_exit(struct spinlock *lk)
{
	spin_lock(&sched_lock);
	current()->state = THREAD_DEAD;
	if (lk)
		spin_unlock(lk);
	switch_away();
	panic("a dead thread runs");
}

static bool must_wake(const struct thread *t, enum wait_kind kind)
{
	return (kind != WAIT_SURE && proc_must_end(t)) || (kind == WAIT_INTERRUPTIBLE && proc_interrupted(t));
}

int sleep_until(struct waitq *q, struct spinlock *lk, enum wait_kind kind, uint64_t when)
{
	struct thread *t = current();

	spin_lock(&sched_lock);
	spin_unlock(lk);
	if (!must_wake(t, kind)) {
		t->state = THREAD_SLEEPING;
		t->next = NULL;
		t->waiting = q;
		t->wait_kind = kind;
		t->wake_at = when;
		next_wake = when < next_wake ? when : next_wake;
		if (q->tail)
			q->tail->next = t;
		else
			q->head = t;
		q->tail = t;
		switch_away();
	}
	spin_unlock(&sched_lock);
	spin_lock(lk);
	return must_wake(t, kind) ? -EINTR : 0;
}

int sleep_on(struct waitq *q, struct spinlock *lk, enum wait_kind kind)
{
	return sleep_until(q, lk, kind, NEVER);
}

/* Unlink a sleeper from its queue and make it ready; result as make_ready(). */
static uint32_t wake(struct thread *t)
{
	struct waitq *q = t->waiting;
	struct thread *prev = NULL;

	for (struct thread *i = q->head; i != t; i = i->next)
		prev = i;
	if (prev)
		prev->next = t->next;
	else
		q->head = t->next;
	if (q->tail == t)
		q->tail = prev;
	t->waiting = NULL;
	rejoin(t);
	return make_ready(t);
}

struct thread *wake_one(struct waitq *q)
{
	struct thread *t;
	uint32_t harts = 0;

	spin_lock(&sched_lock);
	t = q->head;
	if (t)
		harts = wake(t);
	spin_unlock(&sched_lock);
	kick(harts);
	return t;
}

void wake_all(struct waitq *q)
{
	uint32_t harts = 0;

	spin_lock(&sched_lock); /* throughout, or a thread that sleeps again at once would be woken for ever */
	while (q->head)
		harts |= wake(q->head);
	spin_unlock(&sched_lock);
	kick(harts);
}

void wake_for_end(struct proc *p)
{
	uint32_t harts = 0;

	spin_lock(&sched_lock);
	for (struct thread *t = threads; t < threads + MAX_THREADS; t++) {
		if (t->state == THREAD_SLEEPING && t->proc == p && must_wake(t, t->wait_kind))
			harts |= wake(t);
	}
	spin_unlock(&sched_lock);
	kick(harts);
}

void sched_wake_due(void)
{
	uint64_t now = timer_us();
	uint32_t harts = 0;

	spin_lock(&sched_lock);
	if (now >= next_wake) {
		next_wake = NEVER;
		for (struct thread *t = threads; t < threads + MAX_THREADS; t++) {
			if (t->state != THREAD_SLEEPING)
				continue;
			if (t->wake_at <= now)
				harts |= wake(t);
			else if (t->wake_at < next_wake)
				next_wake = t->wake_at;
		}
	}
	spin_unlock(&sched_lock);
	kick(harts);
}

void mutex_lock(struct mutex *m)
{
	spin_lock(&m->lock);
	while (m->held)
		sleep_on(&m->waiters, &m->lock, WAIT_SURE);
	m->held = true;
	spin_unlock(&m->lock);
}

void mutex_unlock(struct mutex *m)
{
	spin_lock(&m->lock);
	m->held = false;
	wake_one(&m->waiters);
	spin_unlock(&m->lock);
}
