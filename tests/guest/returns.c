/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Return probes on functions that sleep, fork, wait for each other, wake up on
 * another hart, or never return: who enters returns, once, and what there was no
 * room for is counted as missed, to the last one.
 *
 * Prints: returns: FUNCTION: E entries, R returns, M of them on another hart
 */
#include "guest_test.h"
#include "returns.skel.h"
#include "tests/guest/returns.h"

#include <bpf/bpf.h>
#include <stdlib.h>
#include <trace_helpers.h>

static const char *const names[NR_FUNCTIONS] = {
	[NANOSLEEP] = "sys_nanosleep", [SLEEP_UNTIL] = "sleep_until", [CLONE] = "sys_clone",	 [WAIT4] = "sys_wait4",
	[READ] = "sys_read",	       [FILE_READ] = "file_read",     [PIPE_READ] = "pipe_read", [EXIT] = "sys_exit",
};

static int counts;
static struct bpf_link *at_exit;

static bool attach(struct returns *skel)
{
	unsigned long addrs[NR_FUNCTIONS];
	__u64 cookies[NR_FUNCTIONS];
	struct ksyms *ksyms = ksyms__load();

	for (unsigned int i = 0; i < NR_FUNCTIONS; i++) {
		const struct ksym *sym = ksyms ? ksyms__get_symbol(ksyms, names[i]) : NULL;

		if (!check(sym != NULL, names[i], i))
			return false;
		addrs[i] = sym->addr;
		cookies[i] = i;
	}
	ksyms__free(ksyms);
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .addrs = addrs, .cookies = cookies, .cnt = NR_FUNCTIONS);
	skel->links.at_entry = bpf_program__attach_kprobe_multi_opts(skel->progs.at_entry, NULL, &opts);
	opts.retprobe = true;
	opts.cnt = EXIT;
	skel->links.at_return = bpf_program__attach_kprobe_multi_opts(skel->progs.at_return, NULL, &opts);
	/* by itself: what misses there has not returned without */
	opts.addrs += EXIT;
	opts.cookies += EXIT;
	opts.cnt = 1;
	at_exit = bpf_program__attach_kprobe_multi_opts(skel->progs.at_return, NULL, &opts);
	return check(skel->links.at_entry && skel->links.at_return && at_exit, "attach", errno);
}

/* What a link says that it has missed */
static unsigned long missed_by(const struct bpf_link *link)
{
	struct bpf_link_info info = {0};
	__u32 len = sizeof(info);

	check(bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len) == 0, "link info", errno);
	return info.kprobe_multi.missed;
}

static struct counts of(uint32_t function)
{
	struct counts c = {0};

	check(bpf_map_lookup_elem(counts, &function, &c) == 0, "lookup", function);
	return c;
}

static void sleeper(void)
{
	usleep(20000);
	exit(0);
}

static long gate[2];

static void reader(void)
{
	char c;

	exit(read((int)gate[0], &c, 1) == 1 ? 0 : 1);
}

/* Threads that are inside of probed functions at the same time. */
static void threads_of_a_child(void *entry, int threads)
{
	int tids[32], wrong = 0;

	for (int i = 0; i < threads; i++)
		tids[i] = thread_create(entry, NULL);
	for (int i = 0; i < threads; i++)
		wrong |= waittid(tids[i]) != 0;
	_exit(wrong);
}

static int pids[32];

static void start_children(int children, void *entry, int threads)
{
	for (int i = 0; i < children; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			threads_of_a_child(entry, threads);
	}
}

static void wait_for_children(int children)
{
	int code;

	for (int i = 0; i < children; i++)
		check(pids[i] > 0 && waitpid(pids[i], &code) == pids[i] && code == 0, "child", i);
}

/* All of them wait inside of four probed functions before the first one may go on. */
static void crowd(int children, int threads)
{
	unsigned long long before = of(READ).entries;

	check(pipe(gate) == 0, "pipe", 0);
	start_children(children, reader, threads);
	while (of(READ).entries < before + (unsigned long)(children * threads))
		usleep(1000);
	for (int i = 0; i < children * threads; i++)
		write((int)gate[1], "x", 1);
	wait_for_children(children);
	close((int)gate[0]);
	close((int)gate[1]);
}

/* A child that writes late: its parent sleeps in read. */
static void read_from_child(void)
{
	long ends[2];
	char c = 0;
	int pid;

	check(pipe(ends) == 0, "pipe", 0);
	pid = fork();
	if (pid == 0) {
		usleep(20000);
		write((int)ends[1], "x", 1);
		_exit(0);
	}
	check(read((int)ends[0], &c, 1) == 1 && c == 'x', "read", c);
	waitpid(pid, NULL);
	close((int)ends[0]);
	close((int)ends[1]);
}

/* Entries that did not return, all functions. */
static unsigned long report(void)
{
	unsigned long open = 0;

	for (uint32_t i = 0; i < NR_FUNCTIONS; i++) {
		struct counts c = of(i);

		printf("returns: %s: %lu entries, %lu returns, %lu of them on another hart\n", names[i],
		       (unsigned long)c.entries, (unsigned long)c.returns, (unsigned long)c.moved);
		if (i != EXIT)
			open += c.entries - c.returns;
	}
	return open;
}

int main(void)
{
	struct returns *skel = returns__open_and_load();
	long missed = ebpf_info(SBI_EBPF_INFO_MISSED);
	struct counts exits;

	if (!check(skel != NULL, "load", errno) || !attach(skel))
		return checks_done("returns");
	counts = bpf_map__fd(skel->maps.counts);
	for (int i = 0; i < 10; i++)
		read_from_child();
	for (int i = 0; i < 10; i++) {
		start_children(4, sleeper, 4);
		wait_for_children(4);
	}
	check(report() == 0, "entries without a return", 0);
	exits = of(EXIT);
	check(exits.entries >= 10 + 10 * (4 + 4 * 4), "exits", (long)exits.entries);
	check(exits.returns == 0, "exits that return", (long)exits.returns);
	check(ebpf_info(SBI_EBPF_INFO_MISSED) == missed, "missed", ebpf_info(SBI_EBPF_INFO_MISSED) - missed);

	crowd(16, 25); /* 400 threads in four functions each, and room for 1024 returns */
	missed = ebpf_info(SBI_EBPF_INFO_MISSED) - missed;
	printf("returns: %ld missed\n", missed);
	check(missed >= 400 * 4 - 1024, "missed", missed);
	check(report() == missed_by(skel->links.at_return), "missed and without a return",
	      (long)missed_by(skel->links.at_return));
	check(missed_by(skel->links.at_return) + missed_by(at_exit) == (unsigned long)missed, "missed by no link",
	      missed);
	missed = ebpf_info(SBI_EBPF_INFO_MISSED);
	start_children(4, sleeper, 4); /* there is room again */
	wait_for_children(4);
	check(ebpf_info(SBI_EBPF_INFO_MISSED) == missed, "missed later", missed);
	bpf_link__destroy(at_exit);
	returns__destroy(skel);
	return checks_done("returns");
}
