/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads and the scheduler: one ready list for all harts, stride scheduling
 * (the ready thread with the smallest pass runs; a slice costs STRIDE_ONE /
 * priority). sched_lock guards states, the ready list and all wait queues.
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include "cpu.h"
#include "lock.h"

#include <stdbool.h>
#include <stdint.h>

struct proc;
struct trapframe;

enum thread_state {
	THREAD_FREE,
	THREAD_NEW, /* being made; nobody runs or wakes it */
	THREAD_READY,
	THREAD_RUNNING,
	THREAD_SLEEPING,
	THREAD_DEAD, /* has left for good, its stack is free once the hart is off it */
};

/* Threads asleep until somebody wakes them, first come first served. All zero = empty. */
struct waitq {
	struct thread *head, *tail;
};

/* What ends a wait before its time: nothing, the end of the process, or an interrupt of it (Ctrl-C), too. */
enum wait_kind { WAIT_SURE, WAIT_KILLABLE, WAIT_INTERRUPTIBLE };

#define NEVER UINT64_MAX

struct thread {
	enum thread_state state;
	struct proc *proc;
	int tid;       /* in its process, 0 = the one that is the process */
	uint32_t id;   /* in the system, never reused; the main thread's is the pid */
	uint32_t slot; /* index in the table = kernel stack */
	struct context context;
	struct trapframe *tf;
	struct thread *next;   /* in the ready list or a wait queue */
	struct waitq *waiting; /* while asleep, as the two below */
	enum wait_kind wait_kind;
	uint64_t wake_at; /* timer_us() */
	uint64_t pass;
};

/* A new thread in state THREAD_NEW with a kernel stack; it will begin in thread_start(). NULL: none left. */
struct thread *thread_alloc(struct proc *proc, int tid);
void thread_free(struct thread *t);  /* one that never ran */
void thread_ready(struct thread *t); /* let a new one run */

/* The hart's life: run threads, wait for interrupts when there are none. */
__attribute__((noreturn)) void scheduler(void);
/* First act of a new thread: let go of what the scheduler held. */
void sched_started(void);
/* Let others run, if there are any. The slice is charged. */
void sched_yield(void);
/* End of a time slice: the same, from the timer interrupt. */
void sched_tick(void);
/* The running thread ends. `lk` is released once nobody can find the thread running any more; may be NULL. */
__attribute__((noreturn)) void sched_exit(struct spinlock *lk);

/*
 * Sleep until woken: put the thread on `q` and release `lk` in one step; `lk` is
 * held again on return. 0, or -EINTR if what `kind` names is the case (it may or
 * may not have slept). Check the condition again after every return.
 */
int sleep_on(struct waitq *q, struct spinlock *lk, enum wait_kind kind);
/* The same, and not longer than until timer_us() is `when`. */
int sleep_until(struct waitq *q, struct spinlock *lk, enum wait_kind kind, uint64_t when);
/* Wake those whose time has come; from the first hart's tick. */
void sched_wake_due(void);
/* Returns the thread woken, or NULL. */
struct thread *wake_one(struct waitq *q);
void wake_all(struct waitq *q);
/* Wake every sleeper of the process that has to notice its end or an interrupt. */
void wake_for_end(struct proc *p);

/* A lock whose waiters sleep. Zero = free. Not for interrupt handlers. */
struct mutex {
	struct spinlock lock;
	bool held;
	struct waitq waiters;
};
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

#endif
