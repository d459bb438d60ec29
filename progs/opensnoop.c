/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which files are opened, by whom, with what result:
 *
 *	opensnoop [-x] [-p PID] [-t MS] [COMMAND ...]
 *
 * while COMMAND runs; without one for MS milliseconds, or until Enter. -x: only
 * failed ones; -p: only those of one process. `opensnoop cat nosuchfile` prints
 *
 *	PID     COMM              FD  FLAGS  PATH
 *	3       cat               -1  0x0    nosuchfile
 */
#include "opensnoop.skel.h"
#include "progs/opensnoop.h"

#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

static int on_event(void *ctx, void *data, size_t size)
{
	const struct event *e = data;

	(void)ctx, (void)size;
	printf("%-7u %-16s %3d  0x%-4x %s\n", e->pid, e->comm, e->ret, e->flags, e->path);
	return 0;
}

static int trace(struct opensnoop *skel, char **command, int ms)
{
	if (opensnoop__load(skel) || opensnoop__attach(skel))
		return -1;
	printf("%-7s %-16s %3s  %-6s %s\n", "PID", "COMM", "FD", "FLAGS", "PATH");
	return workload_events(command, ms, bpf_map__fd(skel->maps.events), on_event);
}

int main(int argc, char **argv)
{
	struct opensnoop *skel = opensnoop__open();
	int opt, ms = 0, code = -1;

	while (skel && (opt = getopt(argc, argv, "xp:t:")) != -1) {
		if (opt == 'x') {
			skel->rodata->failed_only = true;
		} else if (opt == 'p') {
			skel->rodata->only = (u32)atoi(optarg);
		} else if (opt != 't' || (ms = atoi(optarg)) <= 0) {
			fprintf(stderr, "usage: opensnoop [-x] [-p PID] [-t MS] [COMMAND ...]\n");
			return 2;
		}
	}
	if (skel)
		code = trace(skel, argv + optind, ms);
	if (code == -1)
		perror("opensnoop");
	opensnoop__destroy(skel);
	return code == -1 ? 1 : code;
}
