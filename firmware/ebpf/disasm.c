/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The disassembler (disasm.h). Operators and names come from opcodes.h; here is
 * only how each form arranges them.
 */
#include "disasm.h"
#include "helper.h"
#include "opcodes.h"
#include "uapi/bpf.h"

struct out {
	struct ebpf_text *text;
	const struct bpf_insn *insn;
	const struct bpf_insn *next; /* or NULL */
	const struct ebpf_opcode *opcode;
};

/* -------------------------------------------------------------------- pieces */

static void text(const struct out *out, const char *piece)
{
	ebpf_text_str(out->text, piece);
}

static void decimal(const struct out *out, int64_t value, const char *plus)
{
	text(out, value < 0 ? "" : plus);
	ebpf_text_signed(out->text, value);
}

static int narrow(const struct out *out)
{
	uint8_t class = BPF_CLASS(out->insn->code);

	return class == BPF_ALU || class == BPF_JMP32;
}

/* r1, or w1 where the operation has 32 bits */
static void reg(const struct out *out, unsigned int index, int is_narrow)
{
	text(out, is_narrow ? "w" : "r");
	ebpf_text_unsigned(out->text, index);
}

static void dst(const struct out *out)
{
	reg(out, out->insn->dst_reg, narrow(out));
}

static void src(const struct out *out)
{
	reg(out, out->insn->src_reg, narrow(out));
}

/* (u64 *)(r10 -8) */
static void memory(const struct out *out, const char *type, unsigned int base)
{
	text(out, "(");
	text(out, type);
	text(out, " *)(");
	reg(out, base, 0);
	text(out, " ");
	decimal(out, out->insn->off, "+");
	text(out, ")");
}

static const char *width(const struct out *out)
{
	static const char *const names[] = {"u32", "u16", "u8", "u64"};

	return names[BPF_SIZE(out->insn->code) >> 3];
}

static void operator(const struct out *out)
{
	text(out, " ");
	text(out, out->opcode->text);
	text(out, " ");
}

/* --------------------------------------------------------------------- forms */

static void alu(const struct out *out)
{
	const char *name = out->opcode->text;

	if (out->opcode->form == EBPF_FORM_END) {
		reg(out, out->insn->dst_reg, 0);
		text(out, " = ");
		text(out, name);
		text(out, " ");
		reg(out, out->insn->dst_reg, 0);
		return;
	}
	dst(out);
	switch (out->opcode->form) {
	case EBPF_FORM_NEG:
		text(out, " = -");
		dst(out);
		return;
	case EBPF_FORM_ALU_K:
		operator(out);
		decimal(out, out->insn->imm, "");
		return;
	}
	text(out, " ");
	text(out, name);
	/* "= (s8)" has its operand without a space, as Linux writes it */
	if (name[0] != '=' || !name[1])
		text(out, " ");
	src(out);
}

static void atomic_fetch(const struct out *out)
{
	int compares = out->opcode->form == EBPF_FORM_CMPXCHG;

	reg(out, compares ? BPF_REG_0 : out->insn->src_reg, 0);
	text(out, BPF_SIZE(out->insn->code) == BPF_DW ? " = atomic64_" : " = atomic_");
	text(out, out->opcode->text);
	text(out, "(");
	memory(out, width(out), out->insn->dst_reg);
	text(out, compares ? ", r0, " : ", ");
	reg(out, out->insn->src_reg, 0);
	text(out, ")");
}

/* load_acquire, store_release: "r1 = load_acquire((u64 *)(r2 +0))" */
static void ordered(const struct out *out, bool load)
{
	const struct bpf_insn *insn = out->insn;

	if (load) {
		reg(out, insn->dst_reg, 0);
		text(out, " = ");
	}
	text(out, out->opcode->text);
	text(out, "(");
	memory(out, width(out), load ? insn->src_reg : insn->dst_reg);
	if (!load) {
		text(out, ", ");
		reg(out, insn->src_reg, 0);
	}
	text(out, ")");
}

static void load_store(const struct out *out)
{
	const struct bpf_insn *insn = out->insn;

	switch (out->opcode->form) {
	case EBPF_FORM_LDX:
		reg(out, insn->dst_reg, 0);
		text(out, " = *");
		memory(out, out->opcode->text, insn->src_reg);
		return;
	case EBPF_FORM_ST:
	case EBPF_FORM_STX:
		text(out, "*");
		memory(out, out->opcode->text, insn->dst_reg);
		text(out, " = ");
		if (out->opcode->form == EBPF_FORM_ST)
			decimal(out, insn->imm, "");
		else
			reg(out, insn->src_reg, 0);
		return;
	case EBPF_FORM_LDACQ:
	case EBPF_FORM_STREL:
		ordered(out, out->opcode->form == EBPF_FORM_LDACQ);
		return;
	case EBPF_FORM_ATOMIC:
		text(out, "lock *");
		memory(out, width(out), insn->dst_reg);
		operator(out);
		reg(out, insn->src_reg, 0);
		return;
	}
	atomic_fetch(out);
}

static void jump(const struct out *out)
{
	unsigned int form = out->opcode->form;

	if (form == EBPF_FORM_JA || form == EBPF_FORM_JA32 || form == EBPF_FORM_MAY_GOTO) {
		text(out, out->opcode->text);
		text(out, " pc");
		decimal(out, form == EBPF_FORM_JA32 ? out->insn->imm : out->insn->off, "+");
		return;
	}
	text(out, "if ");
	dst(out);
	operator(out);
	if (form == EBPF_FORM_JMP_K)
		ebpf_text_hex(out->text, (uint32_t)out->insn->imm);
	else
		src(out);
	text(out, " goto pc");
	decimal(out, out->insn->off, "+");
}

static void call(const struct out *out)
{
	const char *name = ebpf_helper_name((uint32_t)out->insn->imm);

	text(out, "call ");
	if (out->opcode->form == EBPF_FORM_CALL_LOCAL) {
		text(out, "pc");
		decimal(out, out->insn->imm, "+");
		return;
	}
	text(out, name ? "bpf_" : "unknown");
	text(out, name ? name : "");
	text(out, "#");
	decimal(out, out->insn->imm, "");
}

/* A wide load that refers to something shows the reference, never an address. */
static void wide(const struct out *out)
{
	static const char *const kinds[] = {"", "map_fd ", "map_value ", "btf ", "func ", "map_idx ", "map_idx_value "};
	unsigned int kind = out->insn->src_reg;
	int32_t upper = out->next ? out->next->imm : 0;

	reg(out, out->insn->dst_reg, 0);
	text(out, " = ");
	if (!kind) {
		ebpf_text_hex(out->text, (uint32_t)out->insn->imm | (uint64_t)(uint32_t)upper << 32);
		return;
	}
	text(out, kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : "unknown ");
	decimal(out, out->insn->imm, "");
	if (upper)
		decimal(out, upper, "+");
}

static void unknown(const struct out *out)
{
	const struct bpf_insn *insn = out->insn;

	text(out, "unknown: dst ");
	ebpf_text_unsigned(out->text, insn->dst_reg);
	text(out, " src ");
	ebpf_text_unsigned(out->text, insn->src_reg);
	text(out, " off ");
	decimal(out, insn->off, "");
	text(out, " imm ");
	decimal(out, insn->imm, "");
}

static void known(const struct out *out)
{
	switch (BPF_CLASS(out->insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		alu(out);
		return;
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		load_store(out);
		return;
	}
	switch (out->opcode->form) {
	case EBPF_FORM_EXIT:
		text(out, "exit");
		return;
	case EBPF_FORM_CALL:
	case EBPF_FORM_CALL_LOCAL:
		call(out);
		return;
	}
	jump(out);
}

void ebpf_disasm(struct ebpf_text *buffer, const struct bpf_insn *insn, const struct bpf_insn *next)
{
	int row = ebpf_opcode_find(insn);
	struct out out = {.text = buffer, .insn = insn, .next = next};

	ebpf_text_char(buffer, '(');
	ebpf_text_char(buffer, "0123456789abcdef"[insn->code >> 4]);
	ebpf_text_char(buffer, "0123456789abcdef"[insn->code & 15]);
	ebpf_text_str(buffer, ") ");
	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
		wide(&out);
	} else if (row < 0) {
		unknown(&out);
	} else {
		out.opcode = &ebpf_opcodes[row];
		known(&out);
	}
}
