/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls: how many of each, and the time spent in them:
 *
 *	syscount [-t MS] [COMMAND ...]
 *
 * while COMMAND runs; without one for MS milliseconds, or until Enter. Calls by
 * syscount itself are left out; one that never returns (exit) takes no time.
 * `syscount sleep 20` prints something like
 *
 *	SYSCALL             COUNT     TIME(us)
 *	nanosleep               1        20412
 *	execve                  1          511
 *	exit                    1            0
 */
#include "syscount.skel.h"
#include "progs/syscount.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <trace_helpers.h>
#include <unistd.h>

#define MAX_CALLS 128
#define MAX_HARTS 32

struct row {
	u64 addr;
	struct stat sum;
};

static struct row rows[MAX_CALLS];

static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->sum.ns < y->sum.ns ? 1 : x->sum.ns > y->sum.ns ? -1 : 0;
}

static int read_rows(int fd)
{
	static struct stat harts[MAX_HARTS]; /* as many as there are come, 0 in the others */
	int n = 0;

	for (u64 *prev = NULL; n < MAX_CALLS; prev = &rows[n++].addr) {
		memset(harts, 0, sizeof(harts));
		if (bpf_map_get_next_key(fd, prev, &rows[n].addr) || bpf_map_lookup_elem(fd, &rows[n].addr, harts))
			break;
		for (int i = 0; i < MAX_HARTS; i++) {
			rows[n].sum.calls += harts[i].calls;
			rows[n].sum.ns += harts[i].ns;
		}
	}
	return n;
}

static int print_stats(int fd)
{
	struct ksyms *ksyms = ksyms__load();
	int n = read_rows(fd);

	if (!ksyms)
		return -1;
	qsort(rows, (size_t)n, sizeof(rows[0]), compare);
	printf("%-16s %8s %12s\n", "SYSCALL", "COUNT", "TIME(us)");
	for (int i = 0; i < n; i++) {
		const struct ksym *sym = ksyms__map_addr(ksyms, rows[i].addr);

		printf("%-16s %8lu %12lu\n", sym ? sym->name + strlen("sys_") : "?", rows[i].sum.calls,
		       rows[i].sum.ns / 1000);
	}
	ksyms__free(ksyms);
	return 0;
}

static int trace(struct syscount *skel, char **command, int ms)
{
	int code;

	skel->rodata->self = (u32)getpid();
	if (syscount__load(skel) || syscount__attach(skel))
		return -1;
	code = workload_run(command, ms);
	syscount__detach(skel);
	return print_stats(bpf_map__fd(skel->maps.stats)) ? -1 : code;
}

int main(int argc, char **argv)
{
	struct syscount *skel;
	int opt, ms = 0, code;

	while ((opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't' || (ms = atoi(optarg)) <= 0) {
			fprintf(stderr, "usage: syscount [-t MS] [COMMAND ...]\n");
			return 2;
		}
	}
	skel = syscount__open();
	code = skel ? trace(skel, argv + optind, ms) : -1;
	if (code == -1)
		perror("syscount");
	syscount__destroy(skel);
	return code == -1 ? 1 : code;
}
