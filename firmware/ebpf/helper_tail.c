/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Helpers that use arrays of objects: bpf_tail_call, whose result the
 * interpreter goes on with, and bpf_perf_event_output, which writes into the
 * ring buffer of a hart.
 */
#include "helper_impl.h"

#include "limits.h"
#include "map_fd_array.h"
#include "mem.h"
#include "platform.h"
#include "ringbuf.h"

/* r1 context, r2 map, r3 index. The program to go on with, or 0: the caller goes on. */
EBPF_HELPER(tail_call)
{
	const struct ebpf_map *map = ebpf_run_map(run, r2);
	const struct ebpf_prog *next;

	if (map->type != BPF_MAP_TYPE_PROG_ARRAY || run->depth || run->tail_calls == EBPF_MAX_TAIL_CALLS)
		return 0;
	next = (const struct ebpf_prog *)ebpf_fd_array_get(map, (uint32_t)r3);
	if (!next || (ebpf_prog_special(next) & EBPF_PROG_QUARANTINED))
		return 0;
	run->tail_calls++;
	return (uintptr_t)next;
}

/* r1 context, r2 map, r3 index or BPF_F_CURRENT_CPU, r4 data, r5 size */
EBPF_HELPER(perf_event_output)
{
	const struct ebpf_map *map = ebpf_run_map(run, r2);
	uint64_t index = r3 == BPF_F_CURRENT_CPU ? ebpf_plat_hart() : r3;
	struct ebpf_map *ring;
	void *record;

	if (map->type != BPF_MAP_TYPE_PERF_EVENT_ARRAY || r3 > BPF_F_INDEX_MASK)
		return EBPF_ERR(EINVAL);
	if (index >= map->max_entries)
		return EBPF_ERR(E2BIG);
	if (!ebpf_run_pay(run, r5))
		return EBPF_ERR(ETIMEDOUT);
	ring = (struct ebpf_map *)ebpf_fd_array_get(map, index);
	if (!ring)
		return EBPF_ERR(ENOENT);
	record = ebpf_ringbuf_reserve(ring, r5);
	if (!record)
		return EBPF_ERR(ENOSPC);
	ebpf_memcpy(record, ebpf_helper_mem(r4), r5);
	ebpf_ringbuf_commit(ring, record, 0, false);
	return 0;
}

const struct ebpf_helper_row ebpf_helpers_tail[] = {
	{BPF_FUNC_tail_call,
	 {.name = "tail_call",
	  .fn = tail_call,
	  .ret = EBPF_RET_VOID,
	  .arg = {EBPF_ARG_CTX, EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_ANYTHING}}},
	{BPF_FUNC_perf_event_output,
	 {.name = "perf_event_output",
	  .fn = perf_event_output,
	  .gpl_only = true,
	  .arg = {EBPF_ARG_CTX, EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_ANYTHING, EBPF_ARG_MEM_RDONLY,
		  EBPF_ARG_SIZE_OR_ZERO}}},
	{0},
};
