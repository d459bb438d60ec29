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

/* What every latency tool does: the time at entry, by thread; at return the difference into a histogram. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u64);
} start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} slots SEC(".maps");

SEC("kprobe/sys_getppid")
int latency_start(struct pt_regs *ctx)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&start, &tid, &now, BPF_ANY);
	return 0;
}

static __always_inline u32 log2_of(u64 v)
{
	u32 r = 0;

	for (u32 step = 32; step; step /= 2)
		if (v >> step) {
			v >>= step;
			r += step;
		}
	return r;
}

SEC("kretprobe/sys_getppid")
int latency_end(struct pt_regs *ctx)
{
	u32 tid = (u32)bpf_get_current_pid_tgid(), slot;
	u64 *at = bpf_map_lookup_elem(&start, &tid), *count;

	if (!at)
		return 0;
	slot = log2_of(bpf_ktime_get_ns() - *at) & 63;
	count = bpf_map_lookup_elem(&slots, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
	bpf_map_delete_elem(&start, &tid);
	return 0;
}

/* Which block of instructions has been hit: its number is the cookie. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 512);
	__type(key, u32);
	__type(value, u64);
} touched SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} watching SEC(".maps");

SEC("kprobe.multi")
int mark(struct pt_regs *ctx)
{
	u32 block = (u32)bpf_get_attach_cookie(ctx), zero = 0;
	u64 *count = bpf_map_lookup_elem(&touched, &block), *on = bpf_map_lookup_elem(&watching, &zero);

	if (count && on && *on)
		__sync_fetch_and_add(count, 1);
	return 0;
}

SEC("kretprobe/sys_getppid")
int at_return(struct pt_regs *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
