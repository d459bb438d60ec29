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

int main(int argc, char **argv)
{
	struct killsnoop *skel;
	int code, ms = workload_time(argc, argv);

	if (ms < 0)
		return 2;
	skel = killsnoop__open_and_load();
	if (!skel || killsnoop__attach(skel)) {
		perror("killsnoop");
		return 1;
	}
	printf("%-7s %-16s %6s %-7s %s\n", "PID", "COMM", "SIGNAL", "TARGET", "RESULT");
	code = workload_events(argv + optind, ms, bpf_map__fd(skel->maps.events), on_event);
	killsnoop__destroy(skel);
	return code == -1; /* the command's own code does not matter: what it did is in the list */
}
