/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who kills whom:
 *
 *	killsnoop [-t MS] [COMMAND ...]
 *
 * while COMMAND runs; without one for MS milliseconds, or until Enter.
 * `killsnoop kill 99` prints
 *
 *	PID     COMM             SIGNAL TARGET  RESULT
 *	3       kill                  9 99      -1
 */
#include "killsnoop.skel.h"
#include "progs/killsnoop.h"

#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

static int on_event(void *ctx, void *data, size_t size)
{
	const struct event *e = data;

	(void)ctx, (void)size;
	printf("%-7u %-16s %6d %-7d %d\n", e->pid, e->comm, e->signal, e->target, e->ret);
	return 0;
}

static int trace(struct killsnoop *skel, char **command, int ms)
{
	struct ring_buffer *rb;
	struct workload w;

	if (killsnoop__load(skel))
		return -1;
	rb = ring_buffer__new(bpf_map__fd(skel->maps.events), on_event, NULL, NULL);
	if (!rb || killsnoop__attach(skel))
		return -1;
	printf("%-7s %-16s %6s %-7s %s\n", "PID", "COMM", "SIGNAL", "TARGET", "RESULT");
	if (workload_start(&w, command, ms))
		return -1;
	while (workload_running(&w))
		ring_buffer__poll(rb, 20);
	ring_buffer__consume(rb);
	ring_buffer__free(rb);
	workload_end(&w);
	return 0; /* the command's own code does not matter: what it did is in the list */
}

int main(int argc, char **argv)
{
	struct killsnoop *skel = killsnoop__open();
	int opt, ms = 0, code = -1;

	while (skel && (opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't' || (ms = atoi(optarg)) <= 0) {
			fprintf(stderr, "usage: killsnoop [-t MS] [COMMAND ...]\n");
			return 2;
		}
	}
	if (skel)
		code = trace(skel, argv + optind, ms);
	if (code == -1)
		perror("killsnoop");
	killsnoop__destroy(skel);
	return code == -1 ? 1 : code;
}
