/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comparing the path's state with one that was here before. If from the old
 * state every path came to a good end, and the present one is within it - each
 * register and slot that is read later holds nothing the old one could not
 * hold, as far as that mattered - then the present path need not be walked.
 *
 * Ids are names: two states are alike if the old one's ids can be renamed to the
 * present one's, one to one.
 */
#include "mem.h"
#include "vstate.h"

static bool same_id(struct ebpf_verifier *v, uint32_t old, uint32_t cur)
{
	struct ebpf_vids *ids = &v->ids;

	if (!old || !cur)
		return old == cur;
	for (uint32_t i = 0; i < ids->n; i++) {
		if (ids->pair[i].old == old)
			return ids->pair[i].cur == cur;
		if (ids->pair[i].cur == cur)
			return false;
	}
	ebpf_v_cost(v, 4 * ids->n);
	if (ids->n == EBPF_V_IDS)
		return false;
	ids->pair[ids->n].old = old;
	ids->pair[ids->n++].cur = cur;
	return true;
}

/* Scalars without a relation may get one, but not lose one they had. */
static bool same_scalar_id(struct ebpf_verifier *v, uint32_t old, uint32_t cur)
{
	if (!old)
		return true;
	if (!cur)
		cur = ++v->ids.fresh;
	if (!same_id(v, old, cur))
		return false;
	return !(old & EBPF_VID_DELTA) || same_id(v, old & ~EBPF_VID_DELTA, cur & ~EBPF_VID_DELTA);
}

bool ebpf_vequal_exact(struct ebpf_verifier *v, const struct ebpf_vreg *old, const struct ebpf_vreg *cur)
{
	return old->type == cur->type && old->frame == cur->frame && old->off == cur->off &&
	       old->mem_size == cur->mem_size && ebpf_memeq(&old->range, &cur->range, sizeof(old->range)) &&
	       same_id(v, old->id, cur->id) && same_id(v, old->ref, cur->ref);
}

static bool scalar_within(struct ebpf_verifier *v, const struct ebpf_vreg *old, const struct ebpf_vreg *cur)
{
	if ((old->id ^ cur->id) & EBPF_VID_DELTA)
		return false;
	if ((old->id & EBPF_VID_DELTA) && old->off != cur->off)
		return false;
	return ebpf_range_contains(&old->range, &cur->range) && same_scalar_id(v, old->id, cur->id);
}

static bool reg_within(struct ebpf_verifier *v, const struct ebpf_vreg *old, const struct ebpf_vreg *cur, bool precise,
		       enum ebpf_vlevel level)
{
	ebpf_v_cost(v, 60);
	if (level == EBPF_VL_EXACT)
		return ebpf_vequal_exact(v, old, cur);
	if (old->type == EBPF_VT_NOT_INIT)
		return level == EBPF_VL_PRUNE || cur->type == EBPF_VT_NOT_INIT;
	if (old->type != cur->type)
		return false;
	switch (old->type & EBPF_VT_BASE) {
	case EBPF_VT_SCALAR:
		return (!precise && level == EBPF_VL_PRUNE) || scalar_within(v, old, cur);
	case EBPF_VT_MAP_VALUE:
	case EBPF_VT_MAP_KEY:
	case EBPF_VT_MEM:
		return old->off == cur->off && old->mem_size == cur->mem_size && old->frame == cur->frame &&
		       ebpf_range_contains(&old->range, &cur->range) && same_id(v, old->id, cur->id) &&
		       same_id(v, old->ref, cur->ref);
	}
	return ebpf_vequal_exact(v, old, cur);
}

/* A slot of plain data loads as an unknown scalar. */
static bool is_data(const struct ebpf_vslot *slot)
{
	for (uint32_t k = 0; k < 8; k++)
		if (slot->bytes[k] != EBPF_VB_MISC && slot->bytes[k] != EBPF_VB_INVALID)
			return false;
	return true;
}

/* cur NULL: that deep the present path's stack does not go */
static bool slot_within(struct ebpf_verifier *v, const struct ebpf_vslot *old, const struct ebpf_vslot *cur,
			bool precise, enum ebpf_vlevel level)
{
	for (uint32_t k = 0; k < 8; k++) {
		uint8_t kind = old->bytes[k];

		if (level != EBPF_VL_PRUNE && (!cur || kind != cur->bytes[k]))
			return false;
		/* Whatever is there now, it was right to take it for any data. */
		if (kind == EBPF_VB_INVALID || kind == EBPF_VB_MISC)
			continue;
		if (!cur)
			return false;
		if (ebpf_vslot_is_scalar64(old) && ebpf_vslot_is_scalar64(cur))
			return reg_within(v, &old->spill, &cur->spill, precise, level);
		if (ebpf_vslot_is_scalar64(old) && is_data(cur)) {
			ebpf_vreg_unknown(&v->fake[0]);
			return reg_within(v, &old->spill, &v->fake[0], precise, level);
		}
		if (kind != cur->bytes[k])
			return false;
		if (k == 7 && kind == EBPF_VB_SPILL)
			return reg_within(v, &old->spill, &cur->spill, precise, level);
	}
	return true;
}

static const uint8_t *frame_within(struct ebpf_verifier *v, struct ebpf_vsaved *old, uint32_t n, const uint8_t *p,
				   enum ebpf_vlevel level)
{
	const struct ebpf_vsaved_frame *head = &old->frames[n];
	const struct ebpf_vframe *cur = v->frames[n];
	bool waiting = n < v->depth;
	uint32_t live = waiting ? ebpf_v_live(v, v->frames[n + 1]->callsite, true, v->frames[n + 1]->in_callback)
				: ebpf_v_live(v, old->insn, false, false);

	if (head->callback_depth > cur->callback_depth)
		return NULL;
	for (uint32_t i = 0; i < BPF_REG_10; i++) {
		bool precise = head->precise_regs >> i & 1;

		ebpf_v_cost(v, 10);
		/* Read by nothing that follows, or a scalar that may be any scalar */
		if (!(live >> i & 1) || (level == EBPF_VL_PRUNE && !precise && *p == EBPF_VT_SCALAR &&
					 cur->regs[i].type == EBPF_VT_SCALAR)) {
			p = ebpf_vskip_reg(p);
			continue;
		}
		p = ebpf_vunpack_reg(p, &v->old);
		if (!reg_within(v, &v->old, &cur->regs[i], precise, level))
			return NULL;
	}
	for (uint32_t i = 0; i < head->nr_slots; i++) {
		ebpf_v_cost(v, 10);
		/* Nothing that followed read it. */
		if (level == EBPF_VL_PRUNE && !(head->read >> i & 1)) {
			p = ebpf_vskip_slot(p);
			continue;
		}
		p = ebpf_vunpack_slot(p, &v->old_slot);
		ebpf_v_cost(v, 40);
		if (!slot_within(v, &v->old_slot, i < cur->nr_slots ? &cur->slots[i] : NULL,
				 head->precise_slots >> i & 1, level))
			return NULL;
	}
	return p;
}

static bool refs_within(struct ebpf_verifier *v, struct ebpf_vsaved *old)
{
	const struct ebpf_vref *refs = ebpf_vsaved_refs(old);

	if (old->nr_refs != v->nr_refs)
		return false;
	for (uint32_t i = 0; i < v->nr_refs; i++)
		if (!same_id(v, refs[i].id, v->refs[i].id))
			return false;
	return true;
}

bool ebpf_vequal(struct ebpf_verifier *v, struct ebpf_vsaved *old, enum ebpf_vlevel level)
{
	const uint8_t *p = ebpf_vsaved_packed(old);

	ebpf_v_cost(v, 60);
	if (old->depth != v->depth)
		return false;
	for (uint32_t n = 0; n <= v->depth; n++)
		if (old->frames[n].callsite != v->frames[n]->callsite)
			return false;
	v->ids.n = 0;
	v->ids.fresh = v->next_id;
	if (!refs_within(v, old))
		return false;
	for (uint32_t n = 0; n <= v->depth && p; n++)
		p = frame_within(v, old, n, p, level);
	return p;
}
