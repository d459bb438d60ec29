/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers on maps. Rights of programs (BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG) are map.h's. */
#include "helper_impl.h"

#include "map.h"

EBPF_HELPER(map_lookup_elem)
{
	return (uintptr_t)ebpf_map_prog_lookup(ebpf_run_map(run, r1), ebpf_helper_mem(r2));
}

EBPF_HELPER(map_update_elem)
{
	struct ebpf_map *map = ebpf_run_map(run, r1);

	if (!ebpf_helper_pay(run, map->value_size))
		return EBPF_ERR(ETIMEDOUT);
	return (uint64_t)(int64_t)ebpf_map_prog_update(map, ebpf_helper_mem(r2), ebpf_helper_mem(r3), r4);
}

EBPF_HELPER(map_delete_elem)
{
	return (uint64_t)(int64_t)ebpf_map_prog_delete(ebpf_run_map(run, r1), ebpf_helper_mem(r2));
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
	{0},
};
