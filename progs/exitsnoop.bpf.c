/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of exitsnoop: proc_exit() is where every process ends, and never returns. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "exitsnoop.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("kprobe/proc_exit")
int BPF_KPROBE(on_exit, int code)
{
	struct thread *thread = (struct thread *)bpf_get_current_task();
	struct proc *proc = BPF_CORE_READ(thread, proc);
	u64 start = BPF_CORE_READ(proc, start_ms);
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e)
		return 0;
	e->pid = BPF_CORE_READ(proc, pid);
	e->ppid = BPF_CORE_READ(proc, parent, pid);
	e->code = code;
	e->killed = BPF_CORE_READ(proc, killed);
	e->age_ms = bpf_ktime_get_ns() / 1000000 - start;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_ringbuf_submit(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
