// SPDX-License-Identifier: BSD-2-Clause
/*
 * The SBI extension's front: registers to calls of the core and back.
 * docs/sbi-bpf.adoc specifies every function. No logic of eBPF lives here.
 */
#include "seam.h"
#include "ebpf/call.h"
#include "ebpf/limits.h"
#include "ebpf/platform.h"
#include "ebpf/task.h"
#include "ebpf/uapi/errno.h"
#include "ebpf/uapi/sbi_ebpf.h"

#include <sbi/sbi_ecall.h>
#include <sbi/sbi_ecall_interface.h>
#include <sbi/sbi_error.h>
#include <sbi/sbi_trap.h>

static u64 max_stay; /* in what minstret counts */

/* The SBI error nearest to an errno, for the functions whose result is not bpf(2)'s. */
static int sbi_error_of(int64_t result)
{
	if (result >= 0 || result == -ERESTART)
		return SBI_SUCCESS;
	switch (-result) {
	case ENOSYS:
	case EOPNOTSUPP:
		return SBI_ERR_NOT_SUPPORTED;
	case EINVAL:
	case EBADF:
	case E2BIG:
		return SBI_ERR_INVALID_PARAM;
	case EPERM:
	case EACCES:
		return SBI_ERR_DENIED;
	case EFAULT:
		return SBI_ERR_INVALID_ADDRESS;
	case EEXIST:
	case EBUSY:
		return SBI_ERR_ALREADY_AVAILABLE;
	default:
		return SBI_ERR_FAILED;
	}
}

/* minstret's advance over a loop of `turns` times two instructions */
static u64 counted(unsigned long turns)
{
	u64 start = ebpf_plat_insns();

	asm volatile("1: addi %0, %0, -1\n\tbnez %0, 1b" : "+r"(turns));
	return ebpf_plat_insns() - start;
}

/*
 * Does minstret count instructions? Without -icount QEMU takes its host's clock for it, other simulators
 * and some cores have none. What such a counter says of stays is not passed on.
 */
static bool counts_insns(void)
{
	static const unsigned long turns[] = {50, 500, 1500};
	unsigned int i;

	for (i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		u64 insns = counted(turns[i]);

		if (insns < 2 * turns[i] || insns > 2 * turns[i] + 10)
			return false;
	}
	return true;
}

static int64_t get_info(unsigned long index)
{
	switch (index) {
	case SBI_EBPF_INFO_VERSION:
		return SBI_EBPF_VERSION;
	case SBI_EBPF_INFO_PMP_ENTRIES:
		return seam_isolation_pmp_entries();
	case SBI_EBPF_INFO_ISOLATION:
		return seam_isolation();
	case SBI_EBPF_INFO_MAX_STAY:
		return counts_insns() ? (int64_t)__atomic_load_n(&max_stay, __ATOMIC_RELAXED) : -EOPNOTSUPP;
	case SBI_EBPF_INFO_STAY_BOUND:
		return EBPF_STAY_BOUND;
	case SBI_EBPF_INFO_EVENTS:
		return (int64_t)seam_events();
	case SBI_EBPF_INFO_PMP_GRAIN:
		return (int64_t)seam_machine_pmp_grain();
	case SBI_EBPF_INFO_HARTS_HAVE:
		return (int64_t)seam_machine_harts_have();
	default:
		return ebpf_call_info(index);
	}
}

/* Addresses are two registers (SBI v2.0 sec. 3.2); RV64 has no use for the high one. */
static int64_t set_task_area(unsigned long lo, unsigned long hi, unsigned long flags)
{
	if (lo == -1UL && hi == -1UL)
		return ebpf_task_set_area(-1UL, flags);
	return hi ? -EFAULT : ebpf_task_set_area(lo, flags);
}

static int64_t dispatch(unsigned long function, const struct sbi_trap_regs *regs)
{
	switch (function) {
	case SBI_EXT_EBPF_GET_INFO:
		return get_info(regs->a0);
	case SBI_EXT_EBPF_CALL:
		return ebpf_call_bpf(regs->a0, regs->a1, regs->a2, regs->a3, regs->a4, regs->a5);
	case SBI_EXT_EBPF_CLOSE:
		return ebpf_call_close(regs->a0, regs->a1);
	case SBI_EXT_EBPF_DUP:
		return ebpf_call_dup(regs->a0, regs->a1, regs->a2, regs->a3);
	case SBI_EXT_EBPF_EXIT:
		return ebpf_call_exit(regs->a0);
	case SBI_EXT_EBPF_SET_TASK_AREA:
		return set_task_area(regs->a0, regs->a1, regs->a2);
	case SBI_EXT_EBPF_SET_SYMBOLS:
		return regs->a1 ? -EFAULT : ebpf_call_set_symbols(regs->a0, regs->a2);
	case SBI_EXT_EBPF_SET_RETURN_TRAMPOLINE:
		return ebpf_call_set_trampoline(regs->a0);
	case SBI_EXT_EBPF_TRACE_READ:
		return ebpf_call_trace_read(regs->a0, regs->a1, regs->a2);
	case SBI_EXT_EBPF_LOCK:
		return ebpf_call_lock(regs->a0);
	default:
		return -ENOSYS;
	}
}

static void note_stay(u64 insns)
{
	u64 seen = __atomic_load_n(&max_stay, __ATOMIC_RELAXED);

	while (insns > seen &&
	       !__atomic_compare_exchange_n(&max_stay, &seen, insns, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static int handle(unsigned long extid, unsigned long function, struct sbi_trap_regs *regs, struct sbi_ecall_return *out)
{
	u64 start = ebpf_plat_insns();
	int64_t result;

	(void)extid;
	if (!seam_hart_is_ours()) { /* its descriptors are those of another domain's kernel */
		out->value = -EPERM;
		return SBI_ERR_DENIED;
	}
	/* A VS-mode guest's addresses are not this machine's; its hypervisor serves it or not. */
	result = sbi_regs_from_virt(regs) ? -ENOSYS : dispatch(function, regs);
	out->value = result;
	note_stay(ebpf_plat_insns() - start);
	if (function == SBI_EXT_EBPF_CALL && result != -ENOSYS)
		return SBI_SUCCESS;
	return sbi_error_of(result);
}

static int probe(unsigned long extid, unsigned long *value)
{
	(void)extid;
	*value = seam_hart_is_ours() ? SBI_EBPF_VERSION : 0;
	return 0;
}

static struct sbi_ecall_extension extension = {
	.name = "bpf",
	.extid_start = SBI_EXT_EBPF,
	.extid_end = SBI_EXT_EBPF,
	.experimental = true,
	.probe = probe,
	.handle = handle,
};

int seam_ecall_register(void)
{
	return sbi_ecall_register_extension(&extension);
}

void seam_ecall_withdraw(void)
{
	sbi_ecall_unregister_extension(&extension);
}
