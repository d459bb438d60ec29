/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers on maps. Rights of programs (BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG) are map.h's. */
#include "helper_impl.h"

#include "map.h"
#include "platform.h"

/* Where a lookup takes longer with some keys it is paid for. */
EBPF_HELPER(map_lookup_elem)
{
	struct ebpf_map *map = ebpf_run_map(run, r1);
	void *value;

	if (map->cost && !ebpf_run_pay(run, map->cost))
		return 0;
	value = ebpf_map_prog_lookup(map, ebpf_helper_mem(r2));
	if (value && map->ops->elem_type && run->prog->checked)
		ebpf_run_found_map(run, value);
	return (uintptr_t)value;
}

/* r1 map, r2 key, r3 hart */
EBPF_HELPER(map_lookup_percpu_elem)
{
	struct ebpf_map *map = ebpf_run_map(run, r1);

	if (!map->ops->lookup_on || r3 >= ebpf_plat_hart_count() || !ebpf_map_prog_may(map, false))
		return 0;
	return (uintptr_t)map->ops->lookup_on(map, ebpf_helper_mem(r2), (unsigned int)r3);
}

EBPF_HELPER(map_update_elem)
{
	struct ebpf_map *map = ebpf_run_map(run, r1);

	if (!ebpf_run_pay(run, (uint64_t)map->value_size + map->cost))
		return EBPF_ERR(ETIMEDOUT);
	return (uint64_t)(int64_t)ebpf_map_prog_update(map, ebpf_helper_mem(r2), ebpf_helper_mem(r3), r4);
}

EBPF_HELPER(map_delete_elem)
{
	struct ebpf_map *map = ebpf_run_map(run, r1);

	if (map->cost && !ebpf_run_pay(run, map->cost))
		return EBPF_ERR(ETIMEDOUT);
	return (uint64_t)(int64_t)ebpf_map_prog_delete(map, ebpf_helper_mem(r2));
}

/* Values without keys. r1 map, r2 value, r3 flags */
EBPF_HELPER(map_push_elem)
{
	struct ebpf_map *map = ebpf_run_map(run, r1);

	if (!map->ops->push)
		return EBPF_ERR(EOPNOTSUPP);
	if (!ebpf_map_prog_may(map, true))
		return EBPF_ERR(EPERM);
	if (!ebpf_run_pay(run, map->value_size))
		return EBPF_ERR(ETIMEDOUT);
	return (uint64_t)(int64_t)map->ops->push(map, ebpf_helper_mem(r2), r3);
}

EBPF_HELPER(map_pop_elem)
{
	struct ebpf_map *map = ebpf_run_map(run, r1);

	if (!map->ops->pop)
		return EBPF_ERR(EOPNOTSUPP);
	if (!ebpf_map_prog_may(map, true) || !ebpf_map_prog_may(map, false))
		return EBPF_ERR(EPERM);
	if (!ebpf_run_pay(run, map->value_size))
		return EBPF_ERR(ETIMEDOUT);
	return (uint64_t)(int64_t)map->ops->pop(map, ebpf_helper_mem(r2));
}

EBPF_HELPER(map_peek_elem)
{
	struct ebpf_map *map = ebpf_run_map(run, r1);

	if (!map->ops->peek)
		return EBPF_ERR(EOPNOTSUPP);
	if (!ebpf_map_prog_may(map, false))
		return EBPF_ERR(EPERM);
	if (!ebpf_run_pay(run, map->value_size))
		return EBPF_ERR(ETIMEDOUT);
	return (uint64_t)(int64_t)map->ops->peek(map, ebpf_helper_mem(r2));
}

const struct ebpf_helper_row ebpf_helpers_map[] = {
	{BPF_FUNC_map_lookup_elem,
	 {.name = "map_lookup_elem",
	  .fn = map_lookup_elem,
	  .ret = EBPF_RET_MAP_VALUE_OR_NULL,
	  .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_MAP_KEY}}},
	{BPF_FUNC_map_update_elem,
	 {.name = "map_update_elem",
	  .fn = map_update_elem,
	  .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_MAP_KEY, EBPF_ARG_MAP_VALUE, EBPF_ARG_ANYTHING}}},
	{BPF_FUNC_map_delete_elem,
	 {.name = "map_delete_elem", .fn = map_delete_elem, .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_MAP_KEY}}},
	{BPF_FUNC_map_push_elem,
	 {.name = "map_push_elem",
	  .fn = map_push_elem,
	  .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_MAP_VALUE, EBPF_ARG_ANYTHING}}},
	{BPF_FUNC_map_pop_elem,
	 {.name = "map_pop_elem", .fn = map_pop_elem, .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_MAP_VALUE_UNINIT}}},
	{BPF_FUNC_map_peek_elem,
	 {.name = "map_peek_elem", .fn = map_peek_elem, .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_MAP_VALUE_UNINIT}}},
	{BPF_FUNC_map_lookup_percpu_elem,
	 {.name = "map_lookup_percpu_elem",
	  .fn = map_lookup_percpu_elem,
	  .ret = EBPF_RET_MAP_VALUE_OR_NULL,
	  .arg = {EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_MAP_KEY, EBPF_ARG_ANYTHING}}},
	{0},
};
