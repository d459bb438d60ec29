/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Are the breakpoints still in the text? It is the kernel's own memory, so it can
 * take one out by a store. That is seen here, and under LOCK_DETACH undone: then a
 * probe is not the kernel's to remove. Never written is a place that the probe's
 * address does not lead to any more: the kernel may use it for something else.
 */
#include "cmd.h"
#include "platform.h"
#include "probe.h"
#include "selfcheck.h"
#include "uapi/sbi_ebpf.h"

static bool breakpoint_gone(const struct ebpf_probe *probe)
{
	uint16_t half;

	if (!probe->armed || !ebpf_plat_phys_ok(probe->pa, sizeof(half), EBPF_ACCESS_READ | EBPF_ACCESS_WRITE))
		return false;
	ebpf_plat_phys_read(&half, probe->pa, sizeof(half));
	return half != C_EBREAK;
}

static bool still_leads_there(const struct ebpf_probe *probe)
{
	const struct ebpf_as as = {.satp = probe->satp, .mode = EBPF_AS_KERNEL};
	uint64_t pa;

	return !ebpf_kprobe_locate(&as, probe->addr, &pa) && pa == probe->pa;
}

static bool put_back(const struct ebpf_probe *probe)
{
	const uint16_t breakpoint = C_EBREAK;

	if (!(ebpf_locks() & SBI_EBPF_LOCK_DETACH) || !still_leads_there(probe))
		return false;
	ebpf_plat_phys_write(probe->pa, &breakpoint, sizeof(breakpoint));
	return true;
}

unsigned int ebpf_probe_watch(uint32_t *at, uint32_t slots)
{
	const uint32_t count = ebpf_probe_slots();
	unsigned int gone = 0, restored = 0;

	if (!ebpf_probe_count()) {
		*at = 0;
		return 0;
	}
	for (; slots && *at < count; slots--, ++*at) {
		const struct ebpf_probe *probe = ebpf_probes.slots[*at];

		if (breakpoint_gone(probe)) {
			gone++;
			restored += put_back(probe);
		}
	}
	if (*at >= count)
		*at = 0;
	if (restored)
		ebpf_plat_sync_harts(); /* fence.i everywhere */
	return gone;
}
