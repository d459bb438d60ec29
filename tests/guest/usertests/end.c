/* SPDX-License-Identifier: BSD-2-Clause */
/* Ending processes from outside: kill, interrupts and their handler, jobs. */
#include "usertests.h"

#include <mbpf.h>
#include <signal.h>

static volatile int interrupts;

static void forever(void)
{
	for (;;)
		interrupts = interrupts;
}

static void sleeps(void)
{
	usleep(1000000000);
}

static void reads(void)
{
	uint64_t ends[2];
	char c;

	pipe(ends);
	read((int)ends[0], &c, 1);
}

static void waits(void)
{
	if (fork() == 0)
		usleep(200000);
	else
		wait(NULL);
}

static void locks(void)
{
	mutex_blocking_create();
	mutex_lock(0);
	mutex_lock(0);
}

static void kills(void)
{
	static void (*const what[])(void) = {forever, sleeps, reads, waits, locks};

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		int pid = fork();

		if (pid == 0) {
			what[i]();
			_exit(0);
		}
		usleep(20000);
		CHECK(kill(pid, 9) == 0 && usertests_wait(pid) == -9 && kill(pid, 9) == -1);
	}
	CHECK(kill(1000000, 9) == -1 && kill(-1, 9) == -1);
}

static void on_interrupt(int signal)
{
	interrupts += signal == SIGINT ? 1 : 100;
}

/* A handler runs and the program goes on where it was; a wait ends with EINTR. */
static void handler(void)
{
	uint64_t ends[2];
	char c;

	CHECK(signal(SIGINT, on_interrupt) == SIG_DFL && signal(SIGINT, on_interrupt) == on_interrupt);
	CHECK(signal(9, on_interrupt) == SIG_ERR && raw(SYS_rt_sigreturn, 0, 0, 0) == -1);
	CHECK(kill(getpid(), SIGINT) == 0 && interrupts == 1);
	CHECK(pipe(ends) == 0);
	if (fork() == 0) {
		for (int i = 0; i < 3; i++) {
			usleep(40000);
			kill(getppid(), SIGINT);
		}
		_exit(0);
	}
	CHECK(usleep(100000000) == -1 && errno == EINTR && interrupts == 2);
	CHECK(read((int)ends[0], &c, 1) == -1 && errno == EINTR && interrupts == 3);
	while (interrupts < 4) /* in no system call at all */
		;
	CHECK(wait(NULL) > 0);
	CHECK(mbpf_wait(mbpf_wait(-1, 0), 20000) >= 0); /* nothing comes: it ends by its time */
	signal(SIGINT, SIG_IGN);
	CHECK(kill(getpid(), SIGINT) == 0 && interrupts == 4);
}

static void forks(int signal)
{
	int pid = fork();

	if (pid == 0)
		interrupts = 50; /* and goes on where its parent was */
	else if (usertests_wait(pid) == 50 + signal)
		interrupts = 1;
}

static void handler_forks(void)
{
	interrupts = 0;
	signal(SIGINT, forks);
	kill(getpid(), SIGINT);
	if (interrupts == 50)
		_exit(50 + SIGINT);
	CHECK(interrupts == 1);
}

static void bad_handler(void)
{
	raw(SYS_rt_sigaction, SIGINT, (long)BAD_POINTER, 0);
	kill(getpid(), SIGINT);
	usleep(1000000);
}

static void default_ends(void)
{
	kill(getpid(), SIGINT);
	usleep(1000000);
}

static void jobs(void)
{
	int pid = fork();

	if (pid == 0) {
		CHECK(setpgid(0, 0) == 0 && setpgid(getppid(), 0) == -1 && setpgid(0, -1) == -1);
		CHECK(setpgid(1000000, 0) == -1);
		_exit(0);
	}
	CHECK(usertests_wait(pid) == 0 && tcsetpgrp(100, 0) == -1 && tcsetpgrp(0, -1) == -1);
	CHECK(raw(SYS_ioctl, 0, TIOCSPGRP, (long)BAD_POINTER) == -1 && raw(SYS_ioctl, 0, 1, 0) == -1);
}

const struct usertest end_tests[] = {
	{"kill", kills, 0, false},
	{"interrupt-handler", handler, 0, false},
	{"interrupt-fork", handler_forks, 0, false},
	{"interrupt-bad-handler", bad_handler, -2, false},
	{"interrupt", default_ends, 130, false},
	{"jobs", jobs, 0, false},
	{0},
};
