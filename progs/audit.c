/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A watch that nobody can take away:
 *
 *	audit start [-l]	begin; -l: and lock the firmware until the next reset
 *	audit			what has been seen
 *	audit stop		end, unless it is locked
 *
 * The probes are pinned, so they outlive this process. Once the firmware is locked, no
 * process and not even the kernel can detach them, put others there, or change what they
 * have recorded. `audit start -l; rm f; audit stop; audit` prints
 *
 *	audit: locked: it cannot be stopped
 *	TIME         PID     COMM             WHAT
 *	    0.530115 4       rm               removes f
 *	    0.571402 5       sh               runs audit
 */
#include "audit.skel.h"
#include "progs/audit.h"

#include <bpf/bpf.h>
#include <mbpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROOT "/sys/fs/bpf/audit_"
#define LOCKS (SBI_EBPF_LOCK_LOAD | SBI_EBPF_LOCK_ATTACH | SBI_EBPF_LOCK_DETACH)

static const char *const links[] = {ROOT "exec", ROOT "unlink", ROOT "kill"};

static bool is_locked(void)
{
	return mbpf_info(SBI_EBPF_INFO_LOCKS) & SBI_EBPF_LOCK_DETACH;
}

static int failed(const char *what)
{
	fprintf(stderr, "audit: %s: %s\n", what, strerror(errno));
	return 1;
}

static int stop(void)
{
	if (is_locked()) {
		fprintf(stderr, "audit: locked: it cannot be stopped\n");
		return 1;
	}
	for (int i = 0; i < 3; i++)
		if (bpf_obj_unpin(links[i]))
			return failed(links[i]);
	if (bpf_obj_unpin(ROOT "records") || bpf_obj_unpin(ROOT "count"))
		return failed("maps");
	return 0;
}

static int start(bool lock)
{
	struct audit *skel = audit__open_and_load();

	if (!skel || audit__attach(skel))
		return failed("start");
	/* nobody writes the records but the probes */
	if (bpf_map_freeze(bpf_map__fd(skel->maps.records)) || bpf_map_freeze(bpf_map__fd(skel->maps.count)))
		return failed("freeze");
	if (bpf_map__pin(skel->maps.records, ROOT "records") || bpf_map__pin(skel->maps.count, ROOT "count"))
		return failed("it runs already");
	if (bpf_link__pin(skel->links.on_exec, links[0]) || bpf_link__pin(skel->links.on_unlink, links[1]) ||
	    bpf_link__pin(skel->links.on_kill, links[2]))
		return failed("pin");
	if (lock && mbpf_lock(LOCKS) < 0)
		return failed("lock");
	audit__destroy(skel);
	return 0;
}

static void print_record(const struct record *r)
{
	static const char *const what[] = {
		[0] = "?", [AUDIT_EXEC] = "runs", [AUDIT_UNLINK] = "removes", [AUDIT_KILL] = "kills"};

	printf("%5lu.%06lu %-7u %-16s %s ", r->time / 1000000000, r->time / 1000 % 1000000, r->pid, r->comm,
	       what[r->what <= AUDIT_KILL ? r->what : 0]);
	if (r->what == AUDIT_KILL)
		printf("%ld\n", r->number);
	else
		puts(r->path);
}

static int show(void)
{
	int records = bpf_obj_get(ROOT "records"), count = bpf_obj_get(ROOT "count");
	u32 zero = 0;
	u64 n;

	if (records < 0 || count < 0)
		return failed("it has not been started");
	if (bpf_map_lookup_elem(count, &zero, &n))
		return failed("count");
	printf("%-12s %-7s %-16s %s\n", "TIME", "PID", "COMM", "WHAT");
	for (u64 i = n > AUDIT_RECORDS ? n - AUDIT_RECORDS : 0; i < n; i++) {
		u32 slot = i % AUDIT_RECORDS;
		struct record r;

		if (bpf_map_lookup_elem(records, &slot, &r))
			return failed("record");
		print_record(&r);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return show();
	if (!strcmp(argv[1], "start") && (argc == 2 || !strcmp(argv[2], "-l")))
		return start(argc > 2);
	if (!strcmp(argv[1], "stop"))
		return stop();
	fprintf(stderr, "usage: audit [start [-l] | stop]\n");
	return 2;
}
