/* SPDX-License-Identifier: BSD-2-Clause */
/* Every way the name of a section may say where its program goes: each is attached there, and counts. */
#include "guest_test.h"
#include "sections.skel.h"

#include <unistd.h>

static void test_counts(struct sections *skel)
{
	for (int i = 0; i < 3; i++)
		getpid();
	for (int i = 0; i < 2; i++)
		getppid();
	sections__detach(skel);
	check(skel->bss->entry == 3, "kprobe", (long)skel->bss->entry);
	check(skel->bss->inside == 3, "kprobe+offset", (long)skel->bss->inside);
	check(skel->bss->returned == 3, "kretprobe", (long)skel->bss->returned);
	check(skel->bss->pid == (long)skel->rodata->who, "its result", skel->bss->pid);
	check(skel->bss->multi == 5, "kprobe.multi", (long)skel->bss->multi);
	check(skel->bss->multi_returned == 5, "kretprobe.multi", (long)skel->bss->multi_returned);
	check(skel->bss->call == 3, "ksyscall", (long)skel->bss->call);
	check(skel->bss->call_returned == 3, "kretsyscall", (long)skel->bss->call_returned);
	check(skel->bss->by_hand == 2, "what was attached by hand", (long)skel->bss->by_hand);
}

int main(void)
{
	struct accounts before = accounts_now();
	struct sections *skel = sections__open();

	if (!check(skel != NULL, "open", errno))
		return checks_done("sections");
	skel->rodata->who = (uint32_t)getpid();
	if (check(!sections__load(skel) && !sections__attach(skel), "load and attach", errno)) {
		check(!skel->links.on_what_the_process_says, "a section that says nothing", 0);
		skel->links.on_what_the_process_says =
			bpf_program__attach_kprobe(skel->progs.on_what_the_process_says, false, "sys_getppid");
		check(skel->links.on_what_the_process_says != NULL, "attach by hand", errno);
		test_counts(skel);
	}
	sections__destroy(skel);
	accounts_check(&before, "what is left");
	return checks_done("sections");
}
