/* SPDX-License-Identifier: BSD-2-Clause */
/* The path's state: making registers and naming them, using them, noting what happens, finding all of them. */
#include "vstate.h"

#include "mem.h"

void ebpf_vreg_unknown(struct ebpf_vreg *reg)
{
	ebpf_memzero(reg, sizeof(*reg));
	reg->type = EBPF_VT_SCALAR;
	ebpf_range_unknown(&reg->range);
}

void ebpf_vreg_const(struct ebpf_vreg *reg, uint64_t value)
{
	ebpf_memzero(reg, sizeof(*reg));
	reg->type = EBPF_VT_SCALAR;
	ebpf_range_const(&reg->range, value);
}

void ebpf_vreg_pointer(struct ebpf_vreg *reg, uint8_t type)
{
	ebpf_memzero(reg, sizeof(*reg));
	reg->type = type;
}

void ebpf_vreg_not_null(struct ebpf_vreg *reg)
{
	reg->type &= (uint8_t)~EBPF_VT_NULL;
	/* From a map of maps; vcall.c has put the example of an inner map in place of the outer one. */
	if (reg->type == EBPF_VT_MAP_VALUE && reg->frame) {
		reg->type = EBPF_VT_MAP_PTR;
		reg->frame = 0;
	}
}

const char *ebpf_vtype_name(uint8_t type)
{
	static const char *const names[] = {"?",       "scalar", "ctx", "map_ptr", "map_value",
					    "map_key", "fp",	 "mem", "func",	   "ptr_task_struct"};
	static const char *const null_names[] = {
		"?_or_null",	   "scalar",	 "ctx_or_null", "map_ptr_or_null", "map_value_or_null",
		"map_key_or_null", "fp_or_null", "mem_or_null", "func_or_null",	   "ptr_task_struct_or_null"};
	uint8_t base = type & EBPF_VT_BASE;

	if (base > EBPF_VT_TASK)
		return "?";
	if (type & EBPF_VT_RINGBUF)
		return type & EBPF_VT_NULL ? "ringbuf_mem_or_null" : "ringbuf_mem";
	return type & EBPF_VT_NULL ? null_names[base] : names[base];
}

const char ebpf_v_leak_hint[] = "addresses of the firmware are no business of programs: the policy of this machine";

#define ALL_WORDS UINT32_MAX

/*
 * A context pointer is about to be read: which of its words may be looked at?
 * None if it is copied or compared; where a copy goes then is not followed.
 */
static uint32_t words_read(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LDX:
		return insn->off < 0 || insn->off >= 32 * 8 ? ALL_WORDS : 1u << (insn->off / 8);
	case BPF_ALU64:
		return BPF_OP(insn->code) != BPF_MOV || insn->off ? ALL_WORDS : 0;
	case BPF_JMP32:
		return 0;
	case BPF_JMP:
		if (BPF_OP(insn->code) != BPF_CALL || insn->imm == BPF_FUNC_perf_event_output ||
		    insn->imm == BPF_FUNC_get_func_ip || insn->imm == BPF_FUNC_get_attach_cookie)
			return 0; /* these take it and do not look at it */
	}
	return ALL_WORDS;
}

int ebpf_v_check_reg(struct ebpf_verifier *v, uint32_t nr, enum ebpf_vuse use)
{
	if (nr >= MAX_BPF_REG)
		return ebpf_v_refuse(v, -EINVAL, NULL, "R%u is invalid", nr);
	if (use == EBPF_VU_WRITE) {
		if (nr == BPF_REG_10)
			return ebpf_v_refuse(v, -EACCES, "copy r10 to another register and change that",
					     "frame pointer is read only");
		return 0;
	}
	if (ebpf_vregs(v)[nr].type == EBPF_VT_NOT_INIT)
		return ebpf_v_refuse(
			v, -EACCES,
			"give it a value on every path before; calls clobber r1 to r5, at entry only r1 is set",
			"R%u !read_ok", nr);
	if (ebpf_vregs(v)[nr].type == EBPF_VT_CTX)
		v->ctx_words |= words_read(&v->insns[v->insn]);
	return 0;
}

int ebpf_v_note(struct ebpf_verifier *v, uint32_t flags)
{
	struct ebpf_vhist *entry;

	if (v->hist_here) {
		v->hist[v->nr_hist - 1].flags |= (uint16_t)flags;
		return 0;
	}
	/* A checkpoint is made long before that. */
	if (v->nr_hist + EBPF_VH_LINKED >= sizeof(v->hist) / sizeof(v->hist[0]))
		return ebpf_v_refuse(v, -E2BIG, NULL, "verifier: history of a path is full");
	entry = &v->hist[v->nr_hist++];
	*entry = (struct ebpf_vhist){.insn = (uint16_t)v->insn, .prev = (uint16_t)v->prev, .flags = (uint16_t)flags};
	v->hist_here = true;
	return 0;
}

uint32_t ebpf_v_subprog_of(const struct ebpf_verifier *v, uint32_t insn)
{
	uint32_t low = 0, high = v->nr_subprogs;

	while (high - low > 1) {
		uint32_t mid = (low + high) / 2;

		if (v->subprogs[mid].start <= insn)
			low = mid;
		else
			high = mid;
	}
	return low;
}

void ebpf_v_each(struct ebpf_verifier *v, void (*fn)(struct ebpf_vreg *reg, void *arg), void *arg)
{
	for (uint32_t n = 0; n <= v->depth; n++) {
		struct ebpf_vframe *frame = v->frames[n];

		for (uint32_t i = 0; i < MAX_BPF_REG; i++)
			fn(&frame->regs[i], arg);
		for (uint32_t i = 0; i < frame->nr_slots; i++)
			if (ebpf_vslot_is_spill(&frame->slots[i]))
				fn(&frame->slots[i].spill, arg);
		ebpf_v_cost(v, 200 + frame->nr_slots * 15);
	}
}
