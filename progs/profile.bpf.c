/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of profile: where each hart is when its timer goes off. What the timer
 * interrupts in the kernel comes through kernel_trap(), which has the place among the
 * registers it was given; what comes to timer_interrupt() without it was in a program.
 */
#include <kernel.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "profile.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} interrupted SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct key);
	__type(value, u64);
} samples SEC(".maps");

u64 lost;

SEC("kprobe/kernel_trap")
int BPF_KPROBE(on_trap, struct kernel_regs *regs)
{
	u32 zero = 0;
	u64 *pc = bpf_map_lookup_elem(&interrupted, &zero);

	if (pc)
		*pc = BPF_CORE_READ(regs, sepc);
	return 0;
}

SEC("kprobe/timer_interrupt")
int on_timer(struct pt_regs *ctx)
{
	struct key key = {};
	u32 zero = 0;
	u64 *pc = bpf_map_lookup_elem(&interrupted, &zero), one = 1, *n;

	if (pc) {
		key.pc = *pc;
		*pc = 0;
	}
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	n = bpf_map_lookup_elem(&samples, &key);
	if (!n && !bpf_map_update_elem(&samples, &key, &one, BPF_NOEXIST))
		return 0;
	if (!n)
		n = bpf_map_lookup_elem(&samples, &key);
	__sync_fetch_and_add(n ? n : &lost, 1);
	return 0;
}

/* Back from a trap that was no timer's: the next timer interrupt may find the hart in a program. */
SEC("kretprobe/kernel_trap")
int on_trap_return(struct pt_regs *ctx)
{
	u32 zero = 0;
	u64 *pc = bpf_map_lookup_elem(&interrupted, &zero);

	if (pc)
		*pc = 0;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
