/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ALU instructions: scalars by range_alu.c, pointers by the rules for pointer
 * arithmetic. A pointer may be moved by a constant (its fixed offset) or by a
 * scalar (its variable offset); anything else that is done to one is refused,
 * or gives a scalar where Linux lets a privileged program have that.
 */
#include "vstate.h"

#define MAX_OFF (1u << 29) /* how far an offset may be from 0 */

static const char *const alu_ops[16] = {
	"+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>=", "end", "?", "?"};

static const char *op_name(const struct bpf_insn *insn)
{
	return alu_ops[BPF_OP(insn->code) >> 4];
}

/* Before a copy: give the value an id, so that original and copy learn from each other. */
static void share_id(struct ebpf_verifier *v, struct ebpf_vreg *reg)
{
	if (reg->type != EBPF_VT_SCALAR)
		return;
	if (reg->id & EBPF_VID_DELTA) {
		reg->id = 0;
		reg->off = 0;
	}
	if (!reg->id && !ebpf_range_is_const(&reg->range))
		reg->id = ebpf_v_id(v);
}

void ebpf_valu_share_id(struct ebpf_verifier *v, struct ebpf_vreg *reg)
{
	share_id(v, reg);
}

/* ------------------------------------------------------------ pointer arithmetic */

static bool offset_sane(struct ebpf_verifier *v, const struct ebpf_vreg *reg, uint8_t type)
{
	const char *name = ebpf_vtype_name(type);
	const int64_t max = MAX_OFF;

	if (ebpf_range_is_const(&reg->range) &&
	    ((int64_t)reg->range.bits.value >= max || (int64_t)reg->range.bits.value <= -max)) {
		ebpf_v_refuse(v, -EINVAL, NULL, "math between %s pointer and %lld is not allowed", name,
			      (long long)reg->range.bits.value);
		return false;
	}
	if (reg->off >= max || reg->off <= -max) {
		ebpf_v_refuse(v, -EINVAL, NULL, "%s pointer offset %d is not allowed", name, reg->off);
		return false;
	}
	if (reg->range.smin == INT64_MIN) {
		ebpf_v_refuse(v, -EACCES, "compare the offset with a lower bound first, or mask it with &",
			      "math between %s pointer and register with unbounded min value is not allowed", name);
		return false;
	}
	if (reg->range.smin >= max || reg->range.smin <= -max) {
		ebpf_v_refuse(v, -EACCES, "bound the offset first", "value %lld makes %s pointer be out of bounds",
			      (long long)reg->range.smin, name);
		return false;
	}
	return true;
}

static int pointer_allowed(struct ebpf_verifier *v, const struct bpf_insn *insn, const struct ebpf_vreg *ptr,
			   const struct ebpf_vreg *off)
{
	bool known = ebpf_range_is_const(&off->range);

	if (ptr->type & EBPF_VT_NULL)
		return ebpf_v_refuse(v, -EACCES, "compare it with NULL, and use it only where it is not",
				     "R%u pointer arithmetic on %s prohibited, null-check it first", insn->dst_reg,
				     ebpf_vtype_name(ptr->type));
	if (ebpf_vreg_base(ptr) == EBPF_VT_MAP_PTR && !(known && off->range.smin == 0 && BPF_OP(insn->code) == BPF_ADD))
		return ebpf_v_refuse(v, -EACCES, "a map is used through helpers only",
				     "R%u pointer arithmetic on %s prohibited", insn->dst_reg,
				     ebpf_vtype_name(ptr->type));
	return 0;
}

/* ptr + off or ptr - off by a scalar: into the variable offset */
static void move_by_scalar(struct ebpf_range *to, const struct ebpf_range *ptr, const struct ebpf_range *off, bool add)
{
	int64_t low = add ? off->smin : off->smax, high = add ? off->smax : off->smin;
	bool torn;

	if (add) {
		torn = __builtin_add_overflow(ptr->smin, low, &to->smin) |
		       __builtin_add_overflow(ptr->smax, high, &to->smax);
	} else {
		torn = __builtin_sub_overflow(ptr->smin, low, &to->smin) |
		       __builtin_sub_overflow(ptr->smax, high, &to->smax);
	}
	if (torn) {
		to->smin = INT64_MIN;
		to->smax = INT64_MAX;
	}
	if (add) {
		torn = __builtin_add_overflow(ptr->umin, off->umin, &to->umin) |
		       __builtin_add_overflow(ptr->umax, off->umax, &to->umax);
	} else {
		torn = ptr->umin < off->umax;
		to->umin = ptr->umin - off->umax;
		to->umax = ptr->umax - off->umin;
	}
	if (torn) {
		to->umin = 0;
		to->umax = UINT64_MAX;
	}
	to->bits = add ? ebpf_tnum_add(ptr->bits, off->bits) : ebpf_tnum_sub(ptr->bits, off->bits);
}

static int move_pointer(struct ebpf_verifier *v, const struct bpf_insn *insn, const struct ebpf_vreg *ptr,
			const struct ebpf_vreg *off, struct ebpf_vreg *dst)
{
	bool add = BPF_OP(insn->code) == BPF_ADD;
	int64_t step = off->range.smin, moved = add ? ptr->off + step : ptr->off - step;

	*dst = *ptr;
	ebpf_range_unbound32(&dst->range);
	if (ebpf_range_is_const(&off->range) && moved == (int32_t)moved)
		dst->off = (int32_t)moved;
	else
		move_by_scalar(&dst->range, &ptr->range, &off->range, add);
	if (!offset_sane(v, dst, ptr->type))
		return -EINVAL;
	ebpf_range_sync(&dst->range);
	return 0;
}

/* `reversed`: scalar op= pointer */
static int pointer_op(struct ebpf_verifier *v, const struct bpf_insn *insn, bool reversed)
{
	struct ebpf_vreg *dst = &ebpf_vregs(v)[insn->dst_reg];
	struct ebpf_vreg *ptr = &v->fake[0], *off = &v->fake[1];
	uint8_t op = BPF_OP(insn->code);
	int err;

	if (off->range.smin > off->range.smax || off->range.umin > off->range.umax ||
	    (!off->range.bits.mask && (off->range.smin != off->range.smax || off->range.umin != off->range.umax))) {
		/* Contradictory bounds: a path that cannot be taken. */
		ebpf_vreg_unknown(dst);
		return 0;
	}
	if (BPF_CLASS(insn->code) != BPF_ALU64) {
		if (op == BPF_SUB && !v->opts.no_leaks) {
			ebpf_vreg_unknown(dst);
			return 0;
		}
		return ebpf_v_refuse(v, -EACCES, "pointers have 64 bits", "R%u 32-bit pointer arithmetic prohibited",
				     insn->dst_reg);
	}
	err = pointer_allowed(v, insn, ptr, off);
	if (err)
		return err;
	if (!offset_sane(v, off, ptr->type) || !offset_sane(v, ptr, ptr->type))
		return -EINVAL;
	if (op == BPF_AND || op == BPF_OR || op == BPF_XOR)
		return ebpf_v_refuse(v, -EACCES, NULL, "R%u bitwise operator %s on pointer prohibited", insn->dst_reg,
				     op_name(insn));
	if (op != BPF_ADD && op != BPF_SUB)
		return ebpf_v_refuse(v, -EACCES, NULL, "R%u pointer arithmetic with %s operator prohibited",
				     insn->dst_reg, op_name(insn));
	if (op == BPF_SUB && reversed)
		return ebpf_v_refuse(v, -EACCES, NULL, "R%u tried to subtract pointer from scalar", insn->dst_reg);
	if (op == BPF_SUB && ptr->type == EBPF_VT_STACK)
		return ebpf_v_refuse(v, -EACCES, "add a negative number instead",
				     "R%u subtraction from stack pointer prohibited", insn->dst_reg);
	return move_pointer(v, insn, ptr, off, dst);
}

/* ---------------------------------------------------------------------- scalars */

static void scalar_op(const struct bpf_insn *insn, struct ebpf_vreg *dst, const struct ebpf_vreg *src)
{
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64;
	uint32_t id = dst->id;

	ebpf_range_alu(&dst->range, &src->range, BPF_OP(insn->code), wide);
	dst->id = 0;
	/* x + constant stays tied to x by the difference, once. */
	if (BPF_OP(insn->code) == BPF_ADD && wide && id && !(id & EBPF_VID_DELTA) && ebpf_range_is_const(&src->range) &&
	    src->range.bits.value <= INT32_MAX) {
		dst->id = id | EBPF_VID_DELTA;
		dst->off = (int32_t)src->range.bits.value;
	} else {
		dst->off = 0;
	}
}

static int binary_op(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct ebpf_vreg *dst = &ebpf_vregs(v)[insn->dst_reg], *src = &ebpf_vregs(v)[insn->src_reg];

	if (BPF_SRC(insn->code) == BPF_K) {
		ebpf_vreg_const(&v->fake[1], (uint64_t)(int64_t)insn->imm);
		src = &v->fake[1];
	}
	if (ebpf_vreg_is_pointer(dst) && ebpf_vreg_is_pointer(src)) {
		if (BPF_OP(insn->code) == BPF_SUB && !v->opts.no_leaks) {
			ebpf_vreg_unknown(dst);
			return 0;
		}
		return ebpf_v_refuse(v, -EACCES, "only their difference means something",
				     "R%u pointer %s pointer prohibited", insn->dst_reg, op_name(insn));
	}
	if (ebpf_vreg_is_pointer(src)) {
		ebpf_vprecise_reg(v, insn->dst_reg);
		v->fake[0] = *src;
		v->fake[1] = *dst;
		return pointer_op(v, insn, true);
	}
	if (ebpf_vreg_is_pointer(dst)) {
		if (BPF_SRC(insn->code) == BPF_X)
			ebpf_vprecise_reg(v, insn->src_reg);
		v->fake[0] = *dst;
		if (src != &v->fake[1])
			v->fake[1] = *src;
		return pointer_op(v, insn, false);
	}
	v->fake[0] = *src; /* dst may be src */
	scalar_op(insn, dst, &v->fake[0]);
	return 0;
}

static int check_binary(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	uint8_t op = BPF_OP(insn->code);
	int32_t width = BPF_CLASS(insn->code) == BPF_ALU64 ? 64 : 32;
	int err = 0;

	if (BPF_SRC(insn->code) == BPF_X)
		err = ebpf_v_check_reg(v, insn->src_reg, EBPF_VU_READ);
	if (!err)
		err = ebpf_v_check_reg(v, insn->dst_reg, EBPF_VU_READ);
	if (err)
		return err;
	if (BPF_SRC(insn->code) == BPF_K) {
		if ((op == BPF_MOD || op == BPF_DIV) && !insn->imm)
			return ebpf_v_refuse(v, -EINVAL, NULL, "div by zero");
		if ((op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH) && (insn->imm < 0 || insn->imm >= width))
			return ebpf_v_refuse(v, -EINVAL, NULL, "invalid shift %d", insn->imm);
	}
	err = ebpf_v_check_reg(v, insn->dst_reg, EBPF_VU_WRITE);
	return err ? err : binary_op(v, insn);
}

/* ------------------------------------------------------------------------ moves */

static void move64(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct ebpf_vreg *dst = &ebpf_vregs(v)[insn->dst_reg], *src = &ebpf_vregs(v)[insn->src_reg];
	bool fits;

	if (!insn->off) {
		share_id(v, src);
		*dst = *src;
		return;
	}
	if (src->type != EBPF_VT_SCALAR) {
		ebpf_vreg_unknown(dst);
		return;
	}
	fits = src->range.umax < (uint64_t)1 << (insn->off - 1);
	if (fits)
		share_id(v, src);
	*dst = *src;
	if (!fits)
		dst->id = 0;
	ebpf_range_sign_extend(&dst->range, (unsigned int)insn->off / 8);
}

static void move32(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct ebpf_vreg *dst = &ebpf_vregs(v)[insn->dst_reg], *src = &ebpf_vregs(v)[insn->src_reg];
	bool fits;

	if (src->type != EBPF_VT_SCALAR) {
		ebpf_vreg_unknown(dst);
	} else {
		fits = insn->off ? src->range.umax < (uint64_t)1 << (insn->off - 1) : src->range.umax <= UINT32_MAX;
		if (fits)
			share_id(v, src);
		*dst = *src;
		if (!fits)
			dst->id = 0;
		if (insn->off)
			ebpf_range_sign_extend32(&dst->range, (unsigned int)insn->off / 8);
	}
	ebpf_range_from32(&dst->range);
	ebpf_range_sync(&dst->range);
}

static int check_move(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64;
	int err = 0;

	if (BPF_SRC(insn->code) == BPF_X)
		err = ebpf_v_check_reg(v, insn->src_reg, EBPF_VU_READ);
	if (!err)
		err = ebpf_v_check_reg(v, insn->dst_reg, EBPF_VU_WRITE);
	if (err)
		return err;
	if (BPF_SRC(insn->code) == BPF_X && ebpf_v_is_secret(v, &ebpf_vregs(v)[insn->src_reg]) && (!wide || insn->off))
		return ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint,
				     wide ? "R%u sign-extension part of pointer" : "R%u partial copy of pointer",
				     insn->src_reg);
	if (BPF_SRC(insn->code) == BPF_X)
		(wide ? move64 : move32)(v, insn);
	else
		ebpf_vreg_const(&ebpf_vregs(v)[insn->dst_reg],
				wide ? (uint64_t)(int64_t)insn->imm : (uint32_t)insn->imm);
	return 0;
}

int ebpf_valu_check(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct ebpf_vreg *dst = &ebpf_vregs(v)[insn->dst_reg];
	uint8_t op = BPF_OP(insn->code);
	int err;

	ebpf_v_cost(v, 500);
	if (op == BPF_MOV) {
		err = check_move(v, insn);
	} else if (op == BPF_NEG || op == BPF_END) {
		err = ebpf_v_check_reg(v, insn->dst_reg, EBPF_VU_READ);
		if (!err && ebpf_v_is_secret(v, dst))
			err = ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint, "R%u pointer arithmetic prohibited",
					    insn->dst_reg);
		if (!err)
			err = ebpf_v_check_reg(v, insn->dst_reg, EBPF_VU_WRITE);
		if (!err)
			ebpf_vreg_unknown(dst); /* Linux knows more of a negation since 6.18 only */
	} else {
		err = check_binary(v, insn);
	}
	if (!err)
		ebpf_range_check(&dst->range);
	return err;
}
