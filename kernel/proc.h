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
struct inode;
struct mailbox;
struct sync;

/* What waittid() finds under a tid. */
struct thread_entry {
	struct thread *thread; /* NULL before it begins and once it has ended */
	uint32_t used;	       /* 1 until collected; taken by an atomic exchange */
	bool ended;	       /* with this code: */
	int code;
};

/* What Ctrl-C does, and has done: job.c. */
struct interrupt {
	uint64_t handler;    /* of the program, INTERRUPT_ENDS or INTERRUPT_NOTHING */
	uint64_t after;	     /* where that returns to */
	bool pending;	     /* one has come for the handler */
	bool in_handler;     /* until rt_sigreturn */
	uint64_t x[32], epc; /* registers of thread 0 then */
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

	int job; /* processes that Ctrl-C interrupts together */
	struct interrupt interrupt;

	struct inode *exe; /* the program's file */
	uint64_t ran;	   /* units of the time CSR its threads have run */
	int64_t priority;
	uint64_t start_ms; /* when it first ran; 0 = not yet */
	uint32_t syscall_times[SYSCALL_COUNTERS];
	struct sync *sync;	 /* mutexes, semaphores, condition variables: a block of pages made when first needed */
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

#define INTERRUPT_ENDS 0
#define INTERRUPT_NOTHING 1

/* Interrupt every process of a job (not 0). False: there is none. */
bool proc_interrupt_job(int job);
/* Is an interrupt waiting for this thread to call the handler? */
bool proc_interrupted(const struct thread *t);
/* Let it, on its way to user mode. */
void proc_enter_handler(struct thread *t);

/* The calling thread ends, with it the process if it is thread 0. */
__attribute__((noreturn)) void thread_exit(int code);
/* The whole process ends; main thread only. */
__attribute__((noreturn)) void proc_exit(int code);
bool proc_must_end(const struct thread *t);

/* thread.c: a thread in entry `tid`, with trap frame and kernel stack, zero registers. NULL: no room. */
struct thread *thread_add(struct proc *p, int tid, uint32_t id);
/* Take thread 0 of a process that never ran apart. */
void thread_remove_unstarted(struct proc *p);
uint32_t thread_new_id(void);

/* sync.c */
void sync_thread_exit(struct proc *p, int tid);

/* init.c: start the first process (boot, and again after a crash of an interactive shell); panics if it cannot be. */
void init_start(void);
extern int init_pid;
/* It has ended: power off, or start it again. */
void init_ended(int code, bool crashed);

/* exec.c: replace the image of a process that has a fresh or its own address space. argc, or -errno. */
int exec_image(struct proc *p, const char *path, char *const *argv, int argc);

/* The function of a program that pc is in, and how far; false: its file does not say. */
#define EXE_SYMBOL_LEN 64
bool exe_symbol(struct inode *exe, uint64_t pc, char name[EXE_SYMBOL_LEN], uint64_t *offset);

#endif
