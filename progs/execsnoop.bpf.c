/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of execsnoop: argv is an array of pointers in the process, the
 * parent is in the kernel's structures. The loop has a bound, as the checks ask.
 */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "execsnoop.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("kprobe/sys_execve")
int BPF_KPROBE(on_exec, const char *path, const char *const *argv)
{
	struct thread *thread = (struct thread *)bpf_get_current_task();
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	const char *arg = NULL;
	u32 i;

	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	e->ppid = BPF_CORE_READ(thread, proc, parent, pid);
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	for (i = 0; argv && i < MAX_ARGS; i++) {
		if (bpf_probe_read_user(&arg, sizeof(arg), &argv[i]) || !arg)
			break;
		if (bpf_probe_read_user_str(e->arg[i], ARG_SIZE, arg) < 0)
			break;
	}
	e->nr_args = i;
	e->more = i == MAX_ARGS && !bpf_probe_read_user(&arg, sizeof(arg), &argv[i]) && arg;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
