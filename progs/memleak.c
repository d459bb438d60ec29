/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that the kernel took while COMMAND ran and has not given back, by the
 * function that asked for them:
 *
 *	memleak [-t MS] [COMMAND ...]
 *
 * without COMMAND for MS milliseconds, or until Enter. A file that was written
 * keeps its pages in data_page(); a command that leaves nothing behind leaves
 * no line. Prints something like
 *
 *	412 blocks allocated, 409 freed again
 *	   PAGES   BLOCKS FROM
 *	       3        3 data_page+0x3c
 */
#include "memleak.skel.h"
#include "progs/memleak.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

#define MAX_CALLERS 256

struct row {
	u64 caller, pages, blocks;
};

static struct row rows[MAX_CALLERS];
static size_t nr_rows;

static void add(const struct block *block)
{
	size_t i = 0;

	while (i < nr_rows && rows[i].caller != block->caller)
		i++;
	if (i == MAX_CALLERS)
		return;
	if (i == nr_rows)
		rows[nr_rows++] = (struct row){.caller = block->caller};
	rows[i].pages += block->pages;
	rows[i].blocks++;
}

static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->pages < y->pages ? 1 : x->pages > y->pages ? -1 : 0;
}

static int print_rows(void)
{
	struct ksyms *ksyms = ksyms__load();

	if (!ksyms)
		return -1;
	qsort(rows, nr_rows, sizeof(rows[0]), compare);
	printf("%8s %8s %s\n", "PAGES", "BLOCKS", "FROM");
	for (size_t i = 0; i < nr_rows; i++) {
		const struct ksym *sym = ksyms__map_addr(ksyms, rows[i].caller);

		printf("%8lu %8lu %s+0x%lx\n", rows[i].pages, rows[i].blocks, sym ? sym->name : "?",
		       rows[i].caller - (sym ? sym->addr : 0));
	}
	ksyms__free(ksyms);
	return 0;
}

static int print_leaks(const struct memleak *skel)
{
	const __typeof__(*skel->bss) *bss = skel->bss;
	int fd = bpf_map__fd(skel->maps.blocks);
	u64 key, *prev = NULL;
	struct block block;

	printf("%lu blocks allocated, %lu freed again\n", bss->allocated, bss->freed);
	if (bss->lost)
		printf("%lu more were not followed: the map was full\n", bss->lost);
	for (u64 next; bpf_map_get_next_key(fd, prev, &next) == 0; prev = &key) {
		key = next;
		if (bpf_map_lookup_elem(fd, &key, &block) == 0)
			add(&block);
	}
	return nr_rows ? print_rows() : 0;
}

static int trace(struct memleak *skel, char **command, int ms)
{
	int code;

	skel->rodata->self = (u32)getpid();
	if (memleak__load(skel) || memleak__attach(skel))
		return -1;
	code = workload_run(command, ms);
	memleak__detach(skel);
	return print_leaks(skel) ? -1 : code;
}

int main(int argc, char **argv)
{
	struct memleak *skel;
	int opt, ms = 0, code;

	while ((opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't' || (ms = atoi(optarg)) <= 0) {
			fprintf(stderr, "usage: memleak [-t MS] [COMMAND ...]\n");
			return 2;
		}
	}
	skel = memleak__open();
	code = skel ? trace(skel, argv + optind, ms) : -1;
	if (code == -1)
		perror("memleak");
	memleak__destroy(skel);
	return code == -1 ? 1 : code;
}
