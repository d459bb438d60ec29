/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf_loop() and bpf_for_each_map_elem(). They call back into the program, so
 * they cannot be one function each: the helper notes in the run what is to be
 * done, and the interpreter asks ebpf_loop_next() before each call of the
 * callback. A loop lives in the frame that called the helper; loops inside
 * callbacks nest as calls do, and each call is paid for like any other
 * instruction.
 */
#include "helper_impl.h"

#include "decode.h"
#include "map.h"

#define MAX_LOOPS (1u << 23) /* as in Linux */
#define SEARCH 16u	     /* places without an element looked at for one instruction of the budget */

static void begin(struct ebpf_run *run, uint64_t func, const struct ebpf_run_loop *loop)
{
	const struct ebpf_op *load = ebpf_helper_mem(func);

	run->loops[run->depth] = *loop;
	run->loops[run->depth].callback = run->prog->ops + load[1].wide;
	run->looping |= (uint16_t)(1u << run->depth);
}

/* r1 how often, r2 function, r3 what it gets, r4 flags. Not 0: an error. */
EBPF_HELPER(loop)
{
	if (r4)
		return EBPF_ERR(EINVAL);
	if ((uint32_t)r1 > MAX_LOOPS)
		return EBPF_ERR(E2BIG);
	begin(run, r2, &(struct ebpf_run_loop){.ctx = r3, .count = (uint32_t)r1});
	return 0;
}

/* r1 map, r2 function, r3 what it gets, r4 flags. Not 0: an error. */
EBPF_HELPER(for_each_map_elem)
{
	struct ebpf_map *map = ebpf_run_map(run, r1);

	if (r4)
		return EBPF_ERR(EINVAL);
	if (!map->ops->element || map->ops->elem_type)
		return EBPF_ERR(EOPNOTSUPP);
	if (!ebpf_map_prog_may(map, false))
		return EBPF_ERR(EPERM);
	begin(run, r2, &(struct ebpf_run_loop){.ctx = r3, .map = map});
	return 0;
}

static enum ebpf_loop_step done(struct ebpf_run *run, uint64_t *reg, uint64_t result)
{
	run->looping &= (uint16_t) ~(1u << run->depth);
	reg[0] = result;
	return EBPF_LOOP_DONE;
}

static enum ebpf_loop_step call(uint64_t *reg, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4)
{
	reg[1] = r1;
	reg[2] = r2;
	reg[3] = r3;
	reg[4] = r4;
	reg[5] = 0;
	return EBPF_LOOP_CALL;
}

static enum ebpf_loop_step next_element(struct ebpf_run *run, struct ebpf_run_loop *loop, uint64_t *reg)
{
	void *value;

	for (unsigned int n = 0; n < SEARCH; n++) {
		int found = loop->map->ops->element(loop->map, loop->at, &loop->key, &value);

		if (found < 0)
			return done(run, reg, loop->count);
		loop->index = loop->at++;
		if (!found)
			continue;
		if (!loop->key)
			loop->key = &loop->index;
		loop->count++;
		return call(reg, (uintptr_t)loop->map, (uintptr_t)loop->key, (uintptr_t)value, loop->ctx);
	}
	return EBPF_LOOP_SEARCH;
}

enum ebpf_loop_step ebpf_loop_next(struct ebpf_run *run, uint64_t *reg)
{
	struct ebpf_run_loop *loop = &run->loops[run->depth];

	if (reg[0]) /* the callback has seen enough */
		return done(run, reg, loop->map ? loop->count : loop->at);
	if (loop->map)
		return next_element(run, loop, reg);
	if (loop->at == loop->count)
		return done(run, reg, loop->at);
	return call(reg, loop->at++, loop->ctx, 0, 0);
}

const struct ebpf_helper_row ebpf_helpers_loop[] = {
	{BPF_FUNC_for_each_map_elem,
	 {.name = "for_each_map_elem",
	  .fn = for_each_map_elem,
	  .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_FUNC, EBPF_ARG_STACK_OR_NULL, EBPF_ARG_ANYTHING}}},
	{BPF_FUNC_loop,
	 {.name = "loop",
	  .fn = loop,
	  .arg = {EBPF_ARG_ANYTHING, EBPF_ARG_FUNC, EBPF_ARG_STACK_OR_NULL, EBPF_ARG_ANYTHING}}},
	{0},
};
