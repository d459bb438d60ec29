/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of mapinmap: counts system calls in the map that the outer map holds
 * at the moment. The first one is in the object file, user space puts others there.
 */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct interval {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__type(key, u64); /* address of the function */
	__type(value, u64);
} first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct interval);
} current SEC(".maps") = {.values = {&first}};

SEC("kprobe.multi/sys_*")
int on_call(struct pt_regs *ctx)
{
	u64 func = bpf_get_func_ip(ctx), one = 1, *n;
	u32 zero = 0;
	void *interval = bpf_map_lookup_elem(&current, &zero);

	if (!interval)
		return 0;
	n = bpf_map_lookup_elem(interval, &func);
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(interval, &func, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
