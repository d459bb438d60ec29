/* SPDX-License-Identifier: BSD-2-Clause */
/* The disassembler: one instruction of each form in Linux's notation, and any bits at all. */
#include "disasm.h"
#include "engine.h"
#include "opcodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char *disasm(const struct bpf_insn *insn, const struct bpf_insn *next)
{
	static char buf[128];
	struct ebpf_text text;

	ebpf_text_init(&text, buf, sizeof(buf));
	ebpf_disasm(&text, insn, next);
	assert_true(text.len < sizeof(buf));
	return buf;
}

static void test_disasm_forms(void **state)
{
	static const char *const lines[][2] = {
		{"add64_k r1 8", "(07) r1 += 8"},
		{"add32_k r1 -8", "(04) w1 += -8"},
		{"sub64_x r1 r2", "(1f) r1 -= r2"},
		{"sdiv32_x r1 r9", "(3c) w1 s/= w9"},
		{"smod64_k r1 3", "(97) r1 s%= 3"},
		{"div64_k r1 3", "(37) r1 /= 3"},
		{"arsh64_k r1 63", "(c7) r1 s>>= 63"},
		{"mov64_k r0 -2147483648", "(b7) r0 = -2147483648"},
		{"mov32_x r3 r4", "(bc) w3 = w4"},
		{"movsx64_8 r3 r4", "(bf) r3 = (s8)r4"},
		{"movsx64_32 r3 r4", "(bf) r3 = (s32)r4"},
		{"movsx32_16 r3 r4", "(bc) w3 = (s16)w4"},
		{"neg64 r5", "(87) r5 = -r5"},
		{"neg32 r5", "(84) w5 = -w5"},
		{"be16 r5", "(dc) r5 = be16 r5"},
		{"le64 r5", "(d4) r5 = le64 r5"},
		{"bswap32 r5", "(d7) r5 = bswap32 r5"},
		{"ldxdw r0 [r10-8]", "(79) r0 = *(u64 *)(r10 -8)"},
		{"ldxb r0 [r1]", "(71) r0 = *(u8 *)(r1 +0)"},
		{"ldxsw r0 [r1+4]", "(81) r0 = *(s32 *)(r1 +4)"},
		{"sth [r1+4] -1", "(6a) *(u16 *)(r1 +4) = -1"},
		{"stxw [r10-32768] r2", "(63) *(u32 *)(r10 -32768) = r2"},
		{"add64_atomic [r1] r2", "(db) lock *(u64 *)(r1 +0) += r2"},
		{"xor32_atomic [r1+4] r2", "(c3) lock *(u32 *)(r1 +4) ^= r2"},
		{"add64_fetch [r1] r2", "(db) r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)"},
		{"and32_fetch [r1-4] r2", "(c3) r2 = atomic_fetch_and((u32 *)(r1 -4), r2)"},
		{"xchg64 [r1] r2", "(db) r2 = atomic64_xchg((u64 *)(r1 +0), r2)"},
		{"cmpxchg32 [r1] r2", "(c3) r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)"},
		{"lddw r1 0x123456789abcdef0", "(18) r1 = 0x123456789abcdef0"},
		{"lddw r1 0xffffffff", "(18) r1 = 0xffffffff"},
		{"ldacq16 r1 [r2-2]", "(cb) r1 = load_acquire((u16 *)(r2 -2))"},
		{"strel8 [r1+3] r2", "(d3) store_release((u8 *)(r1 +3), r2)"},
		{"may_goto +3", "(e5) may_goto pc+3"},
		{"ja +3", "(05) goto pc+3"},
		{"ja -1", "(05) goto pc-1"},
		{"ja32 +100000", "(06) gotol pc+100000"},
		{"jeq_k r1 -1 +2", "(15) if r1 == 0xffffffff goto pc+2"},
		{"jslt32_k r1 7 -2", "(c6) if w1 s< 0x7 goto pc-2"},
		{"jset_x r1 r2 +2", "(4d) if r1 & r2 goto pc+2"},
		{"jge32_x r1 r2 +0", "(3e) if w1 >= w2 goto pc+0"},
		{"call 1", "(85) call bpf_map_lookup_elem#1"},
		{"call 999999", "(85) call unknown#999999"},
		{"call_local -7", "(85) call pc-7"},
		{"exit", "(95) exit"},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		uint32_t count = engine_assemble(lines[i][0]);

		assert_string_equal(disasm(engine_insns, count > 1 ? &engine_insns[1] : NULL), lines[i][1]);
	}
}

static void test_disasm_references(void **state)
{
	struct bpf_insn next = {.imm = 16}, insn = {.code = 0x18, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = 5};

	(void)state;
	assert_string_equal(disasm(&insn, NULL), "(18) r1 = map_fd 5");
	insn.src_reg = BPF_PSEUDO_MAP_VALUE;
	assert_string_equal(disasm(&insn, &next), "(18) r1 = map_value 5+16");
	insn.src_reg = 15;
	assert_string_equal(disasm(&insn, NULL), "(18) r1 = unknown 5");
	insn.src_reg = 0;
	assert_string_equal(disasm(&insn, NULL), "(18) r1 = 0x5");
}

/* Each row prints something of its own; all other codes print too. */
static void test_disasm_any_bits(void **state)
{
	struct bpf_insn insn;

	(void)state;
	for (unsigned int i = 0; i < EBPF_NR_OPS; i++) {
		const struct ebpf_opcode *opcode = &ebpf_opcodes[i];

		insn = (struct bpf_insn){.code = opcode->code};
		*(opcode->field == EBPF_FIELD_IMM ? &insn.imm : &(int32_t){0}) = opcode->value;
		insn.off = opcode->field == EBPF_FIELD_OFF ? opcode->value : 0;
		insn.src_reg = (opcode->field == EBPF_FIELD_SRC ? opcode->value : 0) & 15;
		assert_null(strstr(disasm(&insn, NULL), "unknown:"));
	}
	for (unsigned int code = 0; code < 256; code++)
		for (int value = -1; value < 300; value++) {
			insn = (struct bpf_insn){.code = (uint8_t)code,
						 .dst_reg = (unsigned int)value & 15,
						 .src_reg = ((unsigned int)value >> 4) & 15,
						 .off = (int16_t)-value,
						 .imm = value};
			assert_true(strlen(disasm(&insn, NULL)) > 5);
			if (!ebpf_opcode_known((uint8_t)code))
				assert_non_null(strstr(disasm(&insn, NULL), "unknown: dst"));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_disasm_forms, engine_setup, engine_teardown),
		cmocka_unit_test(test_disasm_references),
		cmocka_unit_test(test_disasm_any_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
