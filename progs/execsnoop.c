/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which programs are started, by whom, with what arguments:
 *
 *	execsnoop [-t MS] [COMMAND ...]
 *
 * while COMMAND runs; without one for MS milliseconds, or until Enter. FROM is
 * the program that the process was before. `execsnoop sh -c 'echo hi'` prints
 *
 *	PID     PPID    FROM             ARGS
 *	3       2       execsnoop        sh -c echo hi
 *	4       3       sh               echo hi
 */
#include "execsnoop.skel.h"
#include "progs/execsnoop.h"

#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

static int on_event(void *ctx, void *data, size_t size)
{
	const struct event *e = data;

	(void)ctx, (void)size;
	printf("%-7u %-7u %-16s", e->pid, e->ppid, e->comm);
	for (u32 i = 0; i < e->nr_args && i < MAX_ARGS; i++)
		printf(" %s", e->arg[i]);
	puts(e->more ? " ..." : "");
	return 0;
}

static int trace(struct execsnoop *skel, char **command, int ms)
{
	struct ring_buffer *rb;
	struct workload w;

	if (execsnoop__load(skel))
		return -1;
	rb = ring_buffer__new(bpf_map__fd(skel->maps.events), on_event, NULL, NULL);
	if (!rb || execsnoop__attach(skel))
		return -1;
	printf("%-7s %-7s %-16s %s\n", "PID", "PPID", "FROM", "ARGS");
	if (workload_start(&w, command, ms))
		return -1;
	while (workload_running(&w))
		ring_buffer__poll(rb, 20);
	ring_buffer__consume(rb);
	ring_buffer__free(rb);
	return workload_end(&w);
}

int main(int argc, char **argv)
{
	struct execsnoop *skel = execsnoop__open();
	int opt, ms = 0, code = -1;

	while (skel && (opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't' || (ms = atoi(optarg)) <= 0) {
			fprintf(stderr, "usage: execsnoop [-t MS] [COMMAND ...]\n");
			return 2;
		}
	}
	if (skel)
		code = trace(skel, argv + optind, ms);
	if (code == -1)
		perror("execsnoop");
	execsnoop__destroy(skel);
	return code == -1 ? 1 : code;
}
