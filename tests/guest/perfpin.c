/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * perf_buffer__*, and what outlives whoever made it: maps pinned by name, links pinned
 * by hand. In the end the firmware's accounts are what they were.
 */
#include "guest_test.h"
#include "perfpin.h"
#include "perfpin.skel.h"

#include <bpf/bpf.h>
#include <string.h>

#define NOBODY 99999
#define LINK "/sys/fs/bpf/perfpin_link"

static int samples;
static struct event last;

static void on_sample(void *ctx, int cpu, void *data, __u32 size)
{
	check(size == sizeof(last) && cpu >= 0 && cpu < libbpf_num_possible_cpus(), "a record's size and hart", cpu);
	memcpy(&last, data, sizeof(last));
	(*(int *)ctx)++;
}

static void on_lost(void *ctx, int cpu, __u64 count)
{
	check(false, "no record is lost", (long)count);
}

static void test_perf_buffer(struct perfpin *skel)
{
	struct perf_buffer *pb;
	int events = bpf_map__fd(skel->maps.events), n;

	check(!perf_buffer__new(events, 3, on_sample, on_lost, &samples, NULL) && errno == EINVAL, "3 pages", errno);
	check(!perf_buffer__new(bpf_map__fd(skel->maps.kept), 4, on_sample, NULL, &samples, NULL), "another map", 0);
	pb = perf_buffer__new(events, 4, on_sample, on_lost, &samples, NULL);
	check(pb && perf_buffer__buffer_cnt(pb) == (size_t)libbpf_num_possible_cpus(), "a buffer for each hart", errno);
	if (!pb)
		return;
	check(perf_buffer__poll(pb, 20) == 0, "nothing yet", 0);
	for (int i = 0; i < 100; i++)
		kill(NOBODY, i);
	while ((n = perf_buffer__poll(pb, 20)) > 0)
		;
	check(n == 0 && samples == 100, "all records", samples);
	check(last.pid == NOBODY && last.signal == 99 && last.nr == 99, "the last record", last.signal);
	perf_buffer__free(pb);
	kill(NOBODY, 1); /* without a buffer the record goes nowhere, but is counted */
}

static uint64_t kept(const struct perfpin *skel)
{
	uint64_t value = 0;
	int zero = 0;

	bpf_map__lookup_elem(skel->maps.kept, &zero, sizeof(zero), &value, sizeof(value), 0);
	return value;
}

static void test_pins(struct perfpin *first)
{
	struct perfpin *second = perfpin__open_and_load();
	struct bpf_link *link;

	check(second && kept(second) == 101, "a second object has the same map", second ? (long)kept(second) : -1);
	check(bpf_map__is_pinned(first->maps.kept), "it is pinned", 0);
	check(bpf_map__set_max_entries(second->maps.kept, 2) == -EBUSY, "no changes after load", 0);
	perfpin__destroy(second);

	check(!bpf_link__pin(first->links.on_kill, LINK), "pin the link", errno);
	check(bpf_link__pin(first->links.on_kill, LINK) == -EBUSY, "not twice", errno);
	perfpin__destroy(first);
	kill(NOBODY, 1);
	second = perfpin__open_and_load();
	check(second && kept(second) == 102, "the probe has outlived its object", second ? (long)kept(second) : -1);
	link = bpf_link__open(LINK);
	check(link && !bpf_link__unpin(link) && bpf_link__unpin(link) == -EINVAL, "unpin the link", errno);
	check(!bpf_link__destroy(link), "the last hold on it", errno);
	kill(NOBODY, 1);
	check(kept(second) == 102, "now it is gone", (long)kept(second));
	check(!bpf_map__unpin(second->maps.kept, NULL), "unpin the map", errno);
	check(bpf_obj_get("/sys/fs/bpf/kept") == -ENOENT, "no such name", errno);
	perfpin__destroy(second);
}

int main(void)
{
	struct accounts before = accounts_now();
	struct perfpin *skel = perfpin__open();

	check(skel && !strcmp(bpf_map__pin_path(skel->maps.kept), "/sys/fs/bpf/kept"), "its path", 0);
	if (!check(skel && !perfpin__load(skel) && !perfpin__attach(skel), "load and attach", errno))
		return checks_done("perfpin");
	test_perf_buffer(skel);
	test_pins(skel);
	accounts_check(&before, "accounts as before");
	return checks_done("perfpin");
}
