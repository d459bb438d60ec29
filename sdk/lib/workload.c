/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Something to trace: a command, a while, or until Enter. A thread of its own waits for the end. Ctrl-C ends it, too:
 * a command gets it as well and is waited for; what the program has found out is then printed as always.
 */
#include "../include/trace_helpers.h"
#include "../include/bpf/libbpf.h"
#include "../include/signal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	interrupted = signal;
}

static void wait_for_enter(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1 && !strchr("\r\n\3\4", c))
		;
}

static int wait_for_end(void *arg)
{
	struct workload *w = arg;

	if (w->pid) {
		int pid;

		do
			pid = waitpid(w->pid, &w->code);
		while (pid < 0 && errno == EINTR);
		if (pid != w->pid)
			w->code = -1;
	} else if (w->ms) {
		usleep((unsigned int)w->ms * 1000u);
	} else {
		wait_for_enter();
	}
	__atomic_store_n(&w->done, true, __ATOMIC_RELEASE);
	return 0;
}

static int start_command(struct workload *w, char **command)
{
	w->pid = fork();
	if (w->pid == 0) {
		exec(command[0], command);
		fprintf(stderr, "%s: cannot be run\n", command[0]);
		_exit(127);
	}
	if (w->pid < 0) {
		perror("fork");
		return -1;
	}
	return 0;
}

static int begin(struct workload *w, char **command, int ms)
{
	memset(w, 0, sizeof(*w));
	w->ms = ms;
	interrupted = 0;
	signal(SIGINT, on_interrupt);
	if (command && command[0] && start_command(w, command))
		return -1;
	if (!w->pid && !ms)
		puts("Tracing... press Enter or Ctrl-C to end.");
	fflush(stdout);
	return 0;
}

int workload_start(struct workload *w, char **command, int ms)
{
	if (begin(w, command, ms))
		return -1;
	w->tid = thread_create(wait_for_end, w);
	if (w->tid < 0) {
		perror("thread");
		if (w->pid)
			waitpid(w->pid, NULL);
		return -1;
	}
	return 0;
}

bool workload_running(const struct workload *w)
{
	return !__atomic_load_n(&w->done, __ATOMIC_ACQUIRE) && !(interrupted && !w->pid);
}

int workload_end(struct workload *w)
{
	while (workload_running(w))
		usleep(10000);
	if (!interrupted || w->pid)
		waittid(w->tid); /* else it goes on waiting for the time or for Enter, and ends with the program */
	return w->code;
}

/*
 * An interrupt ends the wait for Enter, but for one that comes just before that wait begins. So it is repeated as long
 * as it is needed.
 */
static int insist(void *arg)
{
	const struct workload *w = arg;

	while (!__atomic_load_n(&w->done, __ATOMIC_ACQUIRE)) {
		usleep(200000);
		if (interrupted && !__atomic_load_n(&w->done, __ATOMIC_ACQUIRE))
			kill(getpid(), SIGINT);
	}
	return 0;
}

/* A command or a time without a thread: nothing else of this process shows up in what is traced. */
int workload_run(char **command, int ms)
{
	static struct workload w; /* the thread may outlive the call */

	if (begin(&w, command, ms))
		return -1;
	if (!w.pid && !ms && thread_create(insist, &w) < 0) {
		perror("thread");
		return -1;
	}
	wait_for_end(&w);
	return w.code;
}

int workload_events(char **command, int ms, int ring_fd, int (*fn)(void *ctx, void *data, size_t size))
{
	struct ring_buffer *rb = ring_buffer__new(ring_fd, fn, NULL, NULL);
	static struct workload w; /* the thread may outlive the call */

	if (!rb || workload_start(&w, command, ms)) {
		ring_buffer__free(rb);
		return -1;
	}
	while (workload_running(&w))
		ring_buffer__poll(rb, 20);
	ring_buffer__consume(rb);
	ring_buffer__free(rb);
	return workload_end(&w);
}

int workload_time(int argc, char **argv)
{
	int opt, ms = 0;

	while ((opt = getopt(argc, argv, "t:")) != -1) {
		if (opt == 't' && (ms = atoi(optarg)) > 0)
			continue;
		fprintf(stderr, "usage: %s [-t MS] [COMMAND ...]\n", argv[0]);
		return -1;
	}
	return ms;
}
