/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * top [-n TIMES] [-d MS]: who uses the harts, the busiest first, until Ctrl-C.
 * Everything comes from proc/tasks, proc/interrupts and proc/meminfo, read twice:
 * a share is the difference over the time that went by (100% = one hart).
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ROWS 256
#define SHOWN 16

struct row {
	long pid, kib, ms, used; /* used: ms since the reading before */
	char state[8], name[16];
};

struct reading {
	struct row rows[MAX_ROWS];
	int nr_rows;
	long harts, busy_ms, free_kb, at;
};

static char text[32768];

/* The whole file. False: cannot be read. */
static bool slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t n = -1;

	while (fd >= 0 && len < sizeof(text) - 1 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	if (fd >= 0)
		close(fd);
	text[len] = 0;
	return n >= 0;
}

/* The column'th word of the line at p (0 is the first), cut to size. */
static const char *word(const char *p, int column, char *out, size_t size)
{
	size_t n = 0;

	for (; column >= 0; column--) {
		while (*p == ' ')
			p++;
		for (n = 0; *p && *p != ' ' && *p != '\n'; p++, n++)
			if (n < size - 1)
				out[n] = *p;
	}
	out[n < size ? n : size - 1] = 0;
	return out;
}

static long number(const char *p, int column)
{
	char digits[24];

	return strtol(word(p, column, digits, sizeof(digits)), NULL, 10);
}

static const char *next_line(const char *p)
{
	p = strchr(p, '\n');
	return p ? p + 1 : "";
}

static bool take(struct reading *r)
{
	memset(r, 0, sizeof(*r));
	r->at = (long)get_mtime();
	if (!slurp("proc/tasks"))
		return false;
	for (const char *p = next_line(text); *p && r->nr_rows < MAX_ROWS; p = next_line(p)) {
		struct row *row = &r->rows[r->nr_rows++];

		*row = (struct row){.pid = number(p, 0), .kib = number(p, 5), .ms = number(p, 6)};
		word(p, 4, row->state, sizeof(row->state));
		word(p, 7, row->name, sizeof(row->name));
	}
	if (!slurp("proc/interrupts"))
		return false;
	for (const char *p = next_line(text); *p; p = next_line(p), r->harts++)
		r->busy_ms += number(p, 5);
	if (!slurp("proc/meminfo"))
		return false;
	r->free_kb = number(next_line(text), 1);
	return true;
}

static int by_use(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->used != y->used ? (x->used < y->used ? 1 : -1) : (x->pid > y->pid) - (x->pid < y->pid);
}

static void show(struct reading *now, const struct reading *before)
{
	long span = now->at > before->at ? now->at - before->at : 1;

	for (int i = 0; i < now->nr_rows; i++) {
		struct row *row = &now->rows[i];

		row->used = row->ms;
		for (int j = 0; j < before->nr_rows; j++)
			if (before->rows[j].pid == row->pid)
				row->used = row->ms - before->rows[j].ms;
	}
	qsort(now->rows, (size_t)now->nr_rows, sizeof(now->rows[0]), by_use);
	printf("up %ld.%02ld s, %ld harts, %ld%% busy, %ld kB free, %d processes\n", now->at / 1000,
	       now->at % 1000 / 10, now->harts, (now->busy_ms - before->busy_ms) * 100 / span, now->free_kb,
	       now->nr_rows);
	printf("%5s %5s %7s %-6s %s\n", "PID", "CPU%", "KIB", "STATE", "NAME");
	for (int i = 0; i < now->nr_rows && i < SHOWN; i++)
		printf("%5ld %5ld %7ld %-6s %s\n", now->rows[i].pid, now->rows[i].used * 100 / span, now->rows[i].kib,
		       now->rows[i].state, now->rows[i].name);
}

int main(int argc, char **argv)
{
	static struct reading readings[2];
	int times = -1, ms = 1000, opt;

	while ((opt = getopt(argc, argv, "n:d:")) != -1) {
		if (opt == 'n')
			times = atoi(optarg);
		else if (opt == 'd')
			ms = atoi(optarg);
		if (opt == '?' || times == 0 || ms <= 0) {
			fprintf(stderr, "usage: top [-n TIMES] [-d MS]\n");
			return 2;
		}
	}
	if (!take(&readings[0]))
		return 1;
	for (int i = 1; times < 0 || i <= times; i++) {
		usleep((unsigned long)ms * 1000);
		if (!take(&readings[i % 2]))
			return 1;
		if (times != 1)
			printf("\033[H\033[J");
		show(&readings[i % 2], &readings[(i + 1) % 2]);
	}
	return 0;
}
