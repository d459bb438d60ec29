/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads and what they wait for. A thread may simply return from its function:
 * the kernel starts it in __thread_start, which ends it with the result.
 */
#include "at_wait.h"
#include "syscall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct thread_start {
	int (*entry)(void *arg);
	void *arg;
};

extern char __thread_start[];
_Noreturn void __libc_thread(struct thread_start *start);

void __libc_thread(struct thread_start *start)
{
	struct thread_start copy = *start;

	free(start);
	exit(copy.entry(copy.arg));
}

int thread_create(void *entry, void *arg)
{
	struct thread_start *start = malloc(sizeof(*start));
	long tid;

	if (!start)
		return -1;
	*start = (struct thread_start){.entry = (int (*)(void *))entry, .arg = arg};
	tid = syscall3(SYS_thread_create, (long)__thread_start, (long)start, 0);
	if (tid < 0)
		free(start);
	return (int)__syscall_ret(tid, EAGAIN); /* NOLINT(clang-analyzer-unix.Malloc): the thread frees it */
}

int gettid(void)
{
	return (int)syscall3(SYS_gettid, 0, 0, 0);
}

int waittid(int tid)
{
	long code;

	/* -2: it still runs */
	while ((code = syscall3(SYS_waittid, tid, 0, 0)) == -2)
		sched_yield();
	at_wait();
	return (int)code;
}

int mutex_create(void)
{
	return (int)__syscall_ret(syscall3(SYS_mutex_create, 0, 0, 0), EINVAL);
}

int mutex_blocking_create(void)
{
	return (int)__syscall_ret(syscall3(SYS_mutex_create, 1, 0, 0), EINVAL);
}

int mutex_lock(int id)
{
	return (int)syscall3(SYS_mutex_lock, id, 0, 0);
}

int mutex_unlock(int id)
{
	return (int)__syscall_ret(syscall3(SYS_mutex_unlock, id, 0, 0), EINVAL);
}

int semaphore_create(int count)
{
	return (int)__syscall_ret(syscall3(SYS_semaphore_create, count, 0, 0), EINVAL);
}

int semaphore_up(int id)
{
	return (int)__syscall_ret(syscall3(SYS_semaphore_up, id, 0, 0), EINVAL);
}

int semaphore_down(int id)
{
	return (int)syscall3(SYS_semaphore_down, id, 0, 0);
}

int condvar_create(void)
{
	return (int)__syscall_ret(syscall3(SYS_condvar_create, 0, 0, 0), EINVAL);
}

int condvar_signal(int id)
{
	return (int)__syscall_ret(syscall3(SYS_condvar_signal, id, 0, 0), EINVAL);
}

int condvar_wait(int id, int mutex)
{
	return (int)__syscall_ret(syscall3(SYS_condvar_wait, id, mutex, 0), EINVAL);
}

int enable_deadlock_detect(int enabled)
{
	return (int)__syscall_ret(syscall3(SYS_enable_deadlock_detect, enabled, 0, 0), EINVAL);
}
