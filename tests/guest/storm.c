/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Storms: one thread attaches and detaches an entry and a return probe as fast
 * as it can, while others go on calling the probed function, on all harts. A call
 * that lies within a time the probes were attached must be counted, one that
 * lies within a time they were not must not; those that overlap a change may be.
 * So the counts have bounds, and a lost hit, a torn instruction or stale text
 * shows.
 *
 * storm [HITS [WORKERS [CALLS]]]: until there were HITS hits, 20,000 if not
 * said; the probes stay for 0 to 3 times CALLS calls.
 */
#include "guest_test.h"
#include "hits.skel.h"

#include <bpf/bpf.h>
#include <stdlib.h>

#define MAX_WORKERS 14

/* Grows by one with each change: what it is modulo 4. */
enum { DETACHED, ATTACHING, ATTACHED, DETACHING };
static unsigned long phase;
static bool stop;
static unsigned long calls = 100;

static struct worker {
	unsigned long within, outside, overlapping;
} __attribute__((aligned(64))) workers[MAX_WORKERS];

static unsigned long phase_now(void)
{
	return __atomic_load_n(&phase, __ATOMIC_SEQ_CST);
}

static void next_phase(void)
{
	__atomic_store_n(&phase, phase + 1, __ATOMIC_SEQ_CST);
}

static void call_on(struct worker *worker)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		unsigned long before = phase_now();

		getppid();
		if (phase_now() != before || before % 2)
			worker->overlapping++;
		else if (before % 4 == ATTACHED)
			worker->within++;
		else
			worker->outside++;
	}
	exit(0);
}

static unsigned long counted(const struct hits *skel, uint32_t which)
{
	uint64_t n = 0;

	check(bpf_map_lookup_elem(bpf_map__fd(skel->maps.counts), &which, &n) == 0, "lookup", which);
	return n;
}

static unsigned long all_within(void)
{
	unsigned long sum = 0;

	for (int i = 0; i < MAX_WORKERS; i++)
		sum += __atomic_load_n(&workers[i].within, __ATOMIC_RELAXED);
	return sum;
}

/* The probes stay no time at all, or until some calls were made with them. False: they could not be attached. */
static bool attach_and_detach(struct hits *skel, unsigned int round)
{
	unsigned long some = all_within() + round % 4 * calls;
	struct bpf_link *entry, *at_return;

	next_phase();
	entry = bpf_program__attach(skel->progs.at_entry);
	at_return = bpf_program__attach(skel->progs.at_return);
	next_phase();
	while (all_within() < some)
		sched_yield();
	next_phase();
	bpf_link__destroy(entry);
	bpf_link__destroy(at_return);
	next_phase();
	return entry && at_return;
}

static unsigned int rage(struct hits *skel, unsigned long hits)
{
	unsigned int rounds = 0;

	while (counted(skel, 0) < hits) {
		if (!check(attach_and_detach(skel, rounds), "attach", rounds))
			break;
		rounds++;
	}
	return rounds;
}

static void bounds(const char *what, unsigned long hits, const struct worker *sum)
{
	printf("storm: %lu %s of %lu to %lu\n", hits, what, sum->within, sum->within + sum->overlapping);
	check(hits >= sum->within, "hits were lost", (long)(sum->within - hits));
	check(hits <= sum->within + sum->overlapping, "hits without a probe", (long)hits);
}

int main(int argc, char **argv)
{
	unsigned long hits = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000;
	int count = argc > 2 ? atoi(argv[2]) : 7, tids[MAX_WORKERS];
	struct accounts before = accounts_now();
	struct hits *skel = hits__open_and_load();
	struct worker sum = {0};
	unsigned int rounds;

	if (argc > 3)
		calls = strtoul(argv[3], NULL, 0);

	if (!check(skel && count > 0 && count <= MAX_WORKERS, "load", errno))
		return checks_done("storm");
	for (int i = 0; i < count; i++) {
		tids[i] = thread_create(call_on, &workers[i]);
		check(tids[i] > 0, "thread", i);
	}
	rounds = rage(skel, hits);
	stop = true;
	for (int i = 0; i < count; i++) {
		check(waittid(tids[i]) == 0, "worker", i);
		sum.within += workers[i].within;
		sum.outside += workers[i].outside;
		sum.overlapping += workers[i].overlapping;
	}
	printf("storm: attached and detached %u times, %lu calls in between\n", rounds, sum.outside);
	bounds("entries", counted(skel, 0), &sum);
	bounds("returns", counted(skel, 1), &sum);
	attach_and_detach(skel, 0); /* the last one, with returns outstanding, is cleared away with this */
	hits__destroy(skel);
	accounts_check(&before, "accounts");
	return checks_done("storm");
}
