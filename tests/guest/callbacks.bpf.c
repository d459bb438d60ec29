/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of callbacks: helpers that call functions of the program, run at each close. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "callbacks.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100);
	__type(key, u32);
	__type(value, u64);
} table SEC(".maps");

struct sums sums;

static long add_index(u64 index, void *ctx)
{
	*(u64 *)ctx += index;
	return 0;
}

static long count(u64 index, void *ctx)
{
	++*(u64 *)ctx;
	return 0;
}

static long row(u64 index, void *ctx)
{
	bpf_loop(10, count, ctx, 0);
	return 0;
}

static long until_six(u64 index, void *ctx)
{
	return index == 6;
}

struct found {
	u64 keys, values;
};

static long look(void *map, const void *key, void *value, void *ctx)
{
	struct found *found = ctx;

	found->keys += *(const u32 *)key;
	found->values += *(u64 *)value;
	return 0;
}

static long forget(void *map, const void *key, void *value, void *ctx)
{
	bpf_map_delete_elem(map, key);
	return 0;
}

SEC("kprobe/sys_close")
int on_close(struct pt_regs *ctx)
{
	struct found found = {};
	u64 n = 0;

	bpf_loop(100, add_index, &n, 0);
	sums.triangle = n;
	n = 0;
	bpf_loop(10, row, &n, 0);
	sums.grid = n;
	sums.calls = bpf_loop(100, until_six, NULL, 0);
	for (u32 i = 1; i <= 20; i++) {
		u32 key = i;
		u64 value = 1000 * i;

		bpf_map_update_elem(&table, &key, &value, BPF_ANY);
	}
	sums.elements = bpf_for_each_map_elem(&table, look, &found, 0);
	sums.keys = found.keys;
	sums.values = found.values;
	bpf_for_each_map_elem(&table, forget, NULL, 0);
	sums.emptied = bpf_for_each_map_elem(&table, look, &found, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
