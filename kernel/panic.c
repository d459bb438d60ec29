/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the kernel: message, registers, backtrace along the frame pointers, power off. */
#include "console.h"
#include "cpu.h"
#include "memlayout.h"
#include "printk.h"
#include "proc.h"
#include "riscv.h"
#include "sbi.h"
#include "trapframe.h"

extern char image_end[], boot_stack_top[];

static const char *const reg_names[32] = {"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
					  "a1",	  "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
					  "s6",	  "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

void print_regs(const uint64_t x[32])
{
	for (int i = 0; i < 32; i += 4)
		printk(LOG_ERROR, " %4s %016lx %4s %016lx %4s %016lx %4s %016lx\n", reg_names[i], x[i],
		       reg_names[i + 1], x[i + 1], reg_names[i + 2], x[i + 2], reg_names[i + 3], x[i + 3]);
}

static void print_symbol(uint64_t addr)
{
	uint64_t offset;
	const char *name = ksym_find(addr, &offset);

	printk(LOG_ERROR, "  [%016lx] %s+0x%lx\n", addr, name ? name : "?", name ? offset : 0);
}

/* Frame pointers are believed only inside the stack that sp is in. */
static void backtrace(uint64_t pc, uint64_t fp, uint64_t sp)
{
	uint64_t top = (sp | (KSTACK_SIZE - 1)) + 1;

	printk(LOG_ERROR, "backtrace:\n");
	print_symbol(pc);
	for (int depth = 0; depth < 32 && fp >= sp && fp <= top && fp % 16 == 0; depth++) {
		uint64_t ra = ((const uint64_t *)fp)[-1], next = ((const uint64_t *)fp)[-2];

		if (!ra)
			break;
		print_symbol(ra - 1);
		if (next <= fp)
			break;
		fp = next;
	}
}

/* Only the first hart that panics gets this far. */
static void begin_panic(void)
{
	static uint32_t panicking;

	interrupts_disable();
	if (__atomic_exchange_n(&panicking, 1, __ATOMIC_ACQ_REL)) {
		for (;;)
			__asm__ volatile("wfi");
	}
	console_panic();
}

static void print_message(const char *fmt, va_list ap)
{
	struct thread *t = current();
	char text[200];

	kvsnprintf(text, sizeof(text), fmt, ap);
	printk(LOG_ERROR, "\nkernel panic: %s\n", text);
	printk(LOG_ERROR, "hart %lu, %s[%d.%d]\n", this_cpu()->hartid, t ? t->proc->name : "scheduler",
	       t ? t->proc->pid : 0, t ? t->tid : 0);
}

void panic(const char *fmt, ...)
{
	const uint64_t *fp;
	va_list ap;

	begin_panic();
	va_start(ap, fmt);
	print_message(fmt, ap);
	va_end(ap);
	fp = __builtin_frame_address(0);
	backtrace((uint64_t)__builtin_return_address(0) - 1, fp[-2], (uint64_t)fp);
	sbi_shutdown(true);
}

void panic_regs(const struct kernel_regs *regs, const char *fmt, ...)
{
	va_list ap;

	begin_panic();
	va_start(ap, fmt);
	print_message(fmt, ap);
	va_end(ap);
	printk(LOG_ERROR, " sepc %016lx sstatus %016lx scause %016lx stval %016lx\n", regs->sepc, regs->sstatus,
	       regs->scause, regs->stval);
	print_regs(regs->x);
	backtrace(regs->sepc, regs->x[REG_FP], regs->x[REG_SP]);
	sbi_shutdown(true);
}
