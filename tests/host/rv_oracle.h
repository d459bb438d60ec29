/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second opinion on RISC-V encodings for the tests of the decoder and the
 * emulator, written the other way round: 32-bit encodings as nested switches
 * that give a mnemonic, compressed ones as the bit drawings of the specification
 * (20191213, tables 16.5 to 16.7). Shares nothing with firmware/ebpf/rv_insn.h.
 */
#ifndef RV_ORACLE_H
#define RV_ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- encoders: from operands to bits ---- */

static inline uint32_t enc_r(uint32_t op, uint32_t f3, uint32_t f7, uint32_t rd, uint32_t rs1, uint32_t rs2)
{
	return (f7 << 25) + (rs2 << 20) + (rs1 << 15) + (f3 << 12) + (rd << 7) + op;
}

static inline uint32_t enc_i(uint32_t op, uint32_t f3, uint32_t rd, uint32_t rs1, int32_t imm)
{
	return ((uint32_t)imm % 4096) * 0x100000 + (rs1 << 15) + (f3 << 12) + (rd << 7) + op;
}

static inline uint32_t enc_s(uint32_t op, uint32_t f3, uint32_t rs1, uint32_t rs2, int32_t imm)
{
	const uint32_t u = (uint32_t)imm % 4096;

	return enc_r(op, f3, u / 32, u % 32, rs1, rs2);
}

static inline uint32_t enc_b(uint32_t f3, uint32_t rs1, uint32_t rs2, int32_t imm)
{
	const uint32_t u = (uint32_t)imm;
	const uint32_t f7 = (u >> 12 & 1) * 64 + (u >> 5 & 63), low = (u >> 1 & 15) * 2 + (u >> 11 & 1);

	return enc_r(0x63, f3, f7, low, rs1, rs2);
}

static inline uint32_t enc_j(uint32_t rd, int32_t imm)
{
	const uint32_t u = (uint32_t)imm;

	return ((u >> 20 & 1) << 31) + ((u >> 1 & 0x3ff) << 21) + ((u >> 11 & 1) << 20) + ((u >> 12 & 0xff) << 12) +
	       (rd << 7) + 0x6f;
}

/* ---- 32-bit encodings: mnemonic, or NULL for what the decoder must refuse ---- */

static inline const char *oracle_op_imm(uint32_t f3, uint32_t f6, uint32_t f12)
{
	static const char *const plain[8] = {"addi", NULL, "slti", "sltiu", "xori", NULL, "ori", "andi"};

	if (f3 == 1) {
		switch (f12) {
		case 0x600:
			return "clz";
		case 0x601:
			return "ctz";
		case 0x602:
			return "cpop";
		case 0x604:
			return "sext.b";
		case 0x605:
			return "sext.h";
		default:
			return f6 == 0	    ? "slli"
			       : f6 == 0x0a ? "bseti"
			       : f6 == 0x12 ? "bclri"
			       : f6 == 0x1a ? "binvi"
					    : NULL;
		}
	}
	if (f3 == 5) {
		if (f12 == 0x287)
			return "orc.b";
		if (f12 == 0x6b8)
			return "rev8";
		return f6 == 0 ? "srli" : f6 == 0x10 ? "srai" : f6 == 0x12 ? "bexti" : f6 == 0x18 ? "rori" : NULL;
	}
	return plain[f3];
}

static inline const char *oracle_op_imm_32(uint32_t f3, uint32_t f7, uint32_t f12)
{
	if (f3 == 0)
		return "addiw";
	if (f3 == 1) {
		if (f12 >> 6 == 2)
			return "slli.uw";
		return f7 == 0	      ? "slliw"
		       : f12 == 0x600 ? "clzw"
		       : f12 == 0x601 ? "ctzw"
		       : f12 == 0x602 ? "cpopw"
				      : NULL;
	}
	if (f3 == 5)
		return f7 == 0 ? "srliw" : f7 == 0x20 ? "sraiw" : f7 == 0x30 ? "roriw" : NULL;
	return NULL;
}

static inline const char *oracle_op(uint32_t f3, uint32_t f7)
{
	static const char *const base[8] = {"add", "sll", "slt", "sltu", "xor", "srl", "or", "and"};
	static const char *const muldiv[8] = {"mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"};
	static const char *const alt[8] = {"sub", NULL, NULL, NULL, "xnor", "sra", "orn", "andn"};
	static const char *const minmax[8] = {NULL, NULL, NULL, NULL, "min", "minu", "max", "maxu"};

	switch (f7) {
	case 0x00:
		return base[f3];
	case 0x01:
		return muldiv[f3];
	case 0x05:
		return minmax[f3];
	case 0x07:
		return f3 == 5 ? "czero.eqz" : f3 == 7 ? "czero.nez" : NULL;
	case 0x10:
		return f3 == 2 ? "sh1add" : f3 == 4 ? "sh2add" : f3 == 6 ? "sh3add" : NULL;
	case 0x14:
		return f3 == 1 ? "bset" : NULL;
	case 0x20:
		return alt[f3];
	case 0x24:
		return f3 == 1 ? "bclr" : f3 == 5 ? "bext" : NULL;
	case 0x30:
		return f3 == 1 ? "rol" : f3 == 5 ? "ror" : NULL;
	case 0x34:
		return f3 == 1 ? "binv" : NULL;
	default:
		return NULL;
	}
}

static inline const char *oracle_op_32(uint32_t f3, uint32_t f7, uint32_t rs2)
{
	static const char *const base[8] = {"addw", "sllw", NULL, NULL, NULL, "srlw", NULL, NULL};
	static const char *const muldiv[8] = {"mulw", NULL, NULL, NULL, "divw", "divuw", "remw", "remuw"};

	switch (f7) {
	case 0x00:
		return base[f3];
	case 0x01:
		return muldiv[f3];
	case 0x04:
		return f3 == 0 ? "add.uw" : f3 == 4 && rs2 == 0 ? "zext.h" : NULL;
	case 0x10:
		return f3 == 2 ? "sh1add.uw" : f3 == 4 ? "sh2add.uw" : f3 == 6 ? "sh3add.uw" : NULL;
	case 0x20:
		return f3 == 0 ? "subw" : f3 == 5 ? "sraw" : NULL;
	case 0x30:
		return f3 == 1 ? "rolw" : f3 == 5 ? "rorw" : NULL;
	default:
		return NULL;
	}
}

static inline const char *oracle_amo(uint32_t f3, uint32_t f5)
{
	static const char *const w[8] = {"amoadd.w", "amoxor.w", "amoor.w",   "amoand.w",
					 "amomin.w", "amomax.w", "amominu.w", "amomaxu.w"};
	static const char *const d[8] = {"amoadd.d", "amoxor.d", "amoor.d",   "amoand.d",
					 "amomin.d", "amomax.d", "amominu.d", "amomaxu.d"};

	if (f3 != 2 && f3 != 3)
		return NULL;
	if (f5 == 1)
		return f3 == 2 ? "amoswap.w" : "amoswap.d";
	return f5 % 4 ? NULL : (f3 == 2 ? w : d)[f5 / 4];
}

static inline const char *oracle_system(uint32_t raw, uint32_t f3, uint32_t rs1, uint32_t csr)
{
	static const char *const names[8] = {NULL, "csrrw", "csrrs", "csrrc", NULL, "csrrwi", "csrrsi", "csrrci"};
	static const uint16_t smode[] = {0x001, 0x002, 0x003, 0x100, 0x104, 0x105, 0x106, 0x10a, 0x140,
					 0x141, 0x142, 0x143, 0x144, 0x14d, 0x180, 0xc00, 0xc01, 0xc02};

	if (f3 == 0)
		return raw == 0x00000073 ? "ecall" : raw == 0x00100073 ? "ebreak" : NULL;
	if (csr >= 0xc00 && (f3 % 4 == 1 || rs1 != 0))
		return NULL; /* read-only */
	for (unsigned int i = 0; i < sizeof(smode) / sizeof(smode[0]); i++)
		if (smode[i] == csr)
			return names[f3];
	return NULL;
}

static inline const char *oracle_mnemonic(uint32_t raw)
{
	static const char *const loads[8] = {"lb", "lh", "lw", "ld", "lbu", "lhu", "lwu", NULL};
	static const char *const stores[8] = {"sb", "sh", "sw", "sd", NULL, NULL, NULL, NULL};
	static const char *const branches[8] = {"beq", "bne", NULL, NULL, "blt", "bge", "bltu", "bgeu"};
	const uint32_t f3 = raw / 0x1000 % 8, f7 = raw / 0x2000000, rs2 = raw / 0x100000 % 32, rs1 = raw / 0x8000 % 32;

	switch (raw % 128) {
	case 0x03:
		return loads[f3];
	case 0x07:
		return f3 == 2 ? "flw" : f3 == 3 ? "fld" : NULL;
	case 0x0f:
		return f3 == 0 ? "fence" : f3 == 1 ? "fence.i" : NULL;
	case 0x13:
		return oracle_op_imm(f3, f7 / 2, raw / 0x100000);
	case 0x17:
		return "auipc";
	case 0x1b:
		return oracle_op_imm_32(f3, f7, raw / 0x100000);
	case 0x23:
		return stores[f3];
	case 0x27:
		return f3 == 2 ? "fsw" : f3 == 3 ? "fsd" : NULL;
	case 0x2f:
		return oracle_amo(f3, f7 / 4);
	case 0x33:
		return oracle_op(f3, f7);
	case 0x37:
		return "lui";
	case 0x3b:
		return oracle_op_32(f3, f7, rs2);
	case 0x63:
		return branches[f3];
	case 0x67:
		return f3 == 0 ? "jalr" : NULL;
	case 0x6f:
		return "jal";
	case 0x73:
		return oracle_system(raw, f3, rs1, raw / 0x100000);
	default:
		return NULL;
	}
}

/* ---- compressed encodings ---- */

/*
 * bits: 16 of them from 15 to 0. 0 and 1 are fixed, d and s the full registers
 * of bits 11:7 and 6:2, q and p the three-bit ones of 9:7 and 4:2, a number the
 * bit of the immediate at that place. rd, rs1, rs2: d s q p, 0 for x0, 1 for ra,
 * 2 for sp, - for none. nonzero: what must not be 0 (i: the immediate).
 */
struct oracle_c {
	const char *name, *bits, *regs;
	int sign; /* bit of the immediate that is its sign, 0: none */
	const char *nonzero;
};

static const struct oracle_c oracle_c_rows[] = {
	{"addi", "0 0 0 5 4 9 8 7 6 2 3 p p p 0 0", "p2-", 0, "i"},
	{"fld", "0 0 1 5 4 3 q q q 7 6 p p p 0 0", "pq-", 0, ""},
	{"lw", "0 1 0 5 4 3 q q q 2 6 p p p 0 0", "pq-", 0, ""},
	{"ld", "0 1 1 5 4 3 q q q 7 6 p p p 0 0", "pq-", 0, ""},
	{"fsd", "1 0 1 5 4 3 q q q 7 6 p p p 0 0", "-qp", 0, ""},
	{"sw", "1 1 0 5 4 3 q q q 2 6 p p p 0 0", "-qp", 0, ""},
	{"sd", "1 1 1 5 4 3 q q q 7 6 p p p 0 0", "-qp", 0, ""},
	{"addi", "0 0 0 5 d d d d d 4 3 2 1 0 0 1", "dd-", 5, ""}, /* the 0 and 1 here: see oracle_c_take() */
	{"addiw", "0 0 1 5 d d d d d 4 3 2 1 0 0 1", "dd-", 5, "d"},
	{"addi", "0 1 0 5 d d d d d 4 3 2 1 0 0 1", "d0-", 5, ""},
	{"addi", "0 1 1 9 0 0 0 1 0 4 6 8 7 5 0 1", "22-", 9, "i"},
	{"lui", "0 1 1 17 d d d d d 16 15 14 13 12 0 1", "d--", 17, "i"},
	{"srli", "1 0 0 5 0 0 q q q 4 3 2 1 0 0 1", "qq-", 0, ""},
	{"srai", "1 0 0 5 0 1 q q q 4 3 2 1 0 0 1", "qq-", 0, ""},
	{"andi", "1 0 0 5 1 0 q q q 4 3 2 1 0 0 1", "qq-", 5, ""},
	{"sub", "1 0 0 0 1 1 q q q 0 0 p p p 0 1", "qqp", 0, ""},
	{"xor", "1 0 0 0 1 1 q q q 0 1 p p p 0 1", "qqp", 0, ""},
	{"or", "1 0 0 0 1 1 q q q 1 0 p p p 0 1", "qqp", 0, ""},
	{"and", "1 0 0 0 1 1 q q q 1 1 p p p 0 1", "qqp", 0, ""},
	{"subw", "1 0 0 1 1 1 q q q 0 0 p p p 0 1", "qqp", 0, ""},
	{"addw", "1 0 0 1 1 1 q q q 0 1 p p p 0 1", "qqp", 0, ""},
	{"jal", "1 0 1 11 4 9 8 10 6 7 3 2 1 5 0 1", "0--", 11, ""},
	{"beq", "1 1 0 8 4 3 q q q 7 6 2 1 5 0 1", "-q0", 8, ""},
	{"bne", "1 1 1 8 4 3 q q q 7 6 2 1 5 0 1", "-q0", 8, ""},
	{"slli", "0 0 0 5 d d d d d 4 3 2 1 0 1 0", "dd-", 0, ""},
	{"fld", "0 0 1 5 d d d d d 4 3 8 7 6 1 0", "d2-", 0, ""},
	{"lw", "0 1 0 5 d d d d d 4 3 2 7 6 1 0", "d2-", 0, "d"},
	{"ld", "0 1 1 5 d d d d d 4 3 8 7 6 1 0", "d2-", 0, "d"},
	{"jalr", "1 0 0 0 d d d d d 0 0 0 0 0 1 0", "0d-", 0, "d"},
	{"add", "1 0 0 0 d d d d d s s s s s 1 0", "d0s", 0, "s"},
	{"ebreak", "1 0 0 1 0 0 0 0 0 0 0 0 0 0 1 0", "---", 0, ""},
	{"jalr", "1 0 0 1 d d d d d 0 0 0 0 0 1 0", "1d-", 0, "d"},
	{"add", "1 0 0 1 d d d d d s s s s s 1 0", "dds", 0, "s"},
	{"fsd", "1 0 1 5 4 3 8 7 6 s s s s s 1 0", "-2s", 0, ""},
	{"sw", "1 1 0 5 4 3 2 7 6 s s s s s 1 0", "-2s", 0, ""},
	{"sd", "1 1 1 5 4 3 8 7 6 s s s s s 1 0", "-2s", 0, ""},
};

struct oracle_insn {
	const char *name; /* NULL: reserved */
	unsigned int rd, rs1, rs2;
	int32_t imm;
};

/*
 * The 16 bits of c against a drawing. A drawing that has "5 .. 4 3 2 1 0" in it
 * means immediate bits by that 1 and 0: they follow a 2.
 */
static inline bool oracle_c_take(const struct oracle_c *row, uint16_t c, unsigned int *field, uint32_t *imm)
{
	const char *at = row->bits;
	int previous = -1;

	for (int bit = 15; bit >= 0; bit--) {
		const unsigned int value = c >> bit & 1;

		if (*at >= 'a') {
			field[*at - 'a'] = field[*at - 'a'] * 2 + value;
			previous = -1;
			at++;
		} else {
			const int number = (int)strtol(at, (char **)&at, 10);
			const bool fixed = number < 2 && previous != number + 1;

			if (fixed && value != (unsigned int)number)
				return false;
			if (!fixed)
				*imm |= value << number;
			previous = fixed ? -1 : number;
		}
		at += *at == ' ';
	}
	return true;
}

static inline unsigned int oracle_c_reg(char which, const unsigned int *field)
{
	switch (which) {
	case 'p':
	case 'q':
		return field[which - 'a'] + 8;
	case 'd':
	case 's':
		return field[which - 'a'];
	case '1':
	case '2':
		return (unsigned int)(which - '0');
	default:
		return 0;
	}
}

static inline struct oracle_insn oracle_c(uint16_t c)
{
	for (unsigned int i = 0; i < sizeof(oracle_c_rows) / sizeof(oracle_c_rows[0]); i++) {
		const struct oracle_c *row = &oracle_c_rows[i];
		unsigned int field[26] = {0};
		struct oracle_insn insn = {.name = row->name};
		bool reserved = false;
		uint32_t imm = 0;

		if (!oracle_c_take(row, c, field, &imm))
			continue;
		for (const char *p = row->nonzero; *p; p++)
			reserved |= (*p == 'i' ? imm : field[*p - 'a']) == 0;
		if (reserved)
			continue;
		if (row->sign && imm >> row->sign & 1)
			imm -= 2u << row->sign;
		insn.imm = (int32_t)imm;
		insn.rd = oracle_c_reg(row->regs[0], field);
		insn.rs1 = oracle_c_reg(row->regs[1], field);
		insn.rs2 = oracle_c_reg(row->regs[2], field);
		return insn;
	}
	return (struct oracle_insn){0};
}

#endif
