/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditional jumps. If what is known decides, only that way is walked. Else
 * the jump is put aside as a branch and the path falls through, each with what
 * its outcome says: of the two operands, of other registers with the same id,
 * and of all copies of a pointer that is compared with NULL.
 *
 * The branch is packed from the path's own state: its assumptions are put in,
 * the state is packed, and they are taken back (undo).
 */
#include "vstate.h"

/* The registers and slots that have one id; further copies lose it. */
struct links {
	uint32_t n;
	uint16_t name[EBPF_V_LINKED];
};

static void touch(struct ebpf_verifier *v, struct ebpf_vreg *reg)
{
	if (!v->undoing || v->nr_undo >= EBPF_V_UNDO)
		return;
	v->undo[v->nr_undo].reg = reg;
	v->undo[v->nr_undo++].old = *reg;
}

static void undo_all(struct ebpf_verifier *v)
{
	/* Backwards: a register may have been touched twice. */
	while (v->nr_undo) {
		v->nr_undo--;
		*v->undo[v->nr_undo].reg = v->undo[v->nr_undo].old;
		ebpf_v_cost(v, 30);
	}
	v->nr_refs = v->undo_refs;
	for (uint32_t i = 0; i < v->nr_refs; i++)
		v->refs[i] = v->old_refs[i];
	v->undoing = false;
}

static void undo_begin(struct ebpf_verifier *v)
{
	v->undoing = true;
	v->nr_undo = 0;
	v->undo_refs = v->nr_refs;
	for (uint32_t i = 0; i < v->nr_refs; i++)
		v->old_refs[i] = v->refs[i];
}

/* ------------------------------------------------------------ is it decided? */

static bool never_null(const struct ebpf_vreg *reg)
{
	switch (reg->type) {
	case EBPF_VT_MAP_PTR:
	case EBPF_VT_MAP_VALUE:
	case EBPF_VT_MAP_KEY:
	case EBPF_VT_MEM:
	case EBPF_VT_MEM | EBPF_VT_RINGBUF:
	case EBPF_VT_TASK:
		return true;
	}
	return false;
}

static bool is_const_in(const struct ebpf_vreg *reg, bool wide)
{
	return reg->type == EBPF_VT_SCALAR && !(wide ? reg->range.bits.mask : (uint32_t)reg->range.bits.mask);
}

static int predict(const struct ebpf_vreg *dst, const struct ebpf_vreg *src, uint8_t op, bool wide)
{
	uint64_t value;

	if (!ebpf_vreg_is_pointer(dst) && !ebpf_vreg_is_pointer(src))
		return ebpf_range_branch(&dst->range, &src->range, op, wide);
	if (!is_const_in(src, wide)) {
		const struct ebpf_vreg *swap = dst;

		dst = src;
		src = swap;
	}
	if (!is_const_in(src, wide) || !never_null(dst))
		return -1;
	value = wide ? src->range.bits.value : (uint32_t)src->range.bits.value;
	if (value || (op != BPF_JEQ && op != BPF_JNE))
		return -1;
	return op == BPF_JNE;
}

/* -------------------------------------------------------- registers with an id */

static void link_one(struct links *links, struct ebpf_vreg *reg, uint32_t id, uint16_t name)
{
	if (reg->type != EBPF_VT_SCALAR || (reg->id & ~EBPF_VID_DELTA) != id)
		return;
	for (uint32_t i = 0; i < links->n; i++)
		if (links->name[i] == name)
			return;
	if (links->n < EBPF_V_LINKED)
		links->name[links->n++] = name;
	else
		reg->id = 0;
}

static void link_all(struct ebpf_verifier *v, struct links *links, uint32_t id)
{
	id &= ~EBPF_VID_DELTA;
	for (uint32_t n = v->depth + 1; n-- > 0;) {
		struct ebpf_vframe *frame = v->frames[n];

		for (uint32_t i = 0; i < BPF_REG_10; i++)
			link_one(links, &frame->regs[i], id, EBPF_VL(n, 0, i));
		for (uint32_t i = 0; i < frame->nr_slots; i++)
			if (ebpf_vslot_is_spill(&frame->slots[i]))
				link_one(links, &frame->slots[i].spill, id, EBPF_VL(n, 1, i));
		ebpf_v_cost(v, 100 + frame->nr_slots * 8);
	}
}

static struct ebpf_vreg *linked_reg(struct ebpf_verifier *v, uint16_t name)
{
	struct ebpf_vframe *frame = v->frames[name >> 8];

	return name & 0x80 ? &frame->slots[name & 0x7f].spill : &frame->regs[name & 0x7f];
}

/* What is now known of `known` holds for its copies, and by the difference for what was made of them. */
static void sync_linked(struct ebpf_verifier *v, const struct ebpf_vreg *known, const struct links *links)
{
	struct ebpf_range delta;

	for (uint32_t i = 0; i < links->n; i++) {
		struct ebpf_vreg *reg = linked_reg(v, links->name[i]);

		if (reg == known || reg->type != EBPF_VT_SCALAR || ((reg->id ^ known->id) & ~EBPF_VID_DELTA))
			continue;
		touch(v, reg);
		if (!((reg->id | known->id) & EBPF_VID_DELTA) || reg->off == known->off) {
			*reg = *known;
		} else {
			ebpf_range_const(&delta, (uint64_t)((int64_t)reg->off - known->off));
			reg->range = known->range;
			ebpf_range_add(&reg->range, &delta);
		}
		ebpf_v_cost(v, 150);
	}
}

/* ----------------------------------------------------------------------- NULL */

struct null_check {
	struct ebpf_verifier *v;
	uint32_t id;
	bool is_null;
};

static void resolve_null(struct ebpf_vreg *reg, void *arg)
{
	const struct null_check *check = arg;

	if (!(reg->type & EBPF_VT_NULL) || reg->id != check->id)
		return;
	touch(check->v, reg);
	if (check->is_null) {
		ebpf_vreg_const(reg, 0);
		return;
	}
	ebpf_vreg_not_null(reg);
	reg->id = 0;
}

static void resolve_nulls(struct ebpf_verifier *v, const struct ebpf_vreg *reg, bool is_null)
{
	struct null_check check = {v, reg->id, is_null};

	/* There is nothing to release where the reservation has failed. */
	if (reg->ref && reg->ref == reg->id && is_null)
		ebpf_vref_release(v, reg->id);
	ebpf_v_each(v, resolve_null, &check);
}

/* ------------------------------------------------------------- one of both ways */

/* Equal to a pointer that is not NULL: not NULL either. */
static void equal_pointers(struct ebpf_verifier *v, struct ebpf_vreg *dst, struct ebpf_vreg *src)
{
	struct ebpf_vreg *maybe = src->type & EBPF_VT_NULL ? src : dst;

	if (!((src->type ^ dst->type) & EBPF_VT_NULL))
		return;
	touch(v, maybe);
	ebpf_vreg_not_null(maybe);
}

static void assume_scalars(struct ebpf_verifier *v, const struct bpf_insn *insn, struct ebpf_vreg *dst,
			   struct ebpf_vreg *src, bool taken, const struct links *links)
{
	bool wide = BPF_CLASS(insn->code) == BPF_JMP;

	touch(v, dst);
	touch(v, src);
	ebpf_range_refine(&dst->range, &src->range, BPF_OP(insn->code), taken, wide);
	ebpf_range_check(&dst->range);
	ebpf_range_check(&src->range);
	ebpf_v_cost(v, 500);
	if (BPF_SRC(insn->code) == BPF_X && src->id)
		sync_linked(v, src, links);
	if (dst->id)
		sync_linked(v, dst, links);
}

static void assume(struct ebpf_verifier *v, const struct bpf_insn *insn, bool taken, const struct links *links)
{
	struct ebpf_vreg *dst = &ebpf_vregs(v)[insn->dst_reg], *src = &ebpf_vregs(v)[insn->src_reg];
	bool reg = BPF_SRC(insn->code) == BPF_X, wide = BPF_CLASS(insn->code) == BPF_JMP;
	uint8_t op = BPF_OP(insn->code);
	bool equal = op == BPF_JEQ ? taken : !taken;

	if (!reg) {
		src = &v->fake[0];
		ebpf_vreg_const(src, (uint64_t)(int64_t)insn->imm);
	}
	if (!ebpf_vreg_is_pointer(dst) && !ebpf_vreg_is_pointer(src)) {
		assume_scalars(v, insn, dst, src, taken, links);
		return;
	}
	if (!wide || (op != BPF_JEQ && op != BPF_JNE))
		return;
	if (reg && equal && ebpf_vreg_is_pointer(dst) && ebpf_vreg_is_pointer(src))
		equal_pointers(v, dst, src);
	if (!reg && !insn->imm && (dst->type & EBPF_VT_NULL))
		resolve_nulls(v, dst, equal);
}

/* Into the history: the names, and behind them the instruction's entry. */
static int note_links(struct ebpf_verifier *v, const struct links *links)
{
	struct ebpf_vhist *entry;
	int err = ebpf_v_note(v, 0);

	if (err)
		return err;
	entry = &v->hist[v->nr_hist - 1];
	v->nr_hist += EBPF_VH_LINKED;
	entry[EBPF_VH_LINKED] = *entry;
	entry += EBPF_VH_LINKED;
	entry->nr_linked = (uint16_t)links->n;
	for (uint32_t i = 0; i < links->n; i++)
		(entry - EBPF_VH_LINKED + i / 4)->linked[i % 4] = links->name[i];
	return 0;
}

static int split(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	const struct ebpf_vreg *dst = &ebpf_vregs(v)[insn->dst_reg], *src = &ebpf_vregs(v)[insn->src_reg];
	struct links links = {.n = 0};
	struct ebpf_vsaved *branch;
	int err = 0;

	if (BPF_SRC(insn->code) == BPF_X && src->type == EBPF_VT_SCALAR && src->id)
		link_all(v, &links, src->id);
	if (dst->type == EBPF_VT_SCALAR && dst->id)
		link_all(v, &links, dst->id);
	if (links.n > 1)
		err = note_links(v, &links);
	if (err)
		return err;
	undo_begin(v);
	assume(v, insn, true, &links);
	branch = ebpf_vprune_push(v, (uint32_t)((int32_t)v->insn + 1 + insn->off), v->insn);
	undo_all(v);
	if (!branch)
		return v->err;
	assume(v, insn, false, &links);
	v->insn++;
	return 0;
}

/*
 * may_goto: the path jumps, and another falls through into one more round of the
 * loop, with what differs between rounds and did not matter so far forgotten.
 */
static int may_goto(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	uint32_t to = (uint32_t)((int32_t)v->insn + 1 + insn->off);
	struct ebpf_vsaved *before = ebpf_vprune_find(v, v->insn), *here = ebpf_vpack(v, to, v->insn);
	int err;

	if (!here)
		return -ENOMEM;
	v->may_goto++;
	if (before)
		ebpf_vprune_widen(v, before);
	err = ebpf_vprune_push(v, v->insn + 1, v->insn) ? 0 : v->err;
	if (!err)
		err = ebpf_vunpack(v, here);
	ebpf_vsaved_free(v, here);
	return err;
}

int ebpf_vjump_check(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct ebpf_vreg *dst = &ebpf_vregs(v)[insn->dst_reg], *src = &ebpf_vregs(v)[insn->src_reg];
	bool reg = BPF_SRC(insn->code) == BPF_X;
	uint32_t flags = 0;
	int err, taken;

	ebpf_v_cost(v, 300);
	if (BPF_OP(insn->code) == BPF_JCOND)
		return may_goto(v, insn);
	err = ebpf_v_check_reg(v, insn->dst_reg, EBPF_VU_READ);
	if (!err && reg)
		err = ebpf_v_check_reg(v, insn->src_reg, EBPF_VU_READ);
	if (err)
		return err;
	/* All that may be asked about a pointer is whether it is NULL. */
	if (reg && ebpf_v_is_secret(v, src))
		return ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint, "R%u pointer comparison prohibited", insn->src_reg);
	if (ebpf_v_is_secret(v, dst) &&
	    (reg || insn->imm || !(dst->type & EBPF_VT_NULL) || BPF_CLASS(insn->code) != BPF_JMP ||
	     (BPF_OP(insn->code) != BPF_JEQ && BPF_OP(insn->code) != BPF_JNE)))
		return ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint, "R%u pointer comparison prohibited", insn->dst_reg);
	if (!reg) {
		src = &v->fake[0];
		ebpf_vreg_const(src, (uint64_t)(int64_t)insn->imm);
	}
	if (dst->type == EBPF_VT_STACK)
		flags |= EBPF_VH_DST_STACK;
	if (src->type == EBPF_VT_STACK)
		flags |= EBPF_VH_SRC_STACK;
	if (flags)
		err = ebpf_v_note(v, flags);
	if (err)
		return err;
	taken = predict(dst, src, BPF_OP(insn->code), BPF_CLASS(insn->code) == BPF_JMP);
	if (taken < 0)
		return split(v, insn);
	if (!ebpf_vreg_is_pointer(dst))
		ebpf_vprecise_reg(v, insn->dst_reg);
	if (reg && !ebpf_vreg_is_pointer(src))
		ebpf_vprecise_reg(v, insn->src_reg);
	v->insn = (uint32_t)((int32_t)v->insn + 1 + (taken ? insn->off : 0));
	return 0;
}
