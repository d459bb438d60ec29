/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls on threads and on what they wait for. */
#include "proc.h"
#include "sync.h"
#include "syscall.h"

int64_t sys_thread_create(uint64_t entry, uint64_t arg)
{
	return thread_create(entry, arg);
}

int64_t sys_waittid(uint64_t tid)
{
	return thread_collect((int)tid);
}

int64_t sys_mutex_create(uint64_t blocking)
{
	(void)blocking; /* the two kinds behave the same: sync.c */
	return sync_mutex_create();
}

int64_t sys_mutex_lock(uint64_t id)
{
	return sync_mutex_lock(id);
}

int64_t sys_mutex_unlock(uint64_t id)
{
	return sync_mutex_unlock(id);
}

int64_t sys_semaphore_create(uint64_t count)
{
	return sync_semaphore_create((uint32_t)count);
}

int64_t sys_semaphore_up(uint64_t id)
{
	return sync_semaphore_up(id);
}

int64_t sys_semaphore_down(uint64_t id)
{
	return sync_semaphore_down(id);
}

int64_t sys_enable_deadlock_detect(uint64_t on)
{
	return sync_detect(on);
}

int64_t sys_condvar_create(void)
{
	return sync_condvar_create();
}

int64_t sys_condvar_signal(uint64_t id)
{
	return sync_condvar_signal(id);
}

int64_t sys_condvar_wait(uint64_t id, uint64_t mutex)
{
	return sync_condvar_wait(id, mutex);
}
