/* SPDX-License-Identifier: BSD-2-Clause */
/* The other harts: SBI HSM, IPIs, remote TLB flushes. */
#include "bpf.h"
#include "cpu.h"
#include "dt.h"
#include "handover.h"
#include "kvm.h"
#include "lock.h"
#include "printk.h"
#include "riscv.h"
#include "sbi.h"
#include "sched.h"
#include "timer.h"

extern char secondary_start[];

struct cpu cpus[MAX_HARTS];
uint32_t cpu_count = 1;

/* Not in .bss: a hart may look at it before that is cleared. */
extern struct boot_handover handover[MAX_HARTS];
struct boot_handover handover[MAX_HARTS] __attribute__((section(".data")));
static char overflow_stacks[MAX_HARTS][8192] __attribute__((aligned(16)));

void cpu_setup(struct cpu *c, uint32_t index, uint64_t hartid)
{
	c->index = index;
	c->hartid = hartid;
	c->overflow_sp = (uint64_t)overflow_stacks[index] + sizeof(overflow_stacks[index]);
}

/* The scheduler's stacks of the other harts follow the threads'. */
static uint32_t stack_slot(uint32_t index)
{
	return MAX_THREADS + index;
}

static void start_hart(uint32_t index)
{
	struct boot_handover *h = &handover[index];
	struct cpu *c = &cpus[index];
	long err;

	if (!kvm_map_stack(stack_slot(index)))
		panic("no memory for the stack of hart %lu", machine.harts[index]);
	cpu_setup(c, index, machine.harts[index]);
	h->root = (kernel_satp & ((1UL << 44) - 1)) << PAGE_SHIFT;
	h->stack_top = KSTACK_TOP(stack_slot(index));
	h->cpu = (uint64_t)c;
	__atomic_store_n(&h->hartid_plus1, c->hartid + 1, __ATOMIC_SEQ_CST);
	err = sbi_hart_start(c->hartid, kernel_virt_to_phys(secondary_start), kernel_virt_to_phys(h));
	if (err)
		h->hartid_plus1 = 0;
	if (err)
		printk(LOG_WARN, "hart %lu does not start: SBI error %ld\n", c->hartid, err);
}

void smp_start(void)
{
	for (uint32_t i = 1; i < machine.hart_count; i++)
		start_hart(i);
}

void secondary_main(void)
{
	trap_init_hart();
	timer_next_tick();
	bpf_init_hart();
	__atomic_fetch_add(&cpu_count, 1, __ATOMIC_RELEASE);
	printk(LOG_INFO, "hart %lu is up\n", this_cpu()->hartid);
	scheduler();
}

void smp_ipi(uint32_t index)
{
	sbi_send_ipi(cpus[index].hartid);
}

/*
 * Harts that are not in user mode hold nothing of the space: sfence.vma is executed
 * on every way there and back. With the fences either such a hart sees the changed
 * entries, or it is seen here.
 */
void smp_in_user_mode(const struct uvm *vm)
{
	__atomic_store_n(&this_cpu()->user, vm, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void smp_flush_tlb(const struct uvm *vm, uint64_t va, uint64_t size)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (struct cpu *c = cpus; c < cpus + MAX_HARTS; c++) {
		if (__atomic_load_n(&c->user, __ATOMIC_RELAXED) == vm)
			sbi_remote_sfence_vma(c->hartid, va, size);
	}
}
