/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No hit is lost: four processes make 25,000 calls each (hits N: N calls) of a
 * system call whose entry and return are probed, while others compute, sleep and
 * fork on the same harts. What the probes counted must be what was called, to the
 * last one.
 *
 * Prints: hits: 100000 entries, 100000 returns of 100000 calls, 0 missed
 */
#include "guest_test.h"
#include "hits.skel.h"

#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>

#define CALLERS 4
#define OTHERS 3

static int calls = 25000;

static void make_calls(void)
{
	for (int i = 0; i < calls; i++)
		getppid();
	_exit(0);
}

/* Something else for the harts to do, until it is ended. */
static void keep_busy(int kind)
{
	for (volatile unsigned long n = 0;; n++) {
		if (kind == 1)
			usleep(1000);
		else if (kind == 2 && n % 1000 == 0) {
			int pid = fork();

			if (pid == 0)
				_exit(0);
			waitpid(pid, NULL);
		}
	}
}

static int others[OTHERS];

/* Before there is anything of bpf for them, or for a child of theirs that lives a little longer, to inherit. */
static void start_others(void)
{
	for (int i = 0; i < OTHERS; i++) {
		others[i] = fork();
		if (others[i] == 0)
			keep_busy(i);
	}
}

static void end_others(void)
{
	for (int i = 0; i < OTHERS; i++) {
		kill(others[i], 9);
		check(waitpid(others[i], NULL) == others[i], "other", others[i]);
	}
}

static void call_all(void)
{
	int callers[CALLERS], code;

	for (int i = 0; i < CALLERS; i++) {
		callers[i] = fork();
		if (callers[i] == 0)
			make_calls();
	}
	for (int i = 0; i < CALLERS; i++)
		check(callers[i] > 0 && waitpid(callers[i], &code) == callers[i] && code == 0, "caller", callers[i]);
}

static unsigned long counted(int fd, uint32_t which)
{
	uint64_t n = 0;

	check(bpf_map_lookup_elem(fd, &which, &n) == 0, "lookup", which);
	return n;
}

int main(int argc, char **argv)
{
	struct accounts before = accounts_now();
	long missed = ebpf_info(SBI_EBPF_INFO_MISSED), hits = ebpf_info(SBI_EBPF_INFO_HITS);
	unsigned long entries, returns;
	struct hits *skel;

	if (argc > 1)
		calls = atoi(argv[1]);
	start_others();
	skel = hits__open_and_load();
	if (!check(skel && hits__attach(skel) == 0, "load and attach", errno)) {
		end_others();
		return checks_done("hits");
	}
	call_all();
	hits__detach(skel);
	getppid(); /* not counted any more */
	entries = counted(bpf_map__fd(skel->maps.counts), 0);
	returns = counted(bpf_map__fd(skel->maps.counts), 1);
	missed = ebpf_info(SBI_EBPF_INFO_MISSED) - missed;
	hits = ebpf_info(SBI_EBPF_INFO_HITS) - hits;
	hits__destroy(skel);
	end_others();
	printf("hits: %lu entries, %lu returns of %d calls, %ld missed\n", entries, returns, CALLERS * calls, missed);
	check(entries == (unsigned long)(CALLERS * calls), "entries", (long)entries);
	check(returns == (unsigned long)(CALLERS * calls), "returns", (long)returns);
	check(missed == 0, "missed", missed);
	check(hits >= CALLERS * calls, "hits of the firmware's own count", hits);
	accounts_check(&before, "accounts after detach");
	return checks_done("hits");
}
