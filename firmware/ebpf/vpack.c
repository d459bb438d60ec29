/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packing states. A path's registers and stack take up to 60 KiB while they are
 * worked on; thousands of them must be kept. Packed, a register is a byte for its
 * type, a byte that says what follows, and what follows: nothing for an unknown
 * scalar, 8 bytes for a constant, 64 for a range. Registers that cannot be read
 * before they are written (vlive.c) are dropped. A slot of stack without a
 * spilled register takes 1 or 3 bytes.
 */
#include "mem.h"
#include "vstate.h"

/* What follows a register's type */
#define HAS_RANGE 3u /* mask: */
#define RANGE_UNKNOWN 0u
#define RANGE_ZERO 1u
#define RANGE_CONST 2u
#define RANGE_FULL 3u
#define HAS_OFF 4u
#define HAS_ID 8u
#define HAS_REF 16u
#define HAS_OBJECT 32u /* map, mem_size, subprog */
#define HAS_FRAME 64u

/* A slot's first byte, if all its bytes are alike: their kind; or: */
#define SLOT_MIXED 4u

static uint8_t *put(uint8_t *p, const void *data, size_t size)
{
	const uint8_t *from = data;

	while (size--)
		*p++ = *from++;
	return p;
}

static const uint8_t *get(const uint8_t *p, void *data, size_t size)
{
	uint8_t *to = data;

	while (size--)
		*to++ = *p++;
	return p;
}

static bool is_known_as(const struct ebpf_range *range, uint64_t value)
{
	return range->bits.value == value && range->umin == value && range->umax == value &&
	       range->smin == (int64_t)value && range->smax == (int64_t)value && range->u32min == (uint32_t)value &&
	       range->u32max == (uint32_t)value && range->s32min == (int32_t)value && range->s32max == (int32_t)value;
}

static bool is_unknown(const struct ebpf_range *range)
{
	return !range->bits.value && range->bits.mask == UINT64_MAX && !range->umin && range->umax == UINT64_MAX &&
	       range->smin == INT64_MIN && range->smax == INT64_MAX && !range->u32min && range->u32max == UINT32_MAX &&
	       range->s32min == INT32_MIN && range->s32max == INT32_MAX;
}

static unsigned int range_kind(const struct ebpf_range *range)
{
	if (!range->bits.mask && is_known_as(range, range->bits.value))
		return range->bits.value ? RANGE_CONST : RANGE_ZERO;
	return is_unknown(range) ? RANGE_UNKNOWN : RANGE_FULL;
}

static uint8_t *pack_reg(uint8_t *p, const struct ebpf_vreg *reg)
{
	unsigned int kind = range_kind(&reg->range);
	unsigned int has = kind | (reg->off ? HAS_OFF : 0) | (reg->id ? HAS_ID : 0) | (reg->ref ? HAS_REF : 0) |
			   (reg->mem_size ? HAS_OBJECT : 0) | (reg->frame ? HAS_FRAME : 0);

	*p++ = reg->type;
	if (reg->type == EBPF_VT_NOT_INIT)
		return p;
	*p++ = (uint8_t)has;
	if (kind == RANGE_CONST)
		p = put(p, &reg->range.bits.value, 8);
	else if (kind == RANGE_FULL)
		p = put(p, &reg->range, sizeof(reg->range));
	if (has & HAS_OFF)
		p = put(p, &reg->off, 4);
	if (has & HAS_ID)
		p = put(p, &reg->id, 4);
	if (has & HAS_REF)
		p = put(p, &reg->ref, 4);
	if (has & HAS_OBJECT)
		p = put(p, &reg->mem_size, 8);
	if (has & HAS_FRAME)
		*p++ = reg->frame;
	return p;
}

const uint8_t *ebpf_vunpack_reg(const uint8_t *p, struct ebpf_vreg *reg)
{
	unsigned int has;
	uint64_t value = 0;

	ebpf_memzero(reg, sizeof(*reg));
	reg->type = *p++;
	if (reg->type == EBPF_VT_NOT_INIT)
		return p;
	has = *p++;
	if ((has & HAS_RANGE) == RANGE_CONST)
		p = get(p, &value, 8);
	if ((has & HAS_RANGE) == RANGE_FULL)
		p = get(p, &reg->range, sizeof(reg->range));
	else if ((has & HAS_RANGE) == RANGE_UNKNOWN)
		ebpf_range_unknown(&reg->range);
	else if (value)
		ebpf_range_const(&reg->range, value);
	if (has & HAS_OFF)
		p = get(p, &reg->off, 4);
	if (has & HAS_ID)
		p = get(p, &reg->id, 4);
	if (has & HAS_REF)
		p = get(p, &reg->ref, 4);
	if (has & HAS_OBJECT)
		p = get(p, &reg->mem_size, 8);
	if (has & HAS_FRAME)
		reg->frame = *p++;
	return p;
}

const uint8_t *ebpf_vskip_reg(const uint8_t *p)
{
	static const uint8_t range_size[4] = {0, 0, 8, sizeof(struct ebpf_range)};
	unsigned int has;

	if (*p == EBPF_VT_NOT_INIT)
		return p + 1;
	has = p[1];
	return p + 2 + range_size[has & HAS_RANGE] + (has & HAS_OFF ? 4 : 0) + (has & HAS_ID ? 4 : 0) +
	       (has & HAS_REF ? 4 : 0) + (has & HAS_OBJECT ? 8 : 0) + (has & HAS_FRAME ? 1 : 0);
}

static uint8_t *pack_slot(uint8_t *p, const struct ebpf_vslot *slot)
{
	unsigned int kind = slot->bytes[0], two = 0;
	bool spill = ebpf_vslot_is_spill(slot);

	for (unsigned int i = 0; i < 8; i++) {
		if (slot->bytes[i] != slot->bytes[0])
			kind = SLOT_MIXED;
		two |= (unsigned int)slot->bytes[i] << (2 * i);
	}
	*p++ = (uint8_t)kind;
	if (kind == SLOT_MIXED) {
		*p++ = (uint8_t)two;
		*p++ = (uint8_t)(two >> 8);
	}
	return spill ? pack_reg(p, &slot->spill) : p;
}

const uint8_t *ebpf_vunpack_slot(const uint8_t *p, struct ebpf_vslot *slot)
{
	unsigned int kind = *p++, two;

	if (kind == SLOT_MIXED) {
		two = p[0] | (unsigned int)p[1] << 8;
		p += 2;
	} else {
		two = kind * 0x5555u;
	}
	for (unsigned int i = 0; i < 8; i++)
		slot->bytes[i] = two >> (2 * i) & 3;
	return ebpf_vslot_is_spill(slot) ? ebpf_vunpack_reg(p, &slot->spill) : p;
}

const uint8_t *ebpf_vskip_slot(const uint8_t *p)
{
	unsigned int kind = *p++, last = kind;

	if (kind == SLOT_MIXED) {
		last = p[1] >> 6;
		p += 2;
	}
	return last == EBPF_VB_SPILL ? ebpf_vskip_reg(p) : p;
}

uint32_t ebpf_v_live(const struct ebpf_verifier *v, uint32_t insn, bool waiting, bool callback)
{
	/*
	 * Of a caller only what survives the call and is read after it; its arguments are the callee's by now. A
	 * call that calls back is looked at again when the callback returns.
	 */
	if (waiting && !callback)
		return v->aux[insn] & EBPF_VA_LIVE & ~0x3fu;
	return v->aux[insn] & EBPF_VA_LIVE;
}

static uint8_t *pack_frame(struct ebpf_verifier *v, uint8_t *p, struct ebpf_vsaved_frame *head, uint32_t n,
			   uint32_t insn)
{
	static const struct ebpf_vreg none;
	const struct ebpf_vframe *frame = v->frames[n];
	bool waiting = n < v->depth;
	uint32_t live = waiting ? ebpf_v_live(v, v->frames[n + 1]->callsite, true, v->frames[n + 1]->in_callback)
				: ebpf_v_live(v, insn, false, false);

	*head = (struct ebpf_vsaved_frame){
		.callsite = frame->callsite,
		.callback_depth = frame->callback_depth,
		.subprog = (uint16_t)frame->subprog,
		.nr_slots = (uint8_t)frame->nr_slots,
		.in_callback = frame->in_callback,
		.written = frame->written,
	};
	for (uint32_t i = 0; i < BPF_REG_10; i++) {
		bool keep = live >> i & 1;

		p = pack_reg(p, keep ? &frame->regs[i] : &none);
		if (keep && frame->regs[i].type == EBPF_VT_SCALAR)
			head->scalar_regs |= (uint16_t)(1u << i);
	}
	for (uint32_t i = 0; i < frame->nr_slots; i++) {
		p = pack_slot(p, &frame->slots[i]);
		if (ebpf_vslot_is_scalar(&frame->slots[i]))
			head->scalar_slots |= (uint64_t)1 << i;
	}
	ebpf_v_cost(v, 400 + frame->nr_slots * 60);
	return p;
}

struct ebpf_vsaved *ebpf_vpack(struct ebpf_verifier *v, uint32_t insn, uint32_t prev)
{
	struct ebpf_vsaved_frame heads[EBPF_MAX_CALL_DEPTH];
	struct ebpf_vsaved *saved;
	uint8_t *p = v->scratch;
	size_t packed, size;

	for (uint32_t i = 0; i <= v->depth; i++)
		p = pack_frame(v, p, &heads[i], i, insn);
	packed = (size_t)(p - v->scratch);
	size = sizeof(*saved) + (v->depth + 1) * sizeof(heads[0]) + v->nr_hist * sizeof(v->hist[0]) +
	       v->nr_refs * sizeof(v->refs[0]) + packed;
	saved = ebpf_v_alloc(v, size);
	if (!saved)
		return NULL;
	*saved = (struct ebpf_vsaved){
		.parent = v->parent,
		.insn = insn,
		.prev = prev,
		.first = v->first,
		.branches = 1,
		.unroll = v->unroll,
		.may_goto = v->may_goto,
		.bytes = (uint32_t)size,
		.nr_hist = (uint16_t)v->nr_hist,
		.nr_refs = (uint16_t)v->nr_refs,
		.depth = (uint8_t)v->depth,
	};
	ebpf_memcpy(saved->frames, heads, (v->depth + 1) * sizeof(heads[0]));
	ebpf_memcpy(ebpf_vsaved_hist(saved), v->hist, v->nr_hist * sizeof(v->hist[0]));
	ebpf_memcpy(ebpf_vsaved_refs(saved), v->refs, v->nr_refs * sizeof(v->refs[0]));
	ebpf_memcpy((void *)(uintptr_t)ebpf_vsaved_packed(saved), v->scratch, packed);
	ebpf_v_cost(v, 300 + (uint32_t)size / 2);
	return saved;
}

static const uint8_t *unpack_frame(struct ebpf_verifier *v, const uint8_t *p, const struct ebpf_vsaved_frame *head,
				   uint32_t n)
{
	struct ebpf_vframe *frame = ebpf_v_frame(v, n);

	if (!frame)
		return NULL;
	frame->callsite = head->callsite;
	frame->callback_depth = head->callback_depth;
	frame->subprog = head->subprog;
	frame->in_callback = head->in_callback;
	frame->written = head->written;
	frame->nr_slots = head->nr_slots;
	for (uint32_t i = 0; i < BPF_REG_10; i++)
		p = ebpf_vunpack_reg(p, &frame->regs[i]);
	for (uint32_t i = 0; i < frame->nr_slots; i++)
		p = ebpf_vunpack_slot(p, &frame->slots[i]);
	ebpf_v_cost(v, 600 + frame->nr_slots * 60);
	return p;
}

int ebpf_vunpack(struct ebpf_verifier *v, struct ebpf_vsaved *saved)
{
	const uint8_t *p = ebpf_vsaved_packed(saved);

	for (uint32_t i = 0; i <= saved->depth; i++) {
		p = unpack_frame(v, p, &saved->frames[i], i);
		if (!p)
			return -ENOMEM;
	}
	v->depth = saved->depth;
	v->insn = saved->insn;
	v->prev = saved->prev;
	v->first = saved->first;
	v->parent = saved->parent;
	v->unroll = saved->unroll;
	v->may_goto = saved->may_goto;
	v->nr_refs = saved->nr_refs;
	v->nr_hist = saved->nr_hist;
	ebpf_memcpy(v->hist, ebpf_vsaved_hist(saved), saved->nr_hist * sizeof(v->hist[0]));
	ebpf_memcpy(v->refs, ebpf_vsaved_refs(saved), saved->nr_refs * sizeof(v->refs[0]));
	return 0;
}

void ebpf_vsaved_free(struct ebpf_verifier *v, struct ebpf_vsaved *saved)
{
	ebpf_v_free(v, saved, saved->bytes);
}
