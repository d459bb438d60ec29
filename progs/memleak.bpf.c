/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of memleak: blocks of pages by address, with who asked for them.
 * page_alloc() ends in a jump to page_alloc_order(), so `ra` at the entry of the
 * latter is where the caller of either goes on. A block is gone when page_put(),
 * inside, gets as far as free_block().
 */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "memleak.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64); /* address of the first page */
	__type(value, struct block);
} blocks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64); /* hart's stack of the caller: a call under way */
	__type(value, struct block);
} asked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64); /* thread, or hart if none runs */
	__type(value, u64);
} putting SEC(".maps");

const volatile u32 self = 0;
u64 allocated, freed, lost;

/* Who runs: a thread, or a hart's scheduler */
static u64 who(void)
{
	u64 id = bpf_get_current_pid_tgid();

	return id ? id : ~(u64)bpf_get_smp_processor_id();
}

SEC("kprobe/page_alloc_order")
int BPF_KPROBE(on_alloc, u32 order)
{
	struct block block = {.caller = PT_REGS_RET(ctx), .pages = 1u << (order & 31)};
	u64 key = who();

	if (key >> 32 != self)
		bpf_map_update_elem(&asked, &key, &block, BPF_ANY);
	return 0;
}

SEC("kretprobe/page_alloc_order")
int BPF_KRETPROBE(on_alloc_return, u64 page)
{
	u64 key = who();
	struct block *block = bpf_map_lookup_elem(&asked, &key);

	if (!block)
		return 0;
	if (page && bpf_map_update_elem(&blocks, &page, block, BPF_ANY))
		__sync_fetch_and_add(&lost, 1);
	else if (page)
		__sync_fetch_and_add(&allocated, 1);
	bpf_map_delete_elem(&asked, &key);
	return 0;
}

SEC("kprobe/page_put")
int BPF_KPROBE(on_put, u64 page)
{
	u64 key = who();

	bpf_map_update_elem(&putting, &key, &page, BPF_ANY);
	return 0;
}

SEC("kprobe/free_block")
int on_free(struct pt_regs *ctx)
{
	u64 key = who(), *page = bpf_map_lookup_elem(&putting, &key), freeing;

	if (!page)
		return 0;
	freeing = *page;
	bpf_map_delete_elem(&putting, &key);
	if (!bpf_map_delete_elem(&blocks, &freeing))
		__sync_fetch_and_add(&freed, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
