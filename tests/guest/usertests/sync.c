/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes, semaphores, condition variables, deadlock detection. */
#include "usertests.h"

#define DEADLOCK (-0xdead)

static volatile int counter, turn;
static int refused[4];

static void ids(void)
{
	for (int i = 0; i < 32; i++)
		CHECK(raw(SYS_mutex_create, i % 2, 0, 0) == i && semaphore_create(i) == i && condvar_create() == i);
	CHECK(raw(SYS_mutex_create, 1, 0, 0) == -1 && semaphore_create(1) == -1 && condvar_create() == -1);
	CHECK(mutex_lock(32) == -1 && mutex_unlock(-1) == -1 && semaphore_up(32) == -1 && semaphore_down(-1) == -1);
	CHECK(condvar_signal(32) == -1 && condvar_wait(0, 32) == -1 && condvar_wait(32, 0) == -1);
	CHECK(condvar_signal(0) == 0 && mutex_unlock(0) == 0 && semaphore_down(3) == 0);
	CHECK(raw(SYS_semaphore_create, -1, 0, 0) == -1);
}

static void none_made(void)
{
	CHECK(mutex_lock(0) == -1 && semaphore_up(0) == -1 && condvar_signal(0) == -1);
}

static void adds(void *arg)
{
	for (int i = 0; i < 100; i++) {
		int seen;

		CHECK(mutex_lock((int)(intptr_t)arg) == 0);
		seen = counter;
		if (i % 10 == 0)
			sched_yield();
		counter = seen + 1;
		CHECK(mutex_unlock((int)(intptr_t)arg) == 0);
	}
}

static void race(int blocking)
{
	int id = blocking ? mutex_blocking_create() : mutex_create();

	CHECK(id >= 0);
	counter = 0;
	for (int i = 1; i <= 15; i++)
		CHECK(thread_create(adds, (void *)(intptr_t)id) == i);
	for (int i = 1; i <= 15; i++)
		CHECK(waittid(i) == 0);
	CHECK(counter == 1500);
}

static void mutexes(void)
{
	race(1);
	race(0);
}

static void produces(void *arg)
{
	(void)arg;
	for (int i = 0; i < 50; i++) {
		semaphore_down(0); /* room */
		mutex_lock(0);
		counter++;
		mutex_unlock(0);
		semaphore_up(1); /* items */
	}
}

static void semaphores(void)
{
	int mutex = mutex_blocking_create();

	CHECK(mutex == 0 && semaphore_create(2) == 0 && semaphore_create(0) == 1);
	for (int i = 1; i <= 4; i++)
		CHECK(thread_create(produces, NULL) == i);
	for (int i = 0; i < 200; i++) {
		CHECK(semaphore_down(1) == 0 && mutex_lock(mutex) == 0);
		CHECK(counter > 0 && counter <= 2);
		counter--;
		CHECK(mutex_unlock(mutex) == 0 && semaphore_up(0) == 0);
	}
	for (int i = 1; i <= 4; i++)
		CHECK(waittid(i) == 0);
}

static void waits_for_turn(void *arg)
{
	(void)arg;
	mutex_lock(0);
	while (!turn)
		condvar_wait(0, 0);
	turn++;
	mutex_unlock(0);
}

static void condvars(void)
{
	CHECK(mutex_blocking_create() == 0 && condvar_create() == 0);
	CHECK(condvar_signal(0) == 0); /* nobody waits: lost */
	for (int i = 1; i <= 3; i++)
		CHECK(thread_create(waits_for_turn, NULL) == i);
	usleep(20000);
	mutex_lock(0);
	CHECK(turn == 0);
	turn = 1;
	mutex_unlock(0);
	for (int i = 0; i < 3; i++)
		CHECK(condvar_signal(0) == 0);
	for (int i = 1; i <= 3; i++)
		CHECK(waittid(i) == 0);
	CHECK(turn == 4);
}

static void second_lock(void)
{
	CHECK(mutex_create() == 0 && enable_deadlock_detect(2) == -1 && enable_deadlock_detect(1) == 0);
	CHECK(mutex_lock(0) == 0 && mutex_lock(0) == DEADLOCK && mutex_unlock(0) == 0 && mutex_lock(0) == 0);
}

/* Thread t holds t and wants t + 1, all three of them. */
static void takes_two(void *arg)
{
	int t = (int)(intptr_t)arg;

	semaphore_down(t);
	__atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
	while (!turn)
		sched_yield();
	if (semaphore_down((t + 1) % 3) == DEADLOCK)
		refused[t] = 1;
	else
		semaphore_up((t + 1) % 3);
	semaphore_up(t);
}

static void cycle(void)
{
	CHECK(enable_deadlock_detect(1) == 0);
	for (int i = 0; i < 3; i++)
		CHECK(semaphore_create(1) == i);
	for (intptr_t i = 0; i < 3; i++)
		CHECK(thread_create(takes_two, (void *)i) == i + 1);
	while (counter < 3)
		sched_yield();
	turn = 1;
	for (int i = 1; i <= 3; i++)
		CHECK(waittid(i) == 0);
	CHECK(refused[0] + refused[1] + refused[2] == 1);
}

static void takes_and_gives(void *arg)
{
	int first = (int)(intptr_t)arg;

	for (int i = 0; i < 100; i++) {
		CHECK(semaphore_down(first) == 0 && semaphore_down(2) == 0);
		sched_yield();
		CHECK(semaphore_up(2) == 0 && semaphore_up(first) == 0);
	}
}

/* In one order: never refused. */
static void no_cycle(void)
{
	CHECK(enable_deadlock_detect(1) == 0);
	CHECK(semaphore_create(2) == 0 && semaphore_create(2) == 1 && semaphore_create(3) == 2);
	for (intptr_t i = 0; i < 4; i++)
		CHECK(thread_create(takes_and_gives, (void *)(i % 2)) == i + 1);
	for (int i = 1; i <= 4; i++)
		CHECK(waittid(i) == 0);
}

const struct usertest sync_tests[] = {
	{"sync-ids", ids, 0, false},
	{"sync-none", none_made, 0, false},
	{"mutexes", mutexes, 0, false},
	{"semaphores", semaphores, 0, false},
	{"condvars", condvars, 0, false},
	{"deadlock-mutex", second_lock, 0, false},
	{"deadlock-cycle", cycle, 0, false},
	{"deadlock-none", no_cycle, 0, false},
	{0},
};
