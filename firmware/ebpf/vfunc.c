/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of the program. A local call is walked in its caller's context: the
 * callee gets a frame of its own with the caller's r1 to r5, and what it returns
 * is known as precisely as it was computed. A callback is walked as a branch
 * that starts with what the helper hands over and comes back to the call itself,
 * again and again until nothing new is found. RFC 9669 sec. 4.3.2.
 */
#include "vstate.h"

static struct ebpf_vframe *enter(struct ebpf_verifier *v, uint32_t subprog)
{
	struct ebpf_vframe *frame;

	if (v->depth + 1 >= EBPF_MAX_CALL_DEPTH) {
		ebpf_v_refuse(v, -E2BIG, "at most 8 functions may be active at a time; recursion is not possible",
			      "the call stack of %u frames is too deep", v->depth + 2);
		return NULL;
	}
	frame = ebpf_v_frame(v, v->depth + 1);
	if (!frame)
		return NULL;
	frame->callsite = v->insn;
	frame->subprog = subprog;
	return frame;
}

int ebpf_vfunc_call(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	uint32_t subprog = ebpf_v_subprog_of(v, v->insn + 1 + (uint32_t)insn->imm);
	struct ebpf_vframe *caller = ebpf_vframe_cur(v), *callee = enter(v, subprog);

	if (!callee)
		return v->err;
	for (uint32_t i = BPF_REG_1; i <= BPF_REG_5; i++)
		callee->regs[i] = caller->regs[i];
	for (uint32_t i = BPF_REG_0; i <= BPF_REG_5; i++)
		ebpf_vreg_pointer(&caller->regs[i], EBPF_VT_NOT_INIT);
	v->depth++;
	v->insn = v->subprogs[subprog].start;
	ebpf_v_cost(v, 600);
	return 0;
}

static int exit_callback(struct ebpf_verifier *v, const struct ebpf_vreg *r0)
{
	if (r0->type != EBPF_VT_SCALAR)
		return ebpf_v_refuse(v, -EACCES, "return 0 to go on, 1 to stop", "R0 not a scalar value");
	ebpf_vprecise_reg(v, BPF_REG_0);
	if (r0->range.smin < 0 || r0->range.smax > 1)
		return ebpf_v_refuse(
			v, -EINVAL, "return 0 to go on, 1 to stop",
			"At callback return the register R0 has smin=%lld smax=%lld should have been in [0, 1]",
			(long long)r0->range.smin, (long long)r0->range.smax);
	return 0;
}

int ebpf_vfunc_exit(struct ebpf_verifier *v)
{
	struct ebpf_vframe *callee = ebpf_vframe_cur(v);
	const struct ebpf_vreg *r0 = &callee->regs[BPF_REG_0];
	struct ebpf_vsaved *before;
	int err = 0;

	ebpf_v_cost(v, 200);
	if (r0->type == EBPF_VT_STACK)
		return ebpf_v_refuse(v, -EINVAL, "the stack of a function is gone when it returns",
				     "cannot return stack pointer to the caller");
	if (callee->in_callback)
		err = exit_callback(v, r0);
	else
		v->frames[v->depth - 1]->regs[BPF_REG_0] = *r0;
	if (err)
		return err;
	v->depth--;
	v->insn = callee->in_callback ? callee->callsite : callee->callsite + 1;
	if (callee->in_callback) {
		before = ebpf_vprune_find(v, v->insn);
		if (before)
			ebpf_vprune_widen(v, before);
	}
	return 0;
}

/* What each helper hands over to its callback */
static void callback_args(const struct ebpf_vframe *caller, struct ebpf_vframe *callee, uint32_t helper)
{
	if (helper == BPF_FUNC_loop) {
		/* (index, ctx) */
		ebpf_vreg_unknown(&callee->regs[BPF_REG_1]);
		callee->regs[BPF_REG_2] = caller->regs[BPF_REG_3];
		return;
	}
	/* bpf_for_each_map_elem(): (map, key, value, ctx) */
	callee->regs[BPF_REG_1] = caller->regs[BPF_REG_1];
	ebpf_vreg_pointer(&callee->regs[BPF_REG_2], EBPF_VT_MAP_KEY);
	callee->regs[BPF_REG_2].map = caller->regs[BPF_REG_1].map;
	ebpf_vreg_pointer(&callee->regs[BPF_REG_3], EBPF_VT_MAP_VALUE);
	callee->regs[BPF_REG_3].map = caller->regs[BPF_REG_1].map;
	callee->regs[BPF_REG_4] = caller->regs[BPF_REG_3];
}

int ebpf_vfunc_callback(struct ebpf_verifier *v, const struct bpf_insn *insn, uint32_t subprog)
{
	struct ebpf_vframe *caller = ebpf_vframe_cur(v), *callee = enter(v, subprog);
	struct ebpf_vsaved *branch;

	if (!callee)
		return v->err;
	callback_args(caller, callee, (uint32_t)insn->imm);
	callee->in_callback = true;
	v->depth++;
	v->unroll++;
	caller->callback_depth++;
	branch = ebpf_vprune_push(v, v->subprogs[subprog].start, v->insn);
	v->depth--;
	v->unroll--;
	caller->callback_depth = 0;
	return branch ? 0 : v->err;
}
