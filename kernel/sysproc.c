/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls on processes, memory, time, and the machine. */
#include "cpu.h"
#include "memlayout.h"
#include "page.h"
#include "kvm.h"
#include "proc.h"
#include "riscv.h"
#include "sbi.h"
#include "string.h"
#include "syscall.h"
#include "timer.h"

int64_t sys_exit(uint64_t code)
{
	thread_exit((int)code);
}

int64_t sys_sched_yield(void)
{
	sched_yield();
	return 0;
}

int64_t sys_setpriority(uint64_t prio)
{
	if ((int64_t)prio < 2)
		return -1;
	__atomic_store_n(&current_proc()->priority, (int64_t)prio, __ATOMIC_RELAXED);
	return (int64_t)prio;
}

int64_t sys_gettimeofday(uint64_t tv_va, uint64_t tz)
{
	uint64_t us = timer_us();
	struct user_timeval tv = {us / 1000000, us % 1000000};

	(void)tz;
	return copyout(&current_proc()->vm, tv_va, &tv, sizeof(tv)) == 0 ? 0 : -1;
}

int64_t sys_nanosleep(uint64_t tv_va)
{
	struct user_timeval tv; /* here: seconds and nanoseconds */

	if (copyin(&current_proc()->vm, &tv, tv_va, sizeof(tv)) != 0 || tv.usec > 999999999 ||
	    tv.sec > INT64_MAX / 1000000)
		return -1;
	return timer_sleep_us(tv.sec * 1000000 + (tv.usec + 999) / 1000);
}

int64_t sys_getpid(void)
{
	return current_proc()->pid;
}

int64_t sys_getppid(void)
{
	int64_t pid;

	spin_lock(&proc_lock);
	pid = current_proc()->parent ? current_proc()->parent->pid : 0;
	spin_unlock(&proc_lock);
	return pid;
}

int64_t sys_gettid(void)
{
	return current()->tid;
}

/* Arguments of exec: pointers, then the strings behind each other. */
struct exec_args {
	char *argv[MAX_ARGS + 1];
	char strings[ARG_BYTES];
};

/* Returns argc, or -1. A word of argv that cannot be read ends the list, a string that cannot be is an error. */
static int get_args(struct uvm *vm, struct exec_args *args, uint64_t argv_va)
{
	size_t used = 0;
	uint64_t va;
	int64_t len;
	int argc;

	for (argc = 0; argv_va && argc < MAX_ARGS; argc++) {
		if (copyin(vm, &va, argv_va + 8 * (uint64_t)argc, 8) != 0 || va == 0)
			break;
		len = copyinstr(vm, args->strings + used, va, ARG_BYTES - used);
		if (len < 0)
			return -1;
		args->argv[argc] = args->strings + used;
		used += (size_t)len + 1;
	}
	args->argv[argc] = NULL;
	return argc;
}

int64_t sys_execve(uint64_t path_va, uint64_t argv_va)
{
	struct proc *p = current_proc();
	struct exec_args *args;
	char path[PATH_LEN];
	int ret = -1;

	if (p->live_threads != 1 || copyinstr(&p->vm, path, path_va, sizeof(path)) < 0)
		return -1;
	args = page_alloc_size(sizeof(*args));
	if (!args)
		return -1;
	ret = get_args(&p->vm, args, argv_va);
	if (ret >= 0)
		ret = exec_image(p, path, args->argv, ret);
	page_put(args);
	if (ret < 0)
		return -1;
	p->start_ms = timer_ms();
	return ret;
}

int64_t sys_mmap(uint64_t start, uint64_t len, uint64_t prot)
{
	uint64_t flags = (prot & 1 ? PTE_R : 0) | (prot & 2 ? PTE_W : 0) | (prot & 4 ? PTE_X : 0);

	if (start % PAGE_SIZE || (prot & ~7UL) || prot == 0 || len > MAX_MMAP)
		return -1;
	return len == 0 || uvm_reserve(&current_proc()->vm, start, len, flags) == 0 ? 0 : -1;
}

int64_t sys_munmap(uint64_t start, uint64_t len)
{
	if (start % PAGE_SIZE || len > USER_TOP)
		return -1;
	return uvm_unmap(&current_proc()->vm, start, len) == 0 ? 0 : -1;
}

int64_t sys_task_info(uint64_t info_va)
{
	struct proc *p = current_proc();
	struct user_task_info *info = page_alloc();
	int ret;

	if (!info)
		return -1;
	info->status = TASK_STATUS_RUNNING;
	memcpy(info->syscall_times, p->syscall_times, sizeof(info->syscall_times));
	info->time = (int32_t)(timer_ms() - p->start_ms);
	ret = copyout(&p->vm, info_va, info, sizeof(*info));
	page_put(info);
	return ret ? -1 : 0;
}

int64_t sys_reboot(uint64_t status)
{
	if (status == REBOOT_RESTART)
		sbi_restart();
	sbi_shutdown((int)status != 0);
}

int64_t sys_mem_info(uint64_t which)
{
	const uint64_t counts[] = {page_count_free(), page_count_total(), kvm_stack_pages()};

	return which < sizeof(counts) / sizeof(counts[0]) ? (int64_t)counts[which] : -1;
}

int64_t sys_cpu_info(uint64_t which)
{
	int64_t ret = -1;

	push_off();
	if (which == 0)
		ret = this_cpu()->index;
	else if (which == 1)
		ret = (int64_t)__atomic_load_n(&cpu_count, __ATOMIC_ACQUIRE);
	pop_off();
	return ret;
}
