/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How often functions of the kernel are called:
 *
 *	funccount [-t MS] PATTERN [COMMAND ...]
 *
 * counts the calls of every function that PATTERN fits (`*` any characters, `?`
 * one) while COMMAND runs; without one for MS milliseconds, or until Enter.
 * Calls by funccount itself are left out. `funccount 'sys_*' true` prints
 * something like
 *
 *	FUNC                        COUNT
 *	sys_execve                      1
 *	sys_exit                        1
 */
#include "funccount.skel.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

#define MAX_FUNCS 1024

struct row {
	u64 addr, calls;
};

static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->calls != y->calls)
		return x->calls < y->calls ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static int print_counts(int fd)
{
	struct ksyms *ksyms = ksyms__load();
	static struct row rows[MAX_FUNCS];
	int n = 0;

	if (!ksyms)
		return -1;
	for (u64 *prev = NULL; n < MAX_FUNCS; prev = &rows[n++].addr)
		if (bpf_map_get_next_key(fd, prev, &rows[n].addr) ||
		    bpf_map_lookup_elem(fd, &rows[n].addr, &rows[n].calls))
			break;
	qsort(rows, (size_t)n, sizeof(rows[0]), compare);
	printf("%-24s %8s\n", "FUNC", "COUNT");
	for (int i = 0; i < n; i++) {
		const struct ksym *sym = ksyms__map_addr(ksyms, rows[i].addr);

		printf("%-24s %8lu\n", sym ? sym->name : "?", rows[i].calls);
	}
	ksyms__free(ksyms);
	return 0;
}

static int trace(struct funccount *skel, const char *pattern, char **command, int ms)
{
	int code;

	skel->rodata->self = (u32)getpid();
	if (funccount__load(skel))
		return -1;
	skel->links.count = bpf_program__attach_kprobe_multi_opts(skel->progs.count, pattern, NULL);
	if (!skel->links.count)
		return -1;
	code = workload_run(command, ms);
	funccount__detach(skel);
	return print_counts(bpf_map__fd(skel->maps.counts)) ? -1 : code;
}

int main(int argc, char **argv)
{
	struct funccount *skel;
	int opt, ms = 0, code;

	while ((opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't' || (ms = atoi(optarg)) <= 0) {
			fprintf(stderr, "usage: funccount [-t MS] PATTERN [COMMAND ...]\n");
			return 2;
		}
	}
	if (optind == argc) {
		fprintf(stderr, "usage: funccount [-t MS] PATTERN [COMMAND ...]\n");
		return 2;
	}
	skel = funccount__open();
	code = skel ? trace(skel, argv[optind], argv + optind + 1, ms) : -1;
	if (code == -1)
		perror("funccount");
	funccount__destroy(skel);
	return code == -1 ? 1 : code;
}
