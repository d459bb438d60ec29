/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of probebench: what is measured, one program a case. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} counter SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u64);
} by_pid SEC(".maps");

SEC("kprobe/sys_getppid")
int empty(struct pt_regs *ctx)
{
	return 0;
}

SEC("kprobe/sys_getppid")
int array(struct pt_regs *ctx)
{
	u32 zero = 0;
	u64 *count = bpf_map_lookup_elem(&counter, &zero);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

SEC("kprobe/sys_getppid")
int hash(struct pt_regs *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	u64 one = 1, *count = bpf_map_lookup_elem(&by_pid, &pid);

	if (count)
		one = *count + 1;
	bpf_map_update_elem(&by_pid, &pid, &one, BPF_ANY);
	return 0;
}

SEC("kretprobe/sys_getppid")
int at_return(struct pt_regs *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
