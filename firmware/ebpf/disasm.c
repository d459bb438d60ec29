/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disassembling one instruction (RFC 9669). For people: of wide loads that
 * refer to maps only the reference is shown, never an address.
 */
#include "disasm.h"

#include "helper.h"

static const char *const alu_ops[16] = {
	"+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>=", NULL, NULL, NULL};
static const char *const jmp_ops[16] = {
	NULL, "==", ">", ">=", "&", "!=", "s>", "s>=", NULL, NULL, "<", "<=", "s<", "s<=", NULL, NULL};

static void reg(struct ebpf_text *text, char bank, unsigned int nr)
{
	ebpf_text_char(text, bank);
	ebpf_text_unsigned(text, nr);
}

static void offset(struct ebpf_text *text, int32_t off)
{
	if (off >= 0)
		ebpf_text_char(text, '+');
	ebpf_text_signed(text, off);
}

/* "*(u32 *)(r1 +4)" */
static void memory(struct ebpf_text *text, const struct bpf_insn *insn, unsigned int base)
{
	static const char *const sizes[4] = {"32", "16", "8", "64"};

	ebpf_text_str(text, BPF_MODE(insn->code) == BPF_MEMSX ? "*(s" : "*(u");
	ebpf_text_str(text, sizes[BPF_SIZE(insn->code) >> 3]);
	ebpf_text_str(text, " *)(r");
	ebpf_text_unsigned(text, base);
	ebpf_text_char(text, ' ');
	offset(text, insn->off);
	ebpf_text_char(text, ')');
}

static void unknown(struct ebpf_text *text, const char *what)
{
	ebpf_text_str(text, "BUG_");
	ebpf_text_str(text, what);
}

static void operand(struct ebpf_text *text, const struct bpf_insn *insn, char bank)
{
	if (BPF_SRC(insn->code) == BPF_X)
		reg(text, bank, insn->src_reg);
	else
		ebpf_text_signed(text, insn->imm);
}

static void byte_swap(struct ebpf_text *text, const struct bpf_insn *insn)
{
	const char *name = BPF_SRC(insn->code) == BPF_TO_BE ? "be" : "le";

	reg(text, 'r', insn->dst_reg);
	ebpf_text_str(text, " = ");
	ebpf_text_str(text, BPF_CLASS(insn->code) == BPF_ALU64 ? "bswap" : name);
	ebpf_text_signed(text, insn->imm);
	ebpf_text_char(text, ' ');
	reg(text, 'r', insn->dst_reg);
}

/* div, mod and mov have signed forms, chosen by the offset field: RFC 9669 sec. 4.1 */
static void alu_operator(struct ebpf_text *text, const struct bpf_insn *insn)
{
	uint8_t op = BPF_OP(insn->code);

	if ((op == BPF_DIV || op == BPF_MOD) && insn->off == 1)
		ebpf_text_char(text, 's');
	ebpf_text_str(text, alu_ops[op >> 4]);
	ebpf_text_char(text, ' ');
	if (op == BPF_MOV && insn->off) {
		ebpf_text_str(text, "(s");
		ebpf_text_signed(text, insn->off);
		ebpf_text_char(text, ')');
	}
}

static void alu(struct ebpf_text *text, const struct bpf_insn *insn)
{
	char bank = BPF_CLASS(insn->code) == BPF_ALU64 ? 'r' : 'w';
	uint8_t op = BPF_OP(insn->code);

	if (op == BPF_END) {
		byte_swap(text, insn);
		return;
	}
	if (!alu_ops[op >> 4]) {
		unknown(text, "alu");
		return;
	}
	reg(text, bank, insn->dst_reg);
	ebpf_text_char(text, ' ');
	if (op == BPF_NEG) {
		ebpf_text_str(text, "= -");
		reg(text, bank, insn->dst_reg);
		return;
	}
	alu_operator(text, insn);
	operand(text, insn, bank);
}

static void call(struct ebpf_text *text, const struct bpf_insn *insn)
{
	const char *name = ebpf_helper_name((uint32_t)insn->imm);

	ebpf_text_str(text, "call ");
	if (insn->src_reg == BPF_PSEUDO_CALL) {
		ebpf_text_str(text, "pc");
		offset(text, insn->imm);
		return;
	}
	if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL) {
		ebpf_text_str(text, "kernel-function#");
		ebpf_text_signed(text, insn->imm);
		return;
	}
	ebpf_text_str(text, name ? "bpf_" : "unknown");
	ebpf_text_str(text, name ? name : "");
	ebpf_text_char(text, '#');
	ebpf_text_signed(text, insn->imm);
}

static void jump(struct ebpf_text *text, const struct bpf_insn *insn)
{
	bool wide = BPF_CLASS(insn->code) == BPF_JMP;
	uint8_t op = BPF_OP(insn->code);
	char bank = wide ? 'r' : 'w';

	if (op == BPF_JA) {
		ebpf_text_str(text, wide ? "goto pc" : "gotol pc");
		offset(text, wide ? insn->off : insn->imm);
	} else if (op == BPF_CALL && wide) {
		call(text, insn);
	} else if (op == BPF_EXIT && wide) {
		ebpf_text_str(text, "exit");
	} else if (jmp_ops[op >> 4]) {
		ebpf_text_str(text, "if ");
		reg(text, bank, insn->dst_reg);
		ebpf_text_char(text, ' ');
		ebpf_text_str(text, jmp_ops[op >> 4]);
		ebpf_text_char(text, ' ');
		if (BPF_SRC(insn->code) == BPF_X)
			reg(text, bank, insn->src_reg);
		else
			ebpf_text_hex(text, (uint32_t)insn->imm);
		ebpf_text_str(text, " goto pc");
		offset(text, insn->off);
	} else {
		unknown(text, "jmp");
	}
}

static void atomic(struct ebpf_text *text, const struct bpf_insn *insn)
{
	ebpf_text_str(text, "lock ");
	memory(text, insn, insn->dst_reg);
	ebpf_text_str(text, " op ");
	ebpf_text_hex(text, (uint32_t)insn->imm);
	ebpf_text_char(text, ' ');
	reg(text, 'r', insn->src_reg);
}

static void store(struct ebpf_text *text, const struct bpf_insn *insn)
{
	uint8_t mode = BPF_MODE(insn->code);

	if (mode == BPF_ATOMIC && BPF_CLASS(insn->code) == BPF_STX) {
		atomic(text, insn);
	} else if (mode == BPF_MEM) {
		memory(text, insn, insn->dst_reg);
		ebpf_text_str(text, " = ");
		if (BPF_CLASS(insn->code) == BPF_STX)
			reg(text, 'r', insn->src_reg);
		else
			ebpf_text_signed(text, insn->imm);
	} else {
		unknown(text, "st");
	}
}

static void load_wide(struct ebpf_text *text, const struct bpf_insn *insn, const struct bpf_insn *next)
{
	static const char *const kinds[] = {"", "map_fd ", "map_value ", "btf ", "func ", "map_idx ", "map_idx_value "};

	reg(text, 'r', insn->dst_reg);
	ebpf_text_str(text, " = ");
	if (insn->src_reg == 0) {
		ebpf_text_hex(text, (uint32_t)insn->imm | (next ? (uint64_t)(uint32_t)next->imm << 32 : 0));
		return;
	}
	ebpf_text_str(text, insn->src_reg < sizeof(kinds) / sizeof(kinds[0]) ? kinds[insn->src_reg] : "unknown ");
	ebpf_text_signed(text, insn->imm);
	if (next && next->imm)
		offset(text, next->imm);
}

static void load(struct ebpf_text *text, const struct bpf_insn *insn, const struct bpf_insn *next)
{
	uint8_t mode = BPF_MODE(insn->code);

	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
		load_wide(text, insn, next);
	} else if (BPF_CLASS(insn->code) == BPF_LDX && (mode == BPF_MEM || mode == BPF_MEMSX)) {
		reg(text, 'r', insn->dst_reg);
		ebpf_text_str(text, " = ");
		memory(text, insn, insn->src_reg);
	} else if (BPF_CLASS(insn->code) == BPF_LD && (mode == BPF_ABS || mode == BPF_IND)) {
		ebpf_text_str(text, "r0 = packet bytes");
	} else {
		unknown(text, "ld");
	}
}

void ebpf_disasm(struct ebpf_text *text, const struct bpf_insn *insn, const struct bpf_insn *next)
{
	ebpf_text_char(text, '(');
	ebpf_text_char(text, "0123456789abcdef"[insn->code >> 4]);
	ebpf_text_char(text, "0123456789abcdef"[insn->code & 15]);
	ebpf_text_str(text, ") ");
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		load(text, insn, next);
		break;
	case BPF_ST:
	case BPF_STX:
		store(text, insn);
		break;
	case BPF_ALU:
	case BPF_ALU64:
		alu(text, insn);
		break;
	default:
		jump(text, insn);
	}
}
