/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf_ringbuf_*: the run keeps a list of the records it has reserved (run.h), so
 * that it can reach them, give each back once, and none is left behind when it is
 * stopped: a record nobody commits would hold up the ring for ever.
 */
#include "helper_impl.h"

#include "map.h"
#include "mem.h"
#include "ringbuf.h"

static struct ebpf_map *ring_of(struct ebpf_run *run, uint64_t value)
{
	struct ebpf_map *map = ebpf_run_map(run, value);

	return map->type == BPF_MAP_TYPE_RINGBUF ? map : NULL;
}

/* r1 map, r2 data, r3 size, r4 flags */
EBPF_HELPER(ringbuf_output)
{
	struct ebpf_map *map = ring_of(run, r1);
	void *record;

	if (!map || r4 & ~(uint64_t)(BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP))
		return EBPF_ERR(EINVAL);
	if (!ebpf_run_pay(run, r3))
		return EBPF_ERR(ETIMEDOUT);
	record = ebpf_ringbuf_reserve(map, r3);
	if (!record)
		return EBPF_ERR(EAGAIN);
	ebpf_memcpy(record, ebpf_helper_mem(r2), r3);
	ebpf_ringbuf_commit(map, record, r4, false);
	return 0;
}

/* r1 map, r2 size, r3 flags */
EBPF_HELPER(ringbuf_reserve)
{
	struct ebpf_map *map = ring_of(run, r1);
	void *record;

	if (!map || r3 || run->nr_records == EBPF_RUN_RECORDS)
		return 0;
	record = ebpf_ringbuf_reserve(map, r2);
	if (!record)
		return 0;
	run->records[run->nr_records++] = (struct ebpf_run_record){.map = map, .record = record};
	return (uintptr_t)record;
}

/* The argument check has found it in the run's list; the program cannot reach it any more. */
static void give_back(struct ebpf_run *run, uint64_t record, uint64_t flags, bool discard)
{
	for (uint32_t i = 0; i < run->nr_records; i++) {
		struct ebpf_run_record *entry = &run->records[i];

		if ((uintptr_t)entry->record != record)
			continue;
		ebpf_ringbuf_commit(entry->map, entry->record, flags, discard);
		*entry = run->records[--run->nr_records];
		run->win_read = run->win_write = 0;
		return;
	}
}

/* r1 record, r2 flags */
EBPF_HELPER(ringbuf_submit)
{
	give_back(run, r1, r2, false);
	return 0;
}

EBPF_HELPER(ringbuf_discard)
{
	give_back(run, r1, r2, true);
	return 0;
}

/* r1 map, r2 what */
EBPF_HELPER(ringbuf_query)
{
	struct ebpf_map *map = ring_of(run, r1);

	return map ? ebpf_ringbuf_query(map, r2) : 0;
}

const struct ebpf_helper_row ebpf_helpers_ringbuf[] = {
	{BPF_FUNC_ringbuf_output,
	 {.name = "ringbuf_output",
	  .fn = ringbuf_output,
	  .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE_OR_ZERO, EBPF_ARG_ANYTHING}}},
	{BPF_FUNC_ringbuf_reserve,
	 {.name = "ringbuf_reserve",
	  .fn = ringbuf_reserve,
	  .ret = EBPF_RET_RINGBUF_MEM_OR_NULL,
	  .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_CONST_ALLOC_SIZE, EBPF_ARG_ANYTHING}}},
	{BPF_FUNC_ringbuf_submit,
	 {.name = "ringbuf_submit",
	  .fn = ringbuf_submit,
	  .ret = EBPF_RET_VOID,
	  .arg = {EBPF_ARG_RINGBUF_MEM, EBPF_ARG_ANYTHING}}},
	{BPF_FUNC_ringbuf_discard,
	 {.name = "ringbuf_discard",
	  .fn = ringbuf_discard,
	  .ret = EBPF_RET_VOID,
	  .arg = {EBPF_ARG_RINGBUF_MEM, EBPF_ARG_ANYTHING}}},
	{BPF_FUNC_ringbuf_query,
	 {.name = "ringbuf_query", .fn = ringbuf_query, .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_ANYTHING}}},
	{0},
};
