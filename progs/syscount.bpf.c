/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of syscount: two programs on all system calls. An element for each hart, so that
 * nobody waits for anybody; the process adds them up.
 */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "syscount.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);   /* thread */
	__type(value, u64); /* time of entry */
} entered SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 128);
	__type(key, u64); /* address of the function */
	__type(value, struct stat);
} stats SEC(".maps");

const volatile u32 self = 0;

static struct stat *stat_of(u64 ip)
{
	struct stat fresh = {0}, *stat = bpf_map_lookup_elem(&stats, &ip);

	if (stat)
		return stat;
	bpf_map_update_elem(&stats, &ip, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&stats, &ip);
}

SEC("kprobe.multi/sys_*")
int on_entry(struct pt_regs *ctx)
{
	u64 id = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();
	struct stat *stat;
	u32 tid = id;

	if (id >> 32 == self)
		return 0;
	stat = stat_of(bpf_get_func_ip(ctx));
	if (stat)
		stat->calls++;
	bpf_map_update_elem(&entered, &tid, &now, BPF_ANY);
	return 0;
}

SEC("kretprobe.multi/sys_*")
int on_return(struct pt_regs *ctx)
{
	u32 tid = bpf_get_current_pid_tgid();
	u64 *then = bpf_map_lookup_elem(&entered, &tid);
	struct stat *stat;

	if (!then)
		return 0;
	stat = stat_of(bpf_get_func_ip(ctx));
	if (stat)
		stat->ns += bpf_ktime_get_ns() - *then;
	bpf_map_delete_elem(&entered, &tid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
