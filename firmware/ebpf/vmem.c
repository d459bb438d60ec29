/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory accesses of loads, stores, atomics and helpers: which kinds of pointers
 * may be followed how far. The stack is in vstack.c. RFC 9669 sec. 5.
 */
#include "vcall.h"
#include "vstate.h"

#define MAX_OFF ((uint64_t)1 << 29)

static const char bound_hint[] = "compare the offset with a constant on the path before, unsigned, or mask it with &";

/* ------------------------------------------------------------------ alignment */

int ebpf_vmem_align(struct ebpf_verifier *v, const struct ebpf_vreg *reg, int32_t off, uint32_t size, bool strict)
{
	static const char *const names[] = {"", "", "context ", "", "value ", "key ", "stack ", "", "", ""};
	uint8_t base = ebpf_vreg_base(reg);
	struct ebpf_tnum at;
	int err;

	/* Spilled registers are tracked in slots of 8 bytes: the stack is always strict. */
	if (size == 1 || (!strict && !v->opts.strict && base != EBPF_VT_STACK))
		return 0;
	at = ebpf_tnum_add(reg->range.bits, ebpf_tnum_const((uint64_t)(int64_t)(reg->off + off)));
	if (ebpf_tnum_is_aligned(at, size))
		return 0;
	err = ebpf_v_refuse(v, -EACCES, "use offsets that are multiples of the size, or load single bytes",
			    "misaligned %saccess off (0x%llx; 0x%llx)+%d+%d size %u", names[base],
			    (unsigned long long)reg->range.bits.value, (unsigned long long)reg->range.bits.mask,
			    reg->off, off, size);
	return err;
}

/* -------------------------------------------------- regions of known size */

static int check_bounds(struct ebpf_verifier *v, const struct ebpf_vreg *reg, int64_t off, int64_t size,
			uint64_t mem_size, bool zero_ok)
{
	const char *what = reg->type == EBPF_VT_MAP_VALUE ? "map value, value_size"
			   : reg->type == EBPF_VT_MAP_KEY ? "map key, key_size"
							  : "memory, mem_size";

	if (off >= 0 && (size > 0 || (size == 0 && zero_ok)) && (uint64_t)off + (uint64_t)size <= mem_size)
		return 0;
	return ebpf_v_refuse(v, -EACCES, bound_hint, "invalid access to %s=%llu off=%lld size=%lld", what,
			     (unsigned long long)mem_size, (long long)off, (long long)size);
}

int ebpf_vmem_region(struct ebpf_verifier *v, uint32_t nr, int64_t off, int64_t size, uint64_t mem_size, bool zero_ok)
{
	const struct ebpf_vreg *reg = &ebpf_vregs(v)[nr];
	int64_t low = reg->range.smin, least;
	int err;

	if (low < 0 && (low == INT64_MIN || (least = low + off, least != (int32_t)least) || least < 0))
		return ebpf_v_refuse(
			v, -EACCES, bound_hint,
			"R%u min value is negative, either use unsigned index or do a if (index >=0) check.", nr);
	err = check_bounds(v, reg, low + off, size, mem_size, zero_ok);
	if (err)
		return err;
	/* Linux 7.2 keeps one unsigned sum of all offsets: before the object is far behind it. */
	if (reg->range.umax >= MAX_OFF || reg->off + (int64_t)reg->range.umin < 0)
		return ebpf_v_refuse(v, -EACCES, bound_hint,
				     "R%u unbounded memory access, make sure to bounds check any such access", nr);
	return check_bounds(v, reg, (int64_t)reg->range.umax + off, size, mem_size, zero_ok);
}

static int check_map_flags(struct ebpf_verifier *v, const struct ebpf_map *map, int64_t off, int64_t size,
			   enum ebpf_vaccess access)
{
	if (ebpf_map_prog_may(map, access == EBPF_VA_WRITE))
		return 0;
	return ebpf_v_refuse(v, -EACCES, "the map was created with a flag that forbids this to programs",
			     "%s map forbidden, value_size=%u off=%lld size=%lld",
			     access == EBPF_VA_WRITE ? "write into" : "read from", map->value_size, (long long)off,
			     (long long)size);
}

/* A pointer that must be used as it came */
static int check_unmoved(struct ebpf_verifier *v, const struct ebpf_vreg *reg, uint32_t nr)
{
	const char *name = ebpf_vtype_name(reg->type);

	if (reg->off < 0)
		return ebpf_v_refuse(v, -EACCES, NULL, "negative offset %s ptr R%u off=%d disallowed", name, nr,
				     reg->off);
	if (reg->off)
		return ebpf_v_refuse(v, -EACCES, "put the offset into the load instead of the pointer",
				     "dereference of modified %s ptr R%u off=%d disallowed", name, nr, reg->off);
	if (!ebpf_range_is_zero(&reg->range))
		return ebpf_v_refuse(v, -EACCES, "only constant offsets are possible here",
				     "variable %s access var_off=(0x%llx; 0x%llx) disallowed", name,
				     (unsigned long long)reg->range.bits.value,
				     (unsigned long long)reg->range.bits.mask);
	return 0;
}

/* ---------------------------------------------------------- kinds of pointers */

/* Does nobody change these values any more? Then a load of a known place is a constant. */
static bool is_constant_map(const struct ebpf_map *map)
{
	return map->frozen && (map->flags & BPF_F_RDONLY_PROG) && map->type == BPF_MAP_TYPE_ARRAY &&
	       map->max_entries == 1 && map->values;
}

static void load_constant(struct ebpf_vreg *to, const struct ebpf_map *map, uint64_t off, uint32_t size, bool sign)
{
	const uint8_t *from = map->values + off;
	uint64_t value = 0;

	for (uint32_t i = size; i-- > 0;)
		value = value << 8 | from[i];
	if (sign)
		value = (uint64_t)((int64_t)(value << (64 - size * 8)) >> (64 - size * 8));
	ebpf_vreg_const(to, value);
}

static int map_value(struct ebpf_verifier *v, uint32_t nr, int32_t off, uint32_t size, enum ebpf_vaccess access,
		     int value, bool sign)
{
	struct ebpf_vreg *regs = ebpf_vregs(v), *reg = &regs[nr];
	const struct ebpf_map *map = reg->map;
	int err = check_map_flags(v, map, off, size, access);

	if (!err)
		err = ebpf_vmem_region(v, nr, off, size, map->value_size, false);
	if (err || access == EBPF_VA_WRITE || value < 0)
		return err;
	if (ebpf_range_is_const(&reg->range) && is_constant_map(map))
		load_constant(&regs[value], map, (uint64_t)off + reg->range.bits.value, size, sign);
	else
		ebpf_vreg_unknown(&regs[value]);
	return 0;
}

static int context(struct ebpf_verifier *v, uint32_t nr, int32_t off, uint32_t size, enum ebpf_vaccess access,
		   int value)
{
	struct ebpf_vreg *regs = ebpf_vregs(v);
	int err = check_unmoved(v, &regs[nr], nr);

	if (err)
		return err;
	if (access == EBPF_VA_WRITE)
		return ebpf_v_refuse(v, -EACCES, "a probe's context is read-only",
				     "invalid bpf_context access off=%d size=%u", off, size);
	if (off < 0 || (uint64_t)off + size > v->opts.ctx_size || (uint32_t)off % size)
		return ebpf_v_refuse(v, -EACCES, "the context is struct pt_regs: use PT_REGS_PARM1() and friends",
				     "invalid bpf_context access off=%d size=%u", off, size);
	if (value >= 0)
		ebpf_vreg_unknown(&regs[value]);
	return 0;
}

static int invalid_pointer(struct ebpf_verifier *v, uint32_t nr)
{
	uint8_t type = ebpf_vregs(v)[nr].type;

	return ebpf_v_refuse(
		v, -EACCES,
		type & EBPF_VT_NULL ? "compare it with NULL first, and use it only where it is not NULL"
		: type == EBPF_VT_SCALAR
			? "not a pointer the program may follow; read other memory with bpf_probe_read_kernel()"
		: type == EBPF_VT_TASK ? "read it with bpf_probe_read_kernel() or BPF_CORE_READ()"
				       : NULL,
		"R%u invalid mem access '%s'", nr, ebpf_vtype_name(type));
}

int ebpf_vmem_access(struct ebpf_verifier *v, uint32_t nr, int32_t off, uint32_t size, enum ebpf_vaccess access,
		     int value, bool strict, bool sign)
{
	struct ebpf_vreg *regs = ebpf_vregs(v), *reg = &regs[nr];
	int err;

	ebpf_v_cost(v, 300);
	if (reg->type == EBPF_VT_SCALAR || (reg->type & EBPF_VT_NULL))
		return invalid_pointer(v, nr);
	err = ebpf_vmem_align(v, reg, off, size, strict);
	if (err)
		return err;
	off += reg->off;
	if (access == EBPF_VA_WRITE && value >= 0 && reg->type != EBPF_VT_STACK && ebpf_v_is_secret(v, &regs[value]))
		return ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint, "R%d leaks addr into %s", value,
				     reg->type == EBPF_VT_MAP_VALUE ? "map"
				     : reg->type == EBPF_VT_CTX	    ? "ctx"
								    : "mem");
	switch (reg->type) {
	case EBPF_VT_MAP_VALUE:
		err = map_value(v, nr, off, size, access, value, sign);
		break;
	case EBPF_VT_MAP_KEY:
		if (access == EBPF_VA_WRITE)
			return ebpf_v_refuse(v, -EACCES, NULL, "write to change key R%u not allowed", nr);
		err = ebpf_vmem_region(v, nr, off, size, reg->map->key_size, false);
		if (!err && value >= 0)
			ebpf_vreg_unknown(&regs[value]);
		break;
	case EBPF_VT_MEM:
	case EBPF_VT_MEM | EBPF_VT_RINGBUF:
		err = ebpf_vmem_region(v, nr, off, size, reg->mem_size, false);
		if (!err && value >= 0 && access == EBPF_VA_READ)
			ebpf_vreg_unknown(&regs[value]);
		break;
	case EBPF_VT_CTX:
		err = context(v, nr, off, size, access, value);
		break;
	case EBPF_VT_STACK:
		err = ebpf_vstack_bounds(v, nr, off, size, access);
		if (!err)
			err = (access == EBPF_VA_READ ? ebpf_vstack_load : ebpf_vstack_store)(v, nr, off, size, value);
		break;
	default:
		return invalid_pointer(v, nr);
	}
	if (!err && access == EBPF_VA_READ && size < 8 && value >= 0 && regs[value].type == EBPF_VT_SCALAR) {
		if (sign)
			ebpf_range_sign_extend(&regs[value].range, size);
		else
			ebpf_range_zero_extend(&regs[value].range, size);
	}
	return err;
}

/* ------------------------------------------------------------------- by helpers */

int ebpf_vmem_helper(struct ebpf_verifier *v, uint32_t nr, uint64_t size, enum ebpf_vaccess access, bool zero_ok,
		     struct ebpf_vcall *call)
{
	const struct ebpf_vreg *reg = &ebpf_vregs(v)[nr];
	int err;

	ebpf_v_cost(v, 200);
	/* What may be NULL comes here only where the helper takes NULL. */
	switch (reg->type & ~EBPF_VT_NULL) {
	case EBPF_VT_MAP_KEY:
		if (access == EBPF_VA_WRITE)
			return ebpf_v_refuse(v, -EACCES, NULL, "R%u cannot write into %s", nr,
					     ebpf_vtype_name(reg->type));
		return ebpf_vmem_region(v, nr, reg->off, (int64_t)size, reg->map->key_size, false);
	case EBPF_VT_MAP_VALUE:
		err = check_map_flags(v, reg->map, reg->off, (int64_t)size, access);
		return err ? err : ebpf_vmem_region(v, nr, reg->off, (int64_t)size, reg->map->value_size, zero_ok);
	case EBPF_VT_MEM:
	case EBPF_VT_MEM | EBPF_VT_RINGBUF:
		return ebpf_vmem_region(v, nr, reg->off, (int64_t)size, reg->mem_size, zero_ok);
	case EBPF_VT_STACK:
		return ebpf_vstack_range(v, nr, reg->off, (int64_t)size, access, zero_ok, call);
	}
	if (zero_ok && !size && ebpf_vreg_is_null(reg))
		return 0;
	return ebpf_v_refuse(v, -EACCES, "give it memory of the stack or of a map", "R%u type=%s expected=fp", nr,
			     ebpf_vtype_name(reg->type));
}

/* ----------------------------------------------------------------- instructions */

static uint32_t size_of(const struct bpf_insn *insn)
{
	static const uint8_t sizes[4] = {4, 2, 1, 8};

	return sizes[BPF_SIZE(insn->code) >> 3];
}

/*
 * Linux translates a context access differently from others, once for each
 * instruction; so an instruction must not meet both. There is no reason for that
 * here, but a program that does it is refused there.
 */
static int remember_type(struct ebpf_verifier *v, uint8_t type)
{
	uint32_t *aux = &v->aux[v->insn], base = type & EBPF_VT_BASE,
		 before = (*aux & EBPF_VA_PTR) >> EBPF_VA_PTR_SHIFT;

	if (!before)
		*aux |= base << EBPF_VA_PTR_SHIFT;
	else if (before != base && (before == EBPF_VT_CTX || base == EBPF_VT_CTX))
		return ebpf_v_refuse(v, -EINVAL, "make the access in each branch separately",
				     "same insn cannot be used with different pointers");
	return 0;
}

int ebpf_vload_check(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct ebpf_vreg *regs = ebpf_vregs(v);
	bool sign = BPF_MODE(insn->code) == BPF_MEMSX;
	int err = ebpf_v_check_reg(v, insn->src_reg, EBPF_VU_READ);
	uint8_t type = regs[insn->src_reg].type;

	if (!err)
		err = ebpf_v_check_reg(v, insn->dst_reg, EBPF_VU_WRITE);
	if (!err)
		err = ebpf_vmem_access(v, insn->src_reg, insn->off, size_of(insn), EBPF_VA_READ, insn->dst_reg, false,
				       sign);
	if (!err)
		err = remember_type(v, type);
	if (!err)
		ebpf_range_check(&regs[insn->dst_reg].range);
	return err;
}

int ebpf_vstore_check(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	bool reg = BPF_CLASS(insn->code) == BPF_STX;
	int err = reg ? ebpf_v_check_reg(v, insn->src_reg, EBPF_VU_READ) : 0;
	uint8_t type;

	if (!err)
		err = ebpf_v_check_reg(v, insn->dst_reg, EBPF_VU_READ);
	if (err)
		return err;
	type = ebpf_vregs(v)[insn->dst_reg].type;
	err = ebpf_vmem_access(v, insn->dst_reg, insn->off, size_of(insn), EBPF_VA_WRITE, reg ? insn->src_reg : -1,
			       false, false);
	return err ? err : remember_type(v, type);
}

/* Linux 6.15's ordered loads and stores: like others, but never misaligned, and not of the context. */
static int ordered_check(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct ebpf_vreg *regs = ebpf_vregs(v);
	bool load = insn->imm == BPF_LOAD_ACQ;
	uint32_t base = load ? insn->src_reg : insn->dst_reg;
	int err = ebpf_v_check_reg(v, insn->src_reg, EBPF_VU_READ);
	uint8_t type;

	if (!err)
		err = ebpf_v_check_reg(v, insn->dst_reg, load ? EBPF_VU_WRITE : EBPF_VU_READ);
	if (err)
		return err;
	type = regs[base].type;
	if (type == EBPF_VT_CTX)
		return ebpf_v_refuse(v, -EACCES, "use a plain load", "BPF_ATOMIC %s R%u ctx is not allowed",
				     load ? "loads from" : "stores into", base);
	err = ebpf_vmem_access(v, base, insn->off, size_of(insn), load ? EBPF_VA_READ : EBPF_VA_WRITE,
			       load ? insn->dst_reg : insn->src_reg, true, false);
	if (!err)
		err = remember_type(v, type);
	if (!err && load)
		ebpf_range_check(&regs[insn->dst_reg].range);
	return err;
}

static int read_modify_write(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	uint32_t size = size_of(insn), dst = insn->dst_reg;
	int loaded = !(insn->imm & BPF_FETCH) ? -1 : insn->imm == BPF_CMPXCHG ? BPF_REG_0 : insn->src_reg;
	int err = ebpf_v_check_reg(v, insn->src_reg, EBPF_VU_READ);

	if (!err)
		err = ebpf_v_check_reg(v, dst, EBPF_VU_READ);
	if (!err && insn->imm == BPF_CMPXCHG)
		err = ebpf_v_check_reg(v, BPF_REG_0, EBPF_VU_READ);
	if (err)
		return err;
	if (ebpf_v_is_secret(v, &ebpf_vregs(v)[insn->src_reg]) ||
	    (insn->imm == BPF_CMPXCHG && ebpf_v_is_secret(v, &ebpf_vregs(v)[BPF_REG_0])))
		return ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint, "R%u leaks addr into mem",
				     ebpf_v_is_secret(v, &ebpf_vregs(v)[insn->src_reg]) ? insn->src_reg : BPF_REG_0);
	if (ebpf_vregs(v)[dst].type == EBPF_VT_CTX)
		return ebpf_v_refuse(v, -EACCES, "a probe's context is read-only",
				     "BPF_ATOMIC stores into R%u ctx is not allowed", dst);
	if (loaded >= 0) {
		err = ebpf_v_check_reg(v, (uint32_t)loaded, EBPF_VU_WRITE);
		if (err)
			return err;
		ebpf_vreg_unknown(&ebpf_vregs(v)[loaded]);
	}
	err = ebpf_vmem_access(v, dst, insn->off, size, EBPF_VA_READ, -1, true, false);
	if (!err && loaded >= 0)
		err = ebpf_vmem_access(v, dst, insn->off, size, EBPF_VA_READ, loaded, true, false);
	if (!err)
		err = ebpf_vmem_access(v, dst, insn->off, size, EBPF_VA_WRITE, -1, true, false);
	return err;
}

int ebpf_vatomic_check(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	if (insn->imm == BPF_LOAD_ACQ || insn->imm == BPF_STORE_REL)
		return ordered_check(v, insn);
	return read_modify_write(v, insn);
}

/* --------------------------------------------------------- wide constants */

const struct ebpf_map *ebpf_v_reference(const struct ebpf_verifier *v, uint64_t addr, int64_t *off)
{
	for (uint32_t i = 0; v->opts.resolved && i < v->prog->nr_maps; i++) {
		const struct ebpf_map *map = v->prog->maps[i];
		bool data = map->type == BPF_MAP_TYPE_ARRAY && map->max_entries == 1 && map->values;

		*off = -1;
		if (addr == (uintptr_t)map)
			return map;
		*off = (int64_t)(addr - (uintptr_t)map->values);
		if (data && (uint64_t)*off < map->value_size)
			return map;
	}
	return NULL;
}

static bool resolved_reference(struct ebpf_verifier *v, struct ebpf_vreg *dst, uint64_t addr)
{
	int64_t off;
	const struct ebpf_map *map = ebpf_v_reference(v, addr, &off);

	if (!map)
		return false;
	ebpf_vreg_pointer(dst, off < 0 ? EBPF_VT_MAP_PTR : EBPF_VT_MAP_VALUE);
	dst->map = map;
	dst->off = off < 0 ? 0 : (int32_t)off;
	return true;
}

int ebpf_vwide_check(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct ebpf_vreg *dst = &ebpf_vregs(v)[insn->dst_reg];
	uint64_t value = (uint32_t)insn[0].imm | (uint64_t)(uint32_t)insn[1].imm << 32;
	int err = ebpf_v_check_reg(v, insn->dst_reg, EBPF_VU_WRITE);

	if (err)
		return err;
	switch (insn->src_reg) {
	case 0:
		if (!resolved_reference(v, dst, value))
			ebpf_vreg_const(dst, value);
		return 0;
	case BPF_PSEUDO_FUNC:
		if (!v->opts.func_info)
			return ebpf_v_refuse(v, -EINVAL, "load with BTF: callbacks need function information",
					     "missing btf func_info");
		ebpf_vreg_pointer(dst, EBPF_VT_FUNC);
		dst->subprog = ebpf_v_subprog_of(v, v->insn + 1 + (uint32_t)insn->imm);
		return 0;
	}
	ebpf_vreg_pointer(dst, insn->src_reg == BPF_PSEUDO_MAP_FD ? EBPF_VT_MAP_PTR : EBPF_VT_MAP_VALUE);
	dst->map = v->prog->maps[insn->imm];
	dst->off = insn->src_reg == BPF_PSEUDO_MAP_VALUE ? insn[1].imm : 0;
	return 0;
}
