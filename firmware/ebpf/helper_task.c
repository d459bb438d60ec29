/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Helpers about where and when a program runs: clock, hart, task, probe, random
 * numbers. The task is the one its kernel has described (task.h); without a
 * description all of it is 0.
 */
#include "helper_impl.h"

#include "kprobe.h"
#include "limits.h"
#include "mem.h"
#include "platform.h"
#include "task.h"

/* Linux's riscv has no other clocks to tell apart: no suspend, so boot time is monotonic time. */
EBPF_HELPER(ktime_get_ns)
{
	return ebpf_plat_ktime_ns();
}

EBPF_HELPER(get_smp_processor_id)
{
	return ebpf_plat_hart();
}

/* One generator a hart (xorshift64*, never 0), so harts need not wait for each other. */
static struct {
	uint64_t state;
	uint8_t pad[56]; /* a cache line each */
} generators[EBPF_MAX_HARTS];

void ebpf_helper_init(void)
{
	for (unsigned int i = 0; i < EBPF_MAX_HARTS; i++)
		generators[i].state = ebpf_plat_entropy() | 1;
}

uint32_t ebpf_prandom_u32(void)
{
	uint64_t *state = &generators[ebpf_plat_hart()].state, x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return (uint32_t)((x * 0x2545f4914f6cdd1du) >> 32);
}

EBPF_HELPER(get_prandom_u32)
{
	return ebpf_prandom_u32();
}

EBPF_HELPER(get_current_pid_tgid)
{
	const struct ebpf_task_area *task = ebpf_task_current();

	return (uint64_t)task->tgid << 32 | task->pid;
}

/* The kernels below which mbpf runs have one user, who is root. */
EBPF_HELPER(get_current_uid_gid)
{
	return 0;
}

/* r1 buffer, r2 its size: the name, cut off if need be, the rest zero. */
EBPF_HELPER(get_current_comm)
{
	const struct ebpf_task_area *task = ebpf_task_current();
	char *buf = ebpf_helper_mem(r1);
	uint64_t len = r2 < sizeof(task->comm) ? r2 : sizeof(task->comm);

	ebpf_memzero(buf, r2);
	ebpf_memcpy(buf, task->comm, len);
	buf[len - 1] = 0;
	return 0;
}

EBPF_HELPER(get_current_task)
{
	return ebpf_task_current()->task;
}

/* r1 context. In a test run there is no probe. */
EBPF_HELPER(get_func_ip)
{
	return run->hit ? run->hit->attachment->addr : 0;
}

EBPF_HELPER(get_attach_cookie)
{
	return run->hit && run->hit->attachment ? run->hit->attachment->cookie : 0;
}

const struct ebpf_helper_row ebpf_helpers_task[] = {
	{BPF_FUNC_ktime_get_ns, {.name = "ktime_get_ns", .fn = ktime_get_ns}},
	{BPF_FUNC_ktime_get_boot_ns, {.name = "ktime_get_boot_ns", .fn = ktime_get_ns}},
	{BPF_FUNC_get_prandom_u32, {.name = "get_prandom_u32", .fn = get_prandom_u32}},
	{BPF_FUNC_get_smp_processor_id, {.name = "get_smp_processor_id", .fn = get_smp_processor_id}},
	{BPF_FUNC_get_current_pid_tgid, {.name = "get_current_pid_tgid", .fn = get_current_pid_tgid}},
	{BPF_FUNC_get_current_uid_gid, {.name = "get_current_uid_gid", .fn = get_current_uid_gid}},
	{BPF_FUNC_get_current_comm,
	 {.name = "get_current_comm", .fn = get_current_comm, .arg = {EBPF_ARG_MEM_UNINIT, EBPF_ARG_SIZE}}},
	{BPF_FUNC_get_current_task, {.name = "get_current_task", .fn = get_current_task, .gpl_only = true}},
	{BPF_FUNC_get_current_task_btf,
	 {.name = "get_current_task_btf", .fn = get_current_task, .ret = EBPF_RET_TASK, .gpl_only = true}},
	{BPF_FUNC_get_func_ip, {.name = "get_func_ip", .fn = get_func_ip, .gpl_only = true, .arg = {EBPF_ARG_CTX}}},
	{BPF_FUNC_get_attach_cookie, {.name = "get_attach_cookie", .fn = get_attach_cookie, .arg = {EBPF_ARG_CTX}}},
	{0},
};
