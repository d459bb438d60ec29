/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of killsnoop: who kills whom, and whether that worked. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "killsnoop.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32); /* thread */
	__type(value, struct event);
} killing SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16384);
} events SEC(".maps");

SEC("ksyscall/kill")
int BPF_KPROBE(on_kill, int target, int signal)
{
	u64 id = bpf_get_current_pid_tgid();
	struct event e = {.pid = id >> 32, .target = target, .signal = signal};
	u32 tid = id;

	bpf_get_current_comm(e.comm, sizeof(e.comm));
	bpf_map_update_elem(&killing, &tid, &e, BPF_ANY);
	return 0;
}

SEC("kretsyscall/kill")
int BPF_KRETPROBE(on_return, long ret)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct event *e = bpf_map_lookup_elem(&killing, &tid);

	if (!e)
		return 0;
	e->ret = ret;
	bpf_ringbuf_output(&events, e, sizeof(*e), 0);
	bpf_map_delete_elem(&killing, &tid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
