/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A probe point and the table of all of them; private to kprobe.c,
 * probe_table.c and kretprobe.c.
 */
#ifndef EBPF_PROBE_H
#define EBPF_PROBE_H

#include "kprobe.h"

#include "walk.h"

#include <stddef.h>

#define C_EBREAK 0x9002u

struct ebpf_probe {
	uint64_t addr; /* virtual, as attached */
	uint64_t pa;   /* where the instruction lies */
	uint64_t satp; /* address space in which addr meant pa */
	struct rv_insn insn;
	struct ebpf_attachment *entry;	 /* run when it is hit: kprobes, rCore's kretprobe@entry */
	struct ebpf_attachment *returns; /* kretprobes: run when the function returns */
	uint32_t outstanding;		 /* returns under way; the probe outlives its attachments until they are back */
	uint16_t original;		 /* what the breakpoint displaced */
	bool armed;			 /* the breakpoint is in the text */
	bool changes_saved;		 /* the instruction may write gp or s0..s11 */
	bool adds;			 /* it is an addi on real registers, as most functions begin */
	struct ebpf_probe *next_pa;	 /* chain of the index by physical address */
	struct ebpf_probe *next_retired;
};

/*
 * The table. Changed with the control lock held; read at a hit without a lock:
 * a probe is in it before its breakpoint is in the text, and memory of a removed
 * one is freed after ebpf_plat_sync_harts() only.
 */
int ebpf_probe_table_init(size_t arena_size);	 /* 0 or -ENOMEM */
int ebpf_probe_insert(struct ebpf_probe *probe); /* 0 or -ENOSPC */
void ebpf_probe_remove(struct ebpf_probe *probe);
struct ebpf_probe_table {
	struct ebpf_probe **slots;
	uint64_t mask;	    /* slots - 1 */
	uint64_t factor;    /* of the hash: odd, its high bits spread */
	unsigned int shift; /* 64 - log2(slots) */
};
extern struct ebpf_probe_table ebpf_probes;

/* The probe attached at this virtual address, or NULL. */
static inline struct ebpf_probe *ebpf_probe_find(uint64_t addr)
{
	uint64_t i = addr * ebpf_probes.factor >> ebpf_probes.shift;
	struct ebpf_probe *probe;

	while ((probe = __atomic_load_n(&ebpf_probes.slots[i], __ATOMIC_RELAXED))) {
		if (probe->addr == addr)
			return probe;
		i = (i + 1) & ebpf_probes.mask;
	}
	return NULL;
}

struct ebpf_probe *ebpf_probe_find_pa(uint64_t pa);
uint32_t ebpf_probe_count(void);
uint32_t ebpf_probe_capacity(void);

int ebpf_kprobe_hit_init(void); /* per-hart state. 0 or -ENOMEM */

/* The kernel's address space on this hart. */
struct ebpf_as ebpf_kprobe_space(void);
/* Where 16 bits of kernel text at addr lie; they can be read and patched. 0 or -EFAULT. */
int ebpf_kprobe_locate(const struct ebpf_as *as, uint64_t addr, uint64_t *pa);

void ebpf_kprobe_count_missed(void);

/* kretprobe.c. Enter: replace ra, remember the real one. */
int ebpf_kretprobe_init(void); /* 0 or -ENOMEM */
void ebpf_kretprobe_enter(struct ebpf_probe *probe, struct ebpf_pt_regs *regs);
/*
 * A breakpoint at the trampoline: take the instance of this stack pointer and
 * put its return address into regs. The return programs to run, or NULL if there are none.
 * Then ebpf_kretprobe_left(), once they have run. *instance is NULL if nobody waits for this return.
 */
struct ebpf_kretprobe_instance;
const struct ebpf_attachment *ebpf_kretprobe_return(const struct ebpf_pt_regs *regs,
						    struct ebpf_kretprobe_instance **instance);
void ebpf_kretprobe_left(struct ebpf_kretprobe_instance *instance, struct ebpf_pt_regs *regs);
extern uint64_t ebpf_kretprobe_trampoline; /* its address; 0: none has been set */
uint32_t ebpf_kretprobe_pending(void);	   /* returns under way on all harts */

#endif
