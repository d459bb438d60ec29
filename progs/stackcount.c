/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Through which functions the kernel comes to a function, and how often:
 *
 *	stackcount [-f] [-u] [-t MS] PATTERN [COMMAND ...]
 *
 * while COMMAND runs; without one for MS milliseconds, or until Enter. Calls by
 * stackcount itself are left out. -f: one line a stack, as tools/flamegraph
 * takes it. -u: through which functions of the process. `timer_interrupt` is hit every 10 ms by whatever runs: a
 *profile. `stackcount sys_write echo hi` prints
 *
 *	  sys_write
 *	  syscall_dispatch
 *	  user_trap
 *	    echo 1
 */
#include "stackcount.skel.h"
#include "progs/stackcount.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <trace_helpers.h>
#include <unistd.h>

static struct ksyms *ksyms;
static bool of_user;
static struct syms *syms; /* of the program `file` */
static char file[16];

/* A function of the process `comm`, whose file has the same name. */
static const char *user_name(const char *comm, u64 addr)
{
	const struct sym *sym;

	if (strncmp(comm, file, sizeof(file) - 1)) {
		syms__free(syms);
		strncpy(file, comm, sizeof(file) - 1);
		syms = syms__load_file(file);
	}
	sym = syms ? syms__map_addr(syms, addr) : NULL;
	return sym ? sym->name : "?";
}

static const char *name_of(const struct key *key, u64 addr)
{
	const struct ksym *sym;

	if (of_user)
		return user_name(key->comm, addr);
	sym = ksyms__map_addr(ksyms, addr);
	return sym ? sym->name : "?";
}

/* Frames, innermost first. How many; 0: the stack could not be kept. */
static int read_stack(int fd, s64 stack, u64 ip[MAX_DEPTH])
{
	u32 id = (u32)stack;
	int n = 0;

	if (stack < 0 || bpf_map_lookup_elem(fd, &id, ip))
		return 0;
	while (n < MAX_DEPTH && ip[n])
		n++;
	return n;
}

static void print_folded(const struct key *key, const u64 *ip, int depth, u64 n)
{
	printf("%.16s", key->comm[0] ? key->comm : "idle");
	for (int i = depth; i--;)
		printf(";%s", name_of(key, ip[i]));
	printf("%s %lu\n", depth ? "" : ";[no stack]", n);
}

static void print_plain(const struct key *key, const u64 *ip, int depth, u64 n)
{
	for (int i = 0; i < depth; i++)
		printf("  %s\n", name_of(key, ip[i]));
	printf("%s    %.16s %lu\n\n", depth ? "" : "  [no stack]\n", key->comm[0] ? key->comm : "idle", n);
}

static void print_counts(const struct stackcount *skel, bool folded)
{
	int counts = bpf_map__fd(skel->maps.counts), stacks = bpf_map__fd(skel->maps.stacks);
	struct key key, *prev = NULL;
	u64 n;

	for (struct key next; bpf_map_get_next_key(counts, prev, &next) == 0; prev = &key) {
		u64 ip[MAX_DEPTH] = {0};
		int depth;

		key = next;
		if (bpf_map_lookup_elem(counts, &key, &n))
			continue;
		depth = read_stack(stacks, key.stack, ip);
		(folded ? print_folded : print_plain)(&key, ip, depth, n);
	}
	if (skel->bss->lost)
		fprintf(stderr, "stackcount: %lu calls were not counted: too many different stacks\n", skel->bss->lost);
}

static int trace(struct stackcount *skel, const char *pattern, char **command, int ms, bool folded)
{
	int code;

	skel->rodata->self = (u32)getpid();
	skel->rodata->which = of_user ? BPF_F_USER_STACK : 0;
	ksyms = ksyms__load();
	if (!ksyms || stackcount__load(skel))
		return -1;
	skel->links.count = bpf_program__attach_kprobe_multi_opts(skel->progs.count, pattern, NULL);
	if (!skel->links.count)
		return -1;
	code = workload_run(command, ms);
	stackcount__detach(skel);
	print_counts(skel, folded);
	return code;
}

int main(int argc, char **argv)
{
	struct stackcount *skel;
	int opt, ms = 0, code;
	bool folded = false;

	while ((opt = getopt(argc, argv, "fut:")) != -1) {
		if (opt == 'f')
			folded = true;
		else if (opt == 'u')
			of_user = true;
		else if (opt != 't' || (ms = atoi(optarg)) <= 0)
			optind = argc;
	}
	if (optind >= argc) {
		fprintf(stderr, "usage: stackcount [-f] [-u] [-t MS] PATTERN [COMMAND ...]\n");
		return 2;
	}
	skel = stackcount__open();
	code = skel ? trace(skel, argv[optind], argv + optind + 1, ms, folded) : -1;
	if (code == -1)
		perror("stackcount");
	stackcount__destroy(skel);
	return code == -1 ? 1 : code;
}
