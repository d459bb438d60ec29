/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the time goes: a sample of every hart at each tick of its timer, 100 a second.
 *
 *	profile [-t MS] [COMMAND ...]
 *
 * while COMMAND runs; without one for MS milliseconds, or until Enter.
 * `profile sh -c 'cat proc/kallsyms | grep sys_ | wc'` prints
 *
 *	SAMPLES  COMM             WHERE
 *	     14  grep             the program
 *	      5  cat              copyout
 *	      1  wc               uvm_fault
 */
#include "profile.skel.h"
#include "progs/profile.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <trace_helpers.h>
#include <unistd.h>

#define MAX_LINES 1024

struct line {
	char comm[16];
	const char *where;
	u64 samples;
};

/* Samples of one function, wherever in it they were, are one line. */
static int collect(int map, const struct ksyms *ksyms, struct line *lines)
{
	struct key key, next, *prev = NULL;
	int nr = 0, i;

	for (; nr < MAX_LINES && bpf_map_get_next_key(map, prev, &next) == 0; prev = &key) {
		const struct ksym *sym = next.pc ? ksyms__map_addr(ksyms, next.pc) : NULL;
		const char *where = sym ? sym->name : next.pc ? "?" : "the program";
		u64 samples;

		key = next;
		if (bpf_map_lookup_elem(map, &key, &samples))
			continue;
		for (i = 0; i < nr; i++)
			if (!strcmp(lines[i].where, where) && !strcmp(lines[i].comm, key.comm))
				break;
		if (i == nr) {
			memcpy(lines[i].comm, key.comm, sizeof(key.comm));
			lines[nr++].where = where;
		}
		lines[i].samples += samples;
	}
	return nr;
}

static int compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return x->samples < y->samples ? 1 : -(x->samples > y->samples);
}

int main(int argc, char **argv)
{
	static struct line lines[MAX_LINES];
	struct ksyms *ksyms = ksyms__load();
	int code, nr, ms = workload_time(argc, argv);
	struct profile *skel;

	if (ms < 0)
		return 2;
	skel = profile__open_and_load();
	if (!ksyms || !skel || profile__attach(skel)) {
		perror("profile");
		return 1;
	}
	code = workload_run(argv + optind, ms);
	profile__detach(skel);
	nr = collect(bpf_map__fd(skel->maps.samples), ksyms, lines);
	qsort(lines, (size_t)nr, sizeof(lines[0]), compare);
	printf("%-8s %-16s %s\n", "SAMPLES", "COMM", "WHERE");
	for (int i = 0; i < nr; i++)
		printf("%7lu  %-16s %s\n", lines[i].samples, lines[i].comm, lines[i].where);
	profile__destroy(skel);
	ksyms__free(ksyms);
	return code == -1 ? 1 : code;
}
