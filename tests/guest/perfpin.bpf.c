/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of perfpin: records through a perf buffer, a counter that is pinned by name. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "perfpin.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} kept SEC(".maps");

SEC("ksyscall/kill")
int BPF_KSYSCALL(on_kill, int pid, int signal)
{
	struct event e = {.pid = pid, .signal = signal};
	u32 zero = 0;
	u64 *n = bpf_map_lookup_elem(&kept, &zero);

	if (n)
		e.nr = __sync_fetch_and_add(n, 1);
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
