/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of filelatency: file_read() and file_write() get a struct file; its
 * kind, read from the kernel's memory, tells files from pipes and the console.
 */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "latency.bpf.h"

struct call {
	u64 since;
	u32 write;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32); /* thread */
	__type(value, struct call);
} calls SEC(".maps");

u32 reads[SLOTS], writes[SLOTS];

static int enter(struct file *f, u32 write)
{
	struct call call = {.write = write};
	u32 tid = bpf_get_current_pid_tgid();

	if (BPF_CORE_READ(f, kind) != FILE_INODE)
		return 0;
	call.since = bpf_ktime_get_ns();
	bpf_map_update_elem(&calls, &tid, &call, BPF_ANY);
	return 0;
}

SEC("kprobe/file_read")
int BPF_KPROBE(enter_read, struct file *f)
{
	return enter(f, 0);
}

SEC("kprobe/file_write")
int BPF_KPROBE(enter_write, struct file *f)
{
	return enter(f, 1);
}

static int leave(void)
{
	u32 tid = bpf_get_current_pid_tgid(), slot;
	u64 now = bpf_ktime_get_ns();
	struct call *call = bpf_map_lookup_elem(&calls, &tid);

	if (!call)
		return 0;
	slot = slot_of(now - call->since);
	if (slot < SLOTS)
		__sync_fetch_and_add(call->write ? &writes[slot] : &reads[slot], 1);
	bpf_map_delete_elem(&calls, &tid);
	return 0;
}

SEC("kretprobe/file_read")
int leave_read(struct pt_regs *ctx)
{
	return leave();
}

SEC("kretprobe/file_write")
int leave_write(struct pt_regs *ctx)
{
	return leave();
}

char LICENSE[] SEC("license") = "GPL";
