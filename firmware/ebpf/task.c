/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The task areas: one record a hart, written by its kernel, sequence-counted.
 * The copy is refreshed when somebody asks and the record has changed; a record
 * that is being written (its hart was interrupted by a probe half way) leaves
 * the copy as it was.
 */
#include "task.h"

#include "limits.h"
#include "mem.h"
#include "platform.h"
#include "uapi/errno.h"

#define OFF (~(uint64_t)0)

static struct task_hart {
	uint64_t pa; /* OFF: none */
	uint64_t flags;
	bool on, valid; /* valid: `copy` is a consistent record */
	struct ebpf_task_area copy;
} harts[EBPF_MAX_HARTS];

int ebpf_task_set_area(uint64_t pa, uint64_t flags)
{
	struct task_hart *hart = &harts[ebpf_plat_hart()];

	if (pa == OFF) {
		ebpf_memzero(hart, sizeof(*hart));
		return 0;
	}
	if (pa % sizeof(struct ebpf_task_area) || flags & ~(uint64_t)SBI_EBPF_TASK_TRACE_IRQ)
		return -EINVAL;
	if (!ebpf_plat_phys_ok(pa, sizeof(struct ebpf_task_area), EBPF_ACCESS_READ))
		return -EFAULT;
	ebpf_memzero(hart, sizeof(*hart));
	hart->pa = pa;
	hart->flags = flags;
	hart->on = true;
	return 0;
}

uint64_t ebpf_task_flags(void)
{
	return harts[ebpf_plat_hart()].flags;
}

static uint32_t read_seq(const struct task_hart *hart)
{
	uint32_t seq;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	ebpf_plat_phys_read(&seq, hart->pa + offsetof(struct ebpf_task_area, seq), sizeof(seq));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return seq;
}

const struct ebpf_task_area *ebpf_task_current(void)
{
	struct task_hart *hart = &harts[ebpf_plat_hart()];
	struct ebpf_task_area now;
	uint32_t seq;

	if (!hart->on)
		return &hart->copy;
	seq = read_seq(hart);
	if (seq & 1 || (hart->valid && seq == hart->copy.seq))
		return &hart->copy;
	ebpf_plat_phys_read(&now, hart->pa, sizeof(now));
	/* The hart that writes it is the one that reads it here; this is for a kernel that does it otherwise. */
	if (read_seq(hart) != seq)
		return &hart->copy;
	now.seq = seq;
	now.comm[sizeof(now.comm) - 1] = 0;
	hart->copy = now;
	hart->valid = true;
	return &hart->copy;
}
