/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of stackcount: a call chain becomes a number, which is counted with the process's name. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "stackcount.h"

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 2048);
	__uint(key_size, sizeof(u32));
	__uint(value_size, MAX_DEPTH * sizeof(u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, struct key);
	__type(value, u64);
} counts SEC(".maps");

const volatile u32 self = 0;
const volatile u64 which = 0; /* BPF_F_USER_STACK: of the process */
u64 lost;

SEC("kprobe.multi")
int count(struct pt_regs *ctx)
{
	u64 one = 1, *n;
	struct key key;

	if (bpf_get_current_pid_tgid() >> 32 == self)
		return 0;
	__builtin_memset(&key, 0, sizeof(key));
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	key.stack = bpf_get_stackid(ctx, &stacks, which);
	n = bpf_map_lookup_elem(&counts, &key);
	if (!n && !bpf_map_update_elem(&counts, &key, &one, BPF_NOEXIST))
		return 0;
	if (!n)
		n = bpf_map_lookup_elem(&counts, &key);
	__sync_fetch_and_add(n ? n : &lost, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
