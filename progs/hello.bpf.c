/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of hello: the smallest probe there is. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/sys_openat")
int hello(struct pt_regs *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_printk("hello from below the kernel: process %d opens a file\n", pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
