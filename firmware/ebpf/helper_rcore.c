/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rCore tutorial's helpers: Linux's numbers up to 16, meanings of its own.
 * Maps are named by descriptor number, lookup copies the value out and never
 * gives a pointer, results are 0 or -1, and printk takes `{}`.
 */
#include "helper_impl.h"

#include "limits.h"
#include "map.h"
#include "mem.h"
#include "platform.h"
#include "print.h"
#include "task.h"
#include "trace.h"

#define FAILED ((uint64_t)-1)
#define PRINT_CHARGE 8192u

static uint64_t result(int err)
{
	return err ? FAILED : 0;
}

/* r1 fd, r2 key, r3 where the value goes */
EBPF_HELPER(map_lookup_elem)
{
	struct ebpf_map *map = ebpf_helper_map_of_fd(run, (uint32_t)r1);
	const void *value = map ? ebpf_map_prog_lookup(map, ebpf_helper_mem(r2)) : NULL;

	if (!value || !ebpf_run_pay(run, map->value_size))
		return FAILED;
	ebpf_memcpy(ebpf_helper_mem(r3), value, map->value_size);
	return 0;
}

/* r1 fd, r2 key, r3 value, r4 flags */
EBPF_HELPER(map_update_elem)
{
	struct ebpf_map *map = ebpf_helper_map_of_fd(run, (uint32_t)r1);

	if (!map || !ebpf_run_pay(run, map->value_size))
		return FAILED;
	return result(ebpf_map_prog_update(map, ebpf_helper_mem(r2), ebpf_helper_mem(r3), r4));
}

/* r1 fd, r2 key */
EBPF_HELPER(map_delete_elem)
{
	struct ebpf_map *map = ebpf_helper_map_of_fd(run, (uint32_t)r1);

	return map ? result(ebpf_map_prog_delete(map, ebpf_helper_mem(r2))) : FAILED;
}

EBPF_HELPER(ktime_get_ns)
{
	return ebpf_plat_ktime_ns();
}

/* r1 format, r2 its size with the NUL, r3..r5 arguments */
EBPF_HELPER(trace_printk)
{
	const uint64_t args[3] = {r3, r4, r5};
	char fmt[EBPF_PRINTK_MAX], line[EBPF_PRINTK_MAX];
	int len;

	if (r2 > sizeof(fmt) || !ebpf_run_pay(run, PRINT_CHARGE))
		return FAILED;
	ebpf_memcpy(fmt, ebpf_helper_mem(r1), r2);
	len = ebpf_print_rcore(line, sizeof(line), fmt, r2, args, 3);
	if (len < 0)
		return FAILED;
	ebpf_trace_write(line, (size_t)len);
	return 0;
}

EBPF_HELPER(get_prandom_u32)
{
	return ebpf_prandom_u32();
}

EBPF_HELPER(get_smp_processor_id)
{
	return ebpf_plat_hart();
}

/* The tutorial knows no threads here: the process in both halves. */
EBPF_HELPER(get_current_pid_tgid)
{
	uint64_t pid = ebpf_task_current()->tgid;

	return pid << 32 | pid;
}

/* r1 buffer, r2 its size. The name's length; the name must fit with its NUL. */
EBPF_HELPER(get_current_comm)
{
	const struct ebpf_task_area *task = ebpf_task_current();
	uint64_t len = 0;

	while (len < sizeof(task->comm) - 1 && task->comm[len])
		len++;
	if (len >= r2)
		return FAILED;
	ebpf_memcpy(ebpf_helper_mem(r1), task->comm, len);
	((char *)ebpf_helper_mem(r1))[len] = 0;
	return len;
}

EBPF_HELPER(no_op)
{
	return 0;
}

#define NO_OP(nr)                                                                                                      \
	{                                                                                                              \
		nr,                                                                                                    \
		{                                                                                                      \
			.name = "no-op", .fn = no_op                                                                   \
		}                                                                                                      \
	}

/* The tutorial's table ends at 16. */
const struct ebpf_helper_row ebpf_helpers_rcore[] = {
	NO_OP(0),
	{1,
	 {.name = "map_lookup_elem",
	  .fn = map_lookup_elem,
	  .arg = {EBPF_ARG_MAP_FD, EBPF_ARG_FD_KEY, EBPF_ARG_FD_VALUE_UNINIT}}},
	{2,
	 {.name = "map_update_elem",
	  .fn = map_update_elem,
	  .arg = {EBPF_ARG_MAP_FD, EBPF_ARG_FD_KEY, EBPF_ARG_FD_VALUE, EBPF_ARG_ANYTHING}}},
	{3, {.name = "map_delete_elem", .fn = map_delete_elem, .arg = {EBPF_ARG_MAP_FD, EBPF_ARG_FD_KEY}}},
	NO_OP(4),
	{5, {.name = "ktime_get_ns", .fn = ktime_get_ns}},
	{6,
	 {.name = "trace_printk",
	  .fn = trace_printk,
	  .arg = {EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING}}},
	{7, {.name = "get_prandom_u32", .fn = get_prandom_u32}},
	{8, {.name = "get_smp_processor_id", .fn = get_smp_processor_id}},
	NO_OP(9),
	NO_OP(10),
	NO_OP(11),
	NO_OP(12),
	NO_OP(13),
	{14, {.name = "get_current_pid_tgid", .fn = get_current_pid_tgid}},
	NO_OP(15),
	{16, {.name = "get_current_comm", .fn = get_current_comm, .arg = {EBPF_ARG_MEM_UNINIT, EBPF_ARG_SIZE}}},
	{0},
};
