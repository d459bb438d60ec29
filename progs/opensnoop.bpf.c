/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of opensnoop: the arguments are there at the entry, the result at the return. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "opensnoop.h"

struct args {
	const char *path;
	u32 flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32); /* thread */
	__type(value, struct args);
} opening SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

const volatile u32 only = 0; /* this process, or 0: all */
const volatile bool failed_only = false;

SEC("kprobe/sys_openat")
int BPF_KPROBE(on_open, const char *path, u32 flags)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 tid = id;
	struct args args = {.path = path, .flags = flags};

	if (!only || only == id >> 32)
		bpf_map_update_elem(&opening, &tid, &args, BPF_ANY);
	return 0;
}

SEC("kretprobe/sys_openat")
int BPF_KRETPROBE(on_return, long ret)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 tid = id;
	struct args *args = bpf_map_lookup_elem(&opening, &tid);
	struct event *e;

	if (!args)
		return 0;
	e = failed_only && ret >= 0 ? NULL : bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (e) {
		e->pid = id >> 32;
		e->ret = ret;
		e->flags = args->flags;
		bpf_get_current_comm(e->comm, sizeof(e->comm));
		if (bpf_probe_read_user_str(e->path, sizeof(e->path), args->path) < 0)
			e->path[0] = 0;
		bpf_ringbuf_submit(e, 0);
	}
	bpf_map_delete_elem(&opening, &tid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
