/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of runqlat: a thread enters the ready list in make_ready(), and
 * leaves it when context_switch() loads its registers. Both run with interrupts
 * off and the scheduler's lock held: no kernel could probe them itself.
 */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "latency.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64); /* struct thread * */
	__type(value, u64);
} ready SEC(".maps");

u32 slots[SLOTS];
u64 switches;

SEC("kprobe/make_ready")
int BPF_KPROBE(on_ready, struct thread *thread)
{
	u64 key = (u64)thread, now = bpf_ktime_get_ns();

	bpf_map_update_elem(&ready, &key, &now, BPF_ANY);
	return 0;
}

SEC("kprobe/context_switch")
int BPF_KPROBE(on_switch, struct context *save, struct context *load)
{
	u64 key = (u64)load - __builtin_offsetof(struct thread, context), *since;
	u32 slot;

	/* the scheduler's own context is in no thread: not found */
	since = bpf_map_lookup_elem(&ready, &key);
	if (!since)
		return 0;
	slot = slot_of((bpf_ktime_get_ns() - *since) / 1000);
	if (slot < SLOTS)
		__sync_fetch_and_add(&slots[slot], 1);
	__sync_fetch_and_add(&switches, 1);
	bpf_map_delete_elem(&ready, &key);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
