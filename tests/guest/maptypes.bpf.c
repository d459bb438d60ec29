/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of maptypes: each type of map and the helpers for it, once at each close of one process. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "maptypes.h"

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, u64);
	__array(values, struct inner);
} tables SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u64);
} recent SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} each SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 8);
	__type(value, u64);
} line SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__type(value, u64);
} seen SEC(".maps");

struct prefix {
	u32 bits;
	u8 bytes[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 8);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, u64);
} routes SEC(".maps");

const volatile u32 who; /* the process that is looked at */
struct results results;

SEC("kprobe/sys_close")
int on_close(struct pt_regs *ctx)
{
	u32 zero = 0, hart = bpf_get_smp_processor_id();
	u64 key = 7, value, *slot;
	struct prefix prefix = {.bits = 32, .bytes = {10, 1, 2, 3}};
	struct inner *table;

	if (bpf_get_current_pid_tgid() >> 32 != who)
		return 0;
	if (results.runs == 3) /* taking the probe away closes something, too */
		return 0;
	results.runs++;
	table = bpf_map_lookup_elem(&tables, &key);
	slot = table ? bpf_map_lookup_elem(table, &zero) : NULL;
	if (slot)
		results.from_inner = *slot;
	for (u32 i = 0; i < 16; i++) {
		u32 k = i;

		value = i;
		bpf_map_update_elem(&recent, &k, &value, BPF_ANY);
	}
	slot = bpf_map_lookup_percpu_elem(&each, &zero, hart);
	if (slot)
		__sync_fetch_and_add(slot, 1);
	value = results.runs;
	bpf_map_push_elem(&line, &value, BPF_EXIST);
	if (!bpf_map_peek_elem(&line, &value))
		results.first_in_line = value;
	bpf_map_push_elem(&seen, &key, BPF_ANY);
	results.seen = bpf_map_peek_elem(&seen, &key) == 0;
	slot = bpf_map_lookup_elem(&routes, &prefix);
	if (slot)
		results.route = *slot;
	char name[8] = "close";
	u64 args[] = {(u64)name, hart};

	results.text_len = bpf_snprintf(results.text, sizeof(results.text), "%s on %d", args, sizeof(args));
	bpf_strtol("  -0x1f", 7, 0, &results.number);
	results.equal = bpf_strncmp(results.text, 9, "close on ") == 0;
	results.user_bytes = bpf_get_stack(ctx, results.user_stack, sizeof(results.user_stack), BPF_F_USER_STACK);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
