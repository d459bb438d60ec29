/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traps (Priv v1.12 sec. 4.1): from user mode through the trampoline, from the
 * kernel through kernelvec. Interrupts are taken in both; an exception ends
 * the user thread that caused it, or, in the kernel, the machine.
 */
#include "../firmware/ebpf/uapi/errno.h"
#include "bpf.h"
#include "console.h"
#include "memlayout.h"
#include "page.h"
#include "printk.h"
#include "proc.h"
#include "riscv.h"
#include "syscall.h"
#include "timer.h"
#include "trapframe.h"

#define EXIT_FAULT (-2)
#define EXIT_ILLEGAL (-3)
#define EXIT_OTHER (-1)

extern char kernelvec[], uservec[], userret[], debug_ebreak_insn[];
extern int debug_ebreak(void);

__attribute__((noreturn)) void user_trap(void);
void kernel_trap(struct kernel_regs *regs);

static const char *const cause_names[] = {
	[CAUSE_MISALIGNED_FETCH] = "instruction address misaligned",
	[CAUSE_FETCH_ACCESS] = "instruction access fault",
	[CAUSE_ILLEGAL_INSTRUCTION] = "illegal instruction",
	[CAUSE_BREAKPOINT] = "breakpoint",
	[CAUSE_MISALIGNED_LOAD] = "load address misaligned",
	[CAUSE_LOAD_ACCESS] = "load access fault",
	[CAUSE_MISALIGNED_STORE] = "store address misaligned",
	[CAUSE_STORE_ACCESS] = "store access fault",
	[CAUSE_FETCH_PAGE_FAULT] = "instruction page fault",
	[CAUSE_LOAD_PAGE_FAULT] = "load page fault",
	[CAUSE_STORE_PAGE_FAULT] = "store page fault",
};

static const char *cause_name(uint64_t cause)
{
	const char *name = cause < sizeof(cause_names) / sizeof(cause_names[0]) ? cause_names[cause] : NULL;

	return name ? name : "unknown cause";
}

void trap_init_hart(void)
{
	csr_write(stvec, kernelvec);
	csr_write(sie, SIE_SSIE | SIE_STIE | SIE_SEIE);
	csr_write(scounteren, 7); /* programs may read cycle, time and instret */
	csr_clear(sstatus, SSTATUS_FS | SSTATUS_SUM);
}

/* True if the interrupt ended a time slice. */
static bool handle_interrupt(uint64_t cause)
{
	switch (cause & ~SCAUSE_INTERRUPT) {
	case IRQ_S_TIMER:
		timer_interrupt();
		return true;
	case IRQ_S_SOFT:
		/* Another hart has work for an idle one, or the firmware has trace output. */
		csr_clear(sip, SIE_SSIE);
		this_cpu()->soft_irqs++;
		bpf_interrupt();
		return false;
	case IRQ_S_EXT:
		this_cpu()->ext_irqs++;
		plic_interrupt();
		return false;
	default:
		panic("interrupt %lu", cause & ~SCAUSE_INTERRUPT);
	}
}

static void end_if_due(struct thread *t)
{
	if (!proc_must_end(t))
		return;
	interrupts_enable();
	thread_exit(t->proc->exit_code);
}

__attribute__((noreturn)) static void user_return(void)
{
	struct thread *t = current();
	struct trapframe *tf = t->tf;
	void (*ret)(uint64_t tf_va, uint64_t satp) = (void (*)(uint64_t, uint64_t))userret;

	end_if_due(t);
	if (proc_interrupted(t))
		proc_enter_handler(t);
	interrupts_disable();
	csr_write(stvec, uservec);
	tf->kernel_satp = csr_read(satp);
	tf->kernel_sp = KSTACK_TOP(t->slot);
	tf->kernel_tp = (uint64_t)this_cpu();
	tf->handler = (uint64_t)user_trap;
	csr_clear(sstatus, SSTATUS_SPP);
	csr_set(sstatus, SSTATUS_SPIE);
	csr_write(sepc, tf->epc);
	smp_in_user_mode(&t->proc->vm);
	ret(TRAPFRAME_VA(t->tid), t->proc->vm.satp);
	__builtin_unreachable();
}

void thread_start(void)
{
	sched_started();
	interrupts_enable();
	if (!current_proc()->start_ms)
		current_proc()->start_ms = timer_ms();
	user_return();
}

/* An exception in user mode that is not a system call: resolve a page fault, or end the thread. */
static void user_exception(uint64_t cause, uint64_t stval)
{
	struct thread *t = current();
	uint64_t access = cause == CAUSE_FETCH_PAGE_FAULT   ? PTE_X
			  : cause == CAUSE_LOAD_PAGE_FAULT  ? PTE_R
			  : cause == CAUSE_STORE_PAGE_FAULT ? PTE_W
							    : 0;
	int code = EXIT_FAULT, ret = -1;
	char symbol[EXE_SYMBOL_LEN];
	uint64_t offset;

	if (access)
		ret = uvm_fault(&t->proc->vm, stval, access);
	if (ret == 0)
		return;
	if (cause == CAUSE_ILLEGAL_INSTRUCTION)
		code = EXIT_ILLEGAL;
	else if (cause == CAUSE_BREAKPOINT || cause > CAUSE_STORE_PAGE_FAULT)
		code = EXIT_OTHER;
	printk(LOG_ERROR, "%s[%d.%d]: %s (scause %lu) at sepc 0x%lx, stval 0x%lx%s\n", t->proc->name, t->proc->pid,
	       t->tid, cause_name(cause), cause, t->tf->epc, stval, access && ret == -ENOMEM ? ": out of memory" : "");
	if (exe_symbol(t->proc->exe, t->tf->epc, symbol, &offset))
		printk(LOG_ERROR, " in %s+0x%lx\n", symbol, offset);
	print_regs(t->tf->x);
	if (t->tid == 0)
		t->proc->crashed = true;
	thread_exit(code);
}

void user_trap(void)
{
	struct thread *t = current();
	uint64_t cause = csr_read(scause), stval = csr_read(stval);

	csr_write(stvec, kernelvec);
	smp_in_user_mode(NULL);
	t->tf->epc = csr_read(sepc);
	if (cause == CAUSE_USER_ECALL) {
		t->tf->epc += 4;
		interrupts_enable();
		syscall_dispatch(t->tf);
	} else if (cause & SCAUSE_INTERRUPT) {
		if (handle_interrupt(cause))
			sched_tick();
	} else {
		interrupts_enable();
		user_exception(cause, stval);
	}
	user_return();
}

static struct kernel_regs seen_ebreak; /* what sys_debug_ebreak() caused */

/* A breakpoint of sys_debug_ebreak(): note it, go on behind it with a0 = 0. */
static bool own_breakpoint(struct kernel_regs *regs)
{
	if (regs->scause != CAUSE_BREAKPOINT || regs->sepc != (uint64_t)debug_ebreak_insn)
		return false;
	seen_ebreak = *regs;
	printk(LOG_INFO, "kernel breakpoint: scause %lu, sepc 0x%lx, stval 0x%lx\n", regs->scause, regs->sepc,
	       regs->stval);
	regs->sepc += 4;
	regs->x[REG_A0] = 0;
	return true;
}

/* stval of a breakpoint is 0 or its address: Priv v1.12 sec. 4.1.9. */
int64_t sys_debug_ebreak(void)
{
	static struct mutex one_at_a_time;
	int64_t ret;

	mutex_lock(&one_at_a_time);
	seen_ebreak = (struct kernel_regs){0};
	ret = debug_ebreak();
	if (seen_ebreak.scause != CAUSE_BREAKPOINT || seen_ebreak.sepc != (uint64_t)debug_ebreak_insn ||
	    (seen_ebreak.stval != 0 && seen_ebreak.stval != seen_ebreak.sepc) || !(seen_ebreak.sstatus & SSTATUS_SPP))
		ret = -1;
	mutex_unlock(&one_at_a_time);
	return ret;
}

void kernel_trap(struct kernel_regs *regs)
{
	if (regs->x[REG_SP] != (uint64_t)(regs + 1)) /* kernelvec has moved to the spare stack: no way back */
		panic_regs(regs, "kernel stack overflow");
	if (regs->scause & SCAUSE_INTERRUPT) {
		/* Interrupts are off while a lock is held, so the thread can be taken off the hart here. */
		if (handle_interrupt(regs->scause) && current())
			sched_tick();
		return;
	}
	if (!own_breakpoint(regs))
		panic_regs(regs, "%s (scause %lu) at sepc 0x%lx, stval 0x%lx", cause_name(regs->scause), regs->scause,
			   regs->sepc, regs->stval);
}
