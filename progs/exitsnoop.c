/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processes end, after what time, with what code:
 *
 *	exitsnoop [-t MS] [COMMAND ...]
 *
 * while COMMAND runs; without one for MS milliseconds, or until Enter.
 * `exitsnoop false` prints
 *
 *	PID     PPID    COMM             AGE(ms) CODE
 *	3       2       false                  1 1
 */
#include "exitsnoop.skel.h"
#include "progs/exitsnoop.h"

#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

static int on_event(void *ctx, void *data, size_t size)
{
	const struct event *e = data;

	(void)ctx, (void)size;
	printf("%-7u %-7u %-16s %7lu %d%s\n", e->pid, e->ppid, e->comm, e->age_ms, e->code,
	       e->killed ? ", killed" : "");
	return 0;
}

static int trace(struct exitsnoop *skel, char **command, int ms)
{
	struct ring_buffer *rb;
	struct workload w;

	if (exitsnoop__load(skel))
		return -1;
	rb = ring_buffer__new(bpf_map__fd(skel->maps.events), on_event, NULL, NULL);
	if (!rb || exitsnoop__attach(skel))
		return -1;
	printf("%-7s %-7s %-16s %7s %s\n", "PID", "PPID", "COMM", "AGE(ms)", "CODE");
	if (workload_start(&w, command, ms))
		return -1;
	while (workload_running(&w))
		ring_buffer__poll(rb, 20);
	ring_buffer__consume(rb);
	ring_buffer__free(rb);
	workload_end(&w);
	return 0; /* the command's own code is in the list */
}

int main(int argc, char **argv)
{
	struct exitsnoop *skel = exitsnoop__open();
	int opt, ms = 0, code = -1;

	while (skel && (opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't' || (ms = atoi(optarg)) <= 0) {
			fprintf(stderr, "usage: exitsnoop [-t MS] [COMMAND ...]\n");
			return 2;
		}
	}
	if (skel)
		code = trace(skel, argv + optind, ms);
	if (code == -1)
		perror("exitsnoop");
	exitsnoop__destroy(skel);
	return code == -1 ? 1 : code;
}
