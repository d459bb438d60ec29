/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CO-RE in the guest: what a program's own idea of the kernel's types becomes when
 * it is loaded, and what is said when the kernel has no such thing.
 */
#include "coretest.h"
#include "coretest.skel.h"

#include "guest_test.h"

#include <string.h>
#include <unistd.h>

static void test_answers(void)
{
	struct coretest *skel = coretest__open_and_load();
	struct coretest__bss bss;
	int zero = 0;

	check(skel && !coretest__attach(skel), "load and attach", 0);
	if (!skel)
		return;
	getpid();
	check(!bpf_map__lookup_elem(skel->maps.bss, &zero, sizeof(zero), &bss, sizeof(bss), 0), "read", 0);
	coretest__detach(skel);
	check(bss.got.pid == getpid() && bss.got.parent_pid == getppid(), "members by name, through a pointer", 0);
	check(!strcmp(bss.got.name, "coretest"), "an array of characters", 0);
	check(bss.got.has_pid == 1 && bss.got.has_none == 0, "whether there is a member", 0);
	check(bss.got.has_struct == 1 && bss.got.has_no_struct == 0, "whether there is a type", 0);
	check(bss.got.size_of_priority == 8 && bss.got.offset_of_pid != 32, "the kernel's width and place, not ours",
	      0);
	check(bss.got.size_of_proc > 100, "size of the kernel's type", 0);
	check(bss.got.sleeping == 4, "value of an enumerator", 0);
	check(bss.got.has_sleeping == 1 && bss.got.has_no_state == 0, "whether there is an enumerator", 0);
	coretest__destroy(skel);
}

static void test_missing(void)
{
	struct coretest *skel = coretest__open();

	skel->rodata->go_wrong = true;
	check(coretest__load(skel) != 0, "a member that the kernel does not have", 0);
	coretest__destroy(skel);
}

static void test_no_types(void)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = "no_such_file");
	struct coretest *skel = coretest__open_opts(&opts);

	check(skel && coretest__load(skel) == -ENOENT, "without the kernel's types", 0);
	coretest__destroy(skel);
}

int main(void)
{
	test_answers();
	test_missing();
	test_no_types();
	return checks_done("coretest");
}
