/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of override: opens that fail although nothing is wrong, a return probe that sees what they
 * return, and a word that appears in a process's memory.
 */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "override.h"

struct override_state state;

static __always_inline bool is_victim(void)
{
	return bpf_get_current_pid_tgid() >> 32 == state.victim;
}

SEC("kprobe/sys_openat")
int fail_open(struct pt_regs *ctx)
{
	if (is_victim())
		bpf_override_return(ctx, (u64)OVERRIDDEN);
	return 0;
}

SEC("kprobe/sys_openat")
int count_open(struct pt_regs *ctx)
{
	if (is_victim())
		state.entries++;
	return 0;
}

SEC("kretprobe/sys_openat")
int open_returns(struct pt_regs *ctx)
{
	if (is_victim())
		state.seen = (s64)PT_REGS_RC(ctx);
	return 0;
}

SEC("kprobe/sys_getppid")
int write_word(struct pt_regs *ctx)
{
	u64 word = WORD;

	if (is_victim())
		state.written = bpf_probe_write_user((void *)state.buffer, &word, sizeof(word));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
