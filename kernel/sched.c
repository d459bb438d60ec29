/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduler, sleep and wake: sched.h. */
#include "sched.h"
#include "bpf.h"
#include "kvm.h"
#include "page.h"
#include "printk.h"
#include "proc.h"
#include "riscv.h"
#include "string.h"
#include "timer.h"
#include "trap.h"

#define STRIDE_ONE (1UL << 32)

extern void context_switch(struct context *save, struct context *load);

static struct thread threads[MAX_THREADS];
static struct spinlock sched_lock;
static struct thread *ready_head, *ready_tail;
static uint32_t ready_count;
static uint32_t idle_harts;  /* bit i: cpus[i] waits for an interrupt */
static uint64_t latest_pass; /* of the thread that was picked last: where newcomers and sleepers rejoin */

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

static int lowest_bit(uint32_t mask)
{
	int i = 0;

	while (!(mask >> i & 1))
		i++;
	return i;
}

/* Append to the ready list. Returns the idle hart to wake, or -1. */
static int make_ready(struct thread *t)
{
	uint32_t others = idle_harts & ~(1u << this_cpu()->index);
	int hart;

	t->state = THREAD_READY;
	t->next = NULL;
	if (ready_tail)
		ready_tail->next = t;
	else
		ready_head = t;
	ready_tail = t;
	ready_count++;
	if (!others || (idle_harts != others)) /* nobody idle, or this hart is, and sees it when its interrupt ends */
		return -1;
	hart = lowest_bit(others);
	idle_harts &= ~(1u << hart);
	return hart;
}

static void kick(int hart)
{
	if (hart >= 0)
		smp_ipi((uint32_t)hart);
}

/* Where a thread that was away goes on: not with the advantage of its absence. */
static void rejoin(struct thread *t)
{
	if (t->pass < latest_pass)
		t->pass = latest_pass;
}

void thread_ready(struct thread *t)
{
	int hart;

	spin_lock(&sched_lock);
	rejoin(t);
	hart = make_ready(t);
	spin_unlock(&sched_lock);
	kick(hart);
}

/* Take the ready thread with the smallest pass, the oldest one of equals. */
static struct thread *pick(void)
{
	struct thread *best = ready_head, *prev_best = NULL;

	if (!best)
		return NULL;
	for (struct thread *prev = ready_head; prev->next; prev = prev->next) {
		if (prev->next->pass < best->pass) {
			best = prev->next;
			prev_best = prev;
		}
	}
	if (prev_best)
		prev_best->next = best->next;
	else
		ready_head = best->next;
	if (ready_tail == best)
		ready_tail = prev_best;
	ready_count--;
	if (best->pass > latest_pass)
		latest_pass = best->pass;
	return best;
}

/* sched_lock held; it is held again when the thread gives the hart back. */
static void run(struct cpu *c, struct thread *t)
{
	t->state = THREAD_RUNNING;
	c->current = t;
	c->switches++;
	bpf_task_switch(c, t);
	/* Another hart may have loaded this program or mapped this kernel stack. */
	fence_i();
	sfence_vma_all();
	context_switch(&c->context, &t->context);
	c->current = NULL;
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
			timer_resume();
			run(c, t);
		} else {
			idle_harts |= 1u << c->index;
			bpf_task_switch(c, NULL);
			timer_pause();
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

int sleep_on(struct waitq *q, struct spinlock *lk, bool killable)
{
	struct thread *t = current();
	int ret = 0;

	spin_lock(&sched_lock);
	spin_unlock(lk);
	if (killable && proc_must_end(t)) {
		ret = -1;
	} else {
		t->state = THREAD_SLEEPING;
		t->next = NULL;
		t->waiting = q;
		t->killable = killable;
		if (q->tail)
			q->tail->next = t;
		else
			q->head = t;
		q->tail = t;
		switch_away();
		if (killable && proc_must_end(t))
			ret = -1;
	}
	spin_unlock(&sched_lock);
	spin_lock(lk);
	return ret;
}

/* Unlink a sleeper from its queue and make it ready. */
static int wake(struct thread *t)
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
	int hart = -1;

	spin_lock(&sched_lock);
	t = q->head;
	if (t)
		hart = wake(t);
	spin_unlock(&sched_lock);
	kick(hart);
	return t;
}

void wake_all(struct waitq *q)
{
	uint32_t kicks = 0;
	int hart;

	spin_lock(&sched_lock); /* throughout, or a thread that sleeps again at once would be woken for ever */
	while (q->head) {
		hart = wake(q->head);
		if (hart >= 0)
			kicks |= 1u << hart;
	}
	spin_unlock(&sched_lock);
	for (; kicks; kicks &= kicks - 1)
		kick(lowest_bit(kicks));
}

void wake_for_exit(struct proc *p)
{
	int hart;

	spin_lock(&sched_lock);
	for (uint32_t i = 0; i < MAX_THREADS; i++) {
		struct thread *t = &threads[i];

		if (t->proc != p || t->state != THREAD_SLEEPING || !t->killable || !proc_must_end(t))
			continue;
		hart = wake(t);
		kick(hart);
	}
	spin_unlock(&sched_lock);
}

void mutex_lock(struct mutex *m)
{
	spin_lock(&m->lock);
	while (m->held)
		sleep_on(&m->waiters, &m->lock, false);
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

uint32_t sched_ready_count(void)
{
	return __atomic_load_n(&ready_count, __ATOMIC_RELAXED);
}
