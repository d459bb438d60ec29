/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The form of an instruction that a path comes to: an operation that exists,
 * reserved fields 0. As Linux, the verifier looks at it only where a path leads.
 */
#include "opcodes.h"
#include "vstate.h"

/* Fields that must be 0, opcodes that do not exist: RFC 9669 sec. 3.1, in Linux's words. */
int ebpf_vform_check(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	static const char *const names[] = {"LD_IMM64", "LDX", "ST", "STX", "ALU", "JMP/JMP32", "JMP/JMP32", "ALU"};
	int row = ebpf_opcode_find(insn);
	const struct ebpf_opcode *opcode;
	uint8_t class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);
	const char *name = names[class];
	unsigned int flags;

	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW))
		return insn->off ? ebpf_v_refuse(v, -EINVAL, NULL, "BPF_LD_IMM64 uses reserved fields") : 0;
	if (class == BPF_LD)
		return ebpf_v_refuse(v, -EINVAL, "packet access is not for kprobe programs",
				     "BPF_LD_[ABS|IND] instructions not allowed for this program type");
	if (class == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC && row < 0)
		return ebpf_v_refuse(v, -EINVAL, NULL, "BPF_ATOMIC uses invalid atomic opcode %x",
				     (unsigned int)insn->imm);
	if (class == BPF_JMP || class == BPF_JMP32)
		name = op == BPF_CALL ? "CALL" : op == BPF_EXIT ? "EXIT" : op == BPF_JA ? "JA" : name;
	if (class == BPF_ALU || class == BPF_ALU64)
		name = op == BPF_NEG ? "NEG" : op == BPF_END ? "END" : op == BPF_MOV ? "MOV" : name;
	if (row == EBPF_OP_MAY_GOTO && (insn->dst_reg || insn->src_reg || insn->imm))
		return ebpf_v_refuse(v, -EINVAL, NULL, "invalid may_goto imm %d", insn->imm);
	if (row < 0)
		return ebpf_v_refuse(v, -EINVAL, NULL, "BPF_%s uses reserved fields", name);
	opcode = &ebpf_opcodes[row];
	flags = ebpf_form_flags[opcode->form];
	if (row == EBPF_OP_EXIT)
		flags |= EBPF_USES_OFF; /* Linux does not look at it */
	if ((!(flags & (EBPF_DST_R | EBPF_DST_W)) && insn->dst_reg) ||
	    (!(flags & (EBPF_SRC_R | EBPF_SRC_W)) && opcode->field != EBPF_FIELD_SRC && insn->src_reg) ||
	    (!(flags & EBPF_USES_OFF) && opcode->field != EBPF_FIELD_OFF && insn->off) ||
	    (!(flags & EBPF_USES_IMM) && opcode->field != EBPF_FIELD_IMM && insn->imm))
		return ebpf_v_refuse(v, -EINVAL, NULL, "BPF_%s uses reserved fields", name);
	return 0;
}
