/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be said of a program without walking its paths: opcodes that exist,
 * map references, subprograms, targets of jumps, code that control flow cannot
 * reach (Linux refuses that), and after the walk the stack that chains of calls
 * need. Marks the instructions where states are compared or recorded.
 */
#include "opcodes.h"
#include "vproto.h"
#include "vstate.h"

#define SLICE 128u /* instructions */

bool ebpf_vcfg_is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

static bool is_local_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL;
}

static bool is_func_ref(const struct bpf_insn *insn)
{
	return ebpf_vcfg_is_wide(insn) && insn->src_reg == BPF_PSEUDO_FUNC;
}

static bool is_helper_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg;
}

static int refuse_at(struct ebpf_verifier *v, uint32_t insn, const char *hint, const char *reason)
{
	v->insn = insn;
	return ebpf_v_refuse(v, -EINVAL, hint, "%s", reason);
}

/* ------------------------------------------------------- one by one: CHECK */

static int add_subprog(struct ebpf_verifier *v, uint32_t at, uint32_t start)
{
	uint32_t n;

	if (start >= v->insn_cnt)
		return refuse_at(v, at, NULL, "call to invalid destination");
	for (n = v->nr_subprogs; n > 0 && v->subprogs[n - 1].start >= start; n--)
		if (v->subprogs[n - 1].start == start)
			return 0;
	if (v->nr_subprogs == EBPF_MAX_SUBPROGS) {
		v->insn = at;
		return ebpf_v_refuse(v, -E2BIG, NULL, "too many subprograms");
	}
	for (uint32_t i = v->nr_subprogs++; i > n; i--)
		v->subprogs[i] = v->subprogs[i - 1];
	v->subprogs[n] = (struct ebpf_vsubprog){.start = start};
	ebpf_v_cost(v, 100 + 10 * v->nr_subprogs);
	return 0;
}

static int check_value_ref(struct ebpf_verifier *v, uint32_t at, const struct ebpf_map *map, uint32_t off)
{
	v->insn = at;
	if (off >= 1u << 29)
		return ebpf_v_refuse(v, -EINVAL, NULL, "direct value offset of %u is not allowed", off);
	if (map->type != BPF_MAP_TYPE_ARRAY)
		return ebpf_v_refuse(v, -EINVAL, "global data lives in array maps of one element",
				     "no direct value access support for this map type");
	if (map->max_entries != 1 || off >= map->value_size)
		return ebpf_v_refuse(v, -EINVAL, "global data lives in array maps of one element",
				     "invalid access to map value pointer, value_size=%u off=%u", map->value_size, off);
	return 0;
}

static int check_wide(struct ebpf_verifier *v, uint32_t at)
{
	const struct bpf_insn *insn = &v->insns[at], *second = insn + 1;

	if (at + 1 >= v->insn_cnt || second->code || second->dst_reg || second->src_reg || second->off)
		return refuse_at(v, at, NULL, "invalid bpf_ld_imm64 insn");
	v->aux[at + 1] |= EBPF_VA_SECOND;
	switch (insn->src_reg) {
	case 0:
		return 0;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_VALUE:
		if (v->opts.resolved || (uint32_t)insn->imm >= v->prog->nr_maps)
			return refuse_at(v, at, NULL, "fd is not pointing to valid bpf_map");
		if (insn->src_reg == BPF_PSEUDO_MAP_VALUE)
			return check_value_ref(v, at, v->prog->maps[insn->imm], (uint32_t)second->imm);
		return second->imm ? refuse_at(v, at, NULL, "unrecognized bpf_ld_imm64 insn") : 0;
	case BPF_PSEUDO_FUNC:
		return add_subprog(v, at, at + 1 + (uint32_t)insn->imm);
	}
	return refuse_at(v, at, NULL, "unrecognized bpf_ld_imm64 insn");
}

static int check_one(struct ebpf_verifier *v, uint32_t at)
{
	const struct bpf_insn *insn = &v->insns[at];

	v->insn = at;
	if (!ebpf_opcode_known(insn->code)) {
		if (BPF_CLASS(insn->code) == BPF_LD &&
		    (BPF_MODE(insn->code) == BPF_ABS || BPF_MODE(insn->code) == BPF_IND))
			return refuse_at(v, at, "packet access is not for kprobe programs",
					 "BPF_LD_[ABS|IND] instructions not allowed for this program type");
		return ebpf_v_refuse(v, -EINVAL, NULL, "unknown opcode %s%x", insn->code < 16 ? "0" : "", insn->code);
	}
	if (insn->dst_reg >= MAX_BPF_REG || (insn->src_reg >= MAX_BPF_REG && !ebpf_vcfg_is_wide(insn)))
		return ebpf_v_refuse(v, -EINVAL, NULL, "R%u is invalid",
				     insn->dst_reg >= MAX_BPF_REG ? insn->dst_reg : insn->src_reg);
	/* Of this one Linux looks at reserved fields even where no path leads. */
	if (BPF_CLASS(insn->code) == BPF_LDX && insn->imm)
		return refuse_at(v, at, NULL, "BPF_LDX uses reserved fields");
	if (ebpf_vcfg_is_wide(insn))
		return check_wide(v, at);
	if (is_local_call(insn))
		return add_subprog(v, at, at + 1 + (uint32_t)insn->imm);
	if (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_KFUNC_CALL)
		return refuse_at(v, at, "there is no kernel to call into from firmware; use a helper",
				 "calling kernel functions is not supported");
	return 0;
}

static int begin_check(struct ebpf_verifier *v)
{
	if (!v->insn_cnt || v->insn_cnt > EBPF_MAX_INSNS)
		return ebpf_v_refuse(v, -E2BIG, NULL, "insn_cnt must be 1 to %u", EBPF_MAX_INSNS);
	v->aux = ebpf_v_alloc(v, v->insn_cnt * sizeof(*v->aux));
	v->pile = ebpf_v_alloc(v, v->insn_cnt * sizeof(*v->pile));
	if (!v->aux || !v->pile)
		return ebpf_v_refuse(v, -ENOMEM, NULL, "no memory for the verifier's tables");
	v->nr_subprogs = 1;
	v->subprogs[0] = (struct ebpf_vsubprog){.start = 0};
	return 0;
}

int ebpf_vcfg_check(struct ebpf_verifier *v)
{
	int err = v->aux ? 0 : begin_check(v);

	for (uint32_t n = 0; !err && n < SLICE && v->pos < v->insn_cnt; n++) {
		uint32_t at = v->pos;

		v->aux[at] = 0;
		if (ebpf_vcfg_is_wide(&v->insns[at]) && at + 1 < v->insn_cnt)
			v->aux[at + 1] = 0;
		err = check_one(v, at);
		v->pos += ebpf_vcfg_is_wide(&v->insns[at]) ? 2 : 1;
		ebpf_v_cost(v, 60);
	}
	if (err)
		return err;
	return v->pos < v->insn_cnt ? -ERESTART : 0;
}

/* ---------------------------------------------------------- targets: JUMPS */

static int32_t distance(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP32 | BPF_JA) ? insn->imm : insn->off;
}

static bool is_jump(const struct bpf_insn *insn)
{
	uint8_t class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT;
}

static int check_target(struct ebpf_verifier *v, uint32_t at)
{
	const struct bpf_insn *insn = &v->insns[at];
	uint32_t n = ebpf_v_subprog_of(v, at), start = v->subprogs[n].start;
	uint32_t end = n + 1 < v->nr_subprogs ? v->subprogs[n + 1].start : v->insn_cnt;
	bool unconditional = insn->code == (BPF_JMP | BPF_EXIT) || insn->code == (BPF_JMP | BPF_JA) ||
			     insn->code == (BPF_JMP32 | BPF_JA);

	v->insn = at;
	if (is_jump(insn) && !(v->aux[at] & EBPF_VA_SECOND)) {
		int64_t to = (int64_t)at + 1 + distance(insn);

		if (to < start || to >= end)
			return ebpf_v_refuse(v, -EINVAL, "jumps must stay inside their function",
					     "jump out of range from insn %u to %lld", at, (long long)to);
	}
	if (is_helper_call(insn) && insn->imm == BPF_FUNC_tail_call)
		v->subprogs[n].tail_call = true;
	if (at + 1 == end && !unconditional)
		return ebpf_v_refuse(v, -EINVAL, "end every function with exit", "last insn is not an exit or jmp");
	return 0;
}

int ebpf_vcfg_jumps(struct ebpf_verifier *v)
{
	int err = 0;

	for (uint32_t n = 0; !err && n < SLICE && v->pos < v->insn_cnt; n++) {
		err = check_target(v, v->pos++);
		ebpf_v_cost(v, 80);
	}
	if (err)
		return err;
	if (v->pos < v->insn_cnt)
		return -ERESTART;
	v->pile[0] = 0;
	v->piled = 1;
	v->aux[0] |= EBPF_VA_FOUND;
	return 0;
}

/* ------------------------------------------------------- reachability: FLOW */

static int reach(struct ebpf_verifier *v, uint32_t from, uint32_t to, uint32_t marks)
{
	if (to >= v->insn_cnt) {
		v->insn = from;
		return ebpf_v_refuse(v, -EINVAL, NULL, "jump out of range from insn %u to %u", from, to);
	}
	v->aux[to] |= marks;
	if (!(v->aux[to] & EBPF_VA_FOUND)) {
		v->aux[to] |= EBPF_VA_FOUND;
		v->pile[v->piled++] = to;
	}
	return 0;
}

/* Calls: where they return, states are compared and history is recorded; so it is at the callee's start. */
static int flow_call(struct ebpf_verifier *v, uint32_t at, const struct bpf_insn *insn, uint32_t size)
{
	const uint32_t join = EBPF_VA_PRUNE | EBPF_VA_JUMP;
	int err;

	if (is_helper_call(insn) && ebpf_vproto_calls_back((uint32_t)insn->imm))
		v->aux[at] |= EBPF_VA_CALLBACK | EBPF_VA_FORCE | EBPF_VA_PRUNE | EBPF_VA_JUMP;
	err = reach(v, at, at + size, join);
	if (err || is_helper_call(insn))
		return err;
	v->aux[at] |= EBPF_VA_PRUNE;
	return reach(v, at, at + 1 + (uint32_t)insn->imm, join);
}

static int flow_one(struct ebpf_verifier *v, uint32_t at)
{
	const uint32_t join = EBPF_VA_PRUNE | EBPF_VA_JUMP;
	const struct bpf_insn *insn = &v->insns[at];
	uint32_t size = ebpf_vcfg_is_wide(insn) ? 2 : 1;
	int err;

	if (is_func_ref(insn) || insn->code == (BPF_JMP | BPF_CALL))
		return flow_call(v, at, insn, size);
	if (insn->code == (BPF_JMP | BPF_EXIT))
		return 0;
	if (!is_jump(insn))
		return reach(v, at, at + size, 0);
	if (BPF_OP(insn->code) == BPF_JA)
		return reach(v, at, at + 1 + (uint32_t)distance(insn), join);
	v->aux[at] |= EBPF_VA_PRUNE;
	if (BPF_OP(insn->code) == BPF_JCOND)
		v->aux[at] |= EBPF_VA_FORCE;
	err = reach(v, at, at + 1, 0);
	return err ? err : reach(v, at, at + 1 + (uint32_t)distance(insn), join);
}

int ebpf_vcfg_flow(struct ebpf_verifier *v)
{
	int err = 0;

	for (uint32_t n = 0; !err && n < SLICE && v->piled; n++) {
		err = flow_one(v, v->pile[--v->piled]);
		ebpf_v_cost(v, 100);
	}
	if (err)
		return err;
	return v->piled ? -ERESTART : 0;
}

int ebpf_vcfg_reached(struct ebpf_verifier *v)
{
	for (uint32_t n = 0; n < SLICE && v->pos < v->insn_cnt; n++, v->pos++) {
		uint32_t aux = v->aux[v->pos];

		v->insn = v->pos;
		ebpf_v_cost(v, 15);
		if ((aux & EBPF_VA_SECOND) && (aux & EBPF_VA_FOUND)) {
			v->insn--;
			return ebpf_v_refuse(v, -EINVAL, NULL, "jump into the middle of ldimm64 insn %u", v->insn);
		}
		if (!(aux & (EBPF_VA_SECOND | EBPF_VA_FOUND)))
			return ebpf_v_refuse(v, -EINVAL, "no path leads here: remove it", "unreachable insn %u",
					     v->insn);
	}
	if (v->pos < v->insn_cnt)
		return -ERESTART;
	v->piled = 0; /* counts rounds of vlive.c */
	return 0;
}

/* -------------------------------------------------- stack of calls: DEPTH */

/* Bytes a frame counts as: Linux's interpreter has stacks in steps of 32. */
static uint32_t rounded(uint32_t stack)
{
	return stack ? (stack + 31) & ~31u : 32;
}

static void begin_round(struct ebpf_verifier *v, bool first)
{
	for (uint32_t i = 0; i < v->nr_subprogs; i++) {
		struct ebpf_vsubprog *sub = &v->subprogs[i];

		sub->below = first ? 0 : sub->next_below;
		sub->frames = first ? 0 : sub->next_frames;
		sub->next_below = 0;
		sub->next_frames = 0;
	}
	ebpf_v_cost(v, v->nr_subprogs * 10);
}

/* `below`: the most stack that calls from a subprogram take, after round n for chains of n calls. */
static void count_call(struct ebpf_verifier *v, uint32_t at)
{
	struct ebpf_vsubprog *from = &v->subprogs[ebpf_v_subprog_of(v, at)];
	struct ebpf_vsubprog *to = &v->subprogs[ebpf_v_subprog_of(v, at + 1 + (uint32_t)v->insns[at].imm)];
	uint32_t below = rounded(to->stack) + to->below;

	if (below > from->next_below)
		from->next_below = (uint16_t)below;
	if (to->frames + 1 > from->next_frames)
		from->next_frames = (uint8_t)(to->frames + 1);
	ebpf_v_cost(v, 60);
}

int ebpf_vcfg_depth(struct ebpf_verifier *v)
{
	uint32_t round = v->pos / v->insn_cnt;

	if (!v->pos)
		begin_round(v, true);
	for (uint32_t n = 0; n < SLICE && round < EBPF_MAX_CALL_DEPTH; n++) {
		uint32_t at = v->pos++ % v->insn_cnt;

		if (!(v->aux[at] & EBPF_VA_SECOND) && (is_local_call(&v->insns[at]) || is_func_ref(&v->insns[at])))
			count_call(v, at);
		ebpf_v_cost(v, 15);
		if (v->pos % v->insn_cnt == 0) {
			begin_round(v, false);
			round++;
		}
	}
	if (round < EBPF_MAX_CALL_DEPTH && v->nr_subprogs > 1)
		return -ERESTART;
	v->insn = 0;
	if (v->subprogs[0].frames >= EBPF_MAX_CALL_DEPTH)
		return ebpf_v_refuse(v, -E2BIG, "at most 8 functions may be active at a time",
				     "the call stack of %u frames is too deep !", EBPF_MAX_CALL_DEPTH);
	if (rounded(v->subprogs[0].stack) + v->subprogs[0].below > EBPF_STACK_SIZE)
		return ebpf_v_refuse(v, -EACCES, "all active functions together have 512 bytes of stack; use a map",
				     "combined stack size of calls is %u. Too large",
				     rounded(v->subprogs[0].stack) + v->subprogs[0].below);
	return 0;
}

/* --------------------------------------------------------------- dead code */

int ebpf_vcfg_dead(struct ebpf_verifier *v)
{
	for (uint32_t n = 0; n < SLICE && v->pos < v->insn_cnt; n++, v->pos++) {
		if (!(v->aux[v->pos] & EBPF_VA_SEEN))
			v->prog->insns[v->pos] = (struct bpf_insn){.code = BPF_JMP | BPF_JA, .off = -1};
		ebpf_v_cost(v, 15);
	}
	return v->pos < v->insn_cnt ? -ERESTART : 0;
}
