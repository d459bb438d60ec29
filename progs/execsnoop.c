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

int main(int argc, char **argv)
{
	struct execsnoop *skel;
	int code, ms = workload_time(argc, argv);

	if (ms < 0)
		return 2;
	skel = execsnoop__open_and_load();
	if (!skel || execsnoop__attach(skel)) {
		perror("execsnoop");
		return 1;
	}
	printf("%-7s %-7s %-16s %s\n", "PID", "PPID", "FROM", "ARGS");
	code = workload_events(argv + optind, ms, bpf_map__fd(skel->maps.events), on_event);
	execsnoop__destroy(skel);
	return code == -1 ? 1 : code;
}
