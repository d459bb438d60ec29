/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoder against rv_oracle.h: every compressed encoding, sweeps over the
 * 32-bit ones, every immediate of every format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rv_decode.h"
#include "rv_insn.h"
#include "rv_oracle.h"

#include <stdio.h>

#define ALL_EXT (RV_EXT_F | RV_EXT_D | RV_EXT_ZBA | RV_EXT_ZBB | RV_EXT_ZBS | RV_EXT_ZICOND)

static const char *const op_names[RV_OP_COUNT] = {[RV_OP_NONE] = "-",
						  [RV_OP_NOP] = "nop",
#define NAME(op, name, ...) [RV_OP_##op] = name,
						  RV_OP_LIST(NAME)
#undef NAME
};

/* Kind and extension by mnemonic: what starts how. */
static enum rv_kind kind_of(const char *name)
{
	static const struct {
		const char *names;
		enum rv_kind kind;
	} kinds[] = {
		{" beq bne blt bge bltu bgeu ", RV_BRANCH},
		{" jal ", RV_JAL},
		{" jalr ", RV_JALR},
		{" lb lh lw ld lbu lhu lwu ", RV_LOAD},
		{" sb sh sw sd ", RV_STORE},
		{" flw fld ", RV_FLOAD},
		{" fsw fsd ", RV_FSTORE},
		{" fence fence.i ", RV_FENCE},
		{" ecall ebreak ", RV_TRAP},
		{" csrrw csrrs csrrc csrrwi csrrsi csrrci ", RV_CSR},
	};
	char word[24];

	snprintf(word, sizeof(word), " %s ", name);
	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strstr(kinds[i].names, word))
			return kinds[i].kind;
	return strncmp(name, "amo", 3) == 0 ? RV_AMO : RV_ALU;
}

static unsigned int width_of(const char *name, enum rv_kind kind)
{
	if (kind == RV_AMO)
		return strchr(name, '.')[1] == 'w' ? 4 : 8;
	if (kind != RV_LOAD && kind != RV_STORE && kind != RV_FLOAD && kind != RV_FSTORE)
		return 0;
	switch (name[0] == 'f' ? name[2] : name[1]) {
	case 'b':
		return 1;
	case 'h':
		return 2;
	case 'w':
		return 4;
	default:
		return 8;
	}
}

/* Name, kind, width and sign of one decoded instruction; prints the bits when it differs. */
static bool agrees(const struct rv_insn *insn, const char *name, uint32_t raw)
{
	const enum rv_kind kind = name ? kind_of(name) : RV_REJECT;
	bool same;

	if (!name) {
		same = insn->kind == RV_REJECT && insn->reason && insn->reason[0] && insn->op == RV_OP_NONE;
	} else if (kind == RV_ALU && insn->rd == 0) {
		same = insn->kind == RV_NOP && insn->op == RV_OP_NOP && !insn->reason;
	} else {
		same = insn->kind == kind && strcmp(op_names[insn->op], name) == 0 && !insn->reason &&
		       insn->size == width_of(name, kind) &&
		       insn->sign == (kind == RV_LOAD && name[strlen(name) - 1] != 'u');
	}
	same = same && insn->run && insn->rd_off == 8 * insn->rd && insn->rs1_off <= 8 * 31 &&
	       (insn->rs1_off == 8 * insn->rs1 || insn->op == RV_OP_ADD) && insn->rs2_off == 8 * insn->rs2;
	if (!same)
		print_error("%08x: expected %s, decoded as %s kind %d rd %d rs1 %d rs2 %d size %d (%s)\n", raw,
			    name ? name : "a refusal", op_names[insn->op], insn->kind, insn->rd, insn->rs1, insn->rs2,
			    insn->size, insn->reason ? insn->reason : "no reason");
	return same;
}

static void test_decode_compressed_exhaustive(void **state)
{
	unsigned int wrong = 0, accepted = 0;

	(void)state;
	for (uint32_t c = 0; c < 65536; c++) {
		const struct oracle_insn expected = (c & 3) != 3 ? oracle_c((uint16_t)c) : (struct oracle_insn){0};
		struct rv_insn insn;

		if ((c & 3) == 3)
			continue;
		rv_decode(c, ALL_EXT, &insn);
		accepted += insn.kind != RV_REJECT;
		wrong += !agrees(&insn, expected.name, c) || insn.len != 2 || insn.raw != c;
		if (!expected.name || insn.kind == RV_TRAP)
			continue;
		if (insn.rd != expected.rd || insn.rs1 != expected.rs1 || insn.rs2 != expected.rs2 ||
		    insn.imm != expected.imm) {
			print_error("%04x %s: rd %d rs1 %d rs2 %d imm %d, expected %u %u %u %d\n", c, expected.name,
				    insn.rd, insn.rs1, insn.rs2, insn.imm, expected.rd, expected.rs1, expected.rs2,
				    expected.imm);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	assert_true(accepted > 40000 && accepted < 49152);
}

/* Compressed forms look at 16 bits, whatever follows in memory. */
static void test_decode_compressed_ignores_high_half(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 65536; c += 3) {
		struct rv_insn low, full;

		if ((c & 3) == 3)
			continue;
		rv_decode(c, ALL_EXT, &low);
		rv_decode(c | 0xdead0000u, ALL_EXT, &full);
		assert_memory_equal(&low, &full, sizeof(low));
	}
}

/* Every opcode, funct3, funct7 and rs2 field with a few registers. */
static void test_decode_wide_sweep(void **state)
{
	static const uint32_t registers[] = {0, (21u << 15), (9u << 7), (9u << 7) | (21u << 15)};
	unsigned int wrong = 0;

	(void)state;
	for (uint32_t top = 0; top < 4096; top++)
		for (uint32_t low = 0; low < 256 * 4; low++) {
			const uint32_t raw =
				top << 20 | (low >> 7) << 12 | (low & 31) << 2 | 3 | registers[low >> 5 & 3];
			struct rv_insn insn;

			if ((low & 7) == 7) { /* longer than 32 bits */
				rv_decode(raw, ALL_EXT, &insn);
				wrong += insn.kind != RV_REJECT || insn.len != 0;
				continue;
			}
			rv_decode(raw, ALL_EXT, &insn);
			wrong += !agrees(&insn, oracle_mnemonic(raw), raw) || insn.len != 4 || insn.raw != raw;
		}
	assert_int_equal(wrong, 0);
}

static void test_decode_wide_random(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	unsigned int wrong = 0;

	(void)state;
	for (unsigned int i = 0; i < 500000; i++) {
		uint32_t raw;
		struct rv_insn insn;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		raw = (uint32_t)(seed >> 32) | 3;
		if ((raw & 0x1f) == 0x1f)
			continue;
		rv_decode(raw, ALL_EXT, &insn);
		wrong += !agrees(&insn, oracle_mnemonic(raw), raw);
	}
	assert_int_equal(wrong, 0);
}

static void check_fields(uint32_t raw, unsigned int rd, unsigned int rs1, unsigned int rs2, int32_t imm)
{
	struct rv_insn insn;

	rv_decode(raw, ALL_EXT, &insn);
	if (insn.kind == RV_REJECT || insn.rd != rd || insn.rs1 != rs1 || insn.rs2 != rs2 || insn.imm != imm)
		fail_msg("%08x: %s rd %d rs1 %d rs2 %d imm %d, expected %u %u %u %d", raw, op_names[insn.op], insn.rd,
			 insn.rs1, insn.rs2, insn.imm, rd, rs1, rs2, imm);
}

static void test_decode_immediates_i_s_b(void **state)
{
	(void)state;
	for (int32_t imm = -2048; imm < 2048; imm++) {
		const unsigned int a = (unsigned int)imm % 31 + 1, b = (unsigned int)imm / 7 % 31 + 1;

		check_fields(enc_i(0x13, 0, a, b, imm), a, b, 0, imm);
		check_fields(enc_i(0x03, 3, a, b, imm), a, b, 0, imm);
		check_fields(enc_i(0x07, 3, a, b, imm), a, b, 0, imm);
		check_fields(enc_i(0x67, 0, a, b, imm), a, b, 0, imm);
		check_fields(enc_s(0x23, 3, a, b, imm), 0, a, b, imm);
		check_fields(enc_s(0x27, 2, a, b, imm), 0, a, b, imm);
		check_fields(enc_b(5, a, b, imm * 2), 0, a, b, imm * 2);
	}
}

static void test_decode_immediates_u_j(void **state)
{
	(void)state;
	for (int32_t imm = -(1 << 19); imm < 1 << 19; imm += 3) {
		const unsigned int rd = (unsigned int)imm % 31 + 1;

		check_fields(enc_j(rd, imm * 2), rd, 0, 0, imm * 2);
		check_fields((uint32_t)imm << 12 | rd << 7 | 0x37, rd, 0, 0, (int32_t)((uint32_t)imm << 12));
		check_fields((uint32_t)imm << 12 | rd << 7 | 0x17, rd, 0, 0, (int32_t)((uint32_t)imm << 12));
	}
	check_fields(enc_j(0, -(1 << 20)), 0, 0, 0, -(1 << 20));
	check_fields(enc_j(31, (1 << 20) - 2), 31, 0, 0, (1 << 20) - 2);
}

static void test_decode_shift_amounts(void **state)
{
	(void)state;
	for (uint32_t shamt = 0; shamt < 64; shamt++) {
		check_fields(enc_i(0x13, 1, 3, 4, (int32_t)shamt), 3, 4, 0, (int32_t)shamt);
		check_fields(enc_i(0x13, 5, 3, 4, (int32_t)(0x400 + shamt)), 3, 4, 0, (int32_t)shamt);
		check_fields(enc_i(0x13, 5, 3, 4, (int32_t)(0x600 + shamt)), 3, 4, 0, (int32_t)shamt);
		check_fields(enc_i(0x1b, 1, 3, 4, (int32_t)(0x080 + shamt)), 3, 4, 0, (int32_t)shamt);
		if (shamt < 32)
			check_fields(enc_i(0x1b, 5, 3, 4, (int32_t)(0x400 + shamt)), 3, 4, 0, (int32_t)shamt);
	}
}

static void test_decode_csr_fields(void **state)
{
	struct rv_insn insn;

	(void)state;
	rv_decode(0x10073173, 0, &insn); /* csrrc sp, sstatus, a4 */
	assert_int_equal(insn.kind, RV_CSR);
	assert_int_equal(insn.csr, 0x100);
	assert_int_equal(insn.rd, 2);
	assert_int_equal(insn.rs1, 14);
	rv_decode(0x1401e073, 0, &insn); /* csrsi sscratch, 3 */
	assert_int_equal(insn.kind, RV_CSR);
	assert_int_equal(insn.csr, 0x140);
	assert_int_equal(insn.rs1, 3);
	rv_decode(0xc0102573, 0, &insn); /* rdtime a0 */
	assert_int_equal(insn.kind, RV_CSR);
}

static void test_decode_amo_fields(void **state)
{
	struct rv_insn insn;

	(void)state;
	rv_decode(enc_r(0x2f, 3, 0x14 << 2 | 3, 5, 6, 7), 0, &insn); /* amomax.d.aqrl t0, t2, (t1) */
	assert_int_equal(insn.kind, RV_AMO);
	assert_int_equal(insn.csr, 0x14 << 2 | 3);
	assert_int_equal(insn.size, 8);
	assert_int_equal(insn.rd, 5);
	assert_int_equal(insn.rs1, 6);
	assert_int_equal(insn.rs2, 7);
}

/* Fields of a fence that software does not use are ignored (sec. 2.7, 3.1); pause is one. */
static void test_decode_fence_forms(void **state)
{
	static const uint32_t fences[] = {0x0ff0000f, 0x8330000f, 0x0100000f, 0x0000000f,
					  0xf000000f, 0x0ff2850f, 0x0000100f, 0xfff2950f};
	struct rv_insn insn;

	(void)state;
	for (unsigned int i = 0; i < sizeof(fences) / sizeof(fences[0]); i++) {
		rv_decode(fences[i], 0, &insn);
		assert_int_equal(insn.kind, RV_FENCE);
	}
}

/* Instructions whose only effect would be on x0: nothing to emulate. */
static void test_decode_hints(void **state)
{
	static const uint32_t hints[] = {
		0x00000013, 0x00100013, 0x00000037, 0x00000017, 0x0000003b, 0x01f01013, 0x40705013, 0x02a5c033,
		0x0001,	    0x0005,	0x4005,	    0x6005,	0x8006,	    0x900a,	0x0006,
	};
	struct rv_insn insn;

	(void)state;
	for (unsigned int i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		rv_decode(hints[i], 0, &insn);
		assert_int_equal(insn.kind, RV_NOP);
		assert_int_equal(insn.op, RV_OP_NOP);
	}
}

/* An instruction of an extension is one only where the hart has it; nothing else changes. */
static void test_decode_extensions(void **state)
{
#define EXT(op, name, format, kind, ext, mask, match) {match, RV_EXT_##ext, name},
#define RV_EXT_0 0
	static const struct {
		uint32_t match, ext;
		const char *name;
	} list[] = {RV_OP_LIST(EXT)};
#undef EXT
	unsigned int gated = 0;

	(void)state;
	for (unsigned int i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		uint32_t raw = list[i].match | (kind_of(list[i].name) == RV_TRAP ? 0 : 11 << 7);
		struct rv_insn insn;

		raw |= kind_of(list[i].name) == RV_CSR ? 0x14000000u : 0; /* sscratch */
		rv_decode(raw, ALL_EXT, &insn);
		assert_true(agrees(&insn, list[i].name, raw));
		rv_decode(raw, list[i].ext, &insn);
		assert_true(agrees(&insn, list[i].name, raw));
		rv_decode(raw, ALL_EXT & ~list[i].ext, &insn);
		assert_int_equal(insn.kind == RV_REJECT, list[i].ext != 0);
		gated += list[i].ext != 0;
	}
	assert_int_equal(gated, 4 + 8 + 24 + 8 + 2); /* F and D, Zba, Zbb, Zbs, Zicond */
}

static void test_decode_length(void **state)
{
	(void)state;
	for (uint32_t low = 0; low < 65536; low++) {
		const unsigned int expected = low % 4 != 3 ? 2 : low % 32 == 31 ? 0 : 4;
		struct rv_insn insn;

		assert_int_equal(rv_insn_len((uint16_t)low), expected);
		rv_decode(low, 0, &insn);
		assert_int_equal(insn.len, expected);
		if (expected == 0)
			assert_int_equal(insn.kind, RV_REJECT);
	}
}

static void test_decode_lr_sc_predicates(void **state)
{
	(void)state;
	assert_true(rv_is_lr(0x100526af));  /* lr.w a3, (a0) */
	assert_true(rv_is_lr(0x160536af));  /* lr.d.aqrl */
	assert_true(rv_is_sc(0x18c526af));  /* sc.w a3, a2, (a0) */
	assert_true(rv_is_sc(0x1ac536af));  /* sc.d.rl */
	assert_false(rv_is_lr(0x00c526af)); /* amoadd.w */
	assert_false(rv_is_sc(0x08c526af)); /* amoswap.w */
	assert_false(rv_is_lr(0x100506af)); /* byte width */
	assert_false(rv_is_sc(0x100526af));
	assert_false(rv_is_lr(0x18c526af));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_compressed_exhaustive),
		cmocka_unit_test(test_decode_compressed_ignores_high_half),
		cmocka_unit_test(test_decode_wide_sweep),
		cmocka_unit_test(test_decode_wide_random),
		cmocka_unit_test(test_decode_immediates_i_s_b),
		cmocka_unit_test(test_decode_immediates_u_j),
		cmocka_unit_test(test_decode_shift_amounts),
		cmocka_unit_test(test_decode_csr_fields),
		cmocka_unit_test(test_decode_amo_fields),
		cmocka_unit_test(test_decode_fence_forms),
		cmocka_unit_test(test_decode_hints),
		cmocka_unit_test(test_decode_extensions),
		cmocka_unit_test(test_decode_length),
		cmocka_unit_test(test_decode_lr_sc_predicates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
