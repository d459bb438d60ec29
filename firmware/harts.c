// SPDX-License-Identifier: BSD-2-Clause
/*
 * Harts: making all of them execute fence.i, deciding who takes breakpoints,
 * and what their PMP really protects.
 *
 * Breakpoints: OpenSBI delegates them to S-mode on every hart start. While a
 * probe is armed, medeleg bit 3 is clear and mtvec points to trap_entry.S on every
 * hart; with the last probe both go back to what OpenSBI had set up, so a
 * machine without probes executes nothing of ours.
 *
 * A hart that starts or resumes while the state changes sees either the new
 * `taken` in seam_hart_enter_smode() or, being in the IPI mask by then, the IPI.
 *
 * Domains: eBPF is for one of them, that of the hart that boots. Harts of others
 * call nothing, keep their breakpoints, and are not waited for: nothing of a
 * program or a probe is ever used there.
 */
#include "seam.h"
#include "ebpf/platform.h"
#include "ebpf/uapi/sbi_ebpf.h"

#include <sbi/riscv_asm.h>
#include <sbi/riscv_barrier.h>
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_domain.h>
#include <sbi/sbi_ipi.h>
#include <sbi/sbi_platform.h>
#include <sbi/sbi_scratch.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_hartmask.h>
#if __has_include(<sbi/sbi_hart_pmp.h>)
#include <sbi/sbi_hart_pmp.h> /* from 1.8 on */
#endif

struct sync_state {
	u32 requested; /* this hart is asked to answer */
	u32 waiting;   /* answers this hart still waits for */
};

static struct sync_state sync_state[SBI_HARTMASK_MAX_BITS];
static u32 initiator; /* the one hart that syncs now: the control lock is held */
static bool taken;    /* breakpoints are taken in M-mode */
static u32 sync_event;
static const struct sbi_domain *domain; /* whose harts take part */
static unsigned long original_mtvec;
static bool stack_sealed[SBI_HARTMASK_MAX_BITS]; /* the canary is there */
#define CANARY 0xd1b54a32d192ed03ULL

void _trap_handler_hyp(void); /* OpenSBI's firmware/fw_base.S */

bool seam_hart_is_ours(void)
{
	return sbi_domain_thishart_ptr() == domain;
}

static void apply_breakpoints(void)
{
	bool take = __atomic_load_n(&taken, __ATOMIC_ACQUIRE) && seam_hart_is_ours();
	unsigned long vector = original_mtvec;

	if (take) {
		vector = original_mtvec == (unsigned long)_trap_handler_hyp ? (unsigned long)seam_trap_entry_hyp
									    : (unsigned long)seam_trap_entry;
		csr_clear(CSR_MEDELEG, 1UL << CAUSE_BREAKPOINT);
	} else {
		csr_set(CSR_MEDELEG, 1UL << CAUSE_BREAKPOINT);
	}
	csr_write(CSR_MTVEC, vector);
	RISCV_FENCE_I;
}

/* The word at the low end of a hart's stack; its scratch area is above the high end (OpenSBI's fw_base.S). */
static u64 *stack_end(struct sbi_scratch *scratch)
{
	return (u64 *)((char *)scratch + SBI_SCRATCH_SIZE - sbi_platform_ptr(scratch)->hart_stack_size);
}

static u64 canary_of(u32 hart)
{
	return CANARY * (hart + 1);
}

bool seam_hart_stacks_ok(void)
{
	u32 hart;

	for (hart = 0; hart < SBI_HARTMASK_MAX_BITS; hart++) {
		struct sbi_scratch *scratch = stack_sealed[hart] ? sbi_hartindex_to_scratch(hart) : NULL;

		if (scratch && *stack_end(scratch) != canary_of(hart))
			return false;
	}
	return true;
}

void seam_hart_enter_smode(void)
{
	struct sbi_scratch *scratch = sbi_scratch_thishart_ptr();

	*stack_end(scratch) = canary_of(current_hartindex());
	stack_sealed[current_hartindex()] = true;
	if (!original_mtvec)
		original_mtvec = csr_read(CSR_MTVEC);
	/* orders the hart state written before (HSM) against the read of `taken` */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	apply_breakpoints();
}

static int sync_update(struct sbi_scratch *scratch, struct sbi_scratch *remote, u32 remote_index, void *data)
{
	(void)data;
	if (scratch == remote) {
		apply_breakpoints();
		return SBI_IPI_UPDATE_BREAK;
	}
	__atomic_fetch_add(&sync_state[current_hartindex()].waiting, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&sync_state[remote_index].requested, 1, __ATOMIC_RELEASE);
	return SBI_IPI_UPDATE_SUCCESS;
}

static void sync_process(struct sbi_scratch *scratch)
{
	(void)scratch;
	if (!__atomic_exchange_n(&sync_state[current_hartindex()].requested, 0, __ATOMIC_ACQ_REL))
		return;
	apply_breakpoints();
	__atomic_fetch_sub(&sync_state[__atomic_load_n(&initiator, __ATOMIC_ACQUIRE)].waiting, 1, __ATOMIC_RELEASE);
}

/* Wait for the answers, answering others meanwhile: they may be waiting for this hart in M-mode, too. */
static void sync_wait(struct sbi_scratch *scratch)
{
	struct sync_state *mine = &sync_state[current_hartindex()];

	(void)scratch;
	while (__atomic_load_n(&mine->waiting, __ATOMIC_ACQUIRE))
		sbi_ipi_process();
}

static const struct sbi_ipi_event_ops sync_ops = {
	.name = "IPI_EBPF_SYNC",
	.update = sync_update,
	.sync = sync_wait,
	.process = sync_process,
};

int seam_harts_init(void)
{
	int event = sbi_ipi_event_create(&sync_ops);

	if (event < 0)
		return event;
	sync_event = event;
	domain = sbi_domain_thishart_ptr();
	return 0;
}

void ebpf_plat_sync_harts(void)
{
	__atomic_store_n(&initiator, current_hartindex(), __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	RISCV_FENCE_I;
	sbi_ipi_send_many(0, -1UL, sync_event, NULL);
}

void ebpf_plat_take_breakpoints(bool take)
{
	__atomic_store_n(&taken, take, __ATOMIC_SEQ_CST);
	apply_breakpoints();
	ebpf_plat_sync_harts();
}

unsigned int seam_hart_pmp_count(void)
{
	return sbi_hart_pmp_count(sbi_scratch_thishart_ptr());
}

/*
 * Does the PMP keep S-mode out of [base, base + size)? The first entry that
 * matches decides (Priv v1.12 sec. 3.7.1), so look for the first one that
 * overlaps at all. With Smepmp's MML set an entry without L is a rule for S/U
 * only and one with L for M only (Smepmp 1.0 sec. 2.2).
 */
static bool pmp_protects(unsigned long base, unsigned long size)
{
	unsigned int i, count = seam_hart_pmp_count();
	unsigned long prot, addr, order, end;
	bool smepmp = sbi_hart_has_extension(sbi_scratch_thishart_ptr(), SBI_HART_EXT_SMEPMP);

	for (i = 0; i < count; i++) {
		if (pmp_get(i, &prot, &addr, &order) || !(prot & PMP_A))
			continue;
		end = order < __riscv_xlen ? addr + (1UL << order) - 1 : -1UL;
		if (end < base || base + size - 1 < addr)
			continue;
		if (addr > base || end < base + size - 1)
			return false; /* covers a part: not one rule for all of it */
		return (smepmp && (prot & PMP_L)) || !(prot & (PMP_R | PMP_W | PMP_X));
	}
	return count != 0;
}

/* The level with which firmware and arena are protected where they are, or so far from there. */
static unsigned int isolation_at(u64 distance)
{
	struct sbi_scratch *scratch = sbi_scratch_thishart_ptr();
	unsigned long text = scratch->fw_start + distance, data = text + scratch->fw_rw_offset;

	if (!pmp_protects(text, scratch->fw_rw_offset) || !pmp_protects(data, scratch->fw_size - scratch->fw_rw_offset))
		return SBI_EBPF_ISOLATION_NONE;
	if (!pmp_protects((unsigned long)seam_arena_base() + distance, seam_arena_size()))
		return SBI_EBPF_ISOLATION_PARTIAL;
	return SBI_EBPF_ISOLATION_FULL;
}

unsigned int seam_hart_isolation(void)
{
	unsigned int level = isolation_at(0), i;

	for (i = 0; seam_alias(i); i++)
		if (isolation_at(seam_alias(i)) < level)
			level = isolation_at(seam_alias(i));
	return level;
}
