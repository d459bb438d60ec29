/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of tailcall: one probe on sys_write hands over to a program chosen
 * by descriptor. A tail call does not come back, unless there is no such program.
 */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u32);
} by_fd SEC(".maps");

u64 console, errors, files;

SEC("kprobe/sys_write")
int BPF_KPROBE(on_write, int fd)
{
	bpf_tail_call(ctx, &by_fd, fd);
	__sync_fetch_and_add(&files, 1);
	return 0;
}

SEC("kprobe")
int to_console(struct pt_regs *ctx)
{
	__sync_fetch_and_add(&console, 1);
	return 0;
}

SEC("kprobe")
int to_errors(struct pt_regs *ctx)
{
	__sync_fetch_and_add(&errors, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
