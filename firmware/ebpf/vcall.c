/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Helper calls: arguments against the prototype, maps against the helper, what
 * r0 is afterwards. Prototypes are those of the helper table (helper.h), so what
 * is checked here is what the checked interpreter checks at run time.
 */
#include "vcall.h"

#include "print.h"
#include "vproto.h"
#include "vstate.h"

#define MAX_SIZE ((uint64_t)1 << 29)
#define MAX_ERRNO 4095

static uint32_t bit_of(uint8_t type)
{
	return 1u << (type & EBPF_VT_BASE);
}

/* ------------------------------------------------------------- types of arguments */

#define MEM_TYPES (1u << EBPF_VT_STACK | 1u << EBPF_VT_MAP_KEY | 1u << EBPF_VT_MAP_VALUE | 1u << EBPF_VT_MEM)

struct arg_rule {
	uint32_t types; /* bits of enum ebpf_vtype */
	bool or_null;
	const char *expected;
};

static const struct arg_rule rules[] = {
	[EBPF_ARG_CONST_MAP_PTR] = {1u << EBPF_VT_MAP_PTR, false, "map_ptr"},
	[EBPF_ARG_MAP_KEY] = {MEM_TYPES, false, "fp, map_key, map_value, mem"},
	[EBPF_ARG_MAP_VALUE] = {MEM_TYPES, false, "fp, map_key, map_value, mem"},
	[EBPF_ARG_MAP_VALUE_UNINIT] = {MEM_TYPES, false, "fp, map_key, map_value, mem"},
	[EBPF_ARG_CTX] = {1u << EBPF_VT_CTX, false, "ctx"},
	[EBPF_ARG_MEM_RDONLY] = {MEM_TYPES, false, "fp, map_key, map_value, mem"},
	[EBPF_ARG_MEM_RDONLY_OR_NULL] = {MEM_TYPES, true, "fp, map_key, map_value, mem"},
	[EBPF_ARG_MEM_UNINIT] = {MEM_TYPES, false, "fp, map_key, map_value, mem"},
	[EBPF_ARG_MEM_OR_NULL] = {MEM_TYPES, true, "fp, map_key, map_value, mem"},
	[EBPF_ARG_LONG_UNINIT] = {MEM_TYPES, false, "fp, map_key, map_value, mem"},
	[EBPF_ARG_SIZE] = {1u << EBPF_VT_SCALAR, false, "scalar"},
	[EBPF_ARG_SIZE_OR_ZERO] = {1u << EBPF_VT_SCALAR, false, "scalar"},
	[EBPF_ARG_CONST_ALLOC_SIZE] = {1u << EBPF_VT_SCALAR, false, "scalar"},
	[EBPF_ARG_CONST_STR] = {1u << EBPF_VT_MAP_VALUE, false, "map_value"},
	[EBPF_ARG_RINGBUF_MEM] = {1u << EBPF_VT_MEM, false, "ringbuf_mem"},
	[EBPF_ARG_FUNC] = {1u << EBPF_VT_FUNC, false, "func"},
	[EBPF_ARG_STACK_OR_NULL] = {1u << EBPF_VT_STACK, true, "fp"},
};

static int check_type(struct ebpf_verifier *v, uint32_t nr, uint8_t arg)
{
	const struct ebpf_vreg *reg = &ebpf_vregs(v)[nr];
	const struct arg_rule *rule = &rules[arg];
	bool may_be_null = reg->type & EBPF_VT_NULL;

	if (rule->or_null && ebpf_vreg_is_null(reg))
		return 0;
	if (!(rule->types & bit_of(reg->type)) || (may_be_null && !rule->or_null) ||
	    (arg == EBPF_ARG_RINGBUF_MEM && !(reg->type & EBPF_VT_RINGBUF)))
		return ebpf_v_refuse(v, -EACCES,
				     may_be_null ? "compare it with NULL first, and use it only where it is not NULL"
						 : "the helper's documentation says what each argument must be",
				     "R%u type=%s expected=%s", nr, ebpf_vtype_name(reg->type), rule->expected);
	return 0;
}

/* Pointers that a helper must get as they were given out */
static int check_unmoved(struct ebpf_verifier *v, uint32_t nr, uint8_t arg)
{
	const struct ebpf_vreg *reg = &ebpf_vregs(v)[nr];
	const char *name = ebpf_vtype_name(reg->type);

	switch (reg->type) {
	case EBPF_VT_SCALAR:
	case EBPF_VT_STACK:
	case EBPF_VT_MAP_KEY:
	case EBPF_VT_MAP_VALUE:
	case EBPF_VT_MEM:
		return 0;
	}
	if (arg == EBPF_ARG_RINGBUF_MEM && reg->off)
		return ebpf_v_refuse(v, -EINVAL, "keep the pointer that was reserved",
				     "R%u must have zero offset when passed to release func or trusted arg to kfunc",
				     nr);
	if (reg->type == (EBPF_VT_MEM | EBPF_VT_RINGBUF) && arg != EBPF_ARG_RINGBUF_MEM)
		return 0;
	if (reg->off < 0)
		return ebpf_v_refuse(v, -EACCES, NULL, "negative offset %s ptr R%u off=%d disallowed", name, nr,
				     reg->off);
	if (reg->off)
		return ebpf_v_refuse(v, -EACCES, NULL, "dereference of modified %s ptr R%u off=%d disallowed", name, nr,
				     reg->off);
	if (!ebpf_range_is_zero(&reg->range))
		return ebpf_v_refuse(v, -EACCES, NULL, "variable %s access var_off=(0x%llx; 0x%llx) disallowed", name,
				     (unsigned long long)reg->range.bits.value,
				     (unsigned long long)reg->range.bits.mask);
	return 0;
}

/* ------------------------------------------------------------ one kind after the other */

static bool arg_writes(uint8_t arg)
{
	return arg == EBPF_ARG_MEM_UNINIT || arg == EBPF_ARG_MEM_OR_NULL || arg == EBPF_ARG_MAP_VALUE_UNINIT ||
	       arg == EBPF_ARG_LONG_UNINIT;
}

static int check_size(struct ebpf_verifier *v, uint32_t nr, bool zero_ok, struct ebpf_vcall *call)
{
	const struct ebpf_range *size = &ebpf_vregs(v)[nr].range;
	enum ebpf_vaccess access = arg_writes(call->helper->arg[nr - 2]) ? EBPF_VA_WRITE : EBPF_VA_READ;
	int err;

	call->max_size = size->umax;
	if (size->smin < 0)
		return ebpf_v_refuse(v, -EACCES, "make the size unsigned, compare it or mask it with &",
				     "R%u min value is negative, either use unsigned or 'var &= const'", nr);
	if (!size->umin && !zero_ok)
		return ebpf_v_refuse(v, -EACCES, "exclude 0 with a comparison first",
				     "R%u invalid zero-sized read: u64=[%lld,%lld]", nr, (long long)size->umin,
				     (long long)size->umax);
	if (size->umax >= MAX_SIZE)
		return ebpf_v_refuse(v, -EACCES, "bound the size first",
				     "R%u unbounded memory access, use 'var &= const' or 'if (var < const)'", nr);
	/* Of a variable size only what is initialised already may be handed over. */
	err = ebpf_vmem_helper(v, nr - 1, size->umax, access, zero_ok, ebpf_range_is_const(size) ? call : NULL);
	if (!err)
		ebpf_vprecise_reg(v, nr);
	return err;
}

static int check_string(struct ebpf_verifier *v, uint32_t nr)
{
	const struct ebpf_vreg *reg = &ebpf_vregs(v)[nr];
	const struct ebpf_map *map = reg->map;
	uint64_t off;
	int err;

	if (!(map->flags & BPF_F_RDONLY_PROG) || !map->frozen)
		return ebpf_v_refuse(v, -EACCES, "the string must be a constant: in .rodata, frozen before the load",
				     "R%u does not point to a readonly map'", nr);
	if (!ebpf_range_is_const(&reg->range))
		return ebpf_v_refuse(v, -EACCES, NULL, "R%u is not a constant address'", nr);
	if (map->type != BPF_MAP_TYPE_ARRAY || map->max_entries != 1 || !map->values)
		return ebpf_v_refuse(v, -EACCES, NULL, "no direct value access support for this map type");
	off = (uint64_t)reg->off + reg->range.bits.value;
	err = ebpf_vmem_region(v, nr, reg->off, (int64_t)(map->value_size - off), map->value_size, false);
	if (err)
		return err;
	for (; off < map->value_size; off++) {
		ebpf_v_cost(v, 3);
		if (!map->values[off])
			return 0;
	}
	return ebpf_v_refuse(v, -EINVAL, NULL, "string is not zero-terminated");
}

static int check_alloc_size(struct ebpf_verifier *v, uint32_t nr, struct ebpf_vcall *call)
{
	const struct ebpf_vreg *reg = &ebpf_vregs(v)[nr];

	if (!ebpf_range_is_const(&reg->range))
		return ebpf_v_refuse(v, -EACCES, "reserve a constant size", "R%u is not a known constant'", nr);
	call->mem_size = (uint32_t)reg->range.bits.value;
	ebpf_vprecise_reg(v, nr);
	return 0;
}

static int check_reference(struct ebpf_verifier *v, uint32_t nr, uint8_t arg, struct ebpf_vcall *call)
{
	const struct ebpf_vreg *reg = &ebpf_vregs(v)[nr];

	if (arg == EBPF_ARG_RINGBUF_MEM) {
		if (!reg->ref)
			return ebpf_v_refuse(v, -EINVAL, "submit or discard what bpf_ringbuf_reserve() returned",
					     "R%u must be referenced when passed to release function", nr);
		call->release = nr;
	}
	if (!reg->ref)
		return 0;
	if (call->ref)
		return ebpf_v_refuse(v, -EACCES, NULL, "more than one arg with ref_obj_id R%u %u %u", nr, reg->ref,
				     call->ref);
	call->ref = reg->ref;
	return 0;
}

static int check_number(struct ebpf_verifier *v, uint32_t nr)
{
	if (!ebpf_v_is_secret(v, &ebpf_vregs(v)[nr]))
		return 0;
	return ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint, "R%u leaks addr into helper function", nr);
}

/* bpf_trace_printk() prints what its format names, whatever the prototype says. */
static int check_printed(struct ebpf_verifier *v)
{
	int err = 0;

	for (uint32_t nr = BPF_REG_3; !err && nr <= BPF_REG_5; nr++)
		if (ebpf_vregs(v)[nr].type != EBPF_VT_NOT_INIT)
			err = check_number(v, nr);
	return err;
}

static int check_arg(struct ebpf_verifier *v, uint32_t nr, struct ebpf_vcall *call)
{
	const struct ebpf_vreg *reg = &ebpf_vregs(v)[nr];
	uint8_t arg = call->helper->arg[nr - 1];
	int err;

	if (arg == EBPF_ARG_NONE)
		return 0;
	err = ebpf_v_check_reg(v, nr, EBPF_VU_READ);
	if (!err && arg == EBPF_ARG_ANYTHING)
		err = check_number(v, nr);
	if (err || arg == EBPF_ARG_ANYTHING)
		return err;
	if (arg >= sizeof(rules) / sizeof(rules[0]) || !rules[arg].types)
		return ebpf_v_refuse(v, -EINVAL, NULL, "helper's argument %u is of a kind this verifier does not know",
				     nr);
	/* What a bloom filter looks for it reads. */
	if (arg == EBPF_ARG_MAP_VALUE_UNINIT && call->map && call->map->type == BPF_MAP_TYPE_BLOOM_FILTER)
		arg = EBPF_ARG_MAP_VALUE;
	err = check_type(v, nr, arg);
	if (!err)
		err = check_unmoved(v, nr, arg);
	if (!err)
		err = check_reference(v, nr, arg, call);
	if (err)
		return err;
	call->raw = arg == EBPF_ARG_MEM_UNINIT || arg == EBPF_ARG_MAP_VALUE_UNINIT || arg == EBPF_ARG_LONG_UNINIT ||
		    (call->raw && (arg == EBPF_ARG_SIZE || arg == EBPF_ARG_SIZE_OR_ZERO));
	if (!call->map && (arg == EBPF_ARG_MAP_KEY || arg == EBPF_ARG_MAP_VALUE || arg == EBPF_ARG_MAP_VALUE_UNINIT))
		return ebpf_v_refuse(v, -EACCES, NULL, "invalid map_ptr to access map->%s",
				     arg == EBPF_ARG_MAP_KEY ? "key" : "value");
	switch (arg) {
	case EBPF_ARG_CONST_MAP_PTR:
		call->map = reg->map;
		return 0;
	case EBPF_ARG_MAP_KEY:
		return ebpf_vmem_helper(v, nr, call->map->key_size, EBPF_VA_READ, false, NULL);
	case EBPF_ARG_MAP_VALUE:
		return ebpf_vmem_helper(v, nr, call->map->value_size, EBPF_VA_READ, false, NULL);
	case EBPF_ARG_MAP_VALUE_UNINIT:
		return ebpf_vmem_helper(v, nr, call->map->value_size, EBPF_VA_WRITE, false, call);
	case EBPF_ARG_LONG_UNINIT:
		err = ebpf_vmem_helper(v, nr, 8, EBPF_VA_WRITE, false, call);
		return err ? err : ebpf_vmem_align(v, reg, 0, 8, true);
	case EBPF_ARG_SIZE:
	case EBPF_ARG_SIZE_OR_ZERO:
		return check_size(v, nr, arg == EBPF_ARG_SIZE_OR_ZERO, call);
	case EBPF_ARG_CONST_ALLOC_SIZE:
		return check_alloc_size(v, nr, call);
	case EBPF_ARG_CONST_STR:
		return check_string(v, nr);
	case EBPF_ARG_FUNC:
		call->subprog = (uint32_t)reg->subprog;
		return 0;
	}
	return 0;
}

/* ----------------------------------------------------------------- references */

int ebpf_vref_add(struct ebpf_verifier *v, uint32_t *id)
{
	if (v->nr_refs == EBPF_V_REFS)
		return ebpf_v_refuse(v, -E2BIG, "submit or discard records before reserving more",
				     "more than %u records reserved at a time", EBPF_V_REFS);
	*id = ebpf_v_id(v);
	v->refs[v->nr_refs++] = (struct ebpf_vref){.id = *id, .insn = v->insn};
	return 0;
}

int ebpf_vref_release(struct ebpf_verifier *v, uint32_t id)
{
	for (uint32_t i = 0; i < v->nr_refs; i++) {
		if (v->refs[i].id != id)
			continue;
		v->refs[i] = v->refs[--v->nr_refs];
		return 0;
	}
	return -EINVAL;
}

struct released {
	const struct ebpf_verifier *v;
	uint32_t ref;
};

/* Copies of a released pointer become plain data: to be looked at, if that is allowed, not followed. */
static void forget_released(struct ebpf_vreg *reg, void *arg)
{
	const struct released *released = arg;

	if (reg->ref != released->ref)
		return;
	if (released->v->opts.no_leaks)
		ebpf_vreg_pointer(reg, EBPF_VT_NOT_INIT);
	else
		ebpf_vreg_unknown(reg);
}

static int release_ref(struct ebpf_verifier *v, const struct ebpf_vcall *call)
{
	struct released released = {.v = v, .ref = call->ref};

	if (!call->ref || ebpf_vref_release(v, call->ref))
		return ebpf_v_refuse(v, -EINVAL, NULL, "func bpf_%s#%u reference has not been acquired before",
				     call->helper->name, call->id);
	ebpf_v_each(v, forget_released, &released);
	return 0;
}

int ebpf_vcall_leaks(struct ebpf_verifier *v, const char *where)
{
	if (!v->nr_refs)
		return 0;
	return ebpf_v_refuse(v, -EINVAL, "submit or discard it on every path",
			     "Unreleased reference id=%u alloc_insn=%u: %s would lead to reference leak", v->refs[0].id,
			     v->refs[0].insn, where);
}

/* ----------------------------------------------------------------------- result */

static bool is_map_of_maps(const struct ebpf_map *map)
{
	return map->type == BPF_MAP_TYPE_ARRAY_OF_MAPS || map->type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static int return_value(struct ebpf_verifier *v, struct ebpf_vreg *r0, const struct ebpf_vcall *call)
{
	/* Also for an element that an array is sure to have: Linux takes that into account since 6.14 only. */
	ebpf_vreg_pointer(r0, EBPF_VT_MAP_VALUE | EBPF_VT_NULL);
	r0->id = ebpf_v_id(v);
	r0->map = call->map;
	if (is_map_of_maps(call->map)) {
		r0->map = v->opts.inner_map ? v->opts.inner_map(call->map) : NULL;
		r0->frame = 1;
		if (!r0->map)
			return ebpf_v_refuse(v, -EINVAL, NULL, "map of maps without a known kind of inner map");
	}
	return 0;
}

static int return_record(struct ebpf_verifier *v, struct ebpf_vreg *r0, const struct ebpf_vcall *call)
{
	uint32_t id = 0;
	int err = ebpf_vref_add(v, &id);

	if (err)
		return err;
	ebpf_vreg_pointer(r0, EBPF_VT_MEM | EBPF_VT_RINGBUF | EBPF_VT_NULL);
	r0->mem_size = call->mem_size;
	r0->id = r0->ref = id;
	return 0;
}

/* Results that are known to be small */
static void return_bounded(struct ebpf_vreg *r0, const struct ebpf_vcall *call)
{
	switch (call->id) {
	case BPF_FUNC_get_stack:
	case BPF_FUNC_probe_read_str:
	case BPF_FUNC_probe_read_kernel_str:
	case BPF_FUNC_probe_read_user_str:
		r0->range.smin = r0->range.s32min = -MAX_ERRNO;
		r0->range.smax = (int64_t)call->max_size;
		r0->range.s32max = (int32_t)call->max_size;
		break;
	case BPF_FUNC_get_smp_processor_id:
		r0->range.umax = r0->range.u32max = EBPF_MAX_HARTS - 1;
		r0->range.smin = r0->range.s32min = 0;
		r0->range.smax = r0->range.s32max = EBPF_MAX_HARTS - 1;
		break;
	default:
		return;
	}
	ebpf_range_sync(&r0->range);
	ebpf_range_check(&r0->range);
}

static int set_result(struct ebpf_verifier *v, const struct ebpf_vcall *call)
{
	struct ebpf_vreg *regs = ebpf_vregs(v);

	for (uint32_t i = BPF_REG_0; i <= BPF_REG_5; i++)
		ebpf_vreg_pointer(&regs[i], EBPF_VT_NOT_INIT);
	switch (call->helper->ret) {
	case EBPF_RET_VOID:
		return 0;
	case EBPF_RET_MAP_VALUE_OR_NULL:
		return return_value(v, &regs[BPF_REG_0], call);
	case EBPF_RET_TASK:
		ebpf_vreg_pointer(&regs[BPF_REG_0], EBPF_VT_TASK);
		return 0;
	case EBPF_RET_RINGBUF_MEM_OR_NULL:
		return return_record(v, &regs[BPF_REG_0], call);
	}
	ebpf_vreg_unknown(&regs[BPF_REG_0]);
	return_bounded(&regs[BPF_REG_0], call);
	return 0;
}

/* ------------------------------------------------------------------------- all of it */

static int check_helper(struct ebpf_verifier *v, const struct bpf_insn *insn, struct ebpf_vcall *call)
{
	const char *name = ebpf_helper_name((uint32_t)insn->imm);
	const char *kept_back = ebpf_helper_kept_back((uint32_t)insn->imm);

	call->id = (uint32_t)insn->imm;
	call->helper = v->opts.helper_of(call->id, false);
	if (!call->helper)
		return ebpf_v_refuse(v, -EINVAL,
				     kept_back ? kept_back
					       : "this firmware does not have it, or not for kprobe programs",
				     name ? "program of this type cannot use helper bpf_%s#%d" : "invalid func %s#%d",
				     name ? name : "unknown", insn->imm);
	if (call->helper->gpl_only && !v->prog->gpl)
		return ebpf_v_refuse(v, -EINVAL, "declare: char LICENSE[] SEC(\"license\") = \"GPL\";",
				     "cannot call GPL-restricted function from non-GPL compatible program");
	return 0;
}

/* bpf_snprintf(): the format is a constant, so that it is one is known now. Its arguments are 8 bytes each. */
static int check_format(struct ebpf_verifier *v)
{
	static const uint64_t args[EBPF_PRINT_ARGS];
	const struct ebpf_vreg *fmt = &ebpf_vregs(v)[BPF_REG_3];
	uint64_t size = ebpf_vregs(v)[BPF_REG_5].range.bits.value, nr = size / 8;
	const char *text = (const char *)fmt->map->values + fmt->off + (int64_t)fmt->range.bits.value;
	char none[1];

	if (size % 8)
		return ebpf_v_refuse(v, -EINVAL, NULL, "the size of the arguments must be a multiple of 8");
	for (const char *c = text; *c; c++)
		ebpf_v_cost(v, 30);
	if (ebpf_print_linux(none, sizeof(none), text, args, nr < EBPF_PRINT_ARGS ? (unsigned int)nr : EBPF_PRINT_ARGS,
			     NULL, NULL) < 0)
		return ebpf_v_refuse(v, -EINVAL,
				     "docs/helpers.md lists what bpf_snprintf() knows, and the arguments must suffice",
				     "Invalid format string");
	return 0;
}

/* Helpers that call back: the callback is walked as a branch, the path goes on as if it had not been called. */
static int call_back(struct ebpf_verifier *v, const struct bpf_insn *insn, const struct ebpf_vcall *call)
{
	struct ebpf_vframe *frame = ebpf_vframe_cur(v);

	if (!ebpf_vproto_calls_back(call->id))
		return 0;
	if (call->id != BPF_FUNC_loop)
		return ebpf_vfunc_callback(v, insn, call->subprog);
	ebpf_vprecise_reg(v, BPF_REG_1);
	if (frame->callback_depth < frame->regs[BPF_REG_1].range.umax)
		return ebpf_vfunc_callback(v, insn, call->subprog);
	frame->callback_depth = 0;
	return 0;
}

int ebpf_vcall_check(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct ebpf_vcall call = {.map = NULL};
	int err = check_helper(v, insn, &call);

	ebpf_v_cost(v, 1000);
	for (uint32_t nr = BPF_REG_1; !err && nr <= BPF_REG_5; nr++)
		err = check_arg(v, nr, &call);
	if (!err && call.id == BPF_FUNC_trace_printk)
		err = check_printed(v);
	if (!err)
		err = ebpf_vcompat_check(v, &call);
	if (!err && call.id == BPF_FUNC_snprintf)
		err = check_format(v);
	if (err)
		return err;
	if (call.raw_size)
		err = ebpf_vstack_fill(v, call.raw_reg, call.raw_size);
	if (!err && call.release)
		err = release_ref(v, &call);
	if (!err && call.id == BPF_FUNC_tail_call)
		err = ebpf_vcall_leaks(v, "tail_call");
	if (!err)
		err = call_back(v, insn, &call);
	if (!err)
		err = set_result(v, &call);
	v->insn++;
	return err;
}
