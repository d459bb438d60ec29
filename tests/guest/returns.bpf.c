/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of returns: entries and returns by function (the cookie), and returns on another hart than the entry. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tests/guest/returns.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_FUNCTIONS);
	__type(key, u32);
	__type(value, struct counts);
} counts SEC(".maps");

/* Where a thread entered a function. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, u32);
} entered SEC(".maps");

static __always_inline u64 key_of(u32 function)
{
	return bpf_get_current_pid_tgid() << 8 ^ bpf_get_current_pid_tgid() >> 32 << 24 ^ function;
}

SEC("kprobe.multi")
int at_entry(struct pt_regs *ctx)
{
	u32 function = (u32)bpf_get_attach_cookie(ctx), hart = bpf_get_smp_processor_id();
	struct counts *c = bpf_map_lookup_elem(&counts, &function);
	u64 key = key_of(function);

	if (!c)
		return 0;
	__sync_fetch_and_add(&c->entries, 1);
	bpf_map_update_elem(&entered, &key, &hart, BPF_ANY);
	return 0;
}

SEC("kretprobe.multi")
int at_return(struct pt_regs *ctx)
{
	u32 function = (u32)bpf_get_attach_cookie(ctx), hart = bpf_get_smp_processor_id(), *before;
	struct counts *c = bpf_map_lookup_elem(&counts, &function);
	u64 key = key_of(function);

	if (!c)
		return 0;
	__sync_fetch_and_add(&c->returns, 1);
	before = bpf_map_lookup_elem(&entered, &key);
	if (before && *before != hart)
		__sync_fetch_and_add(&c->moved, 1);
	bpf_map_delete_elem(&entered, &key);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
