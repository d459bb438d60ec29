/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Helpers that change what they look at: a process's memory, what a function of
 * the kernel returns. Each has a bit of the policy, which is off unless the
 * machine's device tree says otherwise (helper.h); without it there is no such
 * helper, and a program that calls it is refused at load with the reason.
 */
#include "helper_impl.h"

#include "kprobe.h"
#include "platform.h"
#include "task.h"
#include "walk.h"

#define WRITE_CHARGE 512u /* bytes' worth of work: translating an address */

uint64_t ebpf_policy_allow;

const char *ebpf_helper_kept_back(uint32_t id)
{
	switch (id) {
	case BPF_FUNC_probe_write_user:
		if (ebpf_policy_allow & SBI_EBPF_FEATURE_WRITE_USER)
			return NULL;
		return "kept back by policy: probes look, they do not change processes "
		       "(/chosen mbpf,allow = \"probe-write-user\" in the device tree, make run "
		       "ALLOW=probe-write-user)";
	case BPF_FUNC_override_return:
		if (ebpf_policy_allow & SBI_EBPF_FEATURE_OVERRIDE_RETURN)
			return NULL;
		return "kept back by policy: probes look, they do not change what the kernel does "
		       "(/chosen mbpf,allow = \"override-return\" in the device tree, make run ALLOW=override-return)";
	}
	return NULL;
}

/* r1 address in the current task's user memory, r2 source, r3 size */
EBPF_HELPER(probe_write_user)
{
	struct ebpf_as as = {.satp = ebpf_task_current()->satp, .mode = EBPF_AS_USER};

	if (!ebpf_run_pay(run, r3 + WRITE_CHARGE))
		return EBPF_ERR(ETIMEDOUT);
	return (uint64_t)(int64_t)ebpf_copy_to(&as, r1, ebpf_helper_mem(r2), r3);
}

/*
 * r1 context, r2 what the probed function returns instead of being executed. The hit does it when all programs have
 * run (kprobe_hit.c): only programs that are attached by themselves to a function's first instruction come here
 * with a hit, link.c and map_fd_array.c see to it. In a test run there is nothing to override.
 */
EBPF_HELPER(override_return)
{
	if (!run->hit)
		return EBPF_ERR(EINVAL);
	run->hit->overridden = true;
	run->hit->result = r2;
	return 0;
}

const struct ebpf_helper_row ebpf_helpers_change[] = {
	{BPF_FUNC_probe_write_user,
	 {.name = "probe_write_user",
	  .fn = probe_write_user,
	  .gpl_only = true,
	  .arg = {EBPF_ARG_ANYTHING, EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE}}},
	{BPF_FUNC_override_return,
	 {.name = "override_return",
	  .fn = override_return,
	  .gpl_only = true,
	  .arg = {EBPF_ARG_CTX, EBPF_ARG_ANYTHING}}},
	{0},
};
