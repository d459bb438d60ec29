/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is not a matter of operands: ebreak, CSR instructions, counters, and FP
 * accesses with the unit off. ecall is not here: from S-mode it is a call of
 * the firmware, not a trap to S-mode.
 */
#include "compare.h"

#define ROUNDS 200

static bool test_ebreak(void)
{
	struct rv_state s;

	random_state(&s);
	return compare("ebreak", 0x00100073, &s, 0) && compare("c.ebreak", 0x9002, &s, 0);
}

static bool test_csr(uint32_t csr)
{
	struct rv_state s;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		const uint32_t funct3 = 1 + random64() % 3 + (random64() & 4),
			       registers = (uint32_t)random64() & 0xf8f80;
		const uint32_t raw = RV_OPC_SYSTEM | csr << 20 | funct3 << 12 | registers;

		random_state(&s);
		if (!compare_csr("csr", raw, &s, random_operand()))
			return false;
	}
	return true;
}

/* A counter goes on between the two: what is read second must not be less. */
static bool test_counter(uint32_t csr)
{
	const uint32_t raw = RV_OPC_SYSTEM | csr << 20 | 2u << 12 | 11u << 7; /* csrr a1, csr */
	struct rv_state emulated, real;
	struct rv_trap trap;
	struct rv_insn insn;

	random_state(&emulated);
	real = emulated;
	rv_decode(raw, hart_ext, &insn);
	if (insn.kind != RV_CSR)
		return false;
	rv_emulate(&insn, emulated.x, &emulated.x[0], &real_bus, &trap);
	execute(raw, &real);
	return !trap.taken && emulated.x[0] == real.x[0] && real.x[11] >= emulated.x[11] && emulated.x[11] != 0;
}

static bool test_fp_off(void)
{
	static const uint32_t insns[] = {0x0005a507, 0x0005b507, 0x00a5a027, 0x00a5b027,
					 0x2588,     0xa588,	 0x3522,     0xb52a};
	struct rv_state s;
	bool ok = true;

	fp_enable(false);
	for (unsigned int i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		random_state(&s);
		ok = compare("FP access with FS off", insns[i], &s, 0) && ok;
	}
	fp_enable(true);
	return ok;
}

void test_system(void)
{
	verdict("ebreak", test_ebreak());
	verdict("FP off", test_fp_off());
	verdict("csr fflags", test_csr(0x001));
	verdict("csr frm", test_csr(0x002));
	verdict("csr fcsr", test_csr(0x003));
	verdict("csr sstatus", test_csr(0x100));
	verdict("csr sie", test_csr(0x104));
	verdict("csr scounteren", test_csr(0x106));
	verdict("csr cycle", test_counter(0xc00));
	verdict("csr time", test_counter(0xc01));
	verdict("csr instret", test_counter(0xc02));
}
