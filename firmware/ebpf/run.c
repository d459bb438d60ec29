/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run may touch: its stack frames, its context, values of its program's
 * maps. The interpreter looks at the current frame and at the region it used
 * last by itself and comes here for the rest; helpers' arguments come here too.
 *
 * Invariant: stack that this run has not written reads as 0. Frames are cleared
 * downwards from their top, as far as they are used (run->lo).
 */
#include "run.h"
#include "map.h"
#include "mem.h"
#include "ringbuf.h"

/* Compared without sums, so that no address near 2^64 gets past. */
static bool inside(uint64_t addr, uint64_t size, uint64_t base, uint64_t len)
{
	uint64_t at = addr - base;

	return at < len && size <= len - at;
}

/* ------------------------------------------------------------------ the stack */

static void clear_down(uint64_t *lo, uint64_t addr)
{
	addr &= ~(uint64_t)7;
	ebpf_memzero((void *)(uintptr_t)addr, *lo - addr);
	*lo = addr;
}

/* The stack from the current frame up, an access must stay within one frame. */
static bool reach_stack(struct ebpf_run *run, uint64_t addr, uint64_t size)
{
	uint64_t top = (uint64_t)(uintptr_t)run->stack + EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE;
	uint64_t below = top - 1 - addr, frame = below / EBPF_STACK_SIZE;

	if (frame > run->depth || size > below % EBPF_STACK_SIZE + 1)
		return false;
	if (!run->prog->checked) /* nobody keeps run->lo; what a verifier let through reads only what it wrote */
		return true;
	if (frame < run->depth) {
		if (addr < run->frame_lo[frame])
			clear_down(&run->frame_lo[frame], addr);
	} else if (addr < run->lo) {
		uint64_t old = run->lo;

		clear_down(&run->lo, addr);
		run->span += old - run->lo;
	}
	return true;
}

/* ------------------------------------------------------------------ the rest */

static void remember(struct ebpf_run *run, uint64_t base, uint64_t may_read, uint64_t may_write)
{
	run->win = base;
	run->win_read = may_read;
	run->win_write = may_write;
}

static bool reach_map(struct ebpf_run *run, struct ebpf_map *map, uint64_t addr, uint64_t size, unsigned int access)
{
	uint64_t slot;
	bool may_read, may_write;

	if (!ebpf_map_value_ok(map, addr, size))
		return false;
	may_read = ebpf_map_prog_may(map, false);
	may_write = ebpf_map_prog_may(map, true);
	slot = (addr - (uintptr_t)map->values) / map->value_stride;
	/* atomics need both and look at win_write alone, so a map that can only be written is not remembered */
	remember(run, (uintptr_t)map->values + slot * map->value_stride, may_read ? map->value_size : 0,
		 may_read && may_write ? map->value_size : 0);
	return (may_read || !(access & EBPF_RUN_READ)) && (may_write || !(access & EBPF_RUN_WRITE));
}

static bool reach_record(struct ebpf_run *run, uint64_t addr, uint64_t size)
{
	for (uint32_t i = 0; i < run->nr_records; i++) {
		uint64_t base = (uintptr_t)run->records[i].record, len = ebpf_ringbuf_size_of(run->records[i].record);

		if (!inside(addr, size, base, len))
			continue;
		remember(run, base, len, len);
		return true;
	}
	return false;
}

void ebpf_run_end(struct ebpf_run *run)
{
	while (run->nr_records) {
		const struct ebpf_run_record *record = &run->records[--run->nr_records];

		ebpf_ringbuf_commit(record->map, record->record, BPF_RB_NO_WAKEUP, true);
	}
	run->leftovers = 0;
}

void ebpf_run_found_map(struct ebpf_run *run, struct ebpf_map *map)
{
	for (uint32_t i = 0; i < run->nr_inner; i++)
		if (run->inner[i] == map)
			return;
	if (run->nr_inner == EBPF_RUN_INNER) { /* the oldest is forgotten */
		run->nr_inner--;
		for (uint32_t i = 0; i < run->nr_inner; i++)
			run->inner[i] = run->inner[i + 1];
	}
	run->inner[run->nr_inner++] = map;
}

/* Keys of elements that callbacks are looking at; they may read them. */
static bool reach_key(struct ebpf_run *run, uint64_t addr, uint64_t size)
{
	for (uint32_t i = 0; i < run->depth; i++) {
		const struct ebpf_run_loop *loop = &run->loops[i];

		if (!(run->looping & 1u << i) || !loop->map ||
		    !inside(addr, size, (uintptr_t)loop->key, loop->map->key_size))
			continue;
		remember(run, (uintptr_t)loop->key, loop->map->key_size, 0);
		return true;
	}
	return false;
}

static bool reach(struct ebpf_run *run, uint64_t addr, uint64_t size, unsigned int access)
{
	const struct ebpf_prog *prog = run->prog;

	if (reach_stack(run, addr, size))
		return true;
	if (inside(addr, size, (uintptr_t)run->ctx, run->ctx_size)) {
		remember(run, (uintptr_t)run->ctx, run->ctx_size, run->ctx_writable ? run->ctx_size : 0);
		return run->ctx_writable || !(access & EBPF_RUN_WRITE);
	}
	for (uint32_t i = 0; i < prog->nr_maps; i++)
		if (inside(addr, size, (uintptr_t)prog->maps[i]->values,
			   (uint64_t)prog->maps[i]->nr_values * prog->maps[i]->value_stride))
			return reach_map(run, prog->maps[i], addr, size, access);
	for (uint32_t i = 0; i < run->nr_inner; i++)
		if (reach_map(run, run->inner[i], addr, size, access))
			return true;
	return reach_record(run, addr, size) || (!(access & EBPF_RUN_WRITE) && reach_key(run, addr, size));
}

static const char *reach_reason(const struct ebpf_run *run, uint64_t addr, uint64_t size, unsigned int access)
{
	if (addr < 4096 || addr + 4096 < 4096)
		return access & EBPF_RUN_WRITE ? "write through a null pointer" : "read through a null pointer";
	if (inside(addr, size, (uintptr_t)run->ctx, run->ctx_size))
		return "write to the context, which is read-only";
	return access & EBPF_RUN_WRITE ? "write outside the stack, the context and the values of the program's maps"
				       : "read outside the stack, the context and the values of the program's maps";
}

bool ebpf_run_reach(struct ebpf_run *run, uint64_t addr, uint64_t size, unsigned int access)
{
	if (reach(run, addr, size, access))
		return true;
	run->fault = reach_reason(run, addr, size, access);
	run->fault_addr = addr;
	return false;
}

bool ebpf_run_mem_ok(struct ebpf_run *run, uint64_t addr, uint64_t size, bool write)
{
	return !size || reach(run, addr, size, write ? EBPF_RUN_WRITE : EBPF_RUN_READ);
}

struct ebpf_map *ebpf_run_map(const struct ebpf_run *run, uint64_t value)
{
	const struct ebpf_prog *prog = run->prog;

	if (!prog->checked)
		return (struct ebpf_map *)(uintptr_t)value;
	for (uint32_t i = 0; i < prog->nr_maps; i++)
		if ((uintptr_t)prog->maps[i] == value)
			return prog->maps[i];
	for (uint32_t i = 0; i < run->nr_inner; i++)
		if ((uintptr_t)run->inner[i] == value)
			return run->inner[i];
	return 0;
}
