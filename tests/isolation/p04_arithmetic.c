/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-04: the edges of the instruction set, and encodings that are none
 *
 * Attacker: a program whose results differ between two ways of running it, or whose bytes are no
 *	instruction
 * Action: XCHG and CMPXCHG with and without FETCH, division by 0 and of INT_MIN by -1, shifts beyond
 *	the width, 32-bit results; then every opcode byte with fields it must not have
 * Contained: results are RFC 9669's with and without run-time checks (the two columns); what is none
 *	is refused
 * Oracle: the value a test run returns; -EINVAL
 * Short: virt virt-noverifier
 */
#include "payload.h"

#define ALU(op, d, s) INSN(BPF_ALU64 | (op) | BPF_X, d, s, 0, 0)
#define ALU_W(op, d, s) INSN(BPF_ALU | (op) | BPF_X, d, s, 0, 0)
#define SIGNED(op, d, s) INSN(BPF_ALU64 | (op) | BPF_X, d, s, 1, 0)
#define SIGNED_W(op, d, s) INSN(BPF_ALU | (op) | BPF_X, d, s, 1, 0)
#define BINARY(what, want, a, b, insn) HARMLESS(what, want, IMM64(BPF_REG_0, a), IMM64(BPF_REG_1, b), insn, EXIT())

static void divisions(void)
{
	BINARY("x / 0", 0, 5, 0, ALU(BPF_DIV, 0, 1));
	BINARY("x % 0", 5, 5, 0, ALU(BPF_MOD, 0, 1));
	BINARY("(u32)x / 0", 0, 5, 0, ALU_W(BPF_DIV, 0, 1));
	BINARY("(u32)x % 0", 5, 5, 0, ALU_W(BPF_MOD, 0, 1));
	BINARY("x s/ 0", 0, 5, 0, SIGNED(BPF_DIV, 0, 1));
	BINARY("INT32_MIN s/ -1", 0x80000000, 0x80000000, 0xffffffff, SIGNED_W(BPF_DIV, 0, 1));
	BINARY("INT32_MIN s% -1", 0, 0x80000000, 0xffffffff, SIGNED_W(BPF_MOD, 0, 1));
	BINARY("INT64_MIN s/ -1, low half", 0, 1ul << 63, 0 - 1ul, SIGNED(BPF_DIV, 0, 1));
	BINARY("INT64_MIN s% -1", 0, 1ul << 63, 0 - 1ul, SIGNED(BPF_MOD, 0, 1));
}

static void shifts(void)
{
	BINARY("1 << 64", 1, 1, 64, ALU(BPF_LSH, 0, 1));
	BINARY("1 << 33 in 32 bits", 2, 1, 33, ALU_W(BPF_LSH, 0, 1));
	BINARY("-1 >> 65 (arithmetic)", 0xffffffff, 0 - 1ul, 65, ALU(BPF_ARSH, 0, 1));
	HARMLESS("32-bit results are extended with 0", 0, IMM64(BPF_REG_0, 0 - 1ul), IMM64(BPF_REG_1, 1),
		 ALU_W(BPF_ADD, 0, 1), INSN(BPF_ALU64 | BPF_RSH | BPF_K, 0, 0, 0, 32), EXIT());
}

/* r0 is the old value with FETCH; without it nothing but memory changes */
static void atomics(void)
{
	HARMLESS("xchg returns the old value", 7, ST(BPF_DW, BPF_REG_10, -8, 7), MOV_IMM(BPF_REG_1, 9),
		 ATOMIC(BPF_DW, BPF_XCHG, BPF_REG_10, BPF_REG_1, -8), MOV_REG(BPF_REG_0, BPF_REG_1), EXIT());
	HARMLESS("xchg stores", 9, ST(BPF_DW, BPF_REG_10, -8, 7), MOV_IMM(BPF_REG_1, 9),
		 ATOMIC(BPF_DW, BPF_XCHG, BPF_REG_10, BPF_REG_1, -8), LDX(BPF_DW, BPF_REG_0, BPF_REG_10, -8), EXIT());
	HARMLESS("cmpxchg that fails changes nothing", 7, ST(BPF_DW, BPF_REG_10, -8, 7), MOV_IMM(BPF_REG_0, 6),
		 MOV_IMM(BPF_REG_1, 9), ATOMIC(BPF_DW, BPF_CMPXCHG, BPF_REG_10, BPF_REG_1, -8),
		 LDX(BPF_DW, BPF_REG_0, BPF_REG_10, -8), EXIT());
	HARMLESS("cmpxchg that succeeds", 9, ST(BPF_DW, BPF_REG_10, -8, 7), MOV_IMM(BPF_REG_0, 7),
		 MOV_IMM(BPF_REG_1, 9), ATOMIC(BPF_DW, BPF_CMPXCHG, BPF_REG_10, BPF_REG_1, -8),
		 LDX(BPF_DW, BPF_REG_0, BPF_REG_10, -8), EXIT());
	HARMLESS("add without fetch leaves the register", 3, ST(BPF_DW, BPF_REG_10, -8, 7), MOV_IMM(BPF_REG_1, 3),
		 ATOMIC(BPF_DW, BPF_ADD, BPF_REG_10, BPF_REG_1, -8), MOV_REG(BPF_REG_0, BPF_REG_1), EXIT());
	HARMLESS("add with fetch does not", 7, ST(BPF_DW, BPF_REG_10, -8, 7), MOV_IMM(BPF_REG_1, 3),
		 ATOMIC(BPF_DW, BPF_ADD | BPF_FETCH, BPF_REG_10, BPF_REG_1, -8), MOV_REG(BPF_REG_0, BPF_REG_1), EXIT());
}

/* Registers 11 to 15 do not exist, and no instruction uses all fields. */
static void no_instructions(void)
{
	unsigned int accepted = 0;

	for (unsigned int code = 0; code < 256; code++)
		for (unsigned int reg = 10; reg < 16; reg++) {
			const struct bpf_insn insns[] = {INSN((uint8_t)code, reg, 15, -1, -1), MOV_IMM(BPF_REG_0, 0),
							 MOV_IMM(BPF_REG_0, 0), EXIT()};
			int64_t ret = load(insns, COUNT(insns), 1);

			accepted += ret >= 0;
			if (ret >= 0)
				close_fd(1);
		}
	check("encodings accepted that are none", accepted, 0);
}

void experiment(void)
{
	divisions();
	shifts();
	atomics();
	no_instructions();
}
