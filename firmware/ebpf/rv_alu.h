/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Results of the integer instructions as C expressions, without undefined
 * behaviour: spec 20191213 sec. 2.4, 5.2 and ch. 7; bit manipulation 1.0;
 * Zicond 1.0. Values only: registers and dispatch are rv_emulate.c's.
 *
 * No libgcc: without Zbb the compiler's builtins for counting bits and
 * reversing bytes are calls into it.
 */
#ifndef EBPF_RV_ALU_H
#define EBPF_RV_ALU_H

#include <stdint.h>

static inline uint64_t rv_sext32(uint64_t v)
{
	return (uint64_t)(int64_t)(int32_t)(uint32_t)v;
}

static inline uint64_t rv_mulhu(uint64_t a, uint64_t b)
{
	return (uint64_t)((unsigned __int128)a * b >> 64);
}

/* The high half of a signed product is the unsigned one, less the other factor for each negative one. */
static inline uint64_t rv_mulhsu(uint64_t a, uint64_t b)
{
	return rv_mulhu(a, b) - ((int64_t)a < 0 ? b : 0);
}

static inline uint64_t rv_mulh(uint64_t a, uint64_t b)
{
	return rv_mulhsu(a, b) - ((int64_t)b < 0 ? a : 0);
}

/* Table 7.1: x / 0 is -1 with remainder x; overflow wraps with remainder 0. C leaves both undefined. */
static inline uint64_t rv_div64(uint64_t a, uint64_t b)
{
	if (b == 0)
		return UINT64_MAX;
	if (b == UINT64_MAX)
		return -a;
	return (uint64_t)((int64_t)a / (int64_t)b);
}

static inline uint64_t rv_rem64(uint64_t a, uint64_t b)
{
	if (b == 0)
		return a;
	if (b == UINT64_MAX)
		return 0;
	return (uint64_t)((int64_t)a % (int64_t)b);
}

/* On sign-extended words the 64-bit rules give the 32-bit results: the overflow becomes -INT32_MIN, then truncated. */
static inline uint64_t rv_div32(uint64_t a, uint64_t b)
{
	return rv_sext32(rv_div64(rv_sext32(a), rv_sext32(b)));
}

static inline uint64_t rv_rem32(uint64_t a, uint64_t b)
{
	return rv_sext32(rv_rem64(rv_sext32(a), rv_sext32(b)));
}

static inline uint64_t rv_divu32(uint32_t a, uint32_t b)
{
	return b ? rv_sext32(a / b) : UINT64_MAX;
}

static inline uint64_t rv_remu32(uint32_t a, uint32_t b)
{
	return rv_sext32(b ? a % b : a);
}

static inline uint64_t rv_ror64(uint64_t a, unsigned int n)
{
	n &= 63;
	return n ? a >> n | a << (64 - n) : a;
}

static inline uint64_t rv_ror32(uint32_t a, unsigned int n)
{
	n &= 31;
	return rv_sext32(n ? a >> n | a << (32 - n) : a);
}

static inline uint64_t rv_cpop(uint64_t a)
{
	a -= a >> 1 & 0x5555555555555555;
	a = (a & 0x3333333333333333) + (a >> 2 & 0x3333333333333333);
	a = (a + (a >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return a * 0x0101010101010101 >> 56;
}

static inline uint64_t rv_clz(uint64_t a)
{
	for (unsigned int n = 1; n < 64; n <<= 1)
		a |= a >> n;
	return 64 - rv_cpop(a);
}

static inline uint64_t rv_ctz(uint64_t a)
{
	return rv_cpop(~a & (a - 1));
}

/* 0xff for each byte that is not 0 */
static inline uint64_t rv_orc_b(uint64_t a)
{
	const uint64_t low7 = 0x7f7f7f7f7f7f7f7f;
	const uint64_t top = (((a & low7) + low7) | a) & ~low7;

	return (top >> 7) * 0xff;
}

static inline uint64_t rv_rev8(uint64_t a)
{
	a = (a >> 8 & 0x00ff00ff00ff00ff) | (a & 0x00ff00ff00ff00ff) << 8;
	a = (a >> 16 & 0x0000ffff0000ffff) | (a & 0x0000ffff0000ffff) << 16;
	return a >> 32 | a << 32;
}

/* X(operation, result): of operands a and b */
#define RV_REG_OPS(X)                                                                                                  \
	X(ADD, a + b)                                                                                                  \
	X(SUB, a - b)                                                                                                  \
	X(SLL, a << (b & 63))                                                                                          \
	X(SLT, (int64_t)a < (int64_t)b)                                                                                \
	X(SLTU, a < b)                                                                                                 \
	X(XOR, a ^ b)                                                                                                  \
	X(SRL, a >> (b & 63))                                                                                          \
	X(SRA, (uint64_t)((int64_t)a >> (b & 63)))                                                                     \
	X(OR, a | b)                                                                                                   \
	X(AND, a &b)                                                                                                   \
	X(ADDW, rv_sext32(a + b))                                                                                      \
	X(SUBW, rv_sext32(a - b))                                                                                      \
	X(SLLW, rv_sext32(a << (b & 31)))                                                                              \
	X(SRLW, rv_sext32((uint32_t)a >> (b & 31)))                                                                    \
	X(SRAW, (uint64_t)((int64_t)rv_sext32(a) >> (b & 31)))                                                         \
	X(MUL, a *b)                                                                                                   \
	X(MULH, rv_mulh(a, b))                                                                                         \
	X(MULHSU, rv_mulhsu(a, b))                                                                                     \
	X(MULHU, rv_mulhu(a, b))                                                                                       \
	X(DIV, rv_div64(a, b))                                                                                         \
	X(DIVU, b ? a / b : UINT64_MAX)                                                                                \
	X(REM, rv_rem64(a, b))                                                                                         \
	X(REMU, b ? a % b : a)                                                                                         \
	X(MULW, rv_sext32(a *b))                                                                                       \
	X(DIVW, rv_div32(a, b))                                                                                        \
	X(DIVUW, rv_divu32((uint32_t)a, (uint32_t)b))                                                                  \
	X(REMW, rv_rem32(a, b))                                                                                        \
	X(REMUW, rv_remu32((uint32_t)a, (uint32_t)b))                                                                  \
	X(SH1ADD, (a << 1) + b)                                                                                        \
	X(SH2ADD, (a << 2) + b)                                                                                        \
	X(SH3ADD, (a << 3) + b)                                                                                        \
	X(ADD_UW, (uint32_t)a + b)                                                                                     \
	X(SH1ADD_UW, ((uint64_t)(uint32_t)a << 1) + b)                                                                 \
	X(SH2ADD_UW, ((uint64_t)(uint32_t)a << 2) + b)                                                                 \
	X(SH3ADD_UW, ((uint64_t)(uint32_t)a << 3) + b)                                                                 \
	X(ANDN, a & ~b)                                                                                                \
	X(ORN, a | ~b)                                                                                                 \
	X(XNOR, ~(a ^ b))                                                                                              \
	X(MIN, (int64_t)a < (int64_t)b ? a : b)                                                                        \
	X(MINU, a < b ? a : b)                                                                                         \
	X(MAX, (int64_t)a > (int64_t)b ? a : b)                                                                        \
	X(MAXU, a > b ? a : b)                                                                                         \
	X(ROL, rv_ror64(a, 64 - (b & 63)))                                                                             \
	X(ROR, rv_ror64(a, b & 63))                                                                                    \
	X(ROLW, rv_ror32((uint32_t)a, 32 - (b & 31)))                                                                  \
	X(RORW, rv_ror32((uint32_t)a, b & 31))                                                                         \
	X(BCLR, a & ~((uint64_t)1 << (b & 63)))                                                                        \
	X(BEXT, a >> (b & 63) & 1)                                                                                     \
	X(BINV, a ^ (uint64_t)1 << (b & 63))                                                                           \
	X(BSET, a | (uint64_t)1 << (b & 63))                                                                           \
	X(CZERO_EQZ, b ? a : 0)                                                                                        \
	X(CZERO_NEZ, b ? 0 : a)

/* X(operation, the one that does the same with a register) */
#define RV_IMM_OPS(X)                                                                                                  \
	X(ADDI, ADD)                                                                                                   \
	X(SLTI, SLT)                                                                                                   \
	X(SLTIU, SLTU)                                                                                                 \
	X(XORI, XOR)                                                                                                   \
	X(ORI, OR)                                                                                                     \
	X(ANDI, AND)                                                                                                   \
	X(SLLI, SLL)                                                                                                   \
	X(SRLI, SRL)                                                                                                   \
	X(SRAI, SRA)                                                                                                   \
	X(ADDIW, ADDW)                                                                                                 \
	X(SLLIW, SLLW)                                                                                                 \
	X(SRLIW, SRLW)                                                                                                 \
	X(SRAIW, SRAW)                                                                                                 \
	X(RORI, ROR)                                                                                                   \
	X(RORIW, RORW)                                                                                                 \
	X(BCLRI, BCLR)                                                                                                 \
	X(BEXTI, BEXT)                                                                                                 \
	X(BINVI, BINV)                                                                                                 \
	X(BSETI, BSET)

/* X(operation, result): of operand a */
#define RV_UNARY_OPS(X)                                                                                                \
	X(CLZ, rv_clz(a))                                                                                              \
	X(CTZ, rv_ctz(a))                                                                                              \
	X(CPOP, rv_cpop(a))                                                                                            \
	X(CLZW, rv_clz((uint32_t)a) - 32)                                                                              \
	X(CTZW, rv_ctz(a | (uint64_t)1 << 32))                                                                         \
	X(CPOPW, rv_cpop((uint32_t)a))                                                                                 \
	X(SEXT_B, (uint64_t)(int64_t)(int8_t)a)                                                                        \
	X(SEXT_H, (uint64_t)(int64_t)(int16_t)a)                                                                       \
	X(ZEXT_H, (uint16_t)a)                                                                                         \
	X(ORC_B, rv_orc_b(a))                                                                                          \
	X(REV8, rv_rev8(a))

#endif
