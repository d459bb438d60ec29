/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Executing one decoded instruction on saved registers. Memory, CSRs and
 * floating-point registers are reached through `struct rv_bus`, which the seam
 * implements with the interrupted context's own translation (MPRV) and the
 * host tests with arrays.
 */
#ifndef EBPF_RV_EMULATE_H
#define EBPF_RV_EMULATE_H

#include "rv_decode.h"
#include "rv_insn.h"

#include <stdint.h>

/* A trap the instruction raises: what S-mode must see. cause 0 with taken false = none. */
struct rv_trap {
	bool taken;
	uint64_t cause; /* scause */
	uint64_t tval;	/* stval */
};

/*
 * Accesses of the interrupted context. Each returns true, or false with *trap filled
 * (cause and tval as the hardware reported them; misaligned accesses may be reported or done).
 */
struct rv_bus {
	/* *value need not be kept on failure */
	bool (*load)(uint64_t va, unsigned int size, uint64_t *value, struct rv_trap *trap); /* zero-extended */
	/* the low `size` bytes of value */
	bool (*store)(uint64_t va, unsigned int size, uint64_t value, struct rv_trap *trap);
	/* amo: raw instruction's funct5 and width decide; *old is the previous memory value, sign-extended for .w */
	bool (*amo)(uint32_t raw, uint64_t va, uint64_t operand, uint64_t *old, struct rv_trap *trap);
	uint64_t (*fp_read)(unsigned int reg);		    /* raw 64 bits */
	void (*fp_write)(unsigned int reg, uint64_t value); /* raw 64 bits, NaN-boxed by the caller */
	bool (*fp_on)(void);				    /* is FS not off in the interrupted context */
	/* execute a CSR instruction `raw` with `operand` as rs1's value (or uimm); *old = read value (csrrw to x0: any)
	 */
	bool (*csr)(uint32_t raw, uint64_t operand, uint64_t *old, struct rv_trap *trap);
	void (*fence)(uint32_t raw);
	/* optional: what this machine writes to stval for an ebreak at pc, 0 or pc (Priv v1.12 sec. 4.1.9). NULL: 0 */
	uint64_t (*ebreak_tval)(uint64_t pc);
};

/*
 * x[0] reads as 0 whatever it holds (also *pc itself) and is afterwards as it
 * was; x[1..31]; *pc is the instruction's address and becomes the next one.
 * With trap->taken nothing has changed: *pc is still the instruction's,
 * registers are as before. ecall gives RV_CAUSE_SUPERVISOR_ECALL, ebreak
 * RV_CAUSE_BREAKPOINT, FP accesses with the unit off RV_CAUSE_ILLEGAL_INSTRUCTION.
 *
 * Inline, because a hit is counted in single instructions: all that depends on
 * the instruction alone was settled by rv_decode(), which chose `run`.
 */
static inline void rv_emulate(const struct rv_insn *insn, uint64_t *x, uint64_t *pc, const struct rv_bus *bus,
			      struct rv_trap *trap)
{
	const uint64_t at = *pc;

	trap->taken = !insn->run(insn, x, pc, trap, bus);
	if (trap->taken)
		*pc = at;
}

/* Choose insn->run for a decoded instruction; rv_decode() does it last. */
void rv_emulate_bind(struct rv_insn *insn);

#endif
