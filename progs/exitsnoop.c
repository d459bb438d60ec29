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

int main(int argc, char **argv)
{
	struct exitsnoop *skel;
	int code, ms = workload_time(argc, argv);

	if (ms < 0)
		return 2;
	skel = exitsnoop__open_and_load();
	if (!skel || exitsnoop__attach(skel)) {
		perror("exitsnoop");
		return 1;
	}
	printf("%-7s %-7s %-16s %7s %s\n", "PID", "PPID", "COMM", "AGE(ms)", "CODE");
	code = workload_events(argv + optind, ms, bpf_map__fd(skel->maps.events), on_event);
	exitsnoop__destroy(skel);
	return code == -1; /* the command's own code does not matter: what it did is in the list */
}
