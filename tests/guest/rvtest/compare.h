/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Executing one instruction for real and through rv_emulate() from the same
 * state, and comparing registers, pc, trap, and what lies around.
 */
#ifndef RVTEST_COMPARE_H
#define RVTEST_COMPARE_H

#include "rvtest.h"

extern const struct rv_bus real_bus;
extern uint32_t hart_ext; /* RV_EXT_*, found by executing one instruction of each */

void find_extensions(void);
bool real_fp_on(void);
void fp_enable(bool on);

uint64_t random64(void);
uint64_t random_operand(void);
void random_state(struct rv_state *s); /* the pc is code_base() */

/* Execute raw at the state's pc; registers, pc and trap after it are in s. */
void execute(uint32_t raw, struct rv_state *s);

/* Everything an instruction can change, besides registers: bytes around an address (0: none), an FP register, a CSR. */
struct surroundings {
	uint8_t bytes[SNAPSHOT];
	uint64_t fp, csr;
};
void surroundings_save(struct surroundings *s, uint64_t mem, const struct rv_insn *insn);
void surroundings_restore(const struct surroundings *s, uint64_t mem, const struct rv_insn *insn);
bool surroundings_equal(const struct surroundings *a, const struct surroundings *b);

/* True if both ways agree; else says how they differ. mem: address whose surroundings are compared, 0 none. */
bool compare(const char *name, uint32_t raw, const struct rv_state *start, uint64_t mem);
/* The same for a CSR instruction, with `value` in its CSR before; the CSR is put back. */
bool compare_csr(const char *name, uint32_t raw, const struct rv_state *start, uint64_t value);

/* ---- forms.c ---- */
/* Point the registers an instruction uses at something worth meeting; the address of a memory access, or 0. */
uint64_t aim(const struct rv_insn *insn, struct rv_state *s);
/* Keep ctzw's operand from what a machine before QEMU 8.0 gets wrong. */
void avoid_quirk(uint32_t raw, struct rv_state *s);

#endif
