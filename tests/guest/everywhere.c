/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A probe on every instruction of the kernel: first on one after the other,
 * then on all that can be probed at once, while processes are made, pipes are
 * written, files opened and memory mapped. Nothing may change but the counters:
 * what the workload computes is checked, and the accounts afterwards.
 *
 * Prints: everywhere: N instructions probed one by one, R refused
 */
#include "kernel_insns.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 2048 /* addresses of one link */
#define MAX_LINKS (MAX_INSNS / AT_ONCE)

static unsigned int nr_refused;

static int load_empty(void)
{
	static const struct bpf_insn empty[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_KPROBE, "empty", "GPL", empty, 2, NULL);
}

static int child_sum(int n)
{
	int sum = 0;

	for (int i = 1; i <= n; i++)
		sum += i * i;
	return sum & 0x7f;
}

/* Work that goes through most of the kernel, and whose results are known. */
static void work(int round)
{
	char buf[64];
	long p[2], n;
	int code, pid, fd;

	check(pipe(p) == 0, "pipe", round);
	pid = fork();
	if (pid == 0) {
		write((int)p[1], "through the pipe", 16);
		exit(child_sum(round));
	}
	n = read((int)p[0], buf, sizeof(buf));
	check(n == 16 && memcmp(buf, "through the pipe", 16) == 0, "pipe read", n);
	check(waitpid(pid, &code) == pid && code == child_sum(round), "child", code);
	close((int)p[0]);
	close((int)p[1]);

	fd = open("everywhere.tmp", O_RDWR | O_CREATE | O_TRUNC);
	for (int i = 0; i < 20; i++)
		check(write(fd, "0123456789abcdef", 16) == 16, "file write", i);
	close(fd);
	fd = open("everywhere.tmp", O_RDONLY);
	for (int i = 0; i < 20; i++)
		check(read(fd, buf, 16) == 16 && memcmp(buf, "0123456789abcdef", 16) == 0, "file read", i);
	check(read(fd, buf, 16) == 0, "end of file", 0);
	close(fd);
	check(unlink("everywhere.tmp") == 0, "unlink", round);

	pid = fork();
	if (pid == 0) {
		char *argv[] = {"true", NULL};

		exec("true", argv);
		exit(99);
	}
	check(waitpid(pid, &code) == pid && code == 0, "exec", code);
	sched_yield();
}

/* One at a time; the refused ones are taken out of the list. */
static void one_by_one(int prog)
{
	unsigned int kept = 0, trampolines = 0;

	for (unsigned int i = 0; i < nr_insns; i++) {
		int link = attach_insns(prog, &insns[i], NULL, 1);

		if (link > 0) {
			getppid();
			check(close(link) == 0, "close", i);
			insns[kept++] = insns[i];
		} else {
			/* one is refused for what it is: the place that return probes return to */
			check(link == -EOPNOTSUPP || (link == -EINVAL && !trampolines++), "refused otherwise", link);
			nr_refused++;
		}
		if (i % 512 == 0)
			work((int)(i / 512));
	}
	nr_insns = kept;
}

static void all_at_once(int prog)
{
	long hits = ebpf_info(SBI_EBPF_INFO_HITS);
	int links[MAX_LINKS];
	unsigned int nr = 0;

	for (unsigned int at = 0; at < nr_insns; at += AT_ONCE) {
		links[nr] = attach_insns(prog, &insns[at], NULL, nr_insns - at < AT_ONCE ? nr_insns - at : AT_ONCE);
		if (links[nr] == -ENOSPC)
			break; /* the table of probes is full: the rest had its turn alone */
		check(links[nr] > 0, "attach", links[nr]);
		nr++;
	}
	printf("everywhere: %ld armed\n", ebpf_info(SBI_EBPF_INFO_ARMED_PROBES));
	for (int round = 0; round < 10; round++)
		work(round);
	printf("everywhere: %ld hits\n", ebpf_info(SBI_EBPF_INFO_HITS) - hits);
	while (nr--)
		check(close(links[nr]) == 0, "close", links[nr]);
}

int main(void)
{
	struct accounts before = accounts_now();
	int prog = load_empty();

	read_insns();
	check(prog > 0, "load", prog);
	one_by_one(prog);
	printf("everywhere: %u instructions probed one by one, %u refused\n", nr_insns, nr_refused);
	all_at_once(prog);
	close(prog);
	accounts_check(&before, "after all");
	return checks_done("everywhere");
}
