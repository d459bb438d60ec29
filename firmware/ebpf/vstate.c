/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of the verifier: making the common ones, and their names in messages. */
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
					    "map_key", "fp",	 "mem", "func"};
	static const char *const null_names[] = {
		"?_or_null",	   "scalar",	 "ctx_or_null", "map_ptr_or_null", "map_value_or_null",
		"map_key_or_null", "fp_or_null", "mem_or_null", "func_or_null"};
	uint8_t base = type & EBPF_VT_BASE;

	if (base > EBPF_VT_FUNC)
		return "?";
	if (type & EBPF_VT_RINGBUF)
		return type & EBPF_VT_NULL ? "ringbuf_mem_or_null" : "ringbuf_mem";
	return type & EBPF_VT_NULL ? null_names[base] : names[base];
}
