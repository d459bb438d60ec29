/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guest's test programs share: checks that are counted, the bare system
 * calls, and the firmware's accounts. A program ends with checks_done(), whose
 * last line and exit code say how it went.
 */
#ifndef GUEST_TEST_H
#define GUEST_TEST_H

#include "sdk/lib/syscall.h"
#include "uapi/bpf.h"
#include "uapi/sbi_ebpf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static unsigned int checks_made, checks_failed;

static inline bool check(bool ok, const char *what, long got)
{
	checks_made++;
	if (!ok) {
		checks_failed++;
		printf("WRONG: %s: %ld\n", what, got);
	}
	return ok;
}

static inline int checks_done(const char *name)
{
	printf("%s: %u checks, %u wrong\n", name, checks_made, checks_failed);
	return checks_failed || !checks_made;
}

static inline long raw_bpf(long cmd, const volatile void *attr, long size)
{
	return syscall3(SYS_bpf, cmd, (long)attr, size);
}

static inline long ebpf_info(long index)
{
	return syscall3(SYS_ebpf_info, index, 0, 0);
}

/* Pages that are free or kernel stacks, which stay: the same before and after. */
static inline long raw_pages(void)
{
	return syscall3(SYS_mem_info, 0, 0, 0) + syscall3(SYS_mem_info, 2, 0, 0);
}

/* The accounts that every test must leave as it found them. */
struct accounts {
	long free, objects, probes;
};

static inline struct accounts accounts_now(void)
{
	return (struct accounts){
		.free = ebpf_info(SBI_EBPF_INFO_ARENA_FREE),
		.objects = ebpf_info(SBI_EBPF_INFO_OBJECTS),
		.probes = ebpf_info(SBI_EBPF_INFO_ARMED_PROBES),
	};
}

static inline void accounts_check(const struct accounts *before, const char *when)
{
	struct accounts now = accounts_now();

	check(now.free == before->free && now.free > 0, when, now.free - before->free);
	check(now.objects == before->objects, when, now.objects);
	check(now.probes == before->probes, when, now.probes);
}

#endif
