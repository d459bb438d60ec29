/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulator: control flow, compressed forms, memory, AMOs, CSRs, faults.
 * Integer results are test_rv_alu.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rv_machine.h"

/* ---- control flow ---- */

static bool branch_taken(uint32_t f3, uint64_t a, uint64_t b)
{
	switch (f3) {
	case 0:
		return a == b;
	case 1:
		return a != b;
	case 4:
		return s64(a) < s64(b);
	case 5:
		return s64(a) >= s64(b);
	case 6:
		return a < b;
	default:
		return a >= b;
	}
}

static void check_branch(uint32_t f3, unsigned int rs1, unsigned int rs2, int32_t distance,
			 const struct machine *before)
{
	const uint32_t raw = enc_b(f3, rs1, rs2, distance);
	const bool taken = branch_taken(f3, value_of(before, rs1), value_of(before, rs2));
	struct machine after = *before;

	run(raw, &after);
	expect(raw, before, &after, 0, 0, before->pc + (taken ? (uint64_t)(int64_t)distance : 4));
}

static void test_emulate_branches(void **state)
{
	static const uint32_t forms[] = {0, 1, 4, 5, 6, 7};
	static const int32_t distances[] = {-4096, -2, 0, 2, 8, 4094};
	struct machine m = random_machine();

	(void)state;
	for (unsigned int f = 0; f < 6; f++) {
		for (unsigned int i = 0; i < EDGES; i++)
			for (unsigned int j = 0; j < EDGES; j++) {
				m.x[11] = edges[i];
				m.x[12] = edges[j];
				check_branch(forms[f], 11, 12, distances[(i + j) % 6], &m);
				check_branch(forms[f], 11, 0, distances[(i + j) % 6], &m);
				check_branch(forms[f], 0, 12, distances[(i + j) % 6], &m);
			}
		check_branch(forms[f], 0, 0, 64, &m);
		check_branch(forms[f], 31, 31, 64, &m);
	}
	m.pc = 0xfffffffffffffff0; /* wraps */
	check_branch(0, 0, 0, 64, &m);
	check_branch(1, 0, 0, 64, &m);
	m.pc = 2;
	check_branch(0, 0, 0, -16, &m);
}

static void test_emulate_jal(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		const int32_t distance = ((int32_t)(random64() >> 43) - (1 << 20)) / 2 * 2;
		const uint32_t rd = random_reg(), raw = enc_j(rd, distance);
		struct machine before = random_machine(), after = before;

		run(raw, &after);
		expect(raw, &before, &after, rd, PC + 4, PC + (uint64_t)(int64_t)distance);
	}
}

static void test_emulate_jalr(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		const int32_t imm = (int32_t)(random64() % 4096) - 2048;
		const uint32_t rd = random_reg(), rs1 = i % 3 ? random_reg() : rd;
		const uint32_t raw = enc_i(0x67, 0, rd, rs1, imm);
		struct machine before = random_machine(), after = before;
		uint64_t target = value_of(&before, rs1) + (uint64_t)(int64_t)imm;

		target -= target % 2;
		run(raw, &after);
		expect(raw, &before, &after, rd, PC + 4, target);
	}
}

/* ---- every compressed encoding does what its drawing says, in two bytes ---- */

static uint32_t widen(const struct oracle_insn *c)
{
	static const struct {
		const char *name;
		uint32_t op, f3, f7;
		char format;
	} forms[] = {
		{"addi", 0x13, 0, 0, 'i'},   {"addiw", 0x1b, 0, 0, 'i'},   {"lui", 0x37, 0, 0, 'u'},
		{"slli", 0x13, 1, 0, 'i'},   {"srli", 0x13, 5, 0, 'i'},	   {"srai", 0x13, 5, 0x20, 'i'},
		{"andi", 0x13, 7, 0, 'i'},   {"add", 0x33, 0, 0, 'r'},	   {"sub", 0x33, 0, 0x20, 'r'},
		{"xor", 0x33, 4, 0, 'r'},    {"or", 0x33, 6, 0, 'r'},	   {"and", 0x33, 7, 0, 'r'},
		{"addw", 0x3b, 0, 0, 'r'},   {"subw", 0x3b, 0, 0x20, 'r'}, {"lw", 0x03, 2, 0, 'i'},
		{"ld", 0x03, 3, 0, 'i'},     {"fld", 0x07, 3, 0, 'i'},	   {"sw", 0x23, 2, 0, 's'},
		{"sd", 0x23, 3, 0, 's'},     {"fsd", 0x27, 3, 0, 's'},	   {"jal", 0x6f, 0, 0, 'j'},
		{"jalr", 0x67, 0, 0, 'i'},   {"beq", 0x63, 0, 0, 'b'},	   {"bne", 0x63, 1, 0, 'b'},
		{"ebreak", 0x73, 0, 0, 'e'},
	};
	unsigned int i = 0;

	while (strcmp(forms[i].name, c->name) != 0)
		i++;
	switch (forms[i].format) {
	case 'i':
		return enc_i(forms[i].op, forms[i].f3, c->rd, c->rs1, c->imm + (int32_t)(forms[i].f7 << 5));
	case 'r':
		return enc_r(forms[i].op, forms[i].f3, forms[i].f7, c->rd, c->rs1, c->rs2);
	case 's':
		return enc_s(forms[i].op, forms[i].f3, c->rs1, c->rs2, c->imm);
	case 'b':
		return enc_b(forms[i].f3, c->rs1, c->rs2, c->imm);
	case 'j':
		return enc_j(c->rd, c->imm);
	case 'u':
		return (uint32_t)c->imm | c->rd << 7 | forms[i].op;
	default:
		return 0x00100073;
	}
}

static void random_memory(void)
{
	for (unsigned int i = 0; i < MEM_SIZE; i++)
		bus_state.mem[i] = (uint8_t)random64();
	for (unsigned int i = 0; i < 32; i++)
		bus_state.fp[i] = random64();
	bus_state.fp_on = true;
	bus_state.fail = false;
}

static bool is_memory(const char *name)
{
	return strstr(" lw ld fld sw sd fsd ", name) && strlen(name) < 4 && strcmp(name, "add") != 0;
}

static void test_emulate_compressed_exhaustive(void **state)
{
	unsigned int runs = 0;

	(void)state;
	for (uint32_t c = 0; c < 65536; c++) {
		const struct oracle_insn insn = (c & 3) != 3 ? oracle_c((uint16_t)c) : (struct oracle_insn){0};
		struct machine m = random_machine(), wide;
		struct host_bus start, narrow_bus;
		uint64_t link;

		if (!insn.name)
			continue;
		random_memory();
		if (is_memory(insn.name))
			m.x[insn.rs1] = MEM_BASE + 16 - (uint64_t)(int64_t)insn.imm;
		start = bus_state;
		wide = m;
		run(c, &m);
		narrow_bus = bus_state;
		bus_state = start;
		run(widen(&insn), &wide);
		/* the same but for the instruction's length */
		link = strncmp(insn.name, "jal", 3) == 0 ? insn.rd : 0;
		if (link)
			wide.x[link] -= 2;
		if (wide.pc == PC + 4 && strncmp(insn.name, "jal", 3) != 0 && !(insn.name[0] == 'b' && m.pc == PC + 4))
			wide.pc -= 2;
		assert_memory_equal(m.x, wide.x, sizeof(m.x));
		assert_int_equal(m.pc, wide.pc);
		assert_int_equal(m.trap.taken, wide.trap.taken);
		assert_memory_equal(narrow_bus.mem, bus_state.mem, MEM_SIZE);
		assert_memory_equal(narrow_bus.fp, bus_state.fp, sizeof(bus_state.fp));
		runs++;
	}
	assert_true(runs > 40000);
}

/* ---- memory ---- */

static uint64_t memory_value(unsigned int at, unsigned int size, bool sign)
{
	uint64_t v = 0;

	for (unsigned int i = size; i-- > 0;)
		v = v * 256 + bus_state.mem[at + i];
	if (sign && size < 8 && v >> (size * 8 - 1))
		v -= UINT64_C(1) << (size * 8);
	return v;
}

/* A base register for an access at `at`: x0 cannot reach the array, so never x0. */
static unsigned int base_for(struct machine *m, uint64_t at, int32_t imm)
{
	const unsigned int rs1 = 1 + random64() % 31;

	m->x[rs1] = MEM_BASE + at - (uint64_t)(int64_t)imm;
	return rs1;
}

static void test_emulate_loads(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		const uint32_t f3 = i % 7, size = 1u << f3 % 4, at = random64() % (MEM_SIZE - size + 1);
		const int32_t imm = (int32_t)(random64() % 4096) - 2048;
		struct machine before = random_machine(), after;
		const uint32_t rs1 = base_for(&before, at, imm), rd = i % 5 ? random_reg() : rs1;
		const uint32_t raw = enc_i(0x03, f3, rd, rs1, imm);

		random_memory();
		bus_state.loads = 0;
		after = before;
		run(raw, &after);
		expect(raw, &before, &after, rd, memory_value(at, size, f3 < 4), PC + 4);
		assert_int_equal(bus_state.loads, 1); /* also into x0 */
	}
}

static void test_emulate_stores(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		const uint32_t f3 = i % 4, size = 1u << f3, at = random64() % (MEM_SIZE - size + 1);
		const int32_t imm = (int32_t)(random64() % 4096) - 2048;
		struct machine before = random_machine(), after;
		const uint32_t rs1 = base_for(&before, at, imm), rs2 = i % 5 ? random_reg() : rs1;
		const uint32_t raw = enc_s(0x23, f3, rs1, rs2, imm);
		uint8_t expected[MEM_SIZE];
		uint64_t value = value_of(&before, rs2);

		random_memory();
		memcpy(expected, bus_state.mem, MEM_SIZE);
		for (unsigned int b = 0; b < size; b++, value /= 256)
			expected[at + b] = value % 256;
		after = before;
		run(raw, &after);
		expect(raw, &before, &after, 0, 0, PC + 4);
		assert_memory_equal(bus_state.mem, expected, MEM_SIZE);
	}
}

static void test_emulate_fp_loads_and_stores(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 8000; i++) {
		const uint32_t f3 = 2 + i % 2, size = 1u << f3, at = random64() % (MEM_SIZE - size + 1);
		const uint32_t f = random64() % 32;
		const int32_t imm = (int32_t)(random64() % 4096) - 2048;
		struct machine before = random_machine(), after;
		const uint32_t rs1 = base_for(&before, at, imm);
		uint64_t fp[32];

		random_memory();
		memcpy(fp, bus_state.fp, sizeof(fp));
		after = before;
		run(enc_i(0x07, f3, f, rs1, imm), &after);
		expect(enc_i(0x07, f3, f, rs1, imm), &before, &after, 0, 0, PC + 4);
		fp[f] = memory_value(at, size, false) | (size == 4 ? UINT64_C(0xffffffff) << 32 : 0);
		assert_memory_equal(fp, bus_state.fp, sizeof(fp));

		random_memory();
		after = before;
		run(enc_s(0x27, f3, rs1, f, imm), &after);
		expect(enc_s(0x27, f3, rs1, f, imm), &before, &after, 0, 0, PC + 4);
		assert_int_equal(memory_value(at, size, false),
				 size == 4 ? (uint32_t)bus_state.fp[f] : bus_state.fp[f]);
	}
}

static void test_emulate_fp_off_is_illegal(void **state)
{
	static const uint32_t insns[] = {0x0005a507, 0x0005b507, 0x00a5a027, 0x00a5b027,
					 0x2588,     0xa588,	 0x3522,     0xb52a};

	(void)state;
	for (unsigned int i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		struct machine before = random_machine(), after = before;

		random_memory();
		bus_state.fp_on = false;
		bus_state.loads = bus_state.stores = 0;
		run(insns[i], &after);
		expect_trap(insns[i], &before, &after, 2, insns[i]);
		assert_int_equal(bus_state.loads + bus_state.stores, 0);
	}
}

static void test_emulate_amo(void **state)
{
	static const uint32_t functs[] = {0x00, 0x01, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c};

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		const uint32_t f5 = functs[i % 9], f3 = 2 + random64() % 2, size = 1u << f3;
		const uint32_t at = random64() % (MEM_SIZE / size) * size;
		struct machine before = random_machine(), after;
		const uint32_t rs1 = base_for(&before, at, 0), rs2 = random_reg(), rd = random_reg();
		const uint32_t raw = enc_r(0x2f, f3, f5 * 4 + random64() % 4, rd, rs1, rs2);
		uint64_t old, operand, written;

		random_memory();
		if (i % 3 == 0) /* equal operands, and small ones */
			memset(&bus_state.mem[at], i % 2 ? 0xff : 0, size);
		old = memory_value(at, size, true);
		operand = size == 4 ? word(value_of(&before, rs2)) : value_of(&before, rs2);
		after = before;
		run(raw, &after);
		expect(raw, &before, &after, rd, old, PC + 4);
		assert_int_equal(bus_state.raw, raw);
		assert_int_equal(bus_state.operand, value_of(&before, rs2));
		written = (uint64_t)amo_result(f5, s64(old), s64(operand), size == 4 ? (uint32_t)old : old,
					       size == 4 ? (uint32_t)operand : operand);
		assert_int_equal(memory_value(at, size, true), size == 4 ? word(written) : written);
	}
}

/* Whatever the bus reports is what S-mode sees, and nothing has happened. */
static void test_emulate_faults(void **state)
{
	static const uint32_t insns[] = {
		0x0005b503,					/* ld a0, (a1) */
		0x0005b583,					/* ld a1, (a1) */
		0x0005b003,					/* ld x0, (a1) */
		0x00058503, 0x0005d503, 0x0005a503,		/* lb lhu lw */
		0x00003503,					/* ld a0, 0(x0) */
		0x00a5b023, 0x00058023, 0x0005b023,		/* sd sb sd-x0 */
		0x00a03023,					/* sd a0, 0(x0) */
		0x0005a507, 0x0005b507, 0x00a5a027, 0x00a5b027, /* flw fld fsw fsd */
		0x00c5a52f, 0x00c5b52f, 0x08c5b02f, 0x00b5b5af, /* amo: also rd = x0, all registers equal */
		0x100025f3, 0x10059073, 0x10002073, 0x10015073, /* csr */
		0x6502,	    0x6188,	0xe188,	    0xe02a,	0x2588, 0xb52a, /* compressed */
	};

	(void)state;
	random_memory();
	for (unsigned int i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		struct machine before = random_machine(), after = before;
		const struct host_bus start = bus_state;

		bus_state.fail = true;
		bus_state.failure = (struct rv_trap){.taken = i % 2, .cause = 13 + i, .tval = random64()};
		run(insns[i], &after);
		expect_trap(insns[i], &before, &after, bus_state.failure.cause, bus_state.failure.tval);
		assert_memory_equal(start.mem, bus_state.mem, MEM_SIZE);
		assert_memory_equal(start.fp, bus_state.fp, sizeof(start.fp));
	}
}

/* x0 as a base is 0, whatever x[0] holds. */
static void test_emulate_x0_as_base(void **state)
{
	(void)state;
	random_memory();
	bus_state.fail = true;
	for (int32_t imm = -2048; imm < 2048; imm += 7)
		for (uint32_t f3 = 0; f3 < 7; f3++) {
			const uint32_t insns[] = {enc_i(0x03, f3, 10, 0, imm), enc_s(0x23, f3 & 3, 0, 10, imm),
						  enc_i(0x07, 2 + (f3 & 1), 10, 0, imm),
						  enc_s(0x27, 2 + (f3 & 1), 0, 10, imm),
						  enc_r(0x2f, 2 + (f3 & 1), 0, 10, 0, 11)};

			for (unsigned int i = 0; i < 5; i++) {
				struct machine m = random_machine();

				run(insns[i], &m);
				assert_true(m.trap.taken);
				assert_int_equal(bus_state.va, i < 4 ? (uint64_t)(int64_t)imm : 0);
			}
		}
}

/* ---- SYSTEM, MISC-MEM ---- */

static void test_emulate_csr(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		static const uint32_t functs[] = {1, 2, 3, 5, 6, 7};
		const uint32_t f3 = functs[i % 6], rd = random_reg(), rs1 = random_reg();
		const uint32_t raw = enc_i(0x73, f3, rd, rs1, 0x140);
		struct machine before = random_machine(), after = before;

		bus_state.fail = false;
		bus_state.csr = random64();
		run(raw, &after);
		expect(raw, &before, &after, rd, bus_state.csr, PC + 4);
		assert_int_equal(bus_state.raw, raw);
		assert_int_equal(bus_state.operand, f3 < 4 ? value_of(&before, rs1) : rs1);
	}
}

static void test_emulate_fences_and_hints(void **state)
{
	static const uint32_t fences[] = {0x0ff0000f, 0x0000100f, 0x0100000f};
	static const uint32_t hints[] = {0x00000013, 0x40705013, 0x00000037};
	struct machine before = random_machine(), after;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		bus_state.fences = 0;
		after = before;
		run(fences[i], &after);
		expect(fences[i], &before, &after, 0, 0, PC + 4);
		assert_int_equal(bus_state.fences, 1);
		assert_int_equal(bus_state.raw, fences[i]);
		after = before;
		run(hints[i], &after);
		expect(hints[i], &before, &after, 0, 0, PC + 4);
		assert_int_equal(bus_state.fences, 1);
	}
}

static uint64_t tval_is_pc(uint64_t pc)
{
	return pc;
}

static void test_emulate_traps(void **state)
{
	static const uint32_t ebreaks[] = {0x00100073, 0x9002};
	struct rv_bus machine = host_bus;
	struct machine before = random_machine(), after = before;
	struct rv_insn insn;

	(void)state;
	run(0x00000073, &after);
	expect_trap(0x00000073, &before, &after, 9, 0);
	machine.ebreak_tval = tval_is_pc;
	for (unsigned int i = 0; i < 2; i++) {
		after = before;
		run(ebreaks[i], &after);
		expect_trap(ebreaks[i], &before, &after, 3, 0);
		after = before;
		rv_decode(ebreaks[i], 0, &insn);
		rv_emulate(&insn, after.x, &after.pc, &machine, &after.trap);
		expect_trap(ebreaks[i], &before, &after, 3, PC);
	}
}

/* Never armed, but harmless if it were: an illegal instruction. */
static void test_emulate_rejected_is_illegal(void **state)
{
	static const uint32_t insns[] = {0, 0x10200073, 0x1005a52f, 0xffffffff, 0x00058567 | 1 << 12};

	(void)state;
	for (unsigned int i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		struct machine before = random_machine(), after = before;
		struct rv_insn insn;

		rv_decode(insns[i], ALL_EXT, &insn);
		assert_int_equal(insn.kind, RV_REJECT);
		rv_emulate(&insn, after.x, &after.pc, &host_bus, &after.trap);
		expect_trap(insns[i], &before, &after, 2, insns[i]);
	}
}

/* struct pt_regs has the pc where x0 would be. */
static void test_emulate_pc_in_place_of_x0(void **state)
{
	static const uint32_t insns[] = {
		0x00a50533, 0x40a00533, 0x0000b533, 0x00000517, 0x000500e7, 0x00050067, 0x00000567, 0x00050063,
		0x00a05063, 0x8526,	0x4501,	    0x9502,	0x8502,	    0x0505,	0x0001,	    0x00000013,
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		struct machine apart = random_machine(), together = apart;
		struct rv_insn insn;

		rv_decode(insns[i], ALL_EXT, &insn);
		assert_int_not_equal(insn.kind, RV_REJECT);
		rv_emulate(&insn, apart.x, &apart.pc, &host_bus, &apart.trap);
		together.x[0] = PC;
		rv_emulate(&insn, together.x, &together.x[0], &host_bus, &together.trap);
		assert_int_equal(together.x[0], apart.pc);
		assert_memory_equal(&together.x[1], &apart.x[1], 31 * 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_emulate_branches),
		TEST(test_emulate_jal),
		TEST(test_emulate_jalr),
		TEST(test_emulate_compressed_exhaustive),
		TEST(test_emulate_loads),
		TEST(test_emulate_stores),
		TEST(test_emulate_fp_loads_and_stores),
		TEST(test_emulate_fp_off_is_illegal),
		TEST(test_emulate_amo),
		TEST(test_emulate_faults),
		TEST(test_emulate_x0_as_base),
		TEST(test_emulate_csr),
		TEST(test_emulate_fences_and_hints),
		TEST(test_emulate_traps),
		TEST(test_emulate_rejected_is_illegal),
		TEST(test_emulate_pc_in_place_of_x0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
