/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The opcode list as tables, and finding the row of an instruction in them.
 * Nothing here knows what an operation does. RFC 9669 sec. 3 to 5.
 */
#include "opcodes.h"
#include "uapi/bpf.h"

#define ROW(row_name, row_code, row_field, row_value, row_form, row_text)                                              \
	[EBPF_OP_##row_name] = {                                                                                       \
		.name = #row_name,                                                                                     \
		.text = row_text,                                                                                      \
		.value = row_value,                                                                                    \
		.code = row_code,                                                                                      \
		.field = EBPF_FIELD_##row_field,                                                                       \
		.form = EBPF_FORM_##row_form,                                                                          \
	},
const struct ebpf_opcode ebpf_opcodes[EBPF_NR_OPS] = {EBPF_OPCODES(ROW, ROW)};

#define FLAGS(name, flags) [EBPF_FORM_##name] = (flags),
const uint8_t ebpf_form_flags[EBPF_NR_FORMS] = {EBPF_FORMS(FLAGS)};

/* By opcode byte: 1 + index of the first row of that code, 0 = no such code. */
#define FIRST(name, code, field, value, form, text) [code] = EBPF_OP_##name + 1,
#define NOT_FIRST(name, code, field, value, form, text)
static const uint8_t first_row[256] = {EBPF_OPCODES(FIRST, NOT_FIRST)};

_Static_assert(EBPF_NR_OPS < 255, "row numbers fit a byte");

int ebpf_opcode_known(uint8_t code)
{
	return first_row[code] != 0;
}

static int32_t selector(const struct bpf_insn *insn, uint8_t field)
{
	switch (field) {
	case EBPF_FIELD_OFF:
		return insn->off;
	case EBPF_FIELD_IMM:
		return insn->imm;
	case EBPF_FIELD_SRC:
		return insn->src_reg;
	}
	return 0;
}

int ebpf_opcode_find(const struct bpf_insn *insn)
{
	unsigned int first = first_row[insn->code];

	if (!first)
		return -1;
	/* the rows of one code are neighbours, ten at most */
	for (unsigned int row = first - 1; row < EBPF_NR_OPS && ebpf_opcodes[row].code == insn->code; row++)
		if (selector(insn, ebpf_opcodes[row].field) == ebpf_opcodes[row].value)
			return (int)row;
	return -1;
}
