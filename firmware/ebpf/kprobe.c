// SPDX-License-Identifier: BSD-2-Clause
/*
 * Probe points: arming and disarming. A hit is served by kprobe_hit.c.
 *
 * Arming patches the first 16 bits of an instruction with c.ebreak, one aligned
 * store through the physical address, whatever the instruction's length: no
 * hart can see half of it. The displaced instruction is decoded here, once, and
 * emulated at every hit.
 *
 * Order of things, so that a hit on another hart always finds what it needs:
 *   arm      in the table, then in the text, then fence.i everywhere
 *   disarm   out of the text, out of the table, then ebpf_plat_sync_harts(),
 *            which is the grace period, then freed
 * In between, a hart that took the breakpoint but finds no probe sees that the
 * text holds no breakpoint any more and executes the instruction again.
 */
#include "kprobe.h"
#include "probe.h"

#include "arena.h"
#include "leaf.h"
#include "limits.h"
#include "prog.h"
#include "symtab.h"
#include "uapi/errno.h"
#include "walk.h"

#define BOUNDARY_STEPS 4096u /* instructions walked from a function's start to find out where instructions begin */

static struct ebpf_probe *retired; /* disarmed, with returns under way */
static bool taking;		   /* breakpoints are taken in M-mode */

int ebpf_kprobe_init(size_t arena_size)
{
	int rc = ebpf_kprobe_hit_init();

	retired = NULL;
	taking = false;
	if (!rc)
		rc = ebpf_probe_table_init(arena_size);
	return rc ? rc : ebpf_kretprobe_init();
}

uint32_t ebpf_kprobe_armed(void)
{
	return ebpf_probe_count();
}

uint32_t ebpf_kprobe_capacity(void)
{
	return ebpf_probe_capacity();
}

struct ebpf_as ebpf_kprobe_space(void)
{
	return (struct ebpf_as){ebpf_plat_satp(), EBPF_AS_KERNEL};
}

/* Where an instruction's 16 bits lie, if they are kernel text that can be patched. */
int ebpf_kprobe_locate(const struct ebpf_as *as, uint64_t addr, uint64_t *pa)
{
	uint64_t left;

	if (ebpf_walk(as, addr, EBPF_ACCESS_EXEC, pa, &left))
		return -EFAULT;
	return ebpf_plat_phys_ok(*pa, 2, EBPF_ACCESS_READ | EBPF_ACCESS_WRITE) ? 0 : -EFAULT;
}

/* The instruction's own 16 bits at pa, also where a probe has displaced them. */
static uint16_t original_half(uint64_t pa)
{
	const struct ebpf_probe *probe;
	uint16_t half;

	ebpf_plat_phys_read(&half, pa, sizeof(half));
	probe = half == C_EBREAK ? ebpf_probe_find_pa(pa) : NULL;
	return probe ? probe->original : half;
}

static int read_insn(const struct ebpf_as *as, uint64_t addr, uint64_t pa, uint32_t *raw)
{
	uint64_t pa_high = pa + 2;

	*raw = original_half(pa);
	if (rv_insn_len(*raw) != 4)
		return 0;
	/* the second half may lie in another page */
	if (((pa_high & 0xfff) == 0 && ebpf_kprobe_locate(as, addr + 2, &pa_high)) ||
	    !ebpf_plat_phys_ok(pa_high, 2, EBPF_ACCESS_READ))
		return -EFAULT;
	*raw |= (uint32_t)original_half(pa_high) << 16;
	return 0;
}

/*
 * Instructions begin where a function's first one says: walk its lengths from
 * `start`. Is `addr` passed over? Unknown counts as no. One translation a page.
 */
static bool passed_over(const struct ebpf_as *as, uint64_t start, uint64_t addr)
{
	uint64_t at = start, pa = 0, page = 0;
	unsigned int steps, len;

	for (steps = 0; at < addr && steps < BOUNDARY_STEPS; steps++, at += len) {
		if (!page || (at & ~0xfffULL) != page) {
			if (ebpf_kprobe_locate(as, at, &pa))
				return false;
			page = at & ~0xfffULL;
		}
		len = rv_insn_len(original_half((pa & ~0xfffULL) | (at & 0xfff)));
		if (!len)
			return false;
	}
	return at > addr;
}

/* Would a breakpoint at addr hit the second half of an instruction, as far as we know? */
static bool mid_instruction(const struct ebpf_as *as, uint64_t addr, unsigned int len)
{
	const struct ebpf_probe *before = ebpf_probe_find(addr - 2);
	uint64_t offset;

	if ((before && before->insn.len == 4) || (len == 4 && ebpf_probe_find(addr + 2)))
		return true;
	return ebpf_symtab_find(addr, &offset) && passed_over(as, addr - offset, addr);
}

/*
 * Between lr and sc a trap would drop the reservation every time: the loop could
 * not end. Such a sequence has at most 16 instructions (unprivileged spec
 * 20191213 sec. 8.3), so look ahead for an sc that no lr precedes.
 */
static bool in_lr_sc(const struct ebpf_as *as, uint64_t addr)
{
	unsigned int steps, len;
	uint32_t raw;
	uint64_t pa;

	for (steps = 0; steps < 16; steps++, addr += len) {
		if (ebpf_kprobe_locate(as, addr, &pa) || read_insn(as, addr, pa, &raw))
			return false;
		len = rv_insn_len(raw);
		if (!len || (len == 4 && rv_is_lr(raw)))
			return false;
		if (len == 4 && rv_is_sc(raw))
			return true;
	}
	return false;
}

/* gp and s0..s11: they come back from a call of C code as they went in. */
static bool is_saved(unsigned int reg)
{
	return reg == 3 || reg == 8 || reg == 9 || (reg >= 18 && reg <= 27);
}

/* Nothing but registers that ebpf_kprobe_hit_light() has, and no trap. (Fields that an operation does not use are 0.)
 */
static bool is_light(const struct rv_insn *insn)
{
	switch (insn->kind) {
	case RV_ALU:
	case RV_BRANCH:
	case RV_JAL:
	case RV_JALR:
	case RV_NOP:
		return !is_saved(insn->rd) && !is_saved(insn->rs1) && !is_saved(insn->rs2);
	}
	return false;
}

static int make_probe(uint64_t addr, struct ebpf_probe **out, const char **reason)
{
	const struct ebpf_as as = ebpf_kprobe_space();
	struct ebpf_probe *probe;
	struct rv_insn insn;
	uint32_t raw;
	uint64_t pa;
	int rc;

	if (addr & 1) {
		*reason = "the address is odd";
		return -EINVAL;
	}
	rc = ebpf_kprobe_locate(&as, addr, &pa);
	if (!rc)
		rc = read_insn(&as, addr, pa, &raw);
	if (rc) {
		*reason = "the address is not mapped kernel text";
		return rc;
	}
	rv_decode(raw, ebpf_plat_rv_ext, &insn);
	if (insn.kind == RV_REJECT) {
		*reason = insn.reason;
		return -EOPNOTSUPP;
	}
	if (in_lr_sc(&as, addr)) {
		*reason = "the instruction is inside an lr/sc sequence, which a trap would break";
		return -EOPNOTSUPP;
	}
	if (ebpf_probe_find_pa(pa)) {
		*reason = "the instruction is probed through another mapping";
		return -EBUSY;
	}
	if (mid_instruction(&as, addr, insn.len)) {
		*reason = "the address is inside an instruction";
		return -EINVAL;
	}
	probe = ebpf_zalloc(NULL, sizeof(*probe));
	if (!probe)
		return -ENOMEM;
	probe->addr = addr;
	probe->next = addr + insn.len;
	probe->pa = pa;
	probe->satp = as.satp;
	probe->insn = insn;
	probe->original = raw;
	probe->changes_saved = is_saved(insn.rd);
	probe->adds = insn.kind == RV_ALU && insn.op == RV_OP_ADDI && insn.rd && insn.rs1;
	probe->light = is_light(&insn);
	probe->for_leaf = probe->adds && EBPF_CTX_LEAF >> insn.rd & EBPF_CTX_LEAF >> insn.rs1 & 1;
	probe->light_satp = probe->light ? probe->satp : EBPF_NO_SATP;
	*out = probe;
	return 0;
}

static void take_breakpoints(bool take)
{
	if (taking == take)
		return;
	taking = take;
	ebpf_plat_take_breakpoints(take);
}

/* 0, or -E2BIG: a hit runs them all, so there is a bound. */
static int append(struct ebpf_attachment **list, struct ebpf_attachment *attachment)
{
	unsigned int n = 0;

	attachment->next = NULL;
	for (; *list; list = &(*list)->next)
		if (++n == EBPF_MAX_PROBE_PROGS)
			return -E2BIG;
	__atomic_store_n(list, attachment, __ATOMIC_RELEASE);
	return 0;
}

static struct ebpf_attachment **list_of(struct ebpf_probe *probe, const struct ebpf_attachment *attachment)
{
	return attachment->kind == EBPF_ATTACH_KRETPROBE ? &probe->returns : &probe->entry;
}

/* A return probe sits on a function's first instruction, where sp and ra are still the caller's. */
static bool at_entry(uint64_t addr)
{
	uint64_t offset;

	return !ebpf_symtab_find(addr, &offset) || offset == 0;
}

/*
 * To leave a function before it has begun is to jump to ra: only where that is known to be its caller's. Linux asks
 * for more, its kernel lists the functions whose callers can bear it.
 */
static bool may_override(const struct ebpf_attachment *attachment)
{
	uint64_t offset;

	if (!(ebpf_prog_special(attachment->prog) & EBPF_PROG_OVERRIDES))
		return true;
	return attachment->kind == EBPF_ATTACH_KPROBE && ebpf_symtab_find(attachment->addr, &offset) && !offset;
}

static bool needs_all(const struct ebpf_attachment *attachment)
{
	return ebpf_prog_special(attachment->prog) & (EBPF_PROG_CTX | EBPF_PROG_RCORE);
}

/*
 * Before a program that looks at all of its context can be found on the list: a
 * hit that the trap entry has begun without the saved registers passes it over
 * (it has begun before the attachment was there).
 */
static void leave_light(struct ebpf_probe *probe, const struct ebpf_attachment *attachment)
{
	if (attachment->kind == EBPF_ATTACH_KRETPROBE)
		ebpf_kretprobe_program(attachment->prog, 1);
	else if (needs_all(attachment))
		__atomic_store_n(&probe->light_satp, EBPF_NO_SATP, __ATOMIC_RELAXED);
}

/* After an attachment has been taken off its list. */
static void back_to_light(struct ebpf_probe *probe, const struct ebpf_attachment *attachment)
{
	const struct ebpf_attachment *other;

	if (attachment->kind == EBPF_ATTACH_KRETPROBE) {
		ebpf_kretprobe_program(attachment->prog, -1);
		return;
	}
	if (!needs_all(attachment))
		return;
	for (other = probe->entry; other; other = other->next)
		if (needs_all(other))
			return;
	if (probe->light)
		__atomic_store_n(&probe->light_satp, probe->satp, __ATOMIC_RELAXED);
}

/*
 * After the lists have changed. A hit that is under way goes along the list that
 * it has found and stops before a program that is no leaf, so it may do so now.
 */
static void find_leaf(struct ebpf_probe *probe)
{
	const bool only_returns = probe->for_leaf && probe->returns && !probe->entry;
	struct ebpf_attachment *first = probe->for_leaf && !probe->returns ? probe->entry : NULL, *attachment;

	for (attachment = first; attachment; attachment = attachment->next)
		if (!ebpf_prog_is_leaf(attachment->prog))
			first = NULL;
	__atomic_store_n(&probe->leaf, first, __ATOMIC_RELEASE);
	__atomic_store_n(&probe->leaf_return, only_returns ? ebpf_leaf_enter : NULL, __ATOMIC_RELEASE);
}

int ebpf_kprobe_attach(struct ebpf_attachment *attachment, const char **reason)
{
	const uint16_t breakpoint = C_EBREAK;
	struct ebpf_probe *probe;
	int rc;

	*reason = NULL;
	ebpf_kprobe_tidy();
	if (attachment->kind != EBPF_ATTACH_KPROBE && !at_entry(attachment->addr)) {
		*reason = "a return probe needs the first instruction of a function";
		return -EINVAL;
	}
	if (!may_override(attachment)) {
		*reason = "bpf_override_return() needs a kprobe on the first instruction of a function the kernel has "
			  "named";
		return -EINVAL;
	}
	if (attachment->kind == EBPF_ATTACH_KRETPROBE && !ebpf_kretprobe_trampoline()) {
		*reason = "the kernel has set no return trampoline";
		return -ENODEV;
	}
	probe = ebpf_probe_find(attachment->addr);
	if (!probe) {
		rc = make_probe(attachment->addr, &probe, reason);
		if (rc)
			return rc;
		rc = ebpf_probe_insert(probe);
		if (rc) {
			ebpf_free(probe);
			*reason = "too many probe points";
			return rc;
		}
	}
	if (probe->trampoline) { /* in the table, and no probe: it has no instruction to emulate */
		*reason = "the instruction is the return trampoline";
		return -EOPNOTSUPP;
	}
	leave_light(probe, attachment);
	rc = append(list_of(probe, attachment), attachment);
	if (rc) {
		back_to_light(probe, attachment);
		*reason = "too many programs on one instruction";
		return rc;
	}
	attachment->probe = probe;
	find_leaf(probe);
	if (!probe->armed) {
		take_breakpoints(true);
		probe->armed = true;
		ebpf_plat_phys_write(probe->pa, &breakpoint, sizeof(breakpoint));
	}
	return 0;
}

static void unlink_attachment(struct ebpf_attachment *attachment)
{
	struct ebpf_attachment **list = list_of(attachment->probe, attachment);

	while (*list != attachment)
		list = &(*list)->next;
	__atomic_store_n(list, attachment->next, __ATOMIC_RELEASE);
	find_leaf(attachment->probe);
	back_to_light(attachment->probe, attachment);
}

/* Patch the text, unless the kernel has put something else there than `expected`. */
static void store_text(const struct ebpf_probe *probe, uint16_t expected, uint16_t half)
{
	uint16_t now;

	if (!ebpf_plat_phys_ok(probe->pa, 2, EBPF_ACCESS_READ | EBPF_ACCESS_WRITE))
		return;
	ebpf_plat_phys_read(&now, probe->pa, sizeof(now));
	if (now == expected)
		ebpf_plat_phys_write(probe->pa, &half, sizeof(half));
}

void ebpf_kprobe_commit(void)
{
	ebpf_plat_sync_harts();
}

void ebpf_kprobe_settle(const struct ebpf_attachment *attachments, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		store_text(attachments[i].probe, C_EBREAK, C_EBREAK);
}

/* As ebpf_kprobe_settle(): else a breakpoint long gone could reach S-mode as soon as breakpoints are delegated. */
static void restore_again(struct ebpf_probe *list)
{
	for (; list; list = list->next_retired)
		store_text(list, list->original, list->original);
}

/* Out of text and table; onto `gone` until the grace period is over. */
static void disarm(struct ebpf_probe *probe, struct ebpf_probe **gone)
{
	probe->armed = false;
	store_text(probe, C_EBREAK, probe->original);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ebpf_probe_remove(probe);
	probe->next_retired = *gone;
	*gone = probe;
}

/* Free what no return needs any more; the rest waits on `retired`. */
static void bury(struct ebpf_probe *list)
{
	struct ebpf_probe *probe;

	while ((probe = list)) {
		list = probe->next_retired;
		if (__atomic_load_n(&probe->outstanding, __ATOMIC_ACQUIRE)) {
			probe->next_retired = retired;
			retired = probe;
		} else {
			ebpf_free(probe);
		}
	}
}

void ebpf_kprobe_tidy(void)
{
	struct ebpf_probe *waiting = retired;

	retired = NULL;
	bury(waiting);
	if (taking && !ebpf_probe_count() && !ebpf_kretprobe_pending())
		take_breakpoints(false);
}

void ebpf_kprobe_detach(struct ebpf_attachment *attachments, uint32_t count)
{
	struct ebpf_probe *gone = NULL, *probe;
	uint32_t i;

	for (i = 0; i < count; i++) {
		probe = attachments[i].probe;
		if (!probe)
			continue;
		unlink_attachment(&attachments[i]);
		attachments[i].probe = NULL;
		if (!probe->entry && !probe->returns)
			disarm(probe, &gone);
	}
	ebpf_plat_sync_harts();
	restore_again(gone);
	bury(gone);
	ebpf_kprobe_tidy();
}
