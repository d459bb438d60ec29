/* SPDX-License-Identifier: BSD-2-Clause */
/* Which helper works on which type of map: each has a say. As in Linux. */
#include "vcall.h"
#include "vstate.h"

static bool map_takes_helper(uint32_t type, uint32_t id)
{
	switch (type) {
	case BPF_MAP_TYPE_PROG_ARRAY:
		return id == BPF_FUNC_tail_call;
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
		return id == BPF_FUNC_perf_event_output || id == BPF_FUNC_perf_event_read ||
		       id == BPF_FUNC_perf_event_read_value;
	case BPF_MAP_TYPE_RINGBUF:
		return id == BPF_FUNC_ringbuf_output || id == BPF_FUNC_ringbuf_reserve || id == BPF_FUNC_ringbuf_query;
	case BPF_MAP_TYPE_STACK_TRACE:
		return id == BPF_FUNC_get_stackid;
	case BPF_MAP_TYPE_CGROUP_ARRAY:
		return id == BPF_FUNC_current_task_under_cgroup;
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
		return id == BPF_FUNC_map_lookup_elem;
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
		return id == BPF_FUNC_map_peek_elem || id == BPF_FUNC_map_pop_elem || id == BPF_FUNC_map_push_elem;
	case BPF_MAP_TYPE_BLOOM_FILTER:
		return id == BPF_FUNC_map_peek_elem || id == BPF_FUNC_map_push_elem;
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_LPM_TRIE:
		return true;
	}
	return false; /* types of Linux that have their own helpers, which mbpf lacks */
}

static bool helper_takes_map(uint32_t id, uint32_t type)
{
	switch (id) {
	case BPF_FUNC_tail_call:
		return type == BPF_MAP_TYPE_PROG_ARRAY;
	case BPF_FUNC_perf_event_output:
	case BPF_FUNC_perf_event_read:
	case BPF_FUNC_perf_event_read_value:
		return type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	case BPF_FUNC_ringbuf_output:
	case BPF_FUNC_ringbuf_reserve:
	case BPF_FUNC_ringbuf_query:
		return type == BPF_MAP_TYPE_RINGBUF;
	case BPF_FUNC_get_stackid:
		return type == BPF_MAP_TYPE_STACK_TRACE;
	case BPF_FUNC_current_task_under_cgroup:
		return type == BPF_MAP_TYPE_CGROUP_ARRAY;
	case BPF_FUNC_map_pop_elem:
		return type == BPF_MAP_TYPE_QUEUE || type == BPF_MAP_TYPE_STACK;
	case BPF_FUNC_map_peek_elem:
	case BPF_FUNC_map_push_elem:
		return type == BPF_MAP_TYPE_QUEUE || type == BPF_MAP_TYPE_STACK || type == BPF_MAP_TYPE_BLOOM_FILTER;
	case BPF_FUNC_map_lookup_percpu_elem:
		return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
		       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
	case BPF_FUNC_for_each_map_elem:
		return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
		       type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_HASH ||
		       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
	}
	return true;
}

int ebpf_vcompat_check(struct ebpf_verifier *v, const struct ebpf_vcall *call)
{
	const struct ebpf_map *map = call->map;
	bool changes = call->id == BPF_FUNC_map_update_elem || call->id == BPF_FUNC_map_delete_elem ||
		       call->id == BPF_FUNC_map_push_elem || call->id == BPF_FUNC_map_pop_elem;

	if (!map)
		return 0;
	if (!map_takes_helper(map->type, call->id) || !helper_takes_map(call->id, map->type))
		return ebpf_v_refuse(v, -EINVAL, "each map type has its own helpers",
				     "cannot pass map_type %u into func bpf_%s#%u", map->type, call->helper->name,
				     call->id);
	if (call->id == BPF_FUNC_tail_call && v->nr_subprogs > 1)
		return ebpf_v_refuse(v, -EINVAL, "make the functions always_inline",
				     "mixing of tail_calls and bpf-to-bpf calls is not supported");
	if (changes && (map->flags & BPF_F_RDONLY_PROG))
		return ebpf_v_refuse(v, -EACCES, "the map was created with BPF_F_RDONLY_PROG",
				     "write into map forbidden");
	return 0;
}
