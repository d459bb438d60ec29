// SPDX-License-Identifier: BSD-2-Clause
/*
 * Serving a hit: find the probe, run its programs on the saved registers,
 * emulate the displaced instruction. No lock is taken and nothing is allocated.
 * The look-up is by virtual address; only a hit through another mapping or
 * another address space than the one attached in pays for a translation.
 *
 * A program that a run-time check or the budget has stopped EBPF_MAX_ABORTS
 * times is in quarantine: it is not run any more, its hits count as missed.
 */
#include "kprobe.h"
#include "probe.h"

#include "arena.h"
#include "leaf.h"
#include "limits.h"
#include "mem.h"
#include "prog.h"
#include "run.h"
#include "trace.h"
#include "uapi/errno.h"
#include "walk.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ALIGN _Alignof(struct ebpf_hit_hart)
#define NOT_RUN (-EPERM) /* no result of ebpf_run() */

struct ebpf_hit_hart *ebpf_hit_harts;
#define harts ebpf_hit_harts

int ebpf_kprobe_hit_init(void)
{
	unsigned int i, count = ebpf_plat_hart_count();
	char *block = ebpf_zalloc(NULL, count * sizeof(*harts) + ALIGN);

	if (!block)
		return -ENOMEM;
	harts = (struct ebpf_hit_hart *)(((uintptr_t)block + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
	for (i = 0; i < count; i++) {
		harts[i].run.stack = ebpf_zalloc(NULL, EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE);
		if (!harts[i].run.stack)
			return -ENOMEM;
		harts[i].run.hit = &harts[i].hit;
	}
	return 0;
}

uint8_t *ebpf_kprobe_stack(void)
{
	return harts[ebpf_plat_hart()].run.stack;
}

uint64_t ebpf_kprobe_hits(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < ebpf_plat_hart_count(); i++)
		sum += __atomic_load_n(&harts[i].hits, __ATOMIC_RELAXED);
	return sum;
}

uint64_t ebpf_kprobe_missed(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < ebpf_plat_hart_count(); i++)
		sum += __atomic_load_n(&harts[i].missed, __ATOMIC_RELAXED);
	return sum;
}

int64_t ebpf_kretprobe_pending(void)
{
	int64_t sum = 0;
	unsigned int i;

	for (i = 0; i < ebpf_plat_hart_count(); i++)
		sum += __atomic_load_n(&harts[i].entered, __ATOMIC_RELAXED);
	return sum;
}

static void miss(const struct ebpf_attachment *attachment)
{
	if (attachment->missed)
		__atomic_fetch_add(attachment->missed, 1, __ATOMIC_RELAXED);
}

void ebpf_kprobe_missed_return(const struct ebpf_probe *probe)
{
	const struct ebpf_attachment *attachment = __atomic_load_n(&probe->returns, __ATOMIC_ACQUIRE);

	harts[ebpf_plat_hart()].missed++;
	for (; attachment; attachment = __atomic_load_n(&attachment->next, __ATOMIC_RELAXED))
		miss(attachment);
}

/* One line of text for whoever watches the trace. */
struct line {
	char text[EBPF_PRINTK_MAX];
	size_t len;
};

static void put_string(struct line *line, const char *s)
{
	while (*s && line->len < sizeof(line->text))
		line->text[line->len++] = *s++;
}

static void put_number(struct line *line, uint32_t value)
{
	char digits[11];
	unsigned int i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = '0' + value % 10;
		value /= 10;
	} while (value);
	put_string(line, &digits[i]);
}

/* Why a program was stopped. No address: the ones a program works with are M-mode's. */
static void report_abort(const struct ebpf_run *run)
{
	struct line line;

	line.len = 0;
	put_string(&line, "mbpf: program ");
	put_string(&line, run->prog->name[0] ? run->prog->name : "(unnamed)");
	put_string(&line, " stopped at insn ");
	put_number(&line, run->fault_pc);
	put_string(&line, ": ");
	put_string(&line, run->fault ? run->fault : "run-time check");
	if (ebpf_prog_special(run->prog) & EBPF_PROG_QUARANTINED)
		put_string(&line, "; it will not run again");
	put_string(&line, "\n");
	ebpf_trace_write(line.text, line.len);
}

static void build_rcore_ctx(struct ebpf_rcore_ctx *ctx, const struct ebpf_attachment *attachment,
			    const struct ebpf_pt_regs *regs)
{
	ctx->ptype = attachment->kind; /* the same numbers */
	ctx->paddr = attachment->addr;
	ctx->x[0] = 0;
	ebpf_memcpy(&ctx->x[1], regs->x, sizeof(regs->x));
	ctx->sstatus = regs->status;
	ctx->sepc = regs->epc;
}

static __attribute__((noinline)) void count_abort(struct ebpf_prog *prog, const struct ebpf_run *run)
{
	ebpf_prog_count_abort(prog);
	report_abort(run);
}

/* rCore's context is another one: a copy, for this run only. */
static __attribute__((noinline)) int run_rcore(struct ebpf_hit_hart *hart, const struct ebpf_attachment *attachment)
{
	struct ebpf_run run = hart->run;
	struct ebpf_rcore_ctx ctx;
	int result;

	build_rcore_ctx(&ctx, attachment, hart->hit.regs);
	run.ctx = (uint8_t *)&ctx;
	run.ctx_size = sizeof(ctx);
	run.arg[0] = (uintptr_t)&ctx;
	result = ebpf_run(&run, &hart->r0);
	hart->run.fault = run.fault;
	hart->run.fault_pc = run.fault_pc;
	return result;
}

/*
 * The saved registers of a hart lie in the same place at each of its hits, so
 * what points to them is filled in once.
 */
static __attribute__((noinline)) void set_regs(struct ebpf_hit_hart *hart, const struct ebpf_pt_regs *regs)
{
	hart->hit.regs = regs;
	hart->run.ctx = (uint8_t *)(uintptr_t)regs;
	hart->run.ctx_size = sizeof(*regs);
	hart->run.arg[0] = (uintptr_t)regs;
}

/*
 * What keeps a program from being run as all others are. Without the saved
 * registers: it has been attached while this hit was on its way, too late for it.
 */
static __attribute__((noinline)) int run_special(struct ebpf_hit_hart *hart, const struct ebpf_attachment *attachment,
						 bool light)
{
	unsigned int special = ebpf_prog_special(attachment->prog);

	if (special & EBPF_PROG_QUARANTINED) {
		hart->missed++;
		miss(attachment);
		return NOT_RUN;
	}
	if (light && special & (EBPF_PROG_CTX | EBPF_PROG_RCORE))
		return NOT_RUN;
	if (special & EBPF_PROG_LEAF) {
		ebpf_leaf_run(attachment->prog, (uintptr_t)hart->hit.regs);
		return 0;
	}
	return special & EBPF_PROG_RCORE ? run_rcore(hart, attachment) : ebpf_run(&hart->run, &hart->r0);
}

static inline __attribute__((always_inline)) void run_attachment(struct ebpf_hit_hart *hart,
								 const struct ebpf_attachment *attachment, bool light)
{
	struct ebpf_prog *prog = attachment->prog;
	int result;

	hart->hit.attachment = attachment;
	hart->run.prog = prog;
	hart->run.budget = EBPF_RUN_BUDGET;
	if (unlikely(ebpf_prog_special(prog)))
		result = run_special(hart, attachment, light);
	else
		result = ebpf_run(&hart->run, &hart->r0);
	if (likely(result == 0))
		__atomic_fetch_add(&prog->hits, 1, __ATOMIC_RELAXED);
	else if (result != NOT_RUN)
		count_abort(prog, &hart->run);
}

/* All programs after the first one; out of the way of the common hit, which has one. */
static __attribute__((noinline)) void run_rest(struct ebpf_hit_hart *hart, const struct ebpf_attachment *attachment,
					       bool light)
{
	do
		run_attachment(hart, attachment, light);
	while ((attachment = __atomic_load_n(&attachment->next, __ATOMIC_RELAXED)));
}

static inline __attribute__((always_inline)) void run_all(struct ebpf_hit_hart *hart, const struct ebpf_pt_regs *regs,
							  const struct ebpf_attachment *attachment, bool light)
{
	if (unlikely(hart->hit.regs != regs))
		set_regs(hart, regs);
	run_attachment(hart, attachment, light);
	attachment = __atomic_load_n(&attachment->next, __ATOMIC_RELAXED);
	if (unlikely(attachment))
		run_rest(hart, attachment, light);
}

/* Back from a function with a return probe: where to go on, or an odd number if nobody waits for this return. */
static inline __attribute__((always_inline)) uint64_t serve_return(struct ebpf_hit_hart *hart,
								   struct ebpf_pt_regs *regs, bool light)
{
	const struct ebpf_attachment *attachment;
	struct ebpf_probe *probe;
	uint64_t ra;

	probe = ebpf_kretprobe_return(regs->x[1], &ra);
	if (unlikely(!probe))
		return 1;
	hart->hits++;
	hart->entered--;
	attachment = __atomic_load_n(&probe->returns, __ATOMIC_ACQUIRE);
	if (likely(attachment))
		run_all(hart, regs, attachment, light);
	regs->x[0] = ra;
	ebpf_kretprobe_left(probe);
	return ra & ~(uint64_t)1; /* as jalr takes it */
}

/* An instruction that does not trap and is not an addi. */
static __attribute__((noinline)) uint64_t emulate_light(const struct ebpf_probe *probe, struct ebpf_pt_regs *regs)
{
	struct rv_trap trap;

	regs->epc = probe->addr;
	rv_emulate(&probe->insn, (uint64_t *)regs, &regs->epc, &ebpf_plat_bus, &trap);
	return regs->epc;
}

uint64_t ebpf_kprobe_hit_light(struct ebpf_pt_regs *regs, struct ebpf_probe *probe, unsigned long hart)
{
	struct ebpf_hit_hart *state = &harts[hart];
	const struct ebpf_attachment *attachment = __atomic_load_n(&probe->entry, __ATOMIC_RELAXED);

	if (likely(attachment))
		run_all(state, regs, attachment, true);
	else if (probe->trampoline)
		return serve_return(state, regs, true);
	state->hits++;
	if (unlikely(__atomic_load_n(&probe->returns, __ATOMIC_RELAXED)))
		state->entered += ebpf_kretprobe_enter(probe, regs);
	if (unlikely(!probe->adds))
		return emulate_light(probe, regs);
	ebpf_probe_add(probe, regs);
	return probe->next;
}

/* ------------------------------------------------------------------ all registers */

static bool holds_breakpoint(uint64_t pa)
{
	uint16_t half, high;

	ebpf_plat_phys_read(&half, pa, sizeof(half));
	if (half == C_EBREAK)
		return true;
	if (half != 0x0073 || (pa & 0xfff) == 0xffe || !ebpf_plat_phys_ok(pa + 2, 2, EBPF_ACCESS_READ))
		return half == 0x0073; /* cannot see the rest: not ours to judge */
	ebpf_plat_phys_read(&high, pa + 2, sizeof(high));
	return high == 0x0010;
}

/*
 * Not in the table under this address, or in another address space than it was
 * attached in: what counts is where the instruction really lies.
 */
static enum ebpf_hit_result find_by_place(uint64_t pc, struct ebpf_probe **probe)
{
	const struct ebpf_as as = ebpf_kprobe_space();
	uint64_t pa;

	if (ebpf_kprobe_locate(&as, pc, &pa))
		return EBPF_HIT_FOREIGN;
	*probe = ebpf_probe_find_pa(pa);
	if (*probe)
		return EBPF_HIT_DONE;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return holds_breakpoint(pa) ? EBPF_HIT_FOREIGN : EBPF_HIT_RETRY;
}

static enum ebpf_hit_result emulate(const struct ebpf_probe *probe, struct ebpf_pt_regs *regs, struct rv_trap *trap)
{
	if (likely(probe->adds)) {
		ebpf_probe_add(probe, regs);
		regs->epc += probe->insn.len;
	} else {
		rv_emulate(&probe->insn, (uint64_t *)regs, &regs->epc, &ebpf_plat_bus, trap);
		if (unlikely(trap->taken))
			return EBPF_HIT_TRAP;
	}
	return probe->changes_saved ? EBPF_HIT_DONE_ALL : EBPF_HIT_DONE;
}

static enum ebpf_hit_result hit_return(struct ebpf_hit_hart *state, struct ebpf_pt_regs *regs)
{
	uint64_t next = serve_return(state, regs, false);

	if (next & 1)
		return EBPF_HIT_FOREIGN;
	regs->epc = next;
	return EBPF_HIT_DONE;
}

/* bpf_override_return(): back to the caller, or to the trampoline if there are return probes, too. */
static __attribute__((noinline)) enum ebpf_hit_result leave_function(struct ebpf_hit *hit, struct ebpf_pt_regs *regs)
{
	hit->overridden = false;
	regs->x[9] = hit->result;
	regs->epc = regs->x[0] & ~(uint64_t)1; /* as jalr takes it */
	return EBPF_HIT_DONE;
}

enum ebpf_hit_result ebpf_kprobe_hit(struct ebpf_pt_regs *regs, struct rv_trap *trap, unsigned long hart, uint64_t satp)
{
	struct ebpf_probe *probe = ebpf_probe_find(regs->epc);
	struct ebpf_hit_hart *state = &harts[hart];
	const struct ebpf_attachment *attachment;

	if (unlikely(!probe || probe->satp != satp)) {
		enum ebpf_hit_result found = find_by_place(regs->epc, &probe);

		if (found != EBPF_HIT_DONE)
			return found;
	}
	if (unlikely(probe->trampoline))
		return hit_return(state, regs);
	state->hits++;
	attachment = __atomic_load_n(&probe->entry, __ATOMIC_RELAXED);
	if (likely(attachment))
		run_all(state, regs, attachment, false);
	if (unlikely(__atomic_load_n(&probe->returns, __ATOMIC_RELAXED)))
		state->entered += ebpf_kretprobe_enter(probe, regs);
	if (unlikely(state->hit.overridden))
		return leave_function(&state->hit, regs);
	return emulate(probe, regs, trap);
}
