/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier's drive: phases, one instruction of a path after the other, and
 * the end of paths. What an instruction does to the state is in valu.c, vjump.c,
 * vmem.c, vstack.c, vcall.c and vfunc.c; which paths need not be walked again in
 * vprune.c. See docs/verifier.md.
 */
#include "verifier.h"

#include "mem.h"
#include "platform.h"
#include "vstate.h"

/* ----------------------------------------------------------------- services */

void *ebpf_v_alloc(struct ebpf_verifier *v, size_t size)
{
	void *ptr = ebpf_alloc(v->account, size);

	if (!ptr)
		return NULL;
	v->bytes += size;
	if (v->bytes > v->max_bytes)
		v->max_bytes = v->bytes;
	ebpf_v_cost(v, 150);
	return ptr;
}

void ebpf_v_free(struct ebpf_verifier *v, void *ptr, size_t size)
{
	if (!ptr)
		return;
	v->bytes -= size;
	ebpf_v_cost(v, 150);
	ebpf_free(ptr);
}

int ebpf_v_refuse(struct ebpf_verifier *v, int err, const char *hint, const char *fmt, ...)
{
	struct ebpf_vlog text;
	va_list args;

	if (v->err)
		return v->err;
	ebpf_vlog_init(&text, v->reason, sizeof(v->reason) - 1, EBPF_VLOG_FIXED);
	va_start(args, fmt);
	ebpf_vlog_vprintf(&text, fmt, args);
	va_end(args);
	v->reason[text.len < sizeof(v->reason) - 1 ? text.len : sizeof(v->reason) - 1] = 0;
	v->err = err;
	v->err_insn = v->insn;
	v->hint = hint;
	return err;
}

static int no_memory(struct ebpf_verifier *v)
{
	return ebpf_v_refuse(v, -ENOMEM,
			     "verifying takes memory of your quota for each path: use fewer branches or free maps",
			     "out of memory after %u instructions and %u states", v->insns_done, v->total_states);
}

struct ebpf_vframe *ebpf_v_frame(struct ebpf_verifier *v, uint32_t depth)
{
	struct ebpf_vframe *frame = v->frames[depth];

	if (!frame) {
		frame = ebpf_v_alloc(v, sizeof(*frame));
		if (!frame) {
			no_memory(v);
			return NULL;
		}
		v->frames[depth] = frame;
	}
	ebpf_memzero(frame->regs, sizeof(frame->regs));
	ebpf_vreg_pointer(&frame->regs[BPF_REG_10], EBPF_VT_STACK);
	frame->regs[BPF_REG_10].frame = (uint8_t)depth;
	frame->nr_slots = 0;
	frame->callsite = UINT32_MAX;
	frame->subprog = 0;
	frame->callback_depth = 0;
	frame->in_callback = false;
	/* Nothing of it existed at the last checkpoint: reads end here. */
	frame->written = UINT64_MAX;
	ebpf_v_cost(v, 400);
	return frame;
}

/* ------------------------------------------------------- making and unmaking */

struct ebpf_verifier *ebpf_verifier_new(struct ebpf_prog *prog, struct ebpf_account *account, struct ebpf_vlog *log,
					const struct ebpf_verifier_opts *opts)
{
	struct ebpf_verifier *v = ebpf_zalloc(account, sizeof(*v));

	if (!v)
		return NULL;
	v->prog = prog;
	v->account = account;
	v->log = log;
	v->opts = *opts;
	if (!v->opts.ctx_size)
		v->opts.ctx_size = sizeof(struct ebpf_pt_regs);
	if (!v->opts.helper_of)
		v->opts.helper_of = ebpf_helper_of;
	v->insns = prog->insns;
	v->insn_cnt = prog->insn_cnt;
	v->bytes = v->max_bytes = sizeof(*v);
	return v;
}

_Static_assert(sizeof(struct ebpf_verifier) <= EBPF_SLICE_BYTES, "cleared in one go");

static struct ebpf_vsaved **anything(struct ebpf_verifier *v)
{
	if (v->branches)
		return &v->branches;
	if (v->retired)
		return &v->retired;
	for (; v->buckets && v->pos <= v->bucket_mask; v->pos++)
		if (v->buckets[v->pos])
			return &v->buckets[v->pos];
	return NULL;
}

bool ebpf_verifier_free(struct ebpf_verifier *v)
{
	struct ebpf_vsaved **first;

	if (!v)
		return true;
	if (v->phase != EBPF_VP_REFUSED) {
		v->phase = EBPF_VP_REFUSED;
		v->pos = 0;
	}
	for (unsigned int n = 0; n < 256; n++) {
		struct ebpf_vsaved *saved;

		first = anything(v);
		if (!first)
			break;
		saved = *first;
		*first = saved->next;
		ebpf_vsaved_free(v, saved);
	}
	if (anything(v))
		return false;
	for (unsigned int i = 0; i < EBPF_MAX_CALL_DEPTH; i++)
		ebpf_v_free(v, v->frames[i], sizeof(*v->frames[i]));
	ebpf_free(v->buckets);
	ebpf_free(v->pile);
	ebpf_free(v->aux);
	ebpf_free(v);
	return true;
}

/* ----------------------------------------------------- one instruction checked */

/* The path has come to an `exit` of the program itself. */
static int check_exit(struct ebpf_verifier *v)
{
	int err = ebpf_vcall_leaks(v, "BPF_EXIT instruction in main prog");

	if (!err)
		err = ebpf_v_check_reg(v, BPF_REG_0, EBPF_VU_READ);
	if (!err && ebpf_v_is_secret(v, &ebpf_vregs(v)[BPF_REG_0]))
		err = ebpf_v_refuse(v, -EACCES, ebpf_v_leak_hint, "R0 leaks addr as return value");
	return err ? err : 1;
}

static int check_jump(struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	uint8_t op = BPF_OP(insn->code);

	v->jumps_done++;
	if (op == BPF_CALL) {
		if (insn->src_reg == BPF_PSEUDO_CALL)
			return ebpf_vfunc_call(v, insn);
		return ebpf_vcall_check(v, insn);
	}
	if (op == BPF_JA) {
		v->insn = (uint32_t)((int32_t)v->insn + 1 + (BPF_CLASS(insn->code) == BPF_JMP ? insn->off : insn->imm));
		return 0;
	}
	if (op == BPF_EXIT)
		return v->depth ? ebpf_vfunc_exit(v) : check_exit(v);
	return ebpf_vjump_check(v, insn);
}

/* 0: v->insn is the next instruction, 1: end of the path, or refused */
static int check_insn(struct ebpf_verifier *v)
{
	const struct bpf_insn *insn = &v->insns[v->insn];
	uint8_t class = BPF_CLASS(insn->code);
	bool atomic = BPF_MODE(insn->code) == BPF_ATOMIC;
	int err = ebpf_vform_check(v, insn);

	if (err)
		return err;
	switch (class) {
	case BPF_ALU:
	case BPF_ALU64:
		err = ebpf_valu_check(v, insn);
		break;
	case BPF_LDX:
		err = ebpf_vload_check(v, insn);
		break;
	case BPF_ST:
	case BPF_STX:
		err = class == BPF_STX && atomic ? ebpf_vatomic_check(v, insn) : ebpf_vstore_check(v, insn);
		break;
	case BPF_LD:
		err = ebpf_vwide_check(v, insn);
		if (!err) {
			v->insn++;
			v->aux[v->insn] |= EBPF_VA_SEEN;
		}
		break;
	default:
		return check_jump(v, insn); /* moves v->insn itself */
	}
	v->insn++;
	return err;
}

/* --------------------------------------------------------------------- phases */

static int start(struct ebpf_verifier *v)
{
	uint32_t buckets = 16;
	struct ebpf_vframe *frame;

	ebpf_free(v->pile);
	v->pile = NULL;
	while (buckets < v->insn_cnt && buckets * sizeof(*v->buckets) < EBPF_SLICE_BYTES)
		buckets *= 2;
	v->buckets = ebpf_zalloc(v->account, buckets * sizeof(*v->buckets));
	if (!v->buckets)
		return no_memory(v);
	v->bytes += buckets * sizeof(*v->buckets);
	ebpf_v_cost(v, buckets * 2);
	v->bucket_mask = buckets - 1;
	frame = ebpf_v_frame(v, 0);
	if (!frame)
		return -ENOMEM;
	if (v->opts.no_ctx)
		ebpf_vreg_const(&frame->regs[BPF_REG_1], 0);
	else
		ebpf_vreg_pointer(&frame->regs[BPF_REG_1], EBPF_VT_CTX);
	v->depth = 0;
	v->insn = v->first = 0;
	v->prev = UINT32_MAX;
	v->phase = EBPF_VP_INSN;
	return 0;
}

/* Before an instruction: count it, and look whether its state must be compared first. */
static int begin_insn(struct ebpf_verifier *v)
{
	v->hist_here = false;
	if (v->insn >= v->insn_cnt)
		return ebpf_v_refuse(v, -EFAULT, NULL, "invalid insn idx %u insn_cnt %u", v->insn, v->insn_cnt);
	if (++v->insns_done > EBPF_VERIFIER_INSNS)
		return ebpf_v_refuse(
			v, -E2BIG,
			"too many paths or too long a loop: bound loops with small constants, split the program",
			"BPF program is too large. Processed %u insn", v->insns_done);
	if ((v->aux[v->insn] & EBPF_VA_PRUNE) || v->nr_hist >= EBPF_V_HIST) {
		v->phase = EBPF_VP_COMPARE;
		ebpf_vprune_begin(v);
		return 0;
	}
	v->phase = EBPF_VP_INSN;
	return 0;
}

/* The state, in slices of its own: it may be long. True when that is done. */
static bool printed(struct ebpf_verifier *v)
{
	if (v->header)
		ebpf_vlog_printf(v->log, "\nfrom %u to %u: ", v->prev, v->insn);
	v->header = false;
	if (v->print && !ebpf_vprint_state(v))
		return false;
	v->print = false;
	v->printed = 0;
	return true;
}

static void print_before(struct ebpf_verifier *v)
{
	if (!(v->log->level & (EBPF_VLOG_LEVEL1 | EBPF_VLOG_LEVEL2)))
		return;
	ebpf_vbtf_print_new(v, v->insn);
	ebpf_vprint_insn(v, v->insn);
}

static int do_insn(struct ebpf_verifier *v)
{
	uint32_t at = v->insn;
	int err = 0;

	ebpf_v_cost(v, 300);
	if (v->aux[at] & EBPF_VA_JUMP)
		err = ebpf_v_note(v, 0);
	v->aux[at] |= EBPF_VA_SEEN;
	print_before(v);
	if (v->opts.watch)
		v->opts.watch(v, v->opts.watch_arg);
	v->want_frame = v->depth;
	if (!err)
		err = check_insn(v);
	if (err < 0)
		return err;
	v->after_precise = err ? EBPF_VP_END : EBPF_VP_INSN;
	if (v->wanted) {
		v->phase = EBPF_VP_PRECISE;
		ebpf_vprecise_begin(v, at);
	} else {
		v->phase = v->after_precise;
	}
	if (!err) {
		v->prev = at;
		v->again = true; /* begin_insn() */
	}
	return 0;
}

static int step_insn(struct ebpf_verifier *v)
{
	int err = 0;

	if (v->again) {
		v->again = false;
		v->print |= (v->log->level & EBPF_VLOG_LEVEL2) != 0;
		err = begin_insn(v);
	}
	if (err || v->phase != EBPF_VP_INSN || !printed(v))
		return err;
	return do_insn(v);
}

static int step_compare(struct ebpf_verifier *v)
{
	int seen = ebpf_vprune_compare(v);

	if (seen == -ERESTART)
		return 0;
	if (seen < 0)
		return seen;
	if (seen) {
		/* The path ends here, once what the older state relied on is marked. */
		v->after_precise = EBPF_VP_END;
		if (v->wanted) {
			ebpf_vprecise_begin(v, v->insn);
			v->phase = EBPF_VP_PRECISE;
		} else {
			v->phase = EBPF_VP_END;
		}
		return 0;
	}
	v->phase = EBPF_VP_INSN;
	return 0;
}

/* The path is done with: take the branch that was put off last. */
static int end_path(struct ebpf_verifier *v)
{
	struct ebpf_vsaved *branch = v->branches;
	int err = ebpf_vprune_end(v);

	if (err)
		return err == -ERESTART ? 0 : err;
	if (!branch) {
		v->phase = EBPF_VP_DEPTH;
		v->pos = 0;
		return 0;
	}
	v->branches = branch->next;
	v->nr_branches--;
	err = ebpf_vunpack(v, branch);
	ebpf_vsaved_free(v, branch);
	if (err)
		return no_memory(v);
	if (v->log->level & (EBPF_VLOG_LEVEL1 | EBPF_VLOG_LEVEL2)) {
		v->header = true; /* printed with the state: the path may end before that */
		v->print = true;
	}
	v->phase = EBPF_VP_INSN;
	v->again = true;
	return 0;
}

static int sliced(struct ebpf_verifier *v, int (*slice)(struct ebpf_verifier *v), enum ebpf_vphase next)
{
	int err = slice(v);

	if (err == -ERESTART)
		return 0;
	if (!err) {
		v->phase = next;
		v->pos = 0;
		v->again = true;
	}
	return err;
}

static int step(struct ebpf_verifier *v)
{
	switch (v->phase) {
	case EBPF_VP_CHECK:
		return sliced(v, ebpf_vcfg_check, EBPF_VP_INFO);
	case EBPF_VP_INFO:
		return sliced(v, ebpf_vbtf_check, EBPF_VP_JUMPS);
	case EBPF_VP_JUMPS:
		return sliced(v, ebpf_vcfg_jumps, EBPF_VP_FLOW);
	case EBPF_VP_FLOW:
		return sliced(v, ebpf_vcfg_flow, EBPF_VP_REACHED);
	case EBPF_VP_REACHED:
		return sliced(v, ebpf_vcfg_reached, EBPF_VP_LIVE);
	case EBPF_VP_LIVE:
		return sliced(v, ebpf_vlive_step, EBPF_VP_START);
	case EBPF_VP_START:
		return start(v);
	case EBPF_VP_INSN:
		return step_insn(v);
	case EBPF_VP_COMPARE:
		return step_compare(v);
	case EBPF_VP_PRECISE:
		return sliced(v, ebpf_vprecise_step, v->after_precise);
	case EBPF_VP_END:
		return end_path(v);
	case EBPF_VP_DEPTH:
		return sliced(v, ebpf_vcfg_depth, EBPF_VP_DEAD);
	case EBPF_VP_DEAD:
		return sliced(v, ebpf_vcfg_dead, EBPF_VP_ACCEPTED);
	default:
		return 0;
	}
}

/* Linux's lines; the time is that of the steps, without what the kernel did in between. */
static void print_stats(struct ebpf_verifier *v)
{
	if (!v->log->level)
		return;
	if (v->log->level & EBPF_VLOG_STATS) {
		ebpf_vlog_printf(v->log, "verification time %llu usec\nstack depth ",
				 (unsigned long long)v->time / 1000);
		for (uint32_t i = 0; i < v->nr_subprogs; i++)
			ebpf_vlog_printf(v->log, "%s%u", i ? "+" : "", v->subprogs[i].stack);
		ebpf_vlog_char(v->log, '\n');
	}
	ebpf_vlog_printf(v->log,
			 "processed %u insns (limit %u) max_states_per_insn %u total_states %u peak_states %u "
			 "peak_bytes %llu\n",
			 v->insns_done, EBPF_VERIFIER_INSNS, v->max_states_here, v->total_states, v->peak_states,
			 (unsigned long long)v->max_bytes);
}

static int refused(struct ebpf_verifier *v, int err)
{
	bool walking = v->phase >= EBPF_VP_INSN && v->phase <= EBPF_VP_END;

	if (!v->err)
		ebpf_v_refuse(v, err, NULL, "refused, error %d", -err);
	v->phase = EBPF_VP_REFUSED;
	v->pos = 0;
	if (v->log->level) {
		if (!(v->log->level & 3u) || !walking)
			ebpf_vprint_insn(v, v->err_insn);
		ebpf_vlog_printf(v->log, "%s\n", v->reason);
		ebpf_vbtf_print_source(v, v->err_insn);
		if (walking)
			ebpf_vprint_path(v);
		if (v->hint)
			ebpf_vlog_printf(v->log, "hint: %s\n", v->hint);
	}
	print_stats(v);
	return v->err;
}

int ebpf_verifier_step(struct ebpf_verifier *v, int64_t credit)
{
	uint64_t begin = v->log->level & EBPF_VLOG_STATS ? ebpf_plat_ktime_ns() : 0;
	int err = 0;

	v->credit = credit;
	while (!err && v->credit > 0 && v->phase < EBPF_VP_ACCEPTED)
		err = step(v);
	if (begin)
		v->time += ebpf_plat_ktime_ns() - begin;
	if (v->phase == EBPF_VP_REFUSED)
		return v->err;
	if (err)
		return refused(v, err);
	if (v->phase < EBPF_VP_ACCEPTED)
		return -ERESTART;
	if (!v->hint) {
		v->hint = "accepted"; /* said once */
		print_stats(v);
	}
	return 0;
}

uint32_t ebpf_verifier_insn(const struct ebpf_verifier *v)
{
	return v->err_insn;
}

const char *ebpf_verifier_reason(const struct ebpf_verifier *v)
{
	return v->reason;
}

uint32_t ebpf_verifier_ctx_words(const struct ebpf_verifier *v)
{
	return v->ctx_words;
}

void ebpf_verifier_stats(const struct ebpf_verifier *v, struct ebpf_verifier_stats *stats)
{
	*stats = (struct ebpf_verifier_stats){
		.insns = v->insns_done,
		.states = v->total_states,
		.peak = v->peak_states,
		.bytes = v->bytes,
		.max_bytes = v->max_bytes,
	};
}
