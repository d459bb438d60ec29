/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls of each interval, counted in a map of its own:
 *
 *	mapinmap [-t MS] COMMAND ...
 *
 * While the probe goes on counting into a new map, the one of the interval before is
 * read at leisure: nothing is counted twice, nothing is lost in between.
 * `mapinmap -t 100 sleep 150` prints
 *
 *	interval 1: 4 functions, 5 calls, most of them sys_execve
 *	interval 2: 3 functions, 4 calls, most of them sys_nanosleep
 */
#include "mapinmap.skel.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

static struct ksyms *ksyms;

static void report(int number, int map)
{
	u64 key, count, total = 0, most = 0, func = 0, *prev = NULL;
	int functions = 0;
	const struct ksym *sym;

	for (u64 next; bpf_map_get_next_key(map, prev, &next) == 0; prev = &key) {
		key = next;
		if (bpf_map_lookup_elem(map, &key, &count))
			continue;
		functions++;
		total += count;
		if (count > most) {
			most = count;
			func = key;
		}
	}
	sym = ksyms__map_addr(ksyms, func);
	printf("interval %d: %d functions, %lu calls, most of them %s\n", number, functions, total,
	       total && sym ? sym->name : "none");
}

/* A new inner map into the outer one; the old one, -1 if there is none. */
static int next_interval(int outer, int old, int number)
{
	int zero = 0, map = bpf_map_create(BPF_MAP_TYPE_HASH, "interval", 8, 8, 128, NULL);

	if (map < 0 || bpf_map_update_elem(outer, &zero, &map, BPF_ANY))
		return -1;
	report(number, old); /* no run uses it any more */
	close(old);
	return map;
}

static int count(const struct mapinmap *skel, char **command, int ms)
{
	int map = dup(bpf_map__fd(skel->maps.first)), outer = bpf_map__fd(skel->maps.current), number = 1;
	struct workload w;

	if (map < 0 || workload_start(&w, command, 0))
		return -1;
	while (workload_running(&w)) {
		usleep((unsigned int)ms * 1000);
		map = next_interval(outer, map, number++);
		if (map < 0)
			return -1;
	}
	report(number, map);
	return workload_end(&w);
}

int main(int argc, char **argv)
{
	struct mapinmap *skel = mapinmap__open_and_load();
	int opt, ms = 100, code = -1;

	while ((opt = getopt(argc, argv, "t:")) != -1)
		if (opt != 't' || (ms = atoi(optarg)) <= 0)
			optind = argc;
	if (optind >= argc) {
		fprintf(stderr, "usage: mapinmap [-t MS] COMMAND ...\n");
		return 2;
	}
	ksyms = ksyms__load();
	if (skel && ksyms && !mapinmap__attach(skel))
		code = count(skel, argv + optind, ms);
	if (code == -1)
		perror("mapinmap");
	mapinmap__destroy(skel);
	ksyms__free(ksyms);
	return code == -1 ? 1 : code;
}
