/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Helpers that change what they look at. Without leave (the machine's default) they are refused at load, with the
 * reason in the log; with leave a system call fails that was never executed, its return probe sees what the caller
 * gets, and a word is written into this process. Where a function cannot be left, attaching is refused.
 */
#include "guest_test.h"
#include "override.h"
#include "override.skel.h"

#include <fcntl.h>
#include <string.h>
#include <trace_helpers.h>

#define ALL (SBI_EBPF_FEATURE_WRITE_USER | SBI_EBPF_FEATURE_OVERRIDE_RETURN)

static volatile unsigned long long word;

/* The kernel's answer as it is */
static long raw_open(long flags)
{
	return syscall3(SYS_openat, (long)"leave", flags, 2);
}

static struct override *open_for_me(void)
{
	struct override *skel = override__open();

	if (!check(skel != NULL, "open", errno))
		return NULL;
	skel->bss->state.victim = (unsigned int)getpid();
	skel->bss->state.buffer = (unsigned long long)&word;
	return skel;
}

static void refused_by_policy(bool overriding)
{
	struct override *skel = open_for_me();

	if (!skel)
		return;
	bpf_program__set_autoload(skel->progs.fail_open, overriding);
	bpf_program__set_autoload(skel->progs.write_word, !overriding);
	check(override__load(skel) == -EINVAL, "refused at load", errno);
	override__destroy(skel);
}

static struct override__bss bss_of(struct override *skel)
{
	struct override__bss bss;
	int zero = 0;

	check(!bpf_map__lookup_elem(skel->maps.bss, &zero, sizeof(zero), &bss, sizeof(bss), 0), "read .bss", 0);
	return bss;
}

static void opens_fail(struct override *skel)
{
	struct override__bss bss;
	int code, pid;

	check(raw_open(O_WRONLY | O_CREAT) == OVERRIDDEN, "open is overridden", 0);
	bss = bss_of(skel);
	check(bss.state.seen == OVERRIDDEN, "the return probe sees it", (long)bss.state.seen);
	check(bss.state.entries == 1, "the other program at the entry ran", bss.state.entries);
	pid = fork();
	if (!pid)
		_exit(raw_open(O_RDONLY) != -1); /* it was not made */
	check(waitpid(pid, &code) == pid && code == 0, "another process is let alone, the file is not there", code);
	getppid();
	bss = bss_of(skel);
	check(bss.state.written == 0 && word == WORD, "a word is written", (long)bss.state.written);
	override__detach(skel);
	check(raw_open(O_RDONLY) == -1, "open is open again", 0);
}

static void wrong_places(struct override *skel)
{
	struct ksyms *ksyms = ksyms__load();
	const struct ksym *sym = ksyms ? ksyms__get_symbol(ksyms, "sys_openat") : NULL;
	unsigned long inside = sym ? sym->addr + 2 : 0;
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .addrs = &inside, .cnt = 1);
	struct bpf_link *link = bpf_program__attach_kprobe(skel->progs.fail_open, true, "sys_openat");

	check(!link && errno == EINVAL, "refused to a return probe", errno);
	while (sym && inside < sym->addr + 8) { /* wherever the next instruction begins */
		link = bpf_program__attach_kprobe_multi_opts(skel->progs.fail_open, NULL, &opts);
		check(!link && errno == EINVAL, "refused inside a function", errno);
		inside += 2;
	}
	check(sym != NULL, "sys_openat has a name", 0);
	ksyms__free(ksyms);
}

int main(void)
{
	struct accounts before = accounts_now();
	unsigned long allowed = (unsigned long)ebpf_info(SBI_EBPF_INFO_FEATURES) & ALL;
	struct override *skel;

	if (allowed != ALL) {
		check(allowed == 0, "one of them is allowed", (long)allowed);
		refused_by_policy(true);
		refused_by_policy(false);
		return checks_done("override: not allowed");
	}
	skel = open_for_me();
	if (skel && check(!override__load(skel), "load", errno)) {
		wrong_places(skel);
		if (check(!override__attach(skel), "attach", errno))
			opens_fail(skel);
	}
	override__destroy(skel);
	accounts_check(&before, "accounts");
	return checks_done("override: allowed");
}
