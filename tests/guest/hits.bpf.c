/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of hits: counts entries and returns of a hot system call. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");

static void count(u32 which)
{
	u64 *n = bpf_map_lookup_elem(&counts, &which);

	if (n)
		__sync_fetch_and_add(n, 1);
}

SEC("kprobe/sys_getppid")
int at_entry(struct pt_regs *ctx)
{
	count(0);
	return 0;
}

SEC("kretprobe/sys_getppid")
int at_return(struct pt_regs *ctx)
{
	count(1);
	return 0;
}
