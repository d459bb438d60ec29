/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack: 8-byte slots that hold a spilled register, or bytes known to be
 * data, zero, or never written. Reading what was never written is allowed (the
 * interpreter clears the stack), as Linux allows it to privileged programs.
 */
#include "vcall.h"
#include "verifier.h"
#include "vstate.h"

#define MAX_OFF ((int64_t)1 << 29)

static struct ebpf_vframe *frame_of(struct ebpf_verifier *v, const struct ebpf_vreg *reg)
{
	return v->frames[reg->frame];
}

/* The byte at fp + off, and its slot */
static uint32_t slot_of(int64_t off)
{
	return (uint32_t)(-off - 1) / 8;
}

static uint8_t *byte_at(struct ebpf_vframe *frame, int64_t off)
{
	uint32_t at = (uint32_t)(-off - 1);

	return &frame->slots[at / 8].bytes[at % 8];
}

/* ------------------------------------------------------------------------ bounds */

/* Functions of the call chain share 512 bytes, a frame counts in steps of 32: vcfg.c checks it for all chains. */
static int check_total(struct ebpf_verifier *v)
{
	uint32_t total = 0;

	for (uint32_t i = 0; i <= v->depth; i++)
		total += v->frames[i]->nr_slots ? (v->frames[i]->nr_slots * 8 + 31) & ~31u : 32;
	if (total <= EBPF_STACK_SIZE)
		return 0;
	return ebpf_v_refuse(v, -EACCES, "all active functions together have 512 bytes of stack; use a map",
			     "combined stack size of %u calls is %u. Too large", v->depth + 1, total);
}

static int grow(struct ebpf_verifier *v, struct ebpf_vframe *frame, int64_t bytes)
{
	uint32_t slots = (uint32_t)(bytes + 7) / 8;
	struct ebpf_vsubprog *sub = &v->subprogs[frame->subprog];

	if (slots <= frame->nr_slots)
		return 0;
	for (uint32_t i = frame->nr_slots; i < slots; i++)
		for (uint32_t k = 0; k < 8; k++)
			frame->slots[i].bytes[k] = EBPF_VB_INVALID;
	frame->nr_slots = slots;
	if (sub->stack < slots * 8)
		sub->stack = (uint16_t)(slots * 8);
	ebpf_v_cost(v, slots * 10);
	return check_total(v);
}

int ebpf_vstack_bounds(struct ebpf_verifier *v, uint32_t nr, int64_t off, int64_t size, enum ebpf_vaccess access)
{
	const struct ebpf_vreg *reg = &ebpf_vregs(v)[nr];
	bool known = ebpf_range_is_const(&reg->range);
	const char *what = access == EBPF_VA_READ ? "read from" : "write to";
	int64_t low = known ? (int64_t)reg->range.bits.value : reg->range.smin;
	int64_t high = known ? low : reg->range.smax;

	if (!known && (high >= MAX_OFF || low <= -MAX_OFF))
		return ebpf_v_refuse(v, -EACCES, "bound the offset with comparisons first",
				     "invalid unbounded variable-offset %s stack R%u", what, nr);
	if (low + off >= -(int64_t)EBPF_STACK_SIZE && low + off < 0 && high + off + size <= 0 && size >= 0)
		return grow(v, frame_of(v, reg), -(low + off));
	return ebpf_v_refuse(v, -EACCES, "a function's stack is r10-512 .. r10-1",
			     "invalid %s%s stack R%u off=%lld size=%lld", known ? "" : "variable-offset ", what, nr,
			     (long long)(known ? low + off : off), (long long)size);
}

/* ------------------------------------------------------------------------- marks */

void ebpf_vstack_read_mark(struct ebpf_verifier *v, uint32_t frame, uint32_t slot)
{
	uint64_t bit = (uint64_t)1 << slot;

	if (v->frames[frame]->written & bit)
		return;
	v->reads[frame] |= bit;
	v->any_reads = true;
}

static int note_spill(struct ebpf_verifier *v, uint32_t frame, uint32_t slot)
{
	return ebpf_v_note(v, EBPF_VH_STACK | frame << 6 | slot);
}

/* ------------------------------------------------------------------------- store */

/* Can `size` bytes hold the value? */
static bool fits(const struct ebpf_vreg *reg, uint32_t size)
{
	return size == 8 || reg->range.umax < (uint64_t)1 << (size * 8);
}

static void spill(struct ebpf_vslot *slot, const struct ebpf_vreg *reg, uint32_t size)
{
	slot->spill = *reg;
	for (uint32_t i = 0; i < 8; i++) {
		if (i >= 8 - size)
			slot->bytes[i] = EBPF_VB_SPILL;
		else if (slot->bytes[i] == EBPF_VB_SPILL)
			slot->bytes[i] = EBPF_VB_MISC;
	}
}

/* What was spilled there is not a register any more. */
static void scrub(struct ebpf_vslot *slot)
{
	if (!ebpf_vslot_is_spill(slot))
		return;
	for (uint32_t i = 0; i < 8; i++)
		if (slot->bytes[i] == EBPF_VB_SPILL)
			slot->bytes[i] = EBPF_VB_MISC;
}

/* Bytes left of a spilled pointer could be read one by one. */
static int check_overwrite(struct ebpf_verifier *v, const struct ebpf_vslot *slot)
{
	if (!ebpf_vslot_is_spill(slot) || !ebpf_v_is_secret(v, &slot->spill))
		return 0;
	return ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint, "attempt to corrupt spilled pointer on stack");
}

static int store_register(struct ebpf_verifier *v, uint32_t frame, uint32_t n, struct ebpf_vreg *reg, uint32_t size)
{
	struct ebpf_vslot *slot = &v->frames[frame]->slots[n];
	bool whole = fits(reg, size);

	if (reg->type != EBPF_VT_SCALAR) {
		if (size != 8)
			return ebpf_v_refuse(v, -EACCES, "store a pointer with 8 bytes",
					     "invalid size of register spill");
		if (frame != v->depth && reg->type == EBPF_VT_STACK)
			return ebpf_v_refuse(v, -EINVAL, NULL,
					     "cannot spill pointers to stack into stack frame of the caller");
		spill(slot, reg, size);
		return note_spill(v, frame, n);
	}
	if (whole)
		ebpf_valu_share_id(v, reg);
	spill(slot, reg, size);
	if (!whole)
		slot->spill.id = 0;
	return note_spill(v, frame, n);
}

static void store_bytes(struct ebpf_vframe *frame, int64_t off, uint32_t size, uint8_t kind)
{
	scrub(&frame->slots[slot_of(off)]);
	for (uint32_t i = 0; i < size; i++)
		*byte_at(frame, off + i) = kind;
}

static bool stores_zero(struct ebpf_verifier *v, const struct ebpf_vreg *reg)
{
	const struct bpf_insn *insn = &v->insns[v->insn];

	if (reg)
		return ebpf_vreg_is_null(reg);
	return BPF_CLASS(insn->code) == BPF_ST && !insn->imm;
}

static int store_fixed(struct ebpf_verifier *v, uint32_t n, int64_t off, uint32_t size, int value)
{
	const struct bpf_insn *insn = &v->insns[v->insn];
	struct ebpf_vframe *frame = v->frames[n];
	struct ebpf_vreg *reg = value < 0 ? NULL : &ebpf_vregs(v)[value];
	uint32_t slot = slot_of(off);
	bool aligned = off % 8 == 0, zero;

	if (size != 8 && check_overwrite(v, &frame->slots[slot]))
		return v->err;
	if (aligned && size == 8)
		frame->written |= (uint64_t)1 << slot;
	if (!reg && aligned && BPF_CLASS(insn->code) == BPF_ST) {
		ebpf_vreg_const(&v->fake[0], (uint64_t)(int64_t)insn->imm);
		spill(&frame->slots[slot], &v->fake[0], size);
		return note_spill(v, n, slot);
	}
	if (reg && (aligned || reg->type != EBPF_VT_SCALAR))
		return store_register(v, n, slot, reg, size);
	zero = stores_zero(v, reg);
	/* A 0 among the bytes does not say which register it came from: that one must be what it was. */
	if (zero && value >= 0)
		ebpf_vprecise_reg(v, (uint32_t)value);
	store_bytes(frame, off, size, zero ? EBPF_VB_ZERO : EBPF_VB_MISC);
	return 0;
}

/* One of several places is written: what was spilled in any of them is gone, what was written in none stays so. */
static int store_variable(struct ebpf_verifier *v, const struct ebpf_vreg *ptr, int64_t off, uint32_t size, int value)
{
	struct ebpf_vframe *frame = frame_of(v, ptr);
	const struct ebpf_vreg *reg = value < 0 ? NULL : &ebpf_vregs(v)[value];
	int64_t end = ptr->range.smax + off + size;
	bool zero = stores_zero(v, reg), used = false;

	for (int64_t at = ptr->range.smin + off; at < end; at++) {
		struct ebpf_vslot *slot = &frame->slots[slot_of(at)];
		uint8_t *byte = byte_at(frame, at);

		ebpf_v_cost(v, 20);
		if (zero && *byte == EBPF_VB_SPILL && ebpf_vslot_is_scalar(slot) && ebpf_vreg_is_null(&slot->spill)) {
			used = true;
			continue;
		}
		if (zero && *byte == EBPF_VB_ZERO) {
			used = true;
			continue;
		}
		if (check_overwrite(v, slot))
			return v->err;
		scrub(slot);
		*byte = EBPF_VB_MISC;
	}
	if (used && value >= 0)
		ebpf_vprecise_reg(v, (uint32_t)value);
	return 0;
}

int ebpf_vstack_store(struct ebpf_verifier *v, uint32_t nr, int32_t off, uint32_t size, int value)
{
	const struct ebpf_vreg *ptr = &ebpf_vregs(v)[nr];

	if (ebpf_range_is_const(&ptr->range))
		return store_fixed(v, ptr->frame, off + (int64_t)ptr->range.bits.value, size, value);
	return store_variable(v, ptr, off, size, value);
}

/* -------------------------------------------------------------------------- load */

static void load_bytes(struct ebpf_verifier *v, struct ebpf_vframe *frame, int64_t off, int64_t end, int value)
{
	struct ebpf_vreg *to = &ebpf_vregs(v)[value];

	for (; off < end; off++)
		if (*byte_at(frame, off) != EBPF_VB_ZERO)
			break;
	if (off == end)
		ebpf_vreg_const(to, 0);
	else
		ebpf_vreg_unknown(to);
}

/* Part of a spilled scalar, or more than was spilled: 1 if the register came out, 0 if just some data */
static int load_part(struct ebpf_verifier *v, struct ebpf_vframe *frame, int64_t off, uint32_t size, int value)
{
	const struct ebpf_vslot *slot = &frame->slots[slot_of(off)];
	struct ebpf_vreg *to = &ebpf_vregs(v)[value];
	uint32_t spilled = 1, spills = 0, zeros = 0;

	while (spilled < 8 && slot->bytes[7 - spilled] == EBPF_VB_SPILL)
		spilled++;
	if (size <= spilled && off % 8 == 0) {
		*to = slot->spill;
		if (!fits(to, size))
			to->id = 0;
		return 1;
	}
	for (uint32_t i = 0; i < size; i++) {
		uint8_t kind = *byte_at(frame, off + i);

		spills += kind == EBPF_VB_SPILL;
		zeros += kind == EBPF_VB_ZERO;
	}
	if (spills == size && ebpf_range_is_zero(&slot->spill.range)) {
		ebpf_vreg_const(to, 0);
		return 1;
	}
	if (zeros == size)
		ebpf_vreg_const(to, 0);
	else
		ebpf_vreg_unknown(to);
	return 0;
}

static int load_fixed(struct ebpf_verifier *v, uint32_t n, int64_t off, uint32_t size, int value)
{
	struct ebpf_vframe *frame = v->frames[n];
	uint32_t at = slot_of(off);
	struct ebpf_vslot *slot = &frame->slots[at];
	bool whole = size == 8 && slot->bytes[0] == EBPF_VB_SPILL;

	ebpf_vstack_read_mark(v, n, at);
	if (!ebpf_vslot_is_spill(slot)) {
		if (value >= 0)
			load_bytes(v, frame, off, off + size, value);
		return 0;
	}
	if (!whole) {
		if (slot->spill.type != EBPF_VT_SCALAR)
			return ebpf_v_refuse(v, -EACCES, "load a pointer with 8 bytes",
					     "invalid size of register fill");
		if (value < 0)
			return 0;
		return load_part(v, frame, off, size, value) ? note_spill(v, n, at) : 0;
	}
	if (value >= 0)
		ebpf_vregs(v)[value] = slot->spill;
	return note_spill(v, n, at);
}

int ebpf_vstack_load(struct ebpf_verifier *v, uint32_t nr, int32_t off, uint32_t size, int value)
{
	const struct ebpf_vreg *ptr = &ebpf_vregs(v)[nr];
	struct ebpf_vframe *frame = frame_of(v, ptr);
	int64_t low = ptr->range.smin + off, high = ptr->range.smax + off;
	int err;

	if (ebpf_range_is_const(&ptr->range))
		return load_fixed(v, ptr->frame, off + (int64_t)ptr->range.bits.value, size, value);
	if (value < 0)
		return ebpf_v_refuse(
			v, -EACCES, "use a constant offset here",
			"variable offset stack pointer cannot be passed into helper function; off=%d size=%u", off,
			size);
	err = ebpf_vstack_range(v, nr, off, size, EBPF_VA_READ, false, NULL);
	if (!err)
		load_bytes(v, frame, low, high + size, value);
	return err;
}

/* -------------------------------------------------------------------- by helpers */

/* A helper reads, or writes over, one byte. */
static int pass_byte(struct ebpf_verifier *v, uint32_t n, int64_t off, bool write)
{
	struct ebpf_vframe *frame = v->frames[n];
	struct ebpf_vslot *slot = &frame->slots[slot_of(off)];
	uint8_t *byte = byte_at(frame, off);

	ebpf_vstack_read_mark(v, n, slot_of(off));
	if (*byte == EBPF_VB_SPILL && ebpf_v_is_secret(v, &slot->spill))
		return ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint, "leaking pointer from stack off %lld",
				     (long long)off);
	if (!write)
		return 0;
	if (*byte == EBPF_VB_SPILL)
		scrub(slot);
	*byte = EBPF_VB_MISC;
	return 0;
}

int ebpf_vstack_range(struct ebpf_verifier *v, uint32_t nr, int64_t off, int64_t size, enum ebpf_vaccess access,
		      bool zero_ok, struct ebpf_vcall *call)
{
	const struct ebpf_vreg *ptr = &ebpf_vregs(v)[nr];
	bool known = ebpf_range_is_const(&ptr->range);
	int64_t low = known ? (int64_t)ptr->range.bits.value + off : ptr->range.smin + off;
	int64_t high = known ? low : ptr->range.smax + off;
	int err;

	if (!size && !zero_ok)
		return ebpf_v_refuse(v, -EACCES, NULL, "invalid zero-sized read");
	err = ebpf_vstack_bounds(v, nr, off, size, access);
	if (err)
		return err;
	if (known && call && call->raw) {
		call->raw_reg = nr;
		call->raw_size = (uint64_t)size;
		return 0;
	}
	for (int64_t at = low; !err && at < high + size; at++)
		err = pass_byte(v, ptr->frame, at, access == EBPF_VA_WRITE);
	ebpf_v_cost(v, (uint32_t)(high + size - low) * 15);
	return err;
}

int ebpf_vstack_fill(struct ebpf_verifier *v, uint32_t nr, uint64_t size)
{
	const struct ebpf_vreg *ptr = &ebpf_vregs(v)[nr];
	struct ebpf_vframe *frame = frame_of(v, ptr);
	int64_t low = (int64_t)ptr->range.bits.value + ptr->off;

	for (int64_t at = low; at < low + (int64_t)size; at++) {
		if (check_overwrite(v, &frame->slots[slot_of(at)]))
			return v->err;
		scrub(&frame->slots[slot_of(at)]);
		*byte_at(frame, at) = EBPF_VB_MISC;
	}
	ebpf_v_cost(v, (uint32_t)size * 25);
	return 0;
}

uint32_t ebpf_verifier_stack(const struct ebpf_verifier *v)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < v->nr_subprogs; i++)
		if (v->subprogs[i].stack > most)
			most = v->subprogs[i].stack;
	return most;
}
