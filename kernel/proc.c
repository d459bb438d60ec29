/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: creation, end, waiting. Threads inside them: thread.c. */
#include "proc.h"
#include "bpf.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "file.h"
#include "fs.h"
#include "page.h"
#include "printk.h"
#include "string.h"
#include "syscall.h"
#include "timer.h"
#include "trapframe.h"

struct spinlock proc_lock;

static struct proc *procs[MAX_PROCS];

uint32_t thread_new_id(void)
{
	static uint32_t last;

	return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

static bool enter(struct proc *p)
{
	spin_lock(&proc_lock);
	for (uint32_t i = 0; i < MAX_PROCS; i++) {
		if (!procs[i]) {
			procs[i] = p;
			spin_unlock(&proc_lock);
			return true;
		}
	}
	spin_unlock(&proc_lock);
	return false;
}

/* Free the structure; proc_lock held if it was ever visible as a child. */
static void forget(struct proc *p)
{
	for (uint32_t i = 0; i < MAX_PROCS; i++) {
		if (procs[i] == p)
			procs[i] = NULL;
	}
	page_put(p);
}

struct proc *proc_by_index(uint32_t i)
{
	return i < MAX_PROCS ? procs[i] : NULL;
}

struct proc *proc_find(int pid)
{
	for (uint32_t i = 0; i < MAX_PROCS; i++) {
		if (procs[i] && procs[i]->pid == pid && !procs[i]->zombie)
			return procs[i];
	}
	return NULL;
}

struct proc *proc_alloc(struct proc *parent)
{
	struct proc *p = page_alloc_size(sizeof(*p));

	if (!p)
		return NULL;
	p->priority = DEFAULT_PRIORITY;
	p->pid = (int)thread_new_id();
	if (uvm_init(&p->vm) != 0) {
		page_put(p);
		return NULL;
	}
	if (!thread_add(p, 0, (uint32_t)p->pid)) {
		uvm_destroy(&p->vm);
		page_put(p);
		return NULL;
	}
	p->parent = parent;
	p->job = parent ? parent->job : 0;
	if (!enter(p)) {
		proc_discard(p);
		return NULL;
	}
	return p;
}

static void release_resources(struct proc *p)
{
	files_close_all(p);
	bpf_proc_exit(p->pid);
	page_put(p->sync);
	page_put(p->mailbox);
	if (p->exe)
		inode_put(p->exe);
	p->sync = NULL;
	p->mailbox = NULL;
	p->exe = NULL;
}

void proc_discard(struct proc *p)
{
	spin_lock(&proc_lock);
	p->exiting = true; /* no mail any more */
	spin_unlock(&proc_lock);
	release_resources(p);
	thread_remove_unstarted(p);
	uvm_destroy(&p->vm);
	spin_lock(&proc_lock);
	forget(p);
	spin_unlock(&proc_lock);
}

bool proc_must_end(const struct thread *t)
{
	return t->proc->killed || (t->proc->exiting && t->tid != 0);
}

int64_t sys_clone(void)
{
	struct proc *parent = current_proc(), *child = proc_alloc(parent);
	struct thread *t;
	int pid;

	if (!child)
		return -1;
	/* Whoever ends all of a job either finds the child there or has ended its parent before: then there is none. */
	if (uvm_copy(&child->vm, &parent->vm) != 0 || files_copy(child, parent, MAX_FDS) != 0 || parent->killed) {
		proc_discard(child);
		return -1;
	}
	strcopy(child->name, parent->name, sizeof(child->name));
	child->priority = parent->priority;
	child->interrupt = parent->interrupt;
	child->interrupt.pending = false;
	inode_get(parent->exe);
	child->exe = parent->exe;
	t = child->threads[0].thread;
	memcpy(t->tf->x, current()->tf->x, sizeof(t->tf->x));
	t->tf->epc = current()->tf->epc;
	t->tf->x[REG_A0] = 0;
	pid = child->pid;
	thread_ready(t);
	return pid;
}

int64_t sys_spawn(uint64_t path_va)
{
	char path[PATH_LEN], *const argv[] = {path, NULL};
	struct proc *child;
	int pid;

	if (copyinstr(&current_proc()->vm, path, path_va, sizeof(path)) < 0 || !(child = proc_alloc(current_proc())))
		return -1;
	if (files_copy(child, current_proc(), 3) != 0 || exec_image(child, path, argv, 1) < 0) {
		proc_discard(child);
		return -1;
	}
	child->threads[0].thread->tf->x[REG_A0] = 1;
	pid = child->pid;
	thread_ready(child->threads[0].thread);
	return pid;
}

/* Wait for the other threads of the ending process; each of them notices that it has to end. */
static void end_other_threads(struct proc *p)
{
	spin_lock(&proc_lock);
	p->exiting = true;
	spin_unlock(&proc_lock);
	wake_for_end(p);
	spin_lock(&proc_lock);
	while (p->live_threads > 1)
		sleep_on(&p->leaving, &proc_lock, WAIT_SURE);
	spin_unlock(&proc_lock);
}

/* Children of a dead process have no parent; those that are dead too have nobody to wait for them. */
static void orphan_children(struct proc *p)
{
	for (uint32_t i = 0; i < MAX_PROCS; i++) {
		if (!procs[i] || procs[i]->parent != p)
			continue;
		procs[i]->parent = NULL;
		if (procs[i]->zombie)
			forget(procs[i]);
	}
}

void proc_exit(int code)
{
	struct thread *t = current();
	struct proc *p = t->proc;

	end_other_threads(p);
	release_resources(p);
	page_put(t->tf);
	t->tf = NULL;
	uvm_destroy(&p->vm);

	spin_lock(&proc_lock);
	orphan_children(p);
	p->exit_code = code;
	p->zombie = true;
	if (p->pid == init_pid) {
		spin_unlock(&proc_lock);
		init_ended(code, p->crashed); /* does not return, or has made a new one */
		spin_lock(&proc_lock);
	}
	if (p->parent)
		wake_all(&p->parent->children);
	else
		forget(p);
	sched_exit(&proc_lock);
}

/* Find a child that fits; *found says whether there is any, zombie or not. */
static struct proc *find_zombie(struct proc *parent, int pid, bool *found)
{
	*found = false;
	for (uint32_t i = 0; i < MAX_PROCS; i++) {
		struct proc *c = procs[i];

		if (!c || c->parent != parent || (pid > 0 && c->pid != pid))
			continue;
		*found = true;
		if (c->zombie)
			return c;
	}
	return NULL;
}

int64_t sys_wait4(uint64_t pid, uint64_t status_va)
{
	struct proc *p = current_proc(), *c;
	int child_pid, code, ret;
	bool found;

	spin_lock(&proc_lock);
	while (!(c = find_zombie(p, (int)pid, &found))) {
		ret = found ? sleep_on(&p->children, &proc_lock, WAIT_INTERRUPTIBLE) : -1;
		if (ret) {
			spin_unlock(&proc_lock);
			return ret;
		}
	}
	child_pid = c->pid;
	code = c->exit_code;
	c->parent = NULL; /* ours alone now */
	forget(c);
	spin_unlock(&proc_lock);
	if (status_va && copyout(&p->vm, status_va, &code, sizeof(code)) != 0)
		return -1;
	return child_pid;
}
