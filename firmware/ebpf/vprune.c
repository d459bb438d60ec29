/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which paths are walked: branches put aside, checkpoints, and the end of paths.
 * A checkpoint counts the paths that go on from it; when the last has ended
 * well, states within it need not be walked again. One that is still being
 * walked cannot vouch for others, but meeting it again unchanged is a loop
 * without end. When a checkpoint is made, and when it is given up again, is
 * decided as in Linux.
 */
#include "vstate.h"

#define CHECKPOINT_JUMPS 2u
#define CHECKPOINT_INSNS 8u
#define LOOP_JUMPS 20u
#define LOOP_INSNS 100u
#define HISTORY 40u

static struct ebpf_vsaved **bucket(struct ebpf_verifier *v, uint32_t insn)
{
	uint32_t callsite = ebpf_vframe_cur(v)->callsite;

	return &v->buckets[(insn ^ callsite * 31) & v->bucket_mask];
}

struct ebpf_vsaved *ebpf_vprune_push(struct ebpf_verifier *v, uint32_t insn, uint32_t prev)
{
	struct ebpf_vsaved *branch;

	if (v->nr_branches >= EBPF_VERIFIER_BRANCHES) {
		ebpf_v_refuse(v, -E2BIG, "too many branches one after the other: split the program",
			      "The sequence of %u jumps is too complex.", v->nr_branches);
		return NULL;
	}
	branch = ebpf_vpack(v, insn, prev);
	if (!branch) {
		ebpf_v_refuse(v, -ENOMEM, "verifying takes memory of your quota for each path: use fewer branches",
			      "out of memory after %u instructions and %u states", v->insns_done, v->total_states);
		return NULL;
	}
	branch->next = v->branches;
	v->branches = branch;
	v->nr_branches++;
	if (v->parent)
		v->parent->branches++;
	return branch;
}

/* -------------------------------------------------- marks of slots that are read */

/*
 * Tell the checkpoints the path came from which slots it has read: upwards, until
 * one where the slot was written since, or that knows already.
 */
static bool pass_on(struct ebpf_verifier *v, struct ebpf_vsaved *at)
{
	bool more = false;

	for (uint32_t n = 0; n < EBPF_MAX_CALL_DEPTH; n++) {
		struct ebpf_vsaved_frame *frame = &at->frames[n];

		if (n > at->depth) {
			v->reads[n] = 0;
			continue;
		}
		v->reads[n] &= ~frame->read;
		frame->read |= v->reads[n];
		v->reads[n] &= ~frame->written;
		more |= v->reads[n] != 0;
	}
	ebpf_v_cost(v, 80);
	return more;
}

static int pass_on_reads(struct ebpf_verifier *v)
{
	if (!v->any_reads)
		return 0;
	if (!v->marking) {
		v->marking = true;
		v->mark_at = v->parent;
	}
	while (v->mark_at && pass_on(v, v->mark_at)) {
		v->mark_at = v->mark_at->parent;
		if (v->credit <= 0)
			return -ERESTART;
	}
	for (uint32_t n = 0; n < EBPF_MAX_CALL_DEPTH; n++)
		v->reads[n] = 0;
	v->marking = false;
	v->any_reads = false;
	return 0;
}

/* ------------------------------------------------------------------ checkpoints */

void ebpf_vprune_begin(struct ebpf_verifier *v)
{
	v->force = (v->aux[v->insn] & EBPF_VA_FORCE) || v->nr_hist > HISTORY;
	v->add = v->force || (v->jumps_done - v->jumps_at_save >= CHECKPOINT_JUMPS &&
			      v->insns_done - v->insns_at_save >= CHECKPOINT_INSNS);
	v->link = bucket(v, v->insn);
	v->states_here = 0;
}

static void retire(struct ebpf_verifier *v, struct ebpf_vsaved *saved)
{
	*v->link = saved->next;
	saved->listed = false;
	v->nr_states--;
	if (!saved->branches) {
		ebpf_vsaved_free(v, saved);
		return;
	}
	saved->back = NULL;
	saved->next = v->retired;
	if (v->retired)
		v->retired->back = saved;
	v->retired = saved;
}

static void free_retired(struct ebpf_verifier *v, struct ebpf_vsaved *saved)
{
	if (saved->back)
		saved->back->next = saved->next;
	else
		v->retired = saved->next;
	if (saved->next)
		saved->next->back = saved->back;
	ebpf_vsaved_free(v, saved);
}

static int add_checkpoint(struct ebpf_verifier *v)
{
	struct ebpf_vsaved *saved = ebpf_vpack(v, v->insn, v->prev), **head = bucket(v, v->insn);

	if (!saved)
		return ebpf_v_refuse(
			v, -ENOMEM, "verifying takes memory of your quota for each path: use fewer branches",
			"out of memory after %u instructions and %u states", v->insns_done, v->total_states);
	saved->listed = true;
	saved->next = *head;
	*head = saved;
	v->total_states++;
	if (v->states_here > v->max_states_here)
		v->max_states_here = v->states_here;
	if (++v->nr_states > v->peak_states)
		v->peak_states = v->nr_states;
	v->jumps_at_save = v->jumps_done;
	v->insns_at_save = v->insns_done;
	v->parent = saved;
	v->first = v->insn;
	v->nr_hist = 0;
	for (uint32_t n = 0; n <= v->depth; n++)
		v->frames[n]->written = 0;
	return 0;
}

/* The old state's paths ended well, and so would this one: what they relied on, this one relies on. */
static int hit(struct ebpf_verifier *v, struct ebpf_vsaved *old)
{
	int err = 0;

	old->hits++;
	if (v->aux[v->insn] & EBPF_VA_JUMP)
		err = ebpf_v_note(v, 0);
	for (uint32_t n = 0; n <= v->depth; n++) {
		const struct ebpf_vsaved_frame *frame = &old->frames[n];

		v->want.regs[n] |= frame->precise_regs;
		v->want.slots[n] |= frame->precise_slots;
		v->wanted |= frame->precise_regs || frame->precise_slots;
		v->reads[n] |= frame->read & ~v->frames[n]->written;
		v->any_reads |= v->reads[n] != 0;
	}
	v->want_frame = v->depth;
	return err ? err : 1;
}

/* A state still being walked: 1 hit, 0 miss, or refused */
static int meet_unfinished(struct ebpf_verifier *v, struct ebpf_vsaved *old)
{
	bool may_goto = v->insns[v->insn].code == (BPF_JMP | BPF_JCOND) && old->may_goto != v->may_goto;

	/* These loops end without the program's doing: a round that brings nothing new is enough. */
	if ((v->aux[v->insn] & EBPF_VA_CALLBACK) || may_goto) {
		if (ebpf_vequal(v, old, EBPF_VL_WITHIN)) {
			v->loops = true;
			return 1;
		}
	} else if (old->unroll == v->unroll && old->may_goto == v->may_goto && ebpf_vequal(v, old, EBPF_VL_EXACT)) {
		return ebpf_v_refuse(v, -EINVAL, "nothing that the loop's end depends on changes in it",
				     "infinite loop detected at insn %u", v->insn);
	}
	/* Iterations of a loop differ: states of each would not help. */
	if (!v->force && v->jumps_done - v->jumps_at_save < LOOP_JUMPS && v->insns_done - v->insns_at_save < LOOP_INSNS)
		v->add = false;
	return 0;
}

int ebpf_vprune_compare(struct ebpf_verifier *v)
{
	struct ebpf_vsaved *old;
	int found = pass_on_reads(v);

	if (found)
		return found;
	while ((old = *v->link)) {
		uint32_t patience = (v->aux[v->insn] & EBPF_VA_FORCE) && old->branches ? 64 : 3;

		if (v->credit <= 0)
			return -ERESTART;
		ebpf_v_cost(v, 15);
		if (old->insn != v->insn || v->opts.walk_all) {
			v->link = &old->next;
			continue;
		}
		v->states_here++;
		if (old->branches)
			found = meet_unfinished(v, old);
		else
			found = ebpf_vequal(v, old, v->loops ? EBPF_VL_WITHIN : EBPF_VL_PRUNE);
		if (found)
			return found < 0 ? found : hit(v, old);
		if (v->add)
			old->misses++;
		if (old->misses > old->hits * patience + patience)
			retire(v, old);
		else
			v->link = &old->next;
	}
	return v->add || v->nr_hist >= EBPF_V_HIST ? add_checkpoint(v) : 0;
}

/* ------------------------------------------------------------------- end of a path */

int ebpf_vprune_end(struct ebpf_verifier *v)
{
	if (pass_on_reads(v))
		return -ERESTART;
	while (v->parent) {
		struct ebpf_vsaved *done = v->parent;

		if (--done->branches)
			break;
		v->parent = done->parent;
		if (!done->listed)
			free_retired(v, done);
		ebpf_v_cost(v, 30);
		if (v->credit <= 0)
			return -ERESTART;
	}
	v->parent = NULL;
	return 0;
}

/* ------------------------------------------- loops of callbacks and of may_goto */

struct ebpf_vsaved *ebpf_vprune_find(struct ebpf_verifier *v, uint32_t insn)
{
	struct ebpf_vsaved *saved;

	for (saved = *bucket(v, insn); saved; saved = saved->next) {
		uint32_t n = 0;

		ebpf_v_cost(v, 30);
		if (saved->insn != insn || saved == v->parent || !saved->branches || saved->depth != v->depth)
			continue;
		while (n <= v->depth && saved->frames[n].callsite == v->frames[n]->callsite)
			n++;
		if (n > v->depth)
			return saved;
	}
	return NULL;
}

static void widen_reg(struct ebpf_verifier *v, const struct ebpf_vreg *old, struct ebpf_vreg *cur, bool precise)
{
	if (old->type != EBPF_VT_SCALAR || cur->type != EBPF_VT_SCALAR || precise || ebpf_vequal_exact(v, old, cur))
		return;
	ebpf_vreg_unknown(cur);
}

void ebpf_vprune_widen(struct ebpf_verifier *v, struct ebpf_vsaved *old)
{
	const uint8_t *p = ebpf_vsaved_packed(old);

	v->ids.n = 0;
	for (uint32_t n = 0; n <= old->depth; n++) {
		const struct ebpf_vsaved_frame *head = &old->frames[n];
		struct ebpf_vframe *cur = v->frames[n];

		for (uint32_t i = 0; i < BPF_REG_10; i++) {
			p = ebpf_vunpack_reg(p, &v->old);
			widen_reg(v, &v->old, &cur->regs[i], head->precise_regs >> i & 1);
		}
		for (uint32_t i = 0; i < head->nr_slots; i++) {
			p = ebpf_vunpack_slot(p, &v->old_slot);
			if (i < cur->nr_slots && ebpf_vslot_is_spill(&v->old_slot) &&
			    ebpf_vslot_is_spill(&cur->slots[i]))
				widen_reg(v, &v->old_slot.spill, &cur->slots[i].spill, head->precise_slots >> i & 1);
		}
		ebpf_v_cost(v, 1000 + 100 * head->nr_slots);
	}
}
