/* SPDX-License-Identifier: BSD-2-Clause */
/* ls: names and sizes of all files; -1 names only, one a line. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_NAMES 512

static char *names[MAX_NAMES];
static size_t nr_names;

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The uCore ABI's Stat has no size: read it out. */
static long size_of(const char *name)
{
	static char buf[4096];
	int fd = open(name, O_RDONLY);
	long size = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		size += n;
	close(fd);
	return size;
}

static int read_names(int fd)
{
	static uint64_t buf[512];
	int n;

	while ((n = getdents(fd, (struct dirent *)buf, sizeof(buf))) > 0) {
		const struct dirent *d;

		for (int at = 0; at < n; at += d->d_reclen) {
			d = (const struct dirent *)((const char *)buf + at);
			if (d->d_name[0] == '.')
				continue;
			if (nr_names == MAX_NAMES) {
				fprintf(stderr, "ls: more than %d files, the rest is left out\n", MAX_NAMES);
				return 0;
			}
			names[nr_names] = strdup(d->d_name);
			if (!names[nr_names++])
				return -1;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	bool names_only = argc > 1 && !strcmp(argv[1], "-1");
	const char *dir = argc > 1 + names_only ? argv[1 + names_only] : ".";
	int fd = open(dir, O_RDONLY);

	if (fd < 0 || read_names(fd)) {
		perror("ls");
		return 1;
	}
	qsort(names, nr_names, sizeof(names[0]), compare);
	for (size_t i = 0; i < nr_names; i++) {
		if (names_only || strcmp(dir, "."))
			puts(names[i]);
		else
			printf("%8ld %s\n", size_of(names[i]), names[i]);
	}
	return 0;
}
