/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compressed instructions of RV64, each rewritten as the 32-bit instruction the
 * ISA defines it by. Immediates are gathered here, nothing is executed. Reserved
 * code points (spec 20191213, tables 16.5 to 16.7) are refused by name; hints
 * are instructions that happen to have no effect, and expand like the others.
 */
#include "rv_decode_c.h"

#include "rv_insn.h"

#define X0 0u
#define RA 1u
#define SP 2u

/* Bits hi..lo of v, placed at bit `at`. */
static uint32_t place(uint32_t v, unsigned int hi, unsigned int lo, unsigned int at)
{
	return (v >> lo & ((2u << (hi - lo)) - 1)) << at;
}

static uint32_t rv_i(uint32_t match, uint32_t rd, uint32_t rs1, uint32_t imm)
{
	return match | rd << 7 | rs1 << 15 | imm << 20;
}

static uint32_t rv_r(uint32_t match, uint32_t rd, uint32_t rs1, uint32_t rs2)
{
	return match | rd << 7 | rs1 << 15 | rs2 << 20;
}

static uint32_t rv_s(uint32_t match, uint32_t rs1, uint32_t rs2, uint32_t imm)
{
	return match | place(imm, 4, 0, 7) | rs1 << 15 | rs2 << 20 | place(imm, 11, 5, 25);
}

static uint32_t rv_b(uint32_t match, uint32_t rs1, uint32_t distance)
{
	return match | place(distance, 11, 11, 7) | place(distance, 4, 1, 8) | rs1 << 15 | place(distance, 10, 5, 25) |
	       place(distance, 12, 12, 31);
}

static uint32_t rv_j(uint32_t rd, uint32_t distance)
{
	return RV_OPC_JAL | rd << 7 | place(distance, 19, 12, 12) | place(distance, 11, 11, 20) |
	       place(distance, 10, 1, 21) | place(distance, 20, 20, 31);
}

/* rd', rs1', rs2': x8 to x15 */
static uint32_t reg_low(uint16_t c)
{
	return 8 + (c >> 2 & 7);
}

static uint32_t reg_high(uint16_t c)
{
	return 8 + (c >> 7 & 7);
}

static uint32_t imm6(uint16_t c)
{
	return (uint32_t)rv_sext(place(c, 12, 12, 5) | place(c, 6, 2, 0), 6);
}

static uint32_t shamt6(uint16_t c)
{
	return place(c, 12, 12, 5) | place(c, 6, 2, 0);
}

static uint32_t uimm_word(uint16_t c) /* c.lw, c.sw */
{
	return place(c, 12, 10, 3) | place(c, 6, 6, 2) | place(c, 5, 5, 6);
}

static uint32_t uimm_double(uint16_t c) /* c.ld, c.sd, c.fld, c.fsd */
{
	return place(c, 12, 10, 3) | place(c, 6, 5, 6);
}

static uint32_t uimm_lwsp(uint16_t c)
{
	return place(c, 12, 12, 5) | place(c, 6, 4, 2) | place(c, 3, 2, 6);
}

static uint32_t uimm_ldsp(uint16_t c)
{
	return place(c, 12, 12, 5) | place(c, 6, 5, 3) | place(c, 4, 2, 6);
}

static uint32_t uimm_swsp(uint16_t c)
{
	return place(c, 12, 9, 2) | place(c, 8, 7, 6);
}

static uint32_t uimm_sdsp(uint16_t c)
{
	return place(c, 12, 10, 3) | place(c, 9, 7, 6);
}

static uint32_t reserved(const char **reason, const char *why)
{
	*reason = why;
	return 0;
}

/* Quadrant 0: bits 1:0 = 00 */
static uint32_t expand_q0(uint16_t c, const char **reason)
{
	const uint32_t low = reg_low(c), base = reg_high(c);
	uint32_t uimm;

	switch (c >> 13) {
	case 0:
		if (c == 0)
			return reserved(reason, "all zeroes is defined to be illegal");
		uimm = place(c, 12, 11, 4) | place(c, 10, 7, 6) | place(c, 6, 6, 2) | place(c, 5, 5, 3);
		if (uimm == 0)
			return reserved(reason, "c.addi4spn with immediate 0 is reserved");
		return rv_i(RV_E3(OP_IMM, 0), low, SP, uimm);
	case 1:
		return rv_i(RV_E3(LOAD_FP, 3), low, base, uimm_double(c));
	case 2:
		return rv_i(RV_E3(LOAD, 2), low, base, uimm_word(c));
	case 3:
		return rv_i(RV_E3(LOAD, 3), low, base, uimm_double(c));
	case 5:
		return rv_s(RV_E3(STORE_FP, 3), base, low, uimm_double(c));
	case 6:
		return rv_s(RV_E3(STORE, 2), base, low, uimm_word(c));
	case 7:
		return rv_s(RV_E3(STORE, 3), base, low, uimm_double(c));
	default:
		return reserved(reason, "reserved compressed encoding (Zcb is not emulated)");
	}
}

/* c.addi16sp and c.lui share a code point */
static uint32_t expand_lui(uint16_t c, uint32_t rd, const char **reason)
{
	uint32_t imm;

	if (rd == SP) {
		imm = place(c, 12, 12, 9) | place(c, 6, 6, 4) | place(c, 5, 5, 6) | place(c, 4, 3, 7) |
		      place(c, 2, 2, 5);
		if (imm == 0)
			return reserved(reason, "c.addi16sp with immediate 0 is reserved");
		return rv_i(RV_E3(OP_IMM, 0), SP, SP, (uint32_t)rv_sext(imm, 10));
	}
	if (imm6(c) == 0)
		return reserved(reason, "c.lui with immediate 0 is reserved");
	return RV_OPC_LUI | rd << 7 | imm6(c) << 12;
}

/* c.srli, c.srai, c.andi, and the register operations on rd' and rs2' */
static uint32_t expand_arith(uint16_t c, const char **reason)
{
	static const uint32_t ops[8] = {
		RV_E7(OP, 0, 0x20),
		RV_E7(OP, 4, 0),
		RV_E7(OP, 6, 0),
		RV_E7(OP, 7, 0), /* sub xor or and */
		RV_E7(OP_32, 0, 0x20),
		RV_E7(OP_32, 0, 0),
		0,
		0, /* subw addw */
	};
	const uint32_t rd = reg_high(c), op = ops[(c >> 12 & 1) << 2 | (c >> 5 & 3)];

	switch (c >> 10 & 3) {
	case 0:
		return rv_i(RV_E7(OP_IMM, 5, 0), rd, rd, shamt6(c));
	case 1:
		return rv_i(RV_E7(OP_IMM, 5, 0x20), rd, rd, shamt6(c));
	case 2:
		return rv_i(RV_E3(OP_IMM, 7), rd, rd, imm6(c));
	default:
		if (op == 0)
			return reserved(reason, "reserved compressed encoding (Zcb is not emulated)");
		return rv_r(op, rd, rd, reg_low(c));
	}
}

/* Quadrant 1: bits 1:0 = 01 */
static uint32_t expand_q1(uint16_t c, const char **reason)
{
	const uint32_t rd = c >> 7 & 31;
	uint32_t distance;

	switch (c >> 13) {
	case 0: /* c.addi, c.nop */
		return rv_i(RV_E3(OP_IMM, 0), rd, rd, imm6(c));
	case 1:
		if (rd == X0)
			return reserved(reason, "c.addiw to x0 is reserved");
		return rv_i(RV_E3(OP_IMM_32, 0), rd, rd, imm6(c));
	case 2: /* c.li */
		return rv_i(RV_E3(OP_IMM, 0), rd, X0, imm6(c));
	case 3:
		return expand_lui(c, rd, reason);
	case 4:
		return expand_arith(c, reason);
	case 5:
		distance = place(c, 12, 12, 11) | place(c, 11, 11, 4) | place(c, 10, 9, 8) | place(c, 8, 8, 10) |
			   place(c, 7, 7, 6) | place(c, 6, 6, 7) | place(c, 5, 3, 1) | place(c, 2, 2, 5);
		return rv_j(X0, (uint32_t)rv_sext(distance, 12));
	default: /* c.beqz, c.bnez */
		distance = place(c, 12, 12, 8) | place(c, 11, 10, 3) | place(c, 6, 5, 6) | place(c, 4, 3, 1) |
			   place(c, 2, 2, 5);
		return rv_b(RV_E3(BRANCH, c >> 13 & 1u), reg_high(c), (uint32_t)rv_sext(distance, 9));
	}
}

/* c.jr, c.mv, c.ebreak, c.jalr, c.add */
static uint32_t expand_jump_move(uint16_t c, const char **reason)
{
	const uint32_t rd = c >> 7 & 31, rs2 = c >> 2 & 31;
	const bool bit12 = c >> 12 & 1;

	if (rs2 != X0)
		return rv_r(RV_E7(OP, 0, 0), rd, bit12 ? rd : X0, rs2);
	if (rd != X0)
		return rv_i(RV_E3(JALR, 0), bit12 ? RA : X0, rd, 0);
	if (bit12)
		return RV_E12(SYSTEM, 0, 1);
	return reserved(reason, "c.jr to x0 is reserved");
}

/* Quadrant 2: bits 1:0 = 10 */
static uint32_t expand_q2(uint16_t c, const char **reason)
{
	const uint32_t rd = c >> 7 & 31, rs2 = c >> 2 & 31;

	switch (c >> 13) {
	case 0:
		return rv_i(RV_E7(OP_IMM, 1, 0), rd, rd, shamt6(c));
	case 1:
		return rv_i(RV_E3(LOAD_FP, 3), rd, SP, uimm_ldsp(c));
	case 2:
		if (rd == X0)
			return reserved(reason, "c.lwsp to x0 is reserved");
		return rv_i(RV_E3(LOAD, 2), rd, SP, uimm_lwsp(c));
	case 3:
		if (rd == X0)
			return reserved(reason, "c.ldsp to x0 is reserved");
		return rv_i(RV_E3(LOAD, 3), rd, SP, uimm_ldsp(c));
	case 4:
		return expand_jump_move(c, reason);
	case 5:
		return rv_s(RV_E3(STORE_FP, 3), SP, rs2, uimm_sdsp(c));
	case 6:
		return rv_s(RV_E3(STORE, 2), SP, rs2, uimm_swsp(c));
	default:
		return rv_s(RV_E3(STORE, 3), SP, rs2, uimm_sdsp(c));
	}
}

uint32_t rv_expand_c(uint16_t c, const char **reason)
{
	switch (c & 3) {
	case 0:
		return expand_q0(c, reason);
	case 1:
		return expand_q1(c, reason);
	case 2:
		return expand_q2(c, reason);
	default:
		return reserved(reason, "not a compressed instruction");
	}
}
