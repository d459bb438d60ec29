/* SPDX-License-Identifier: BSD-2-Clause */
/* One struct cpu a hart; tp points at it whenever the hart is in the kernel. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include "../firmware/ebpf/uapi/sbi_ebpf.h"
#include "param.h"

#include <stdbool.h>
#include <stdint.h>

struct thread;
struct uvm;

/* What a call must preserve: context_switch() in kernelvec.S knows the layout. */
struct context {
	uint64_t ra, sp, s[12];
};

struct cpu {
	struct thread *current; /* NULL in the scheduler; current() knows this offset (0) */
	uint64_t overflow_sp;	/* offset 8: where kernelvec goes when the stack is used up */
	uint32_t index;
	uint64_t hartid;
	int off_depth;		/* push_off() nesting */
	bool off_was_on;	/* interrupts were on before the first of them */
	struct context context; /* of the scheduler */
	const struct uvm *user; /* the space it is in, or about to enter, in user mode; else NULL */
	uint64_t ticks, switches, soft_irqs, ext_irqs;
	uint64_t busy, since; /* units of the time CSR a thread ran; counted up to here */
	struct ebpf_task_area area __attribute__((aligned(64))); /* what the firmware sees of the running task */
};

extern struct cpu cpus[MAX_HARTS];
extern uint32_t cpu_count; /* harts found; cpus[0] is the one that booted */

/* Interrupts must be off, or the answer may be stale: the caller could move to another hart. */
static inline struct cpu *this_cpu(void)
{
	struct cpu *c;

	__asm__ volatile("mv %0, tp" : "=r"(c));
	return c;
}

/* The running thread. One load through tp, so no interrupt can come in between. */
static inline struct thread *current(void)
{
	struct thread *t;

	__asm__ volatile("ld %0, 0(tp)" : "=r"(t));
	return t;
}

/* trap.c */
void trap_init_hart(void); /* this hart takes its traps in kernelvec */
/* Where a new thread begins, coming from the scheduler. */
__attribute__((noreturn)) void thread_start(void);

/* smp.c */
void cpu_setup(struct cpu *c, uint32_t index, uint64_t hartid);
void smp_start(void); /* start every other hart through SBI HSM */
void smp_ipi(uint32_t index);
void secondary_main(void);
/* The hart is about to go to user mode in that space, or has come back (NULL). Interrupts off. */
void smp_in_user_mode(const struct uvm *vm);
/* Make the harts that are drop what they have cached of [va, va + size), which has been changed. */
void smp_flush_tlb(const struct uvm *vm, uint64_t va, uint64_t size);

#endif
