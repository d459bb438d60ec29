/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: ids, codes, ends. */
#include "usertests.h"

static volatile int shared;

static int returns_arg(void *arg)
{
	return (int)(intptr_t)arg;
}

static void exits_with_tid(void *arg)
{
	(void)arg;
	raw(SYS_exit, 100 + gettid(), 0, 0);
}

static void spins(void *arg)
{
	(void)arg;
	for (;;)
		shared = shared + 1;
}

static void crashes(void *arg)
{
	*(volatile int *)arg = 1;
}

static void waits_for_input(void *arg)
{
	uint64_t ends[2];
	char c;

	(void)arg;
	pipe(ends);
	read((int)ends[0], &c, 1);
}

static void ids(void)
{
	CHECK(gettid() == 0);
	for (int round = 0; round < 3; round++) {
		for (int i = 1; i <= 15; i++)
			CHECK(thread_create(exits_with_tid, NULL) == i); /* the lowest free one */
		for (int i = 15; i >= 1; i--)
			CHECK(waittid(i) == 100 + i);
	}
	CHECK(thread_create(returns_arg, (void *)77) == 1 && waittid(1) == 77);
	CHECK(raw(SYS_waittid, 1, 0, 0) == -1 && raw(SYS_waittid, 0, 0, 0) == -1 && raw(SYS_waittid, -1, 0, 0) == -1);
	CHECK(raw(SYS_waittid, 1000, 0, 0) == -1);
}

static void as_many_as_there_are(void)
{
	int n = 0;

	while (thread_create(spins, NULL) > 0)
		n++;
	CHECK(n >= 31);
	CHECK(raw(SYS_waittid, 1, 0, 0) == -2);
	/* the process ends with all of them running */
}

static void end_while_waiting(void)
{
	for (int i = 0; i < 8; i++)
		CHECK(thread_create(i % 2 ? waits_for_input : spins, NULL) > 0);
	usleep(20000);
}

/* A fault ends the thread alone. Its code is -2, which waittid() takes for "still running": the next call finds no
 * thread. */
static void fault_in_thread(void)
{
	CHECK(thread_create(crashes, NULL) == 1 && waittid(1) == -1);
	CHECK(thread_create(crashes, BAD_POINTER) == 1 && waittid(1) == -1);
}

/* Nobody else may be in the image that goes away. */
static void exec_with_threads(void)
{
	CHECK(thread_create(spins, NULL) == 1);
	CHECK(exec("true", NULL) == -1);
}

static void stacks(void *arg)
{
	volatile char frame[40000]; /* most of the 64 KiB */

	for (size_t i = 0; i < sizeof(frame); i += 512)
		frame[i] = (char)(intptr_t)arg;
	sched_yield();
	for (size_t i = 0; i < sizeof(frame); i += 512)
		CHECK(frame[i] == (char)(intptr_t)arg);
}

static void own_stacks(void)
{
	for (intptr_t i = 1; i <= 16; i++)
		CHECK(thread_create(stacks, (void *)i) == i);
	for (int i = 1; i <= 16; i++)
		CHECK(waittid(i) == 0);
}

/* What one thread unmaps another one on another hart must not reach any more. */
static void reads_on(void *arg)
{
	(void)arg;
	for (;;)
		shared = *(volatile char *)0x10000000;
}

static void unmap_under_thread(void)
{
	for (int i = 0; i < 10; i++) {
		CHECK(raw(SYS_mmap, 0x10000000, 4096, 3) == 0);
		CHECK(thread_create(reads_on, NULL) == 1);
		usleep(5000);
		CHECK(raw(SYS_munmap, 0x10000000, 4096, 0) == 0 && waittid(1) == -1);
	}
}

static void fork_with_threads(void)
{
	int pid;

	CHECK(thread_create(spins, NULL) == 1);
	pid = fork();
	if (pid == 0)
		_exit(gettid() == 0 && raw(SYS_waittid, 1, 0, 0) == -1 ? 7 : 1); /* only the caller is copied */
	CHECK(usertests_wait(pid) == 7);
}

/* The copy can have threads, too; the stacks of those that were not copied are memory like any other. */
static void fork_then_thread(void)
{
	int pid, tid;

	CHECK(thread_create(spins, NULL) == 1);
	pid = fork();
	if (pid == 0) {
		tid = thread_create(returns_arg, (void *)77);
		_exit(tid > 0 && waittid(tid) == 77 ? 7 : 1);
	}
	CHECK(usertests_wait(pid) == 7);
}

const struct usertest thread_tests[] = {
	{"threads", ids, 0, false},
	{"threads-all", as_many_as_there_are, 0, false},
	{"threads-end", end_while_waiting, 0, false},
	{"threads-fault", fault_in_thread, 0, false},
	{"threads-exec", exec_with_threads, 0, false},
	{"threads-stacks", own_stacks, 0, false},
	{"threads-unmap", unmap_under_thread, 0, false},
	{"threads-fork", fork_with_threads, 0, false},
	{"threads-fork-thread", fork_then_thread, 0, false},
	{0},
};
