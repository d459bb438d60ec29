/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structural check (check_insn.h). Two passes over the slots: the first
 * looks at each instruction alone and collects where subprograms begin; the
 * second looks at jumps, which must stay inside their subprogram, and at the
 * last instruction of each. After it every slot but the second half of a wide
 * instruction decodes to one row of opcodes.h, and execution cannot leave the
 * program. RFC 9669 sec. 3 to 5.
 */
#include "check_insn.h"
#include "helper.h"
#include "limits.h"
#include "opcodes.h"
#include "uapi/bpf.h"
#include "uapi/errno.h"

_Static_assert(EBPF_MAX_INSNS <= 65536, "slots fit 16 bits");

static int refuse(struct ebpf_check *check, uint32_t pc, const char *reason)
{
	check->result->pc = pc;
	check->result->reason = reason;
	return -EINVAL;
}

/* ------------------------------------------------- one instruction by itself */

static const char *reserved_reason(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		return "BPF_LD_IMM64 uses reserved fields";
	case BPF_LDX:
		return "BPF_LDX uses reserved fields";
	case BPF_ST:
		return "BPF_ST uses reserved fields";
	case BPF_STX:
		return BPF_MODE(insn->code) == BPF_ATOMIC ? "BPF_ATOMIC uses reserved fields"
							  : "BPF_STX uses reserved fields";
	case BPF_JMP:
	case BPF_JMP32:
		switch (BPF_OP(insn->code)) {
		case BPF_CALL:
			return "BPF_CALL uses reserved fields";
		case BPF_EXIT:
			return "BPF_EXIT uses reserved fields";
		case BPF_JA:
			return "BPF_JA uses reserved fields";
		}
		return "BPF_JMP uses reserved fields";
	}
	switch (BPF_OP(insn->code)) {
	case BPF_NEG:
		return "BPF_NEG uses reserved fields";
	case BPF_END:
		return "BPF_END uses reserved fields";
	case BPF_MOV:
		return "BPF_MOV uses reserved fields";
	}
	return "BPF_ALU uses reserved fields";
}

/* The opcode byte is known, but no operation of it has this selector. */
static const char *unknown_reason(const struct bpf_insn *insn)
{
	if (!ebpf_opcode_known(insn->code)) {
		if (BPF_CLASS(insn->code) == BPF_LD &&
		    (BPF_MODE(insn->code) == BPF_ABS || BPF_MODE(insn->code) == BPF_IND))
			return "BPF_LD_[ABS|IND] instructions not allowed for this program type";
		if (insn->code == (BPF_JMP | BPF_CALL | BPF_X))
			return "unknown opcode 8d: calls through a register are not supported";
		return "unknown opcode";
	}
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		return "unrecognized bpf_ld_imm64 insn";
	case BPF_STX:
		return "BPF_ATOMIC uses invalid atomic opcode";
	case BPF_JMP:
		return insn->src_reg == BPF_PSEUDO_KFUNC_CALL ? "calling kernel functions is not supported"
							      : "BPF_CALL uses reserved fields";
	}
	return reserved_reason(insn);
}

static const char *check_reg(unsigned int reg)
{
	static const char *const reasons[] = {
		"R11 is invalid", "R12 is invalid", "R13 is invalid", "R14 is invalid", "R15 is invalid",
	};

	return reg < MAX_BPF_REG ? 0 : reasons[reg - MAX_BPF_REG];
}

static const char *check_regs(const struct bpf_insn *insn, unsigned int flags)
{
	const char *reason = 0;

	if (flags & (EBPF_DST_R | EBPF_DST_W))
		reason = check_reg(insn->dst_reg);
	if (!reason && (flags & (EBPF_SRC_R | EBPF_SRC_W)))
		reason = check_reg(insn->src_reg);
	if (!reason && (((flags & EBPF_DST_W) && insn->dst_reg == BPF_REG_10) ||
			((flags & EBPF_SRC_W) && insn->src_reg == BPF_REG_10)))
		reason = "frame pointer is read only";
	return reason;
}

static bool reserved_ok(const struct bpf_insn *insn, const struct ebpf_opcode *opcode, unsigned int flags)
{
	if (!(flags & (EBPF_DST_R | EBPF_DST_W)) && insn->dst_reg)
		return false;
	if (!(flags & (EBPF_SRC_R | EBPF_SRC_W)) && opcode->field != EBPF_FIELD_SRC && insn->src_reg)
		return false;
	if (!(flags & EBPF_USES_OFF) && opcode->field != EBPF_FIELD_OFF && insn->off)
		return false;
	return (flags & EBPF_USES_IMM) || opcode->field == EBPF_FIELD_IMM || !insn->imm;
}

static bool shift_ok(const struct bpf_insn *insn)
{
	uint8_t op = BPF_OP(insn->code), class = BPF_CLASS(insn->code);

	if ((class != BPF_ALU && class != BPF_ALU64) || BPF_SRC(insn->code) != BPF_K ||
	    (op != BPF_LSH && op != BPF_RSH && op != BPF_ARSH))
		return true;
	return (uint32_t)insn->imm < (class == BPF_ALU ? 32u : 64u);
}

/* The second slot of a wide instruction holds nothing but the upper half of the constant. */
static const char *check_wide(const struct ebpf_check *check, uint32_t pc)
{
	const struct bpf_insn *second = &check->insns[pc + 1];

	if (pc + 1 >= check->count || second->code || second->dst_reg || second->src_reg || second->off)
		return "invalid bpf_ld_imm64 insn";
	return 0;
}

static const char *check_helper(const struct ebpf_check *check, const struct bpf_insn *insn)
{
	if (check->helper_of((uint32_t)insn->imm, check->rcore))
		return 0;
	return ebpf_helper_name((uint32_t)insn->imm) ? "program of this type cannot use this helper"
						     : "invalid func unknown";
}

/* Remember a subprogram; the list stays sorted. */
static const char *add_subprog(struct ebpf_check *check, uint32_t start)
{
	uint32_t low = 0, high = check->nr_subprogs;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (check->subprogs[mid] == start)
			return 0;
		if (check->subprogs[mid] < start)
			low = mid + 1;
		else
			high = mid;
	}
	if (check->nr_subprogs == EBPF_MAX_SUBPROGS)
		return "too many subprograms";
	for (uint32_t i = check->nr_subprogs++; i > low; i--)
		check->subprogs[i] = check->subprogs[i - 1];
	check->subprogs[low] = (uint16_t)start;
	return 0;
}

/* A local call, or a wide load of a function's address: from the next slot on. */
static const char *check_function(struct ebpf_check *check, uint32_t pc)
{
	int64_t target = (int64_t)pc + 1 + check->insns[pc].imm;

	if (target < 0 || target >= check->count)
		return "call to invalid destination";
	return add_subprog(check, (uint32_t)target);
}

static int check_one(struct ebpf_check *check)
{
	uint32_t pc = check->pc;
	const struct bpf_insn *insn = &check->insns[pc];
	int row = ebpf_opcode_find(insn);
	const char *reason;
	unsigned int flags;

	if (row < 0)
		return refuse(check, pc, unknown_reason(insn));
	flags = ebpf_form_flags[ebpf_opcodes[row].form];
	reason = check_regs(insn, flags);
	if (!reason && !reserved_ok(insn, &ebpf_opcodes[row], flags))
		reason = reserved_reason(insn);
	if (!reason && !shift_ok(insn))
		reason = "invalid shift";
	if (!reason && ebpf_opcodes[row].form == EBPF_FORM_LDDW)
		reason = check_wide(check, pc);
	if (!reason && row == EBPF_OP_CALL && !check->verified)
		reason = check_helper(check, insn);
	if (!reason && (row == EBPF_OP_CALL_LOCAL || row == EBPF_OP_LDFUNC))
		reason = check_function(check, pc);
	if (reason)
		return refuse(check, pc, reason);
	check->pc += ebpf_opcodes[row].form == EBPF_FORM_LDDW ? 2 : 1;
	return 0;
}

/* ------------------------------------------------------------- control flow */

/* Is slot `pc` the second half of a wide instruction? No instruction has opcode 0, and pass one has seen all. */
static bool second_half(const struct ebpf_check *check, uint32_t pc)
{
	return check->insns[pc].code == 0;
}

static bool unconditional(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_EXIT) || insn->code == (BPF_JMP | BPF_JA) ||
	       insn->code == (BPF_JMP32 | BPF_JA);
}

static int check_jump(struct ebpf_check *check, uint32_t start, uint32_t end)
{
	const struct bpf_insn *insn = &check->insns[check->pc];
	int64_t distance = insn->code == (BPF_JMP32 | BPF_JA) ? insn->imm : insn->off;
	int64_t target = (int64_t)check->pc + 1 + distance;

	if (target < start || target >= end)
		return refuse(check, check->pc, "jump out of range");
	if (second_half(check, (uint32_t)target))
		return refuse(check, check->pc, "jump into the middle of ldimm64 insn");
	return 0;
}

static int check_flow(struct ebpf_check *check)
{
	uint32_t start = check->subprogs[check->subprog], end = check->count, pc = check->pc;
	const struct bpf_insn *insn = &check->insns[pc];
	uint8_t class = BPF_CLASS(insn->code);

	if (check->subprog + 1 < check->nr_subprogs)
		end = check->subprogs[check->subprog + 1];
	if ((class == BPF_JMP || class == BPF_JMP32) && insn->code != (BPF_JMP | BPF_EXIT) &&
	    insn->code != (BPF_JMP | BPF_CALL) && check_jump(check, start, end))
		return -EINVAL;
	if (pc + 1 == end) {
		/* this also keeps calls out of wide instructions: the slot before would be its first half */
		if (!unconditional(insn))
			return refuse(check, pc, "last insn is not an exit or jmp");
		check->subprog++;
	}
	check->pc++;
	return 0;
}

/* ------------------------------------------------------------------- driving */

static int check_begin(struct ebpf_check *check)
{
	if (!check->count)
		return refuse(check, 0, "program has no instructions");
	if (check->count > EBPF_MAX_INSNS)
		return refuse(check, 0, "program has too many instructions");
	check->nr_subprogs = 1;
	check->subprogs[0] = 0;
	check->subprog = 0;
	check->pc = 0;
	check->pass = 1;
	return 0;
}

int ebpf_check_step(struct ebpf_check *check, uint32_t max_insns)
{
	int err = check->pass ? 0 : check_begin(check);

	while (!err && max_insns--) {
		err = check->pass == 1 ? check_one(check) : check_flow(check);
		if (err || check->pc < check->count)
			continue;
		if (check->pass == 2)
			return 0;
		check->pass = 2;
		check->pc = 0;
	}
	return err ? err : -ERESTART;
}

int ebpf_check_insns(const struct bpf_insn *insns, uint32_t count, bool rcore, struct ebpf_check_result *result)
{
	struct ebpf_check check = {
		.insns = insns, .count = count, .rcore = rcore, .helper_of = ebpf_helper_of, .result = result};
	int err;

	do
		err = ebpf_check_step(&check, 2 * EBPF_MAX_INSNS + 1);
	while (err == -ERESTART);
	return err;
}
