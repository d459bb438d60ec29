/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libbpf in the guest: global data of all three kinds, static functions, entry,
 * return and multi probes, printk, attaching by hand, and what errors look like.
 * Prints one line a check; exits with the number of failed ones.
 */
#include "libbpftest.skel.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KERNEL_6 0x060000 /* KERNEL_VERSION(6, 0, 0) */

struct event {
	uint64_t flags, mode;
	int64_t ret;
};

static int failed;

static void check(bool ok, const char *what)
{
	printf("%s: %s\n", ok ? "ok" : "FAILED", what);
	failed += !ok;
}

static struct libbpftest__bss read_bss(const struct libbpftest *skel)
{
	struct libbpftest__bss bss = {0};
	int zero = 0;

	check(bpf_map__lookup_elem(skel->maps.bss, &zero, sizeof(zero), &bss, sizeof(bss), 0) == 0, "read .bss");
	return bss;
}

static uint64_t sum(const struct libbpftest__bss *bss)
{
	return bss->entries + bss->returns + bss->closes + bss->inside;
}

static void open_and_close(int n)
{
	while (n--) {
		int fd = open("libbpftest", O_RDONLY);

		if (fd >= 0)
			close(fd);
	}
}

static void set_step(struct libbpftest *skel, uint64_t step)
{
	size_t size;
	uint64_t *rodata = bpf_map__initial_value(skel->maps.rodata, &size);

	check(rodata && size >= sizeof(step) && rodata[0] == 1, "initial .rodata");
	if (rodata)
		rodata[0] = step;
}

static void test_probes(struct libbpftest *skel)
{
	uint64_t total = 0;
	struct event event;
	struct libbpftest__bss bss;
	int zero = 0;

	open_and_close(2);
	bss = read_bss(skel);
	check(sum(&bss) == 6, "two opens, two returns, two closes");
	check(bpf_map__lookup_elem(skel->maps.data, &zero, sizeof(zero), &total, sizeof(total), 0) == 0, "read .data");
	check(total == 1000 + 2 * 2 * 5, ".rodata and static functions");
	check(bpf_map_lookup_elem(bpf_map__fd(skel->maps.events), &zero, &event) == 0, "read the map");
	close(99);
	bss = read_bss(skel);
	check(bss.externs_right == 1, "extern variables, a system call by name");
	check(event.flags == O_RDONLY && event.mode == 2 && event.ret >= 3, "arguments and return value");
}

static void test_by_hand(struct libbpftest *skel)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .offset = 0);
	struct bpf_link *link = bpf_program__attach_kprobe_opts(skel->progs.count_inside, "sys_openat", &opts);
	uint64_t before, after;
	struct libbpftest__bss bss;

	check(link != NULL, "attach by hand");
	bss = read_bss(skel);
	before = sum(&bss);
	open_and_close(1);
	bss = read_bss(skel);
	after = sum(&bss);
	check(after - before == 4, "the fourth program counts, too");
	check(bpf_link__destroy(link) == 0, "detach by hand");
	bss = read_bss(skel);
	before = sum(&bss); /* closing the link was a close as well */
	open_and_close(1);
	bss = read_bss(skel);
	after = sum(&bss);
	check(after - before == 3, "and no longer");

	check(!bpf_program__attach_kprobe(skel->progs.count_inside, false, "no_such_function") && errno == ESRCH,
	      "unknown function is ESRCH, as in Linux");
	check(!bpf_program__attach_kprobe(skel->progs.count_inside, false, "sys_openat+0x100000") && errno == EINVAL,
	      "offset behind the function is EINVAL");
}

static void test_refused_object(void)
{
	size_t size;
	const void *bytes = libbpftest__elf_bytes(&size);
	struct bpf_object *obj = bpf_object__open_mem(bytes, size / 2, NULL);

	check(!obj && errno == EINVAL, "half a file is EINVAL");
	obj = bpf_object__open_mem(bytes, size, NULL);
	check(obj != NULL, "open the whole file");
	if (obj) {
		bpf_map__set_max_entries(bpf_object__find_map_by_name(obj, "events"), 0);
		check(bpf_object__load(obj) == -EINVAL, "a map of no entries is EINVAL");
		check(bpf_object__load(obj) == -EINVAL, "an object is loaded once");
	}
	bpf_object__close(obj);
	obj = bpf_object__open_file("libbpftest", NULL);
	check(!obj && errno == EINVAL, "a file that is no eBPF object is EINVAL");
	obj = bpf_object__open("no_such_file");
	check(!obj && errno == ENOENT, "no file is ENOENT");
}

static void test_refused_program(void)
{
	static char log[512];
	const struct bpf_insn insns[] = {
		{.code = 0xff},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_level = 1, .log_buf = log, .log_size = sizeof(log));

	check(bpf_prog_load(BPF_PROG_TYPE_KPROBE, "bad", "GPL", insns, 2, &opts) == -EINVAL, "bad opcode is EINVAL");
	printf("log: %s\n", log);
	check(log[0] != 0, "and the log says why");
}

int main(void)
{
	struct libbpftest *skel = libbpftest__open();

	check(skel != NULL, "open");
	if (!skel)
		return 1;
	check(skel->kconfig->LINUX_KERNEL_VERSION >= KERNEL_6 && !skel->kconfig->CONFIG_NO_SUCH_SETTING &&
		      !skel->kconfig->LINUX_HAS_SYSCALL_WRAPPER,
	      "skel->kconfig has the settings");
	set_step(skel, 5);
	bpf_program__set_autoattach(skel->progs.count_inside, false);
	check(libbpftest__load(skel) == 0, "load");
	check(libbpftest__attach(skel) == 0, "attach");
	if (!failed) {
		test_probes(skel);
		test_by_hand(skel);
		libbpftest__detach(skel);
	}
	libbpftest__destroy(skel);
	test_refused_object();
	test_refused_program();
	printf("libbpftest: %d failed\n", failed);
	return failed;
}
