/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A probe point and the table of all of them; private to kprobe.c,
 * probe_table.c and kretprobe.c.
 */
#ifndef EBPF_PROBE_H
#define EBPF_PROBE_H

#include "kprobe.h"

#include "run.h"
#include "walk.h"

#include <stddef.h>

#define C_EBREAK 0x9002u

struct ebpf_probe {
	uint64_t addr;	     /* virtual, as attached. The trap entry reads this ... */
	uint64_t light_satp; /* ... and this: satp if ebpf_kprobe_hit_light() may serve it, else EBPF_NO_SATP */
	/* Served by ebpf_kprobe_hit_leaf(): the first of its attachments if all are leaf programs and the
	 * instruction is for it; else NULL. */
	struct ebpf_attachment *leaf;
	/*
	 * Where leaf is NULL: how the entry of a function that has return probes and no others, or a return, may be
	 * served (leaf.h); or NULL.
	 */
	uint64_t (*leaf_return)(struct ebpf_pt_regs *regs, struct ebpf_probe *probe, unsigned long hart);
	uint64_t next; /* address of the instruction after it */
	uint64_t pa;   /* where the instruction lies */
	uint64_t satp; /* address space in which addr meant pa */
	struct rv_insn insn;
	struct ebpf_attachment *entry;	 /* run when it is hit: kprobes, rCore's kretprobe@entry */
	struct ebpf_attachment *returns; /* kretprobes: run when the function returns */
	uint32_t outstanding;		 /* returns under way; the probe outlives its attachments until they are back */
	uint16_t original;		 /* what the breakpoint displaced */
	bool armed;			 /* the breakpoint is in the text */
	bool trampoline;		 /* not a probe at all: where functions with a return probe return to */
	bool adds;			 /* the instruction is an addi on real registers, as most functions begin */
	bool changes_saved;		 /* it may write gp or s0..s11 */
	bool light;			 /* it neither uses those nor traps */
	bool for_leaf;			 /* adds, on registers of EBPF_CTX_LEAF */
	struct ebpf_probe *next_pa;	 /* chain of the index by physical address */
	struct ebpf_probe *next_retired;
};

/*
 * The table. Changed with the control lock held; read at a hit without a lock:
 * a probe is in it before its breakpoint is in the text, and memory of a removed
 * one is freed after ebpf_plat_sync_harts() only.
 */
int ebpf_probe_table_init(size_t arena_size);	 /* 0 or -ENOMEM */
int ebpf_probe_insert(struct ebpf_probe *probe); /* 0 or -ENOSPC. The trampoline is not counted, there is room for it */
void ebpf_probe_remove(struct ebpf_probe *probe);
/* Laid out for the trap entry, which searches it, too. */
struct ebpf_probe_table {
	struct ebpf_probe **slots;
	uint64_t factor; /* of the hash: odd, its high bits spread */
	uint64_t shift;	 /* 61 - log2(slots): what is left are bytes from the first slot, but for the low 3 bits */
	uint64_t mask;	 /* 8 * (slots - 1) */
};
extern struct ebpf_probe_table ebpf_probes;

/* What is in a slot that no probe is in has an odd address, which no instruction has. */
#define EBPF_PROBE_REMOVED 1u
#define EBPF_PROBE_NONE 3u /* here a search ends */
#define EBPF_NO_SATP (~(uint64_t)0)

static inline uint32_t ebpf_probe_slots(void)
{
	return ebpf_probes.mask / sizeof(*ebpf_probes.slots) + 1;
}

static inline struct ebpf_probe **ebpf_probe_slot(uint64_t addr)
{
	uint64_t at = addr * ebpf_probes.factor >> ebpf_probes.shift & ebpf_probes.mask;

	return (struct ebpf_probe **)((char *)ebpf_probes.slots + at);
}

static inline struct ebpf_probe **ebpf_probe_slot_after(struct ebpf_probe **slot)
{
	uint64_t at = (uint64_t)((char *)(slot + 1) - (char *)ebpf_probes.slots) & ebpf_probes.mask;

	return (struct ebpf_probe **)((char *)ebpf_probes.slots + at);
}

/* The probe attached at this virtual address, or NULL. */
static inline struct ebpf_probe *ebpf_probe_find(uint64_t addr)
{
	struct ebpf_probe **slot = ebpf_probe_slot(addr), *probe;

	while ((probe = __atomic_load_n(slot, __ATOMIC_RELAXED))->addr != addr) {
		if (probe->addr == EBPF_PROBE_NONE)
			return NULL;
		slot = ebpf_probe_slot_after(slot);
	}
	return probe;
}

struct ebpf_probe *ebpf_probe_find_pa(uint64_t pa);
uint32_t ebpf_probe_count(void);
uint32_t ebpf_probe_capacity(void);

/*
 * What a hart needs at a hit. Cache lines of its own; what is the same in every
 * run of a hart is filled in once.
 */
struct ebpf_hit_hart {
	uint64_t hits;
	uint64_t missed;
	int64_t entered; /* functions whose return is waited for, less returns: the sum over all harts counts */
	struct ebpf_hit hit;
	uint64_t r0; /* of programs; a kprobe's result means nothing */
	struct ebpf_run run;
} __attribute__((aligned(512))); /* and the size is a power of two: the hit multiplies with it */
extern struct ebpf_hit_hart *ebpf_hit_harts __attribute__((visibility("hidden"))); /* not looked up in a table */

int ebpf_kprobe_hit_init(void); /* per-hart state. 0 or -ENOMEM */

/* The displaced instruction, if it `adds`. */
static inline void ebpf_probe_add(const struct ebpf_probe *probe, struct ebpf_pt_regs *regs)
{
	*(uint64_t *)((char *)regs + probe->insn.rd_off) =
		*(uint64_t *)((char *)regs + probe->insn.rs1_off) + (uint64_t)(int64_t)probe->insn.imm;
}

/* The kernel's address space on this hart. */
struct ebpf_as ebpf_kprobe_space(void);
/* Where 16 bits of kernel text at addr lie; they can be read and patched. 0 or -EFAULT. */
int ebpf_kprobe_locate(const struct ebpf_as *as, uint64_t addr, uint64_t *pa);

/* A call whose return none of the probe's programs will see: one missed hit, and one for each of them. */
void ebpf_kprobe_missed_return(const struct ebpf_probe *probe);

/* kretprobe.c */
int ebpf_kretprobe_init(void); /* 0 or -ENOMEM */
/*
 * At a function's entry: replace ra, remember the real one. How many more returns are outstanding: 1, 0 if there is
 * room for no more (counted as missed), less if some were found that will not come.
 */
int ebpf_kretprobe_enter(struct ebpf_probe *probe, struct ebpf_pt_regs *regs);
/*
 * A breakpoint at the trampoline: whose return it is, and to where; NULL if nobody waits for one with this stack
 * pointer. The probe lives until ebpf_kretprobe_left().
 */
struct ebpf_probe *ebpf_kretprobe_return(uint64_t sp, uint64_t *ra);
static inline void ebpf_kretprobe_left(struct ebpf_probe *probe)
{
	__atomic_fetch_sub(&probe->outstanding, 1, __ATOMIC_RELEASE);
}
uint64_t ebpf_kretprobe_trampoline(void);			       /* its address; 0: none has been set */
void ebpf_kretprobe_program(const struct ebpf_prog *prog, int change); /* 1: it waits for returns, -1: not any more */
int64_t ebpf_kretprobe_pending(void); /* returns outstanding, all harts; kprobe_hit.c */

#endif
