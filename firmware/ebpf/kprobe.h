/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probe points: arming (patching kernel text with c.ebreak), the table a
 * breakpoint is looked up in, and serving a hit. Policy, names and descriptors
 * are link.c's business.
 *
 * Attach and detach: from bpf(2), control lock held. Hit: any hart, no locks.
 */
#ifndef EBPF_KPROBE_H
#define EBPF_KPROBE_H

#include "rv_emulate.h"
#include "uapi/bpf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ebpf_prog;
struct ebpf_probe; /* one armed address, kprobe.c */

/* The values are rCore's ptype of the run (EBPF_RCORE_*). */
enum ebpf_attach_kind {
	EBPF_ATTACH_KPROBE = EBPF_RCORE_KPROBE,
	EBPF_ATTACH_KRETPROBE_ENTRY = EBPF_RCORE_KRETPROBE_ENTRY, /* rCore's kretprobe@entry: runs at entry */
	EBPF_ATTACH_KRETPROBE = EBPF_RCORE_KRETPROBE_EXIT,	  /* runs at return */
};

/* One program on one address. Memory of the caller (link.c), valid until detached. */
struct ebpf_attachment {
	uint64_t addr; /* virtual address in the kernel's address space */
	uint64_t cookie;
	struct ebpf_prog *prog; /* the caller keeps it alive */
	uint64_t *missed;	/* counts hits that did not run it, unless NULL; lives as long as the attachment */
	uint8_t kind;		/* enum ebpf_attach_kind */

	/* kprobe.c's own */
	struct ebpf_probe *probe;
	struct ebpf_attachment *next;
};

/* What a run knows about the hit it serves. */
struct ebpf_hit {
	const struct ebpf_attachment *attachment;
	const struct ebpf_pt_regs *regs;
	bool overridden; /* bpf_override_return(): the function is not executed, it returns `result` */
	uint64_t result;
};

/*
 * Arm one attachment. Kernel text is read and patched through the address space
 * live on this hart (ebpf_plat_satp()). 0, or
 *   -EINVAL      not a kernel text address, odd, or in the middle of an instruction that is probed; a return probe,
 *                or a program that overrides returns, elsewhere than at the beginning of a function
 *   -EFAULT      not mapped
 *   -EOPNOTSUPP  the instruction there cannot be probed; *reason says why (static text)
 *   -ENOMEM, -ENOSPC (EBPF_MAX_PROBES), -E2BIG (EBPF_MAX_PROBE_PROGS)
 *   -EBUSY       the instruction is probed through another mapping
 *   -ENODEV      a kretprobe without a return trampoline (SET_RETURN_TRAMPOLINE)
 * Programs on one address run in the order they were attached.
 */
int ebpf_kprobe_attach(struct ebpf_attachment *attachment, const char **reason);

/*
 * Make what was attached since the last commit visible to every hart (fence.i).
 * One for a whole link; until then a hart may still run the unpatched text.
 */
void ebpf_kprobe_commit(void);

/*
 * After the commit, for each attachment: store the breakpoint once more, now
 * that every hart has answered. QEMU before 8.1 may keep a translation that one
 * hart made while another changed the text under it, and fence.i does not drop
 * it; the next store to the place does. Without this such a hart would miss hits.
 */
void ebpf_kprobe_settle(const struct ebpf_attachment *attachments, uint32_t count);

/*
 * Disarm `count` attachments: text restored where none is left, breakpoints
 * delegated again when none is left anywhere. When it returns, no hart runs or
 * will run their programs on their behalf.
 */
void ebpf_kprobe_detach(struct ebpf_attachment *attachments, uint32_t count);

/* SET_RETURN_TRAMPOLINE: va of an ebreak in kernel text. 0, -EINVAL, -EFAULT, -EBUSY while kretprobes are armed. */
int ebpf_kprobe_set_trampoline(uint64_t va);

/*
 * Set up table, stacks and return instances from an arena of this size. 0 or -ENOMEM. Once, from ebpf_init().
 */
int ebpf_kprobe_init(size_t arena_size);

/*
 * Free what had to wait for outstanding returns, delegate breakpoints again when nothing needs them. Control lock held.
 */
void ebpf_kprobe_tidy(void);

/* This hart's eBPF stack (EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE bytes), for test runs. */
uint8_t *ebpf_kprobe_stack(void);

enum ebpf_hit_result {
	EBPF_HIT_DONE,	   /* regs hold the state after the probed instruction; s0..s11 and gp are as they were */
	EBPF_HIT_DONE_ALL, /* the same, but any register may have changed */
	EBPF_HIT_TRAP,	   /* the probed instruction trapped: deliver *trap to S-mode, epc is unchanged */
	EBPF_HIT_FOREIGN,  /* not ours: deliver the breakpoint to S-mode unchanged */
	EBPF_HIT_RETRY,	   /* was ours, is gone: execute the instruction again */
};

/*
 * A breakpoint exception in S-mode on this hart. regs is updated for
 * EBPF_HIT_DONE*. The trap entry has these at hand: hart = ebpf_plat_hart(),
 * satp = ebpf_plat_satp().
 */
enum ebpf_hit_result ebpf_kprobe_hit(struct ebpf_pt_regs *regs, struct rv_trap *trap, unsigned long hart,
				     uint64_t satp);

/*
 * The same with less: for a probe that the trap entry has found under this
 * address and satp == probe->light_satp. Of *regs only the registers that a call may change
 * (EBPF_CTX_LIGHT) are filled in; all others keep their values in the hart, where this function
 * leaves them alone. Returns where to go on, or an odd number: not ours, deliver the breakpoint to S-mode.
 */
uint64_t ebpf_kprobe_hit_light(struct ebpf_pt_regs *regs, struct ebpf_probe *probe, unsigned long hart);

/*
 * The same with least: attachment = probe->leaf, not NULL. Of *regs only EBPF_CTX_LEAF is filled in. Changes no
 * other registers than those and t0 (leaf.c). Returns where to go on.
 */
uint64_t ebpf_kprobe_hit_leaf(struct ebpf_pt_regs *regs, const struct ebpf_probe *probe,
			      const struct ebpf_attachment *attachment, unsigned long hart);

uint32_t ebpf_kprobe_armed(void);    /* probe points armed now */
uint32_t ebpf_kprobe_capacity(void); /* how many can be */
uint64_t ebpf_kprobe_hits(void);
uint64_t ebpf_kprobe_missed(void); /* hits that did not run a program; a return nobody waits for counts once */

/* The bus emulated instructions use; implemented by the seam (and by the host tests). */
extern const struct rv_bus ebpf_plat_bus;
/* What the harts of this machine have, RV_EXT_*; the seam sets it before the first attach. */
extern uint32_t ebpf_plat_rv_ext;

#endif
