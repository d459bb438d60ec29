/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Integer results of the emulator (RV64I, M, Zba, Zbb, Zbs, Zicond) against
 * plain C that computes them another way, on all pairs of edge operands and on
 * random ones, with registers that coincide or are x0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rv_machine.h"

#define RANDOM_ROUNDS 2000

/* ---- integer results, computed another way than in the emulator ---- */

typedef unsigned __int128 u128;
typedef __int128 s128;

static uint64_t high_product(uint64_t a, bool a_signed, uint64_t b, bool b_signed)
{
	u128 wide_a = a_signed ? (u128)(s128)s64(a) : a, wide_b = b_signed ? (u128)(s128)s64(b) : b;

	return (uint64_t)(wide_a * wide_b >> 64);
}

static uint64_t magnitude(uint64_t v)
{
	return s64(v) < 0 ? -v : v;
}

static uint64_t divide(uint64_t a, uint64_t b)
{
	uint64_t quotient;

	if (!b)
		return ~UINT64_C(0);
	quotient = magnitude(a) / magnitude(b);
	return (s64(a) < 0) != (s64(b) < 0) ? -quotient : quotient;
}

static uint64_t remainder_of(uint64_t a, uint64_t b)
{
	uint64_t rest;

	if (!b)
		return a;
	rest = magnitude(a) % magnitude(b);
	return s64(a) < 0 ? -rest : rest;
}

static uint64_t rotate_right(uint64_t a, unsigned int n, unsigned int width)
{
	while (n--)
		a = (a >> 1) | (a & 1) << (width - 1);
	return a;
}

static uint64_t set_bits(uint64_t a, int width)
{
	uint64_t n = 0;

	for (int i = 0; i < width; i++)
		n += a >> i & 1;
	return n;
}

static uint64_t leading_zeros(uint64_t a, int width)
{
	uint64_t n = 0;

	for (int i = width - 1; i >= 0 && !(a >> i & 1); i--)
		n++;
	return n;
}

static uint64_t trailing_zeros(uint64_t a, int width)
{
	uint64_t n = 0;

	for (int i = 0; i < width && !(a >> i & 1); i++)
		n++;
	return n;
}

static uint64_t each_byte(uint64_t a, bool reverse)
{
	uint8_t in[8], out[8];

	memcpy(in, &a, 8);
	for (int i = 0; i < 8; i++)
		out[i] = reverse ? in[7 - i] : in[i] ? 0xff : 0;
	memcpy(&a, out, 8);
	return a;
}

/* X(name, major opcode, funct3, funct7, result) */
/* clang-format off */
#define REG_ROWS(X) \
	X(add, 0x33, 0, 0x00, a + b) \
	X(sub, 0x33, 0, 0x20, a - b) \
	X(sll, 0x33, 1, 0x00, a << b % 64) \
	X(slt, 0x33, 2, 0x00, s64(a) < s64(b) ? 1 : 0) \
	X(sltu, 0x33, 3, 0x00, a < b ? 1 : 0) \
	X(xor, 0x33, 4, 0x00, (a | b) - (a & b)) \
	X(srl, 0x33, 5, 0x00, a >> b % 64) \
	X(sra, 0x33, 5, 0x20, s64(a) < 0 ? ~(~a >> b % 64) : a >> b % 64) \
	X(or, 0x33, 6, 0x00, ~(~a & ~b)) \
	X(and, 0x33, 7, 0x00, ~(~a | ~b)) \
	X(addw, 0x3b, 0, 0x00, word(a + b)) \
	X(subw, 0x3b, 0, 0x20, word(a - b)) \
	X(sllw, 0x3b, 1, 0x00, word((uint32_t)a << b % 32)) \
	X(srlw, 0x3b, 5, 0x00, word((uint32_t)a >> b % 32)) \
	X(sraw, 0x3b, 5, 0x20, word(a >> 31 & 1 ? ~(~(uint32_t)a >> b % 32) : (uint32_t)a >> b % 32)) \
	X(mul, 0x33, 0, 0x01, (uint64_t)((u128)a * b)) \
	X(mulh, 0x33, 1, 0x01, high_product(a, true, b, true)) \
	X(mulhsu, 0x33, 2, 0x01, high_product(a, true, b, false)) \
	X(mulhu, 0x33, 3, 0x01, high_product(a, false, b, false)) \
	X(div, 0x33, 4, 0x01, divide(a, b)) \
	X(divu, 0x33, 5, 0x01, b ? a / b : ~UINT64_C(0)) \
	X(rem, 0x33, 6, 0x01, remainder_of(a, b)) \
	X(remu, 0x33, 7, 0x01, b ? a % b : a) \
	X(mulw, 0x3b, 0, 0x01, word((uint64_t)(uint32_t)a * (uint32_t)b)) \
	X(divw, 0x3b, 4, 0x01, word(divide(word(a), word(b)))) \
	X(divuw, 0x3b, 5, 0x01, (uint32_t)b ? word((uint32_t)a / (uint32_t)b) : ~UINT64_C(0)) \
	X(remw, 0x3b, 6, 0x01, word(remainder_of(word(a), word(b)))) \
	X(remuw, 0x3b, 7, 0x01, word((uint32_t)b ? (uint32_t)a % (uint32_t)b : (uint32_t)a)) \
	X(sh1add, 0x33, 2, 0x10, a * 2 + b) \
	X(sh2add, 0x33, 4, 0x10, a * 4 + b) \
	X(sh3add, 0x33, 6, 0x10, a * 8 + b) \
	X(add_uw, 0x3b, 0, 0x04, a % 0x100000000 + b) \
	X(sh1add_uw, 0x3b, 2, 0x10, a % 0x100000000 * 2 + b) \
	X(sh2add_uw, 0x3b, 4, 0x10, a % 0x100000000 * 4 + b) \
	X(sh3add_uw, 0x3b, 6, 0x10, a % 0x100000000 * 8 + b) \
	X(andn, 0x33, 7, 0x20, a - (a & b)) \
	X(orn, 0x33, 6, 0x20, ~(b - (a & b))) \
	X(xnor, 0x33, 4, 0x20, (a & b) | (~a & ~b)) \
	X(min, 0x33, 4, 0x05, s64(a) < s64(b) ? a : b) \
	X(minu, 0x33, 5, 0x05, a < b ? a : b) \
	X(max, 0x33, 6, 0x05, s64(a) < s64(b) ? b : a) \
	X(maxu, 0x33, 7, 0x05, a < b ? b : a) \
	X(rol, 0x33, 1, 0x30, rotate_right(a, 64 - b % 64, 64)) \
	X(ror, 0x33, 5, 0x30, rotate_right(a, b % 64, 64)) \
	X(rolw, 0x3b, 1, 0x30, word(rotate_right((uint32_t)a, 32 - b % 32, 32))) \
	X(rorw, 0x3b, 5, 0x30, word(rotate_right((uint32_t)a, b % 32, 32))) \
	X(bclr, 0x33, 1, 0x24, ~(~a | UINT64_C(1) << b % 64)) \
	X(bext, 0x33, 5, 0x24, a & UINT64_C(1) << b % 64 ? 1 : 0) \
	X(binv, 0x33, 1, 0x34, a & UINT64_C(1) << b % 64 ? a - (UINT64_C(1) << b % 64) : a + (UINT64_C(1) << b % 64)) \
	X(bset, 0x33, 1, 0x14, ~(~a & ~(UINT64_C(1) << b % 64))) \
	X(czero_eqz, 0x33, 5, 0x07, b == 0 ? 0 : a) \
	X(czero_nez, 0x33, 7, 0x07, b != 0 ? 0 : a)

/* X(name, major opcode, funct3, result): b is the immediate, sign-extended */
#define IMM_ROWS(X) \
	X(addi, 0x13, 0, a + b) \
	X(slti, 0x13, 2, s64(a) < s64(b) ? 1 : 0) \
	X(sltiu, 0x13, 3, a < b ? 1 : 0) \
	X(xori, 0x13, 4, (a | b) - (a & b)) \
	X(ori, 0x13, 6, ~(~a & ~b)) \
	X(andi, 0x13, 7, ~(~a | ~b)) \
	X(addiw, 0x1b, 0, word(a + b))

/* X(name, major opcode, funct3, imm[11:6] or [11:5] as bits of the immediate, width of the amount, result) */
#define SHIFT_ROWS(X) \
	X(slli, 0x13, 1, 0x000, 64, a << b) \
	X(srli, 0x13, 5, 0x000, 64, a >> b) \
	X(srai, 0x13, 5, 0x400, 64, s64(a) < 0 ? ~(~a >> b) : a >> b) \
	X(slliw, 0x1b, 1, 0x000, 32, word(a << b)) \
	X(srliw, 0x1b, 5, 0x000, 32, word((uint32_t)a >> b)) \
	X(sraiw, 0x1b, 5, 0x400, 32, word(a >> 31 & 1 ? ~(~(uint32_t)a >> b) : (uint32_t)a >> b)) \
	X(slli_uw, 0x1b, 1, 0x080, 64, a % 0x100000000 << b) \
	X(rori, 0x13, 5, 0x600, 64, rotate_right(a, (unsigned int)b, 64)) \
	X(roriw, 0x1b, 5, 0x600, 32, word(rotate_right((uint32_t)a, (unsigned int)b, 32))) \
	X(bclri, 0x13, 1, 0x480, 64, ~(~a | UINT64_C(1) << b)) \
	X(bexti, 0x13, 5, 0x480, 64, a & UINT64_C(1) << b ? 1 : 0) \
	X(binvi, 0x13, 1, 0x680, 64, a & UINT64_C(1) << b ? a - (UINT64_C(1) << b) : a + (UINT64_C(1) << b)) \
	X(bseti, 0x13, 1, 0x280, 64, ~(~a & ~(UINT64_C(1) << b)))

/* X(name, major opcode, funct3, imm[11:0], result) */
#define UNARY_ROWS(X) \
	X(clz, 0x13, 1, 0x600, leading_zeros(a, 64)) \
	X(ctz, 0x13, 1, 0x601, trailing_zeros(a, 64)) \
	X(cpop, 0x13, 1, 0x602, set_bits(a, 64)) \
	X(clzw, 0x1b, 1, 0x600, leading_zeros(a, 32)) \
	X(ctzw, 0x1b, 1, 0x601, trailing_zeros(a, 32)) \
	X(cpopw, 0x1b, 1, 0x602, set_bits(a, 32)) \
	X(sext_b, 0x13, 1, 0x604, (a % 256) - (a & 128) * 2) \
	X(sext_h, 0x13, 1, 0x605, (a % 65536) - (a & 32768) * 2) \
	X(zext_h, 0x3b, 4, 0x080, a % 65536) \
	X(orc_b, 0x13, 5, 0x287, each_byte(a, false)) \
	X(rev8, 0x13, 5, 0x6b8, each_byte(a, true))
/* clang-format on */

typedef uint64_t result_fn(uint64_t a, uint64_t b);

static void check_reg_insn(uint32_t op, uint32_t f3, uint32_t f7, result_fn *result, unsigned int rd, unsigned int rs1,
			   unsigned int rs2, const struct machine *before)
{
	const uint32_t raw = enc_r(op, f3, f7, rd, rs1, rs2);
	struct machine after = *before;

	run(raw, &after);
	expect(raw, before, &after, rd, result(value_of(before, rs1), value_of(before, rs2)), PC + 4);
}

static void check_reg_form(uint32_t op, uint32_t f3, uint32_t f7, result_fn *result)
{
	struct machine m = random_machine();

	for (unsigned int i = 0; i < EDGES; i++)
		for (unsigned int j = 0; j < EDGES; j++) {
			m.x[11] = edges[i];
			m.x[12] = edges[j];
			check_reg_insn(op, f3, f7, result, 10, 11, 12, &m);
			check_reg_insn(op, f3, f7, result, 11, 11, 12, &m);
		}
	for (unsigned int i = 0; i < RANDOM_ROUNDS; i++) {
		m = random_machine();
		check_reg_insn(op, f3, f7, result, random_reg(), random_reg(), random_reg(), &m);
	}
}

static void check_imm_insn(uint32_t raw, result_fn *result, uint64_t imm, const struct machine *before)
{
	struct machine after = *before;

	run(raw, &after);
	expect(raw, before, &after, raw >> 7 & 31, result(value_of(before, raw >> 15 & 31), imm), PC + 4);
}

static void check_imm_form(uint32_t op, uint32_t f3, result_fn *result)
{
	static const int32_t imms[] = {0, 1, 2, 31, 63, 64, 2047, -1, -2, -2047, -2048, 0x555};
	struct machine m = random_machine();

	for (unsigned int i = 0; i < EDGES; i++)
		for (unsigned int j = 0; j < sizeof(imms) / sizeof(imms[0]); j++) {
			m.x[11] = edges[i];
			check_imm_insn(enc_i(op, f3, 10, 11, imms[j]), result, (uint64_t)(int64_t)imms[j], &m);
		}
	for (unsigned int i = 0; i < RANDOM_ROUNDS; i++) {
		const int32_t imm = (int32_t)(random64() % 4096) - 2048;

		m = random_machine();
		check_imm_insn(enc_i(op, f3, random_reg(), random_reg(), imm), result, (uint64_t)(int64_t)imm, &m);
	}
}

static void check_shift_form(uint32_t op, uint32_t f3, uint32_t high, unsigned int width, result_fn *result)
{
	struct machine m = random_machine();

	for (unsigned int i = 0; i < EDGES; i++)
		for (unsigned int n = 0; n < width; n++) {
			m.x[11] = edges[i];
			check_imm_insn(enc_i(op, f3, 10, 11, (int32_t)(high + n)), result, n, &m);
		}
	for (unsigned int i = 0; i < RANDOM_ROUNDS; i++) {
		const unsigned int n = random64() % width;

		m = random_machine();
		check_imm_insn(enc_i(op, f3, random_reg(), random_reg(), (int32_t)(high + n)), result, n, &m);
	}
}

#define REG_RESULT(name, op, f3, f7, value)                                                                            \
	static uint64_t result_##name(uint64_t a, uint64_t b)                                                          \
	{                                                                                                              \
		return value;                                                                                          \
	}
#define IMM_RESULT(name, op, f3, value) REG_RESULT(name, op, f3, 0, value)
#define SHIFT_RESULT(name, op, f3, high, width, value) REG_RESULT(name, op, f3, 0, value)
#define UNARY_RESULT(name, op, f3, imm, value)                                                                         \
	static uint64_t result_##name(uint64_t a, uint64_t b)                                                          \
	{                                                                                                              \
		(void)b;                                                                                               \
		return value;                                                                                          \
	}
REG_ROWS(REG_RESULT)
IMM_ROWS(IMM_RESULT)
SHIFT_ROWS(SHIFT_RESULT)
UNARY_ROWS(UNARY_RESULT)

static void test_alu_register_forms(void **state)
{
	(void)state;
#define REG_CHECK(name, op, f3, f7, value) check_reg_form(op, f3, f7, result_##name);
	REG_ROWS(REG_CHECK)
}

static void test_alu_immediate_forms(void **state)
{
	(void)state;
#define IMM_CHECK(name, op, f3, value) check_imm_form(op, f3, result_##name);
	IMM_ROWS(IMM_CHECK)
}

static void test_alu_shift_forms(void **state)
{
	(void)state;
#define SHIFT_CHECK(name, op, f3, high, width, value) check_shift_form(op, f3, high, width, result_##name);
	SHIFT_ROWS(SHIFT_CHECK)
}

static void test_alu_unary_forms(void **state)
{
	(void)state;
#define UNARY_CHECK(name, op, f3, imm, value) check_shift_form(op, f3, imm, 1, result_##name);
	UNARY_ROWS(UNARY_CHECK)
}

/* Numbers worked out by hand or given by the specification, so that oracle and emulator cannot err together. */
static void test_alu_known_answers(void **state)
{
	static const struct {
		uint32_t raw; /* op a0, a1, a2 */
		uint64_t a, b, result;
	} known[] = {
		{0x02c5c533, 0x8000000000000000, UINT64_MAX, 0x8000000000000000}, /* div overflow, table 7.1 */
		{0x02c5e533, 0x8000000000000000, UINT64_MAX, 0},		  /* rem */
		{0x02c5c533, 7, 0, UINT64_MAX},
		{0x02c5e533, (uint64_t)-7, 0, (uint64_t)-7},
		{0x02c5d533, 7, 0, UINT64_MAX},
		{0x02c5f533, 7, 0, 7},
		{0x02c5c533, (uint64_t)-7, 2, (uint64_t)-3},		  /* towards zero */
		{0x02c5e533, (uint64_t)-7, 2, (uint64_t)-1},		  /* sign of the dividend */
		{0x02c5c53b, 0x80000000, UINT32_MAX, 0xffffffff80000000}, /* divw overflow */
		{0x02c5e53b, 0x80000000, UINT32_MAX, 0},
		{0x02c5d53b, 0x80000000, 1, 0xffffffff80000000}, /* divuw sign-extends */
		{0x02c5f53b, 0xffffffff80000001, 0x100000000, 0xffffffff80000001},
		{0x02c59533, UINT64_MAX, UINT64_MAX, 0},		  /* mulh: -1 * -1 */
		{0x02c5a533, UINT64_MAX, UINT64_MAX, UINT64_MAX},	  /* mulhsu */
		{0x02c5b533, UINT64_MAX, UINT64_MAX, 0xfffffffffffffffe}, /* mulhu */
		{0x02c59533, 0x8000000000000000, 0x8000000000000000, 0x4000000000000000},
		{0x00c5953b, 1, 31, 0xffffffff80000000},		  /* sllw */
		{0x00c5d53b, 0xffffffff80000000, 32, 0xffffffff80000000}, /* srlw by 32 is by 0 */
		{0x00c5d53b, 0xffffffff80000000, 31, 1},
		{0x40c5d53b, 0x80000000, 31, UINT64_MAX},	 /* sraw */
		{0x00c5853b, 0x7fffffff, 1, 0xffffffff80000000}, /* addw */
		{0x40c5853b, 0, 1, UINT64_MAX},			 /* subw */
		{0x00c5b533, 0, UINT64_MAX, 1},			 /* sltu */
		{0x00c5a533, 0, UINT64_MAX, 0},			 /* slt */
		{0x60c59533, 0x8000000000000001, 1, 3},		 /* rol */
		{0x60c5d533, 3, 1, 0x8000000000000001},		 /* ror */
		{0x0ec5d533, 5, 0, 0},				 /* czero.eqz */
		{0x0ec5f533, 5, 0, 5},				 /* czero.nez */
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct machine before = random_machine(), after;

		before.x[11] = known[i].a;
		before.x[12] = known[i].b;
		after = before;
		run(known[i].raw, &after);
		expect(known[i].raw, &before, &after, 10, known[i].result, PC + 4);
	}
}

static void test_alu_upper_immediates(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		const uint32_t rd = random_reg(), upper = (uint32_t)random64() & 0xfffff000u;
		struct machine before = random_machine(), after = before;

		run(upper | rd << 7 | 0x37, &after);
		expect(upper | rd << 7 | 0x37, &before, &after, rd, word(upper), PC + 4);
		after = before;
		run(upper | rd << 7 | 0x17, &after);
		expect(upper | rd << 7 | 0x17, &before, &after, rd, PC + word(upper), PC + 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_alu_register_forms), TEST(test_alu_immediate_forms), TEST(test_alu_shift_forms),
		TEST(test_alu_unary_forms),    TEST(test_alu_known_answers),   TEST(test_alu_upper_immediates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
