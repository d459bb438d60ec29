/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of funclatency: time of entry by thread, difference at return, histogram of powers of two. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "latency.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32); /* thread */
	__type(value, u64);
} entered SEC(".maps");

const volatile u32 unit = 1; /* nanoseconds */
u32 slots[SLOTS];
u64 total, calls;

SEC("kprobe")
int BPF_KPROBE(on_entry)
{
	u32 tid = bpf_get_current_pid_tgid();
	u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&entered, &tid, &now, BPF_ANY);
	return 0;
}

SEC("kretprobe")
int BPF_KRETPROBE(on_return)
{
	u32 tid = bpf_get_current_pid_tgid(), slot;
	u64 now = bpf_ktime_get_ns(), delta, *then;

	then = bpf_map_lookup_elem(&entered, &tid);
	if (!then)
		return 0; /* it was inside already when tracing began */
	delta = now - *then;
	bpf_map_delete_elem(&entered, &tid);
	__sync_fetch_and_add(&total, delta);
	__sync_fetch_and_add(&calls, 1);
	slot = slot_of(unit ? delta / unit : delta);
	if (slot < SLOTS)
		__sync_fetch_and_add(&slots[slot], 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
