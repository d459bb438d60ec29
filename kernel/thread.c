/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of a process: ucore-style ids, codes kept until collected. */
#include "proc.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "memlayout.h"
#include "page.h"
#include "riscv.h"
#include "syscall.h"
#include "trapframe.h"

struct thread *thread_add(struct proc *p, int tid, uint32_t id)
{
	struct thread *t = thread_alloc(p, tid);

	if (!t)
		return NULL;
	t->id = id;
	t->tf = page_alloc();
	if (!t->tf || !uvm_map_trapframe(&p->vm, tid, t->tf)) {
		page_put(t->tf);
		thread_free(t);
		return NULL;
	}
	p->threads[tid] = (struct thread_entry){.thread = t, .used = 1};
	p->live_threads++;
	return t;
}

void thread_remove_unstarted(struct proc *p)
{
	struct thread *t = p->threads[0].thread;

	page_put(t->tf);
	t->tf = NULL;
	thread_free(t);
}

static uint64_t stack_bottom(int tid)
{
	return USER_STACK_TOP(tid) - USER_STACK_SIZE;
}

/* The lowest tid that is free and whose stack is, too: in a copy of a process with threads theirs are there. */
static int reserve_tid(struct proc *p)
{
	for (int tid = 1; tid < MAX_PROC_THREADS; tid++) {
		if (__atomic_exchange_n(&p->threads[tid].used, 1, __ATOMIC_ACQ_REL))
			continue;
		if (uvm_reserve(&p->vm, stack_bottom(tid), USER_STACK_SIZE, PTE_R | PTE_W) == 0)
			return tid;
		p->threads[tid].used = 0;
	}
	return -1;
}

int64_t sys_thread_create(uint64_t entry, uint64_t arg)
{
	struct proc *p = current_proc();
	struct thread *t;
	int tid;

	p->vm.shared = true;
	tid = reserve_tid(p);
	if (tid < 0)
		return -1;
	spin_lock(&proc_lock);
	t = p->exiting ? NULL : thread_add(p, tid, thread_new_id());
	spin_unlock(&proc_lock);
	if (!t) {
		uvm_clear(&p->vm, stack_bottom(tid), USER_STACK_SIZE);
		p->threads[tid].used = 0;
		return -1;
	}
	t->tf->epc = entry;
	t->tf->x[REG_SP] = USER_STACK_TOP(tid);
	t->tf->x[REG_A0] = arg;
	thread_ready(t);
	return tid;
}

void thread_exit(int code)
{
	struct thread *t = current();
	struct proc *p = t->proc;

	if (t->tid == 0)
		proc_exit(code);
	sync_thread_exit(p, t->tid);
	uvm_clear(&p->vm, stack_bottom(t->tid), USER_STACK_SIZE);
	uvm_unmap_trapframe(&p->vm, t->tid);
	page_put(t->tf);
	t->tf = NULL;

	spin_lock(&proc_lock);
	p->threads[t->tid].thread = NULL;
	p->threads[t->tid].code = code;
	p->threads[t->tid].ended = true;
	p->live_threads--;
	wake_all(&p->leaving);
	sched_exit(&proc_lock);
}

int64_t sys_waittid(uint64_t tid)
{
	struct proc *p = current_proc();
	struct thread_entry *e;
	int ret;

	if (tid >= MAX_PROC_THREADS || tid == (uint64_t)current()->tid)
		return -1;
	spin_lock(&proc_lock);
	e = &p->threads[tid];
	if (!e->used) {
		ret = -1;
	} else if (!e->ended) {
		ret = -2;
	} else {
		ret = e->code;
		*e = (struct thread_entry){0};
	}
	spin_unlock(&proc_lock);
	return ret;
}
