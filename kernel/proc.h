/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes. proc_lock guards the table, the family tree, the thread tables and
 * the way from living to zombie to gone.
 */
#ifndef KERNEL_PROC_H
#define KERNEL_PROC_H

#include "lock.h"
#include "param.h"
#include "sched.h"
#include "syscall_ids.h"
#include "uvm.h"

#include <stdbool.h>
#include <stdint.h>

struct file;
struct sync;
struct mailbox;

/* What waittid() finds under a tid. */
struct thread_entry {
	struct thread *thread; /* NULL once it has ended */
	bool used;	       /* until collected */
	int code;
};

struct proc {
	int pid; /* never reused */
	struct proc *parent;
	char name[16];
	bool zombie;
	bool killed;	       /* has to end: by kill() */
	bool exiting;	       /* the main thread is in proc_exit(): the others have to end */
	bool crashed;	       /* ended by a fault */
	int exit_code;	       /* of a zombie; or what a killed process will have */
	struct waitq children; /* wait4() of this process */
	struct waitq leaving;  /* the main thread, until the others have left */

	struct uvm vm;
	struct thread_entry threads[MAX_PROC_THREADS];
	uint32_t live_threads;

	struct spinlock files_lock;
	struct file *files[MAX_FDS];

	int64_t priority;
	uint64_t start_ms; /* when it first ran; 0 = not yet */
	uint32_t syscall_times[SYSCALL_COUNTERS];
	struct sync *sync;	 /* mutexes, semaphores, condition variables; made when first needed */
	struct mailbox *mailbox; /* the same */
};

extern struct spinlock proc_lock;

static inline struct proc *current_proc(void)
{
	return current()->proc;
}

/* A process without memory image or files, one thread in state THREAD_NEW. NULL: no room. */
struct proc *proc_alloc(struct proc *parent);
/* Undo proc_alloc() and what was added to it since (files, memory); it never ran. */
void proc_discard(struct proc *p);

/* Living process by pid; proc_lock held. */
struct proc *proc_find(int pid);
struct proc *proc_by_index(uint32_t i); /* for listings; proc_lock held; NULL: unused entry */

int proc_fork(void);		  /* child's pid or -1 */
int proc_spawn(const char *path); /* the same */
int proc_wait(int pid, uint64_t status_va);
int proc_kill(int pid, int code);
/* The calling thread ends, with it the process if it is thread 0. */
__attribute__((noreturn)) void thread_exit(int code);
/* The whole process ends; main thread only. */
__attribute__((noreturn)) void proc_exit(int code);
bool proc_must_end(const struct thread *t);

int thread_create(uint64_t entry, uint64_t arg); /* tid or -1 */
int thread_collect(int tid);			 /* waittid */

/* exec.c: replace the image of a process that has a fresh or its own address space. argc, or -errno. */
int exec_image(struct proc *p, const char *path, char *const *argv, int argc);

#endif
