/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of funccount: one program on many functions, a count each. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);   /* address of the function */
	__type(value, u64); /* calls */
} counts SEC(".maps");

const volatile u32 self = 0; /* not counted: the process that reads the counts */

SEC("kprobe.multi")
int count(struct pt_regs *ctx)
{
	u64 ip = bpf_get_func_ip(ctx), one = 1, *calls;

	if (bpf_get_current_pid_tgid() >> 32 == self)
		return 0;
	calls = bpf_map_lookup_elem(&counts, &ip);
	/* two harts may both find nothing: only one of them makes the entry, the other adds to it */
	if (!calls && bpf_map_update_elem(&counts, &ip, &one, BPF_NOEXIST)) {
		calls = bpf_map_lookup_elem(&counts, &ip);
		if (!calls)
			return 0;
	}
	if (calls)
		__sync_fetch_and_add(calls, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
