/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of audit: who runs, removes and kills what, in a ring of records that no process can write. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "audit.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, AUDIT_RECORDS);
	__type(key, u32);
	__type(value, struct record);
} records SEC(".maps");

/* How many there have been: record n is in slot n % AUDIT_RECORDS */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} count SEC(".maps");

static struct record *new_record(u32 what)
{
	u32 zero = 0, slot;
	u64 *n = bpf_map_lookup_elem(&count, &zero);
	struct record *r;

	if (!n)
		return NULL;
	slot = __sync_fetch_and_add(n, 1) % AUDIT_RECORDS;
	r = bpf_map_lookup_elem(&records, &slot);
	if (!r)
		return NULL;
	r->time = bpf_ktime_get_ns();
	r->pid = bpf_get_current_pid_tgid() >> 32;
	r->what = what;
	r->number = 0;
	r->path[0] = 0;
	bpf_get_current_comm(r->comm, sizeof(r->comm));
	return r;
}

SEC("ksyscall/execve")
int BPF_KPROBE(on_exec, const char *path)
{
	struct record *r = new_record(AUDIT_EXEC);

	if (r)
		bpf_probe_read_user_str(r->path, sizeof(r->path), path);
	return 0;
}

SEC("ksyscall/unlinkat")
int BPF_KPROBE(on_unlink, int dir, const char *path)
{
	struct record *r = new_record(AUDIT_UNLINK);

	if (r)
		bpf_probe_read_user_str(r->path, sizeof(r->path), path);
	return 0;
}

SEC("ksyscall/kill")
int BPF_KPROBE(on_kill, int target)
{
	struct record *r = new_record(AUDIT_KILL);

	if (r)
		r->number = target;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
