// SPDX-License-Identifier: BSD-2-Clause
/*
 * After trap_entry.S: hand the breakpoint to the core, and deliver what the probed
 * instruction raised, if it did.
 */
#include "seam.h"
#include "trap_entry.h"
#include "ebpf/kprobe.h"
#include "ebpf/probe.h"

#include <sbi/riscv_asm.h>
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_string.h>
#include <sbi/sbi_trap.h>

/* x1..x31 lie in the same order in both. */
_Static_assert(offsetof(struct sbi_trap_regs, t6) - offsetof(struct sbi_trap_regs, ra) == 30 * sizeof(long),
	       "sbi_trap_regs holds x1..x31 in order");

/* trap_entry.h */
_Static_assert(offsetof(struct ebpf_probe_table, slots) == TABLE_SLOTS, "TABLE_SLOTS");
_Static_assert(offsetof(struct ebpf_probe_table, factor) == TABLE_FACTOR, "TABLE_FACTOR");
_Static_assert(offsetof(struct ebpf_probe_table, shift) == TABLE_SHIFT, "TABLE_SHIFT");
_Static_assert(offsetof(struct ebpf_probe_table, mask) == TABLE_MASK, "TABLE_MASK");
_Static_assert(offsetof(struct ebpf_probe, addr) == PROBE_ADDR, "PROBE_ADDR");
_Static_assert(offsetof(struct ebpf_probe, light_satp) == PROBE_LIGHT_SATP, "PROBE_LIGHT_SATP");
_Static_assert(offsetof(struct ebpf_probe, leaf) == PROBE_LEAF, "PROBE_LEAF");
_Static_assert(offsetof(struct ebpf_probe, leaf_return) == PROBE_LEAF_RETURN, "PROBE_LEAF_RETURN");
_Static_assert(EBPF_PROBE_NONE == PROBE_NONE, "PROBE_NONE");

/*
 * The trap is what the instruction would have raised where it stands: an SBI
 * call goes to OpenSBI's handler, everything else is S-mode's.
 */
static void deliver(struct ebpf_pt_regs *regs, const struct rv_trap *trap)
{
	struct sbi_trap_context context;

	sbi_memset(&context, 0, sizeof(context));
	sbi_memcpy(&context.regs.ra, regs->x, sizeof(regs->x));
	context.regs.mepc = regs->epc;
	context.regs.mstatus = csr_read(CSR_MSTATUS);
	context.trap.cause = trap->cause;
	context.trap.tval = trap->tval;

	if (trap->cause == CAUSE_SUPERVISOR_ECALL)
		sbi_trap_handler(&context);
	else
		sbi_trap_redirect(&context.regs, &context.trap);

	sbi_memcpy(regs->x, &context.regs.ra, sizeof(regs->x));
	regs->epc = context.regs.mepc;
	csr_write(CSR_MSTATUS, context.regs.mstatus);
}

_Static_assert(sizeof(struct rv_trap) <= 32, "trap_entry.S leaves 32 bytes for it");

unsigned long seam_trap_result(unsigned long result, struct ebpf_pt_regs *regs, const struct rv_trap *trap)
{
	switch (result) {
	case EBPF_HIT_DONE_ALL:
	case EBPF_HIT_RETRY:
		return 0;
	case EBPF_HIT_TRAP:
		deliver(regs, trap);
		return 0;
	default:
		return 1;
	}
}
