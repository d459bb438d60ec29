/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of sections: one program for every way a section's name may say where. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

const volatile u32 who;
u64 entry, inside, returned, multi, multi_returned, call, call_returned, by_hand;
s64 pid;

static __always_inline int count(u64 *counter)
{
	if (bpf_get_current_pid_tgid() >> 32 == who)
		__sync_fetch_and_add(counter, 1);
	return 0;
}

SEC("kprobe/sys_getpid")
int on_entry(struct pt_regs *ctx)
{
	return count(&entry);
}

SEC("kprobe/sys_getpid+0x2") /* behind its first instruction */
int on_inside(struct pt_regs *ctx)
{
	return count(&inside);
}

SEC("kretprobe/sys_getpid")
int BPF_KRETPROBE(on_return, long ret)
{
	if (bpf_get_current_pid_tgid() >> 32 == who)
		pid = ret;
	return count(&returned);
}

SEC("kprobe.multi/sys_getp*")
int on_multi(struct pt_regs *ctx)
{
	return count(&multi);
}

SEC("kretprobe.multi/sys_getp*")
int on_multi_return(struct pt_regs *ctx)
{
	return count(&multi_returned);
}

SEC("ksyscall/getpid")
int on_call(struct pt_regs *ctx)
{
	return count(&call);
}

SEC("kretsyscall/getpid")
int BPF_KRETPROBE(on_call_return, long ret)
{
	return count(&call_returned);
}

SEC("kprobe") /* says nothing: attach_skeleton leaves it alone */
int on_what_the_process_says(struct pt_regs *ctx)
{
	return count(&by_hand);
}

char LICENSE[] SEC("license") = "GPL";
