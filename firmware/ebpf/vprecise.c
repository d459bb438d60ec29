/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Precision: which scalars' values mattered. A scalar whose value no decision
 * rested on may be anything when states are compared; without that, loops and
 * diamonds of branches would never converge. When a value matters (a pointer is
 * moved by it, a size is checked, a jump is decided), the path is followed
 * backwards by its history, from the registers that hold the value to those it
 * was computed from, and they are marked in each checkpoint on the way.
 * Where that trail cannot be followed everything is marked.
 */
#include "vstate.h"

#define ARGS 0x3eu /* r1 .. r5 */

void ebpf_vprecise_reg(struct ebpf_verifier *v, uint32_t nr)
{
	v->want.regs[v->depth] |= (uint16_t)(1u << nr);
	v->wanted = true;
}

static bool nothing_wanted(const struct ebpf_vbacktrack *bt)
{
	for (uint32_t n = 0; n <= bt->frame; n++)
		if (bt->want.regs[n] || bt->want.slots[n])
			return false;
	return true;
}

void ebpf_vprecise_begin(struct ebpf_verifier *v, uint32_t insn)
{
	v->bt = (struct ebpf_vbacktrack){
		.want = v->want,
		.frame = v->want_frame,
		.insn = insn,
		.subseq = UINT32_MAX,
		.first = v->first,
		.nr_hist = v->nr_hist,
		.skip = true,
	};
	for (uint32_t n = 0; n < EBPF_MAX_CALL_DEPTH; n++) {
		v->want.regs[n] = 0;
		v->want.slots[n] = 0;
	}
	v->wanted = false;
}

/* ---------------------------------------------------------- one instruction back */

static uint16_t *regs(struct ebpf_vbacktrack *bt)
{
	return &bt->want.regs[bt->frame];
}

static bool wants(const struct ebpf_vbacktrack *bt, uint32_t reg)
{
	return bt->want.regs[bt->frame] >> reg & 1;
}

static void replace(struct ebpf_vbacktrack *bt, uint32_t reg, uint32_t by)
{
	*regs(bt) &= (uint16_t) ~(1u << reg);
	if (by != BPF_REG_10)
		*regs(bt) |= (uint16_t)(1u << by);
}

static void drop(struct ebpf_vbacktrack *bt, uint32_t reg)
{
	replace(bt, reg, BPF_REG_10);
}

/* Registers that learned from each other: if one matters, all do. */
static void sync_linked(struct ebpf_vbacktrack *bt, const struct ebpf_vhist *hist)
{
	bool some = false;

	for (uint32_t i = 0; hist && i < hist->nr_linked; i++) {
		uint16_t name = ebpf_vhist_linked(hist, i);
		uint32_t frame = name >> 8, n = name & 0x7f;

		some |= name & 0x80 ? bt->want.slots[frame] >> n & 1 : bt->want.regs[frame] >> n & 1;
	}
	for (uint32_t i = 0; some && i < hist->nr_linked; i++) {
		uint16_t name = ebpf_vhist_linked(hist, i);
		uint32_t frame = name >> 8, n = name & 0x7f;

		if (name & 0x80)
			bt->want.slots[frame] |= (uint64_t)1 << n;
		else
			bt->want.regs[frame] |= (uint16_t)(1u << n);
	}
}

static void back_alu(struct ebpf_vbacktrack *bt, const struct bpf_insn *insn)
{
	uint8_t op = BPF_OP(insn->code);

	if (!wants(bt, insn->dst_reg) || op == BPF_END || op == BPF_NEG)
		return;
	if (op == BPF_MOV)
		replace(bt, insn->dst_reg, BPF_SRC(insn->code) == BPF_X ? insn->src_reg : BPF_REG_10);
	else if (BPF_SRC(insn->code) == BPF_X && insn->src_reg != BPF_REG_10)
		*regs(bt) |= (uint16_t)(1u << insn->src_reg);
}

static void back_load(struct ebpf_vbacktrack *bt, const struct bpf_insn *insn, const struct ebpf_vhist *hist)
{
	if (!wants(bt, insn->dst_reg))
		return;
	drop(bt, insn->dst_reg);
	if (hist && (hist->flags & EBPF_VH_STACK))
		bt->want.slots[EBPF_VH_FRAME(hist->flags)] |= (uint64_t)1 << EBPF_VH_SLOT(hist->flags);
}

/* false: the trail is lost */
static bool back_store(struct ebpf_vbacktrack *bt, const struct bpf_insn *insn, const struct ebpf_vhist *hist)
{
	uint64_t *slots, bit;

	if (wants(bt, insn->dst_reg))
		return false;
	if (!hist || !(hist->flags & EBPF_VH_STACK))
		return true;
	slots = &bt->want.slots[EBPF_VH_FRAME(hist->flags)];
	bit = (uint64_t)1 << EBPF_VH_SLOT(hist->flags);
	if (!(*slots & bit))
		return true;
	*slots &= ~bit;
	if (BPF_CLASS(insn->code) == BPF_STX)
		*regs(bt) |= (uint16_t)(1u << insn->src_reg);
	return true;
}

/* From the beginning of a callee to its call */
static bool back_to_caller(struct ebpf_vbacktrack *bt, bool pass_args)
{
	uint16_t args = *regs(bt) & ARGS;

	if ((*regs(bt) & ~ARGS) || bt->want.slots[bt->frame] || !bt->frame)
		return false;
	*regs(bt) = 0;
	bt->frame--;
	if (pass_args)
		*regs(bt) |= args;
	return true;
}

static bool back_call(struct ebpf_verifier *v, struct ebpf_vbacktrack *bt, uint32_t at)
{
	const struct bpf_insn *insn = &v->insns[at];

	if (insn->src_reg == BPF_PSEUDO_CALL)
		return back_to_caller(bt, true);
	if ((v->aux[at] & EBPF_VA_CALLBACK) && bt->subseq != at + 1)
		return back_to_caller(bt, false);
	drop(bt, BPF_REG_0);
	return !(*regs(bt) & ARGS);
}

/* From the instruction after a call back to the callee's exit */
static bool back_exit(struct ebpf_verifier *v, struct ebpf_vbacktrack *bt)
{
	const struct bpf_insn *call = &v->insns[bt->subseq - 1];
	bool result;

	if (bt->subseq == UINT32_MAX || bt->frame + 1 >= EBPF_MAX_CALL_DEPTH)
		return false;
	if (v->aux[bt->subseq] & EBPF_VA_CALLBACK)
		*regs(bt) &= (uint16_t)~ARGS;
	if (*regs(bt) & ARGS)
		return false;
	result = bt->subseq && call->code == (BPF_JMP | BPF_CALL) && call->src_reg == BPF_PSEUDO_CALL &&
		 wants(bt, BPF_REG_0);
	drop(bt, BPF_REG_0);
	bt->frame++;
	if (result)
		*regs(bt) |= 1u << BPF_REG_0;
	return true;
}

static bool back_jump(struct ebpf_verifier *v, struct ebpf_vbacktrack *bt, uint32_t at, const struct ebpf_vhist *hist)
{
	const struct bpf_insn *insn = &v->insns[at];
	uint32_t flags = hist ? hist->flags : 0;

	switch (BPF_OP(insn->code)) {
	case BPF_CALL:
		return back_call(v, bt, at);
	case BPF_EXIT:
		return back_exit(v, bt);
	case BPF_JA:
	case BPF_JCOND:
		return true;
	}
	if (BPF_SRC(insn->code) != BPF_X || (!wants(bt, insn->dst_reg) && !wants(bt, insn->src_reg)))
		return true;
	if (!(flags & EBPF_VH_SRC_STACK))
		*regs(bt) |= (uint16_t)(1u << insn->src_reg);
	if (!(flags & EBPF_VH_DST_STACK))
		*regs(bt) |= (uint16_t)(1u << insn->dst_reg);
	return true;
}

static bool back_one(struct ebpf_verifier *v, uint32_t at, const struct ebpf_vhist *hist)
{
	struct ebpf_vbacktrack *bt = &v->bt;
	const struct bpf_insn *insn = &v->insns[at];
	bool followed = true;

	if (v->aux[at] & EBPF_VA_SECOND)
		return true;
	sync_linked(bt, hist);
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		back_alu(bt, insn);
		break;
	case BPF_LDX:
		back_load(bt, insn, hist);
		break;
	case BPF_ST:
	case BPF_STX:
		if (ebpf_v_is_load_acquire(insn))
			back_load(bt, insn, hist);
		else
			followed = back_store(bt, insn, hist);
		break;
	case BPF_LD:
		drop(bt, insn->dst_reg);
		break;
	default:
		followed = back_jump(v, bt, at, hist);
	}
	sync_linked(bt, hist);
	return followed;
}

/* ------------------------------------------------------------------ the whole way */

static void mark(struct ebpf_vbacktrack *bt, struct ebpf_vsaved *at)
{
	for (uint32_t n = 0; n < EBPF_MAX_CALL_DEPTH; n++) {
		struct ebpf_vsaved_frame *frame = &at->frames[n];

		if (n > at->depth) {
			bt->want.regs[n] = 0;
			bt->want.slots[n] = 0;
			continue;
		}
		/* What is not a scalar there needs no mark; behind what is marked already others are marked, too. */
		bt->want.regs[n] &= frame->scalar_regs & (uint16_t)~frame->precise_regs;
		bt->want.slots[n] &= frame->scalar_slots & ~frame->precise_slots;
		frame->precise_regs |= bt->want.regs[n];
		frame->precise_slots |= bt->want.slots[n];
	}
}

static void mark_everything(struct ebpf_vsaved *at)
{
	for (uint32_t n = 0; n <= at->depth; n++) {
		at->frames[n].precise_regs |= at->frames[n].scalar_regs;
		at->frames[n].precise_slots |= at->frames[n].scalar_slots;
	}
}

static void give_up(struct ebpf_verifier *v)
{
	v->bt.all = true;
	v->bt.at = v->parent;
}

/* Over a checkpoint into the segment before it. true: done */
static bool next_segment(struct ebpf_verifier *v)
{
	struct ebpf_vbacktrack *bt = &v->bt;
	struct ebpf_vsaved *at = bt->at ? bt->at->parent : v->parent;

	if (!at) {
		/* r1 at entry is the context; whatever else is left was not found. */
		give_up(v);
		return !v->parent;
	}
	mark(bt, at);
	if (nothing_wanted(bt))
		return true;
	bt->at = at;
	bt->subseq = bt->first;
	bt->insn = at->prev;
	bt->first = at->first;
	bt->nr_hist = at->nr_hist;
	if (bt->insn >= v->insn_cnt)
		give_up(v);
	return false;
}

/* true: done */
static bool step_back(struct ebpf_verifier *v)
{
	struct ebpf_vbacktrack *bt = &v->bt;
	const struct ebpf_vhist *list = bt->at ? ebpf_vsaved_hist(bt->at) : v->hist;
	const struct ebpf_vhist *hist = bt->nr_hist ? &list[bt->nr_hist - 1] : NULL;
	uint32_t at = bt->insn;

	if (hist && hist->insn != at)
		hist = NULL;
	if (!bt->skip && !back_one(v, at, hist)) {
		give_up(v);
		return !v->parent;
	}
	bt->skip = false;
	if (nothing_wanted(bt))
		return true;
	if (at == bt->first && (!bt->nr_hist || (hist && bt->nr_hist == ebpf_vhist_size(hist))))
		return next_segment(v);
	bt->subseq = at;
	if (hist) {
		bt->insn = hist->prev;
		bt->nr_hist -= ebpf_vhist_size(hist);
	} else {
		bt->insn--;
	}
	if (bt->insn >= v->insn_cnt) {
		give_up(v);
		return !v->parent;
	}
	return false;
}

int ebpf_vprecise_step(struct ebpf_verifier *v)
{
	struct ebpf_vbacktrack *bt = &v->bt;

	while (v->credit > 0) {
		ebpf_v_cost(v, 60);
		if (!bt->all) {
			if (step_back(v))
				return 0;
			continue;
		}
		if (!bt->at)
			return 0;
		mark_everything(bt->at);
		bt->at = bt->at->parent;
	}
	return -ERESTART;
}
