/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prototypes of the helpers that Linux offers to kprobe programs, whether mbpf
 * has them or not: with them bpf-verify judges programs for Linux as well, and
 * the tests hold the helper table against them. Helpers that need BTF of the
 * kernel or sleep are not here; those that the policy keeps back (helper.h) are
 * not handed out.
 */
#include "vproto.h"

#include "helper.h"
#include "uapi/bpf.h"

#define NONE EBPF_ARG_NONE
#define ANY EBPF_ARG_ANYTHING
#define MAP EBPF_ARG_CONST_MAP_PTR
#define KEY EBPF_ARG_MAP_KEY
#define VALUE EBPF_ARG_MAP_VALUE
#define RDONLY EBPF_ARG_MEM_RDONLY
#define UNINIT EBPF_ARG_MEM_UNINIT
#define SIZE EBPF_ARG_SIZE
#define SIZE0 EBPF_ARG_SIZE_OR_ZERO
#define CTX EBPF_ARG_CTX
#define INT EBPF_RET_INTEGER

struct row {
	uint32_t id;
	struct ebpf_helper helper;
};

static const struct row rows[] = {
	{1, {"map_lookup_elem", NULL, EBPF_RET_MAP_VALUE_OR_NULL, {MAP, KEY}, false}},
	{2, {"map_update_elem", NULL, INT, {MAP, KEY, VALUE, ANY}, false}},
	{3, {"map_delete_elem", NULL, INT, {MAP, KEY}, false}},
	{4, {"probe_read", NULL, INT, {UNINIT, SIZE0, ANY}, true}},
	{5, {"ktime_get_ns", NULL, INT, {NONE}, false}},
	{6, {"trace_printk", NULL, INT, {RDONLY, SIZE}, true}},
	{7, {"get_prandom_u32", NULL, INT, {NONE}, false}},
	{8, {"get_smp_processor_id", NULL, INT, {NONE}, false}},
	{12, {"tail_call", NULL, EBPF_RET_VOID, {CTX, MAP, ANY}, false}},
	{14, {"get_current_pid_tgid", NULL, INT, {NONE}, false}},
	{15, {"get_current_uid_gid", NULL, INT, {NONE}, false}},
	{16, {"get_current_comm", NULL, INT, {UNINIT, SIZE}, false}},
	{22, {"perf_event_read", NULL, INT, {MAP, ANY}, true}},
	{25, {"perf_event_output", NULL, INT, {CTX, MAP, ANY, RDONLY, SIZE0}, true}},
	{27, {"get_stackid", NULL, INT, {CTX, MAP, ANY}, true}},
	{35, {"get_current_task", NULL, INT, {NONE}, true}},
	{36, {"probe_write_user", NULL, INT, {ANY, RDONLY, SIZE}, true}},
	{37, {"current_task_under_cgroup", NULL, INT, {MAP, ANY}, false}},
	{42, {"get_numa_node_id", NULL, INT, {NONE}, false}},
	{45, {"probe_read_str", NULL, INT, {UNINIT, SIZE0, ANY}, true}},
	{55, {"perf_event_read_value", NULL, INT, {MAP, ANY, UNINIT, SIZE}, true}},
	{58, {"override_return", NULL, INT, {CTX, ANY}, true}},
	{67, {"get_stack", NULL, INT, {CTX, UNINIT, SIZE0, ANY}, true}},
	{80, {"get_current_cgroup_id", NULL, INT, {NONE}, false}},
	{87, {"map_push_elem", NULL, INT, {MAP, VALUE, ANY}, false}},
	{88, {"map_pop_elem", NULL, INT, {MAP, EBPF_ARG_MAP_VALUE_UNINIT}, false}},
	{89, {"map_peek_elem", NULL, INT, {MAP, EBPF_ARG_MAP_VALUE_UNINIT}, false}},
	{105, {"strtol", NULL, INT, {RDONLY, SIZE, ANY, EBPF_ARG_LONG_UNINIT}, false}},
	{106, {"strtoul", NULL, INT, {RDONLY, SIZE, ANY, EBPF_ARG_LONG_UNINIT}, false}},
	{109, {"send_signal", NULL, INT, {ANY}, false}},
	{112, {"probe_read_user", NULL, INT, {UNINIT, SIZE0, ANY}, true}},
	{113, {"probe_read_kernel", NULL, INT, {UNINIT, SIZE0, ANY}, true}},
	{114, {"probe_read_user_str", NULL, INT, {UNINIT, SIZE0, ANY}, true}},
	{115, {"probe_read_kernel_str", NULL, INT, {UNINIT, SIZE0, ANY}, true}},
	{117, {"send_signal_thread", NULL, INT, {ANY}, false}},
	{118, {"jiffies64", NULL, INT, {NONE}, false}},
	{120, {"get_ns_current_pid_tgid", NULL, INT, {ANY, ANY, UNINIT, SIZE}, false}},
	{123, {"get_current_ancestor_cgroup_id", NULL, INT, {ANY}, false}},
	{125, {"ktime_get_boot_ns", NULL, INT, {NONE}, false}},
	{130, {"ringbuf_output", NULL, INT, {MAP, RDONLY, SIZE0, ANY}, false}},
	{131, {"ringbuf_reserve", NULL, EBPF_RET_RINGBUF_MEM_OR_NULL, {MAP, EBPF_ARG_CONST_ALLOC_SIZE, ANY}, false}},
	{132, {"ringbuf_submit", NULL, EBPF_RET_VOID, {EBPF_ARG_RINGBUF_MEM, ANY}, false}},
	{133, {"ringbuf_discard", NULL, EBPF_RET_VOID, {EBPF_ARG_RINGBUF_MEM, ANY}, false}},
	{134, {"ringbuf_query", NULL, INT, {MAP, ANY}, false}},
	{149, {"snprintf_btf", NULL, INT, {UNINIT, SIZE, RDONLY, SIZE, ANY}, false}},
	{158, {"get_current_task_btf", NULL, EBPF_RET_TASK, {NONE}, true}},
	{164, {"for_each_map_elem", NULL, INT, {MAP, EBPF_ARG_FUNC, EBPF_ARG_STACK_OR_NULL, ANY}, false}},
	{165,
	 {"snprintf",
	  NULL,
	  INT,
	  {EBPF_ARG_MEM_OR_NULL, SIZE0, EBPF_ARG_CONST_STR, EBPF_ARG_MEM_RDONLY_OR_NULL, SIZE0},
	  true}},
	{173, {"get_func_ip", NULL, INT, {CTX}, true}},
	{174, {"get_attach_cookie", NULL, INT, {CTX}, false}},
	{176, {"get_branch_snapshot", NULL, INT, {UNINIT, SIZE0, ANY}, true}},
	{177, {"trace_vprintk", NULL, INT, {RDONLY, SIZE, EBPF_ARG_MEM_RDONLY_OR_NULL, SIZE0}, true}},
	{181, {"loop", NULL, INT, {ANY, EBPF_ARG_FUNC, EBPF_ARG_STACK_OR_NULL, ANY}, false}},
	{182, {"strncmp", NULL, INT, {RDONLY, SIZE, EBPF_ARG_CONST_STR}, false}},
	{195, {"map_lookup_percpu_elem", NULL, EBPF_RET_MAP_VALUE_OR_NULL, {MAP, KEY, ANY}, false}},
	{208, {"ktime_get_tai_ns", NULL, INT, {NONE}, false}},
};

const struct ebpf_helper *ebpf_vproto_of(uint32_t id, bool rcore)
{
	if (rcore || ebpf_helper_kept_back(id))
		return NULL;
	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].id == id)
			return &rows[i].helper;
	return NULL;
}

bool ebpf_vproto_calls_back(uint32_t id)
{
	return id == BPF_FUNC_loop || id == BPF_FUNC_for_each_map_elem;
}
