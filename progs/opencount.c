/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who opens files, and how often: a probe on sys_openat counts by process in a
 * hash map, and this program reads the map out. It opens a file three times
 * itself, and a child of it five times, so there is something to see; with an
 * argument it just counts what others do for that many milliseconds.
 *
 * Prints, the lines in any order:
 *	PID     OPENS
 *	<self>  3
 *	<child> 5
 */
#include "opencount.skel.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void open_files(int n)
{
	while (n--) {
		int fd = open("opencount", O_RDONLY);

		if (fd >= 0)
			close(fd);
	}
}

static void make_opens(void)
{
	int child = fork();

	if (child == 0) {
		open_files(5);
		exit(0);
	}
	open_files(3);
	waitpid(child, NULL);
}

static void print_counts(int fd)
{
	uint32_t pid, *prev = NULL;
	uint64_t opens;

	printf("%-7s %s\n", "PID", "OPENS");
	for (uint32_t next; bpf_map_get_next_key(fd, prev, &next) == 0; prev = &pid) {
		pid = next;
		if (bpf_map_lookup_elem(fd, &pid, &opens) == 0)
			printf("%-7u %lu\n", pid, opens);
	}
}

int main(int argc, char **argv)
{
	struct opencount *skel = opencount__open_and_load();
	int err;

	if (!skel) {
		perror("opencount: load");
		return 1;
	}
	err = opencount__attach(skel);
	if (err) {
		fprintf(stderr, "opencount: attach: %s\n", strerror(-err));
	} else {
		if (argc > 1)
			usleep((unsigned int)atoi(argv[1]) * 1000u);
		else
			make_opens();
		opencount__detach(skel);
		print_counts(bpf_map__fd(skel->maps.counts));
	}
	opencount__destroy(skel);
	return err ? 1 : 0;
}
