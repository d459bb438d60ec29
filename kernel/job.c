/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ending processes from outside: kill, and Ctrl-C for the job in the foreground.
 * A process may have a handler for the interrupt: thread 0 calls it on its way
 * to user mode, with its registers kept aside, and gets them back in
 * rt_sigreturn. There are no other signals. proc_lock guards all of it.
 */
#include "proc.h"
#include "string.h"
#include "syscall.h"
#include "trapframe.h"

static void end(struct proc *p, int code)
{
	if (!p->killed && !p->exiting) {
		p->killed = true;
		p->exit_code = code;
	}
	wake_for_end(p);
}

static void interrupt(struct proc *p)
{
	if (p->interrupt.handler == INTERRUPT_ENDS) {
		end(p, EXIT_INTERRUPTED);
	} else if (p->interrupt.handler != INTERRUPT_NOTHING) {
		p->interrupt.pending = true;
		wake_for_end(p);
	}
}

bool proc_interrupt_job(int job)
{
	bool found = false;
	struct proc *p;

	spin_lock(&proc_lock);
	for (uint32_t i = 0; job && i < MAX_PROCS; i++) {
		p = proc_by_index(i);
		if (!p || p->zombie || p->job != job)
			continue;
		interrupt(p);
		found = true;
	}
	spin_unlock(&proc_lock);
	return found;
}

int64_t sys_kill(uint64_t pid, uint64_t signal)
{
	struct proc *p;

	spin_lock(&proc_lock);
	p = proc_find((int)pid);
	if (p && signal == SIGNAL_INTERRUPT)
		interrupt(p);
	else if (p)
		end(p, signal ? -(int)signal : -9);
	spin_unlock(&proc_lock);
	return p ? 0 : -1;
}

int64_t sys_setpgid(uint64_t pid, uint64_t job)
{
	struct proc *p;

	spin_lock(&proc_lock);
	p = pid ? proc_find((int)pid) : current_proc();
	if (p && p != current_proc() && p->parent != current_proc())
		p = NULL;
	if (p && (int)job >= 0)
		p->job = job ? (int)job : p->pid;
	spin_unlock(&proc_lock);
	return p && (int)job >= 0 ? 0 : -1;
}

bool proc_interrupted(const struct thread *t)
{
	return t->tid == 0 && t->proc->interrupt.pending && !t->proc->interrupt.in_handler;
}

void proc_enter_handler(struct thread *t)
{
	struct proc *p = t->proc;

	spin_lock(&proc_lock);
	p->interrupt.pending = false;
	if (p->interrupt.handler > INTERRUPT_NOTHING) {
		p->interrupt.in_handler = true;
		memcpy(p->interrupt.x, t->tf->x, sizeof(p->interrupt.x));
		p->interrupt.epc = t->tf->epc;
		t->tf->epc = p->interrupt.handler;
		t->tf->x[REG_RA] = p->interrupt.after;
		t->tf->x[REG_SP] &= ~15UL;
		t->tf->x[REG_A0] = SIGNAL_INTERRUPT;
	}
	spin_unlock(&proc_lock);
}

int64_t sys_rt_sigaction(uint64_t signal, uint64_t handler, uint64_t after)
{
	struct proc *p = current_proc();

	if (signal != SIGNAL_INTERRUPT)
		return -1;
	spin_lock(&proc_lock);
	p->interrupt.handler = handler;
	p->interrupt.after = after;
	spin_unlock(&proc_lock);
	return 0;
}

int64_t sys_rt_sigreturn(void)
{
	struct thread *t = current();
	struct proc *p = t->proc;

	if (t->tid || !p->interrupt.in_handler)
		return -1;
	memcpy(t->tf->x, p->interrupt.x, sizeof(p->interrupt.x));
	t->tf->epc = p->interrupt.epc;
	p->interrupt.in_handler = false;
	return (int64_t)p->interrupt.x[REG_A0];
}
