/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions about the kernel in one line:
 *
 *	trace FUNC [FIELDS] [-- COMMAND ...]	each call: the fields, by default p,c,f
 *	trace -r FUNC [FIELDS] [-- COMMAND ...]	each return: by default p,c,f,ret
 *	trace -c FUNC [-- COMMAND ...]		calls by function
 *	trace -l FUNC [-- COMMAND ...]		how long it takes, as a histogram
 *	trace -s FUNC [-- COMMAND ...]		call chains that lead there, folded (see tools/flamegraph)
 *
 * FUNC may have `*` and `?` in it. FIELDS are p (process), tid, c (name), t
 * (seconds), h (hart), f (function), arg0 .. arg7, ret, with a format behind a
 * colon if it is not decimal: arg0:s string of the process, :k of the kernel, :x, :u.
 * It lasts while COMMAND runs; without one `-t MS`, or until Enter.
 *
 * There is no object file: the program is put together here (trace/emit.c).
 * `trace sys_openat p,arg0:s -- cat hello.txt` prints
 *
 *	PID    arg0
 *	3      hello.txt
 */
#include "trace/trace.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trace_helpers.h>
#include <unistd.h>

#define MAX_FUNCS 1024
#define RING_SIZE 65536
#define LOG_SIZE 16384

static struct ksyms *ksyms;
static int ms;

static int failed(const char *what, int err)
{
	fprintf(stderr, "trace: %s: %s\n", what, strerror(-err));
	return -1;
}

static int make_map(enum bpf_map_type type, uint32_t key_size, uint32_t value_size, uint32_t entries)
{
	int fd = bpf_map_create(type, "trace", key_size, value_size, entries, NULL);

	return fd < 0 ? failed("map", fd) : fd;
}

/* Load the program and attach it to all functions that fit. The link, or -1. */
static int attach(const struct bpf_insn *code, unsigned int nr, const char *pattern, bool at_return)
{
	static const char *names[MAX_FUNCS];
	static char log[LOG_SIZE];
	LIBBPF_OPTS(bpf_prog_load_opts, load, .log_level = 1, .log_buf = log, .log_size = LOG_SIZE);
	LIBBPF_OPTS(bpf_link_create_opts, create);
	int prog, link;

	for (size_t i = 0; i < ksyms->syms_sz && create.kprobe_multi.cnt < MAX_FUNCS; i++)
		if (glob_match(ksyms->syms[i].name, pattern))
			names[create.kprobe_multi.cnt++] = ksyms->syms[i].name;
	if (!create.kprobe_multi.cnt)
		return failed(pattern, -ENOENT);
	prog = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "trace", "GPL", code, nr, NULL);
	if (prog < 0) { /* again for the log, which alone may be too long for its buffer */
		close(bpf_prog_load(BPF_PROG_TYPE_KPROBE, "trace", "GPL", code, nr, &load));
		fputs(log, stderr);
		return failed("the generated program was refused", prog);
	}
	create.kprobe_multi.syms = names;
	create.kprobe_multi.flags = at_return ? BPF_F_KPROBE_MULTI_RETURN : 0;
	link = bpf_link_create(prog, 0, BPF_TRACE_KPROBE_MULTI, &create);
	close(prog);
	return link < 0 ? failed(pattern, link) : link;
}

static int on_event(void *ctx, void *data, size_t size)
{
	struct event event;

	if (size < sizeof(event))
		return -EINVAL;
	memcpy(&event, data, sizeof(event));
	fields_print(ctx, &event, ksyms);
	return 0;
}

static int trace_events(const char *func, const char *text, char **command, bool at_return)
{
	struct bpf_insn code[MAX_CODE];
	struct fields fields;
	struct ring_buffer *rb;
	struct workload w;
	int ring;

	if (fields_parse(&fields, text ? text : at_return ? "p,c,f,ret" : "p,c,f", at_return))
		return -1;
	ring = make_map(BPF_MAP_TYPE_RINGBUF, 0, 0, RING_SIZE);
	if (ring < 0)
		return -1;
	rb = ring_buffer__new(ring, on_event, &fields, NULL);
	if (!rb || attach(code, emit_event(code, &fields, ring, getpid()), func, at_return) < 0)
		return -1;
	fields_print_head(&fields);
	if (workload_start(&w, command, ms))
		return -1;
	while (workload_running(&w))
		ring_buffer__poll(rb, 20);
	ring_buffer__consume(rb);
	ring_buffer__free(rb);
	return workload_end(&w);
}

static const char *name_of(uint64_t addr)
{
	const struct ksym *sym = ksyms__map_addr(ksyms, addr);

	return sym ? sym->name : "?";
}

/* The root first: "user_trap;syscall_dispatch;sys_read 3" */
static void print_stack(int stacks, uint64_t key, uint64_t calls)
{
	uint64_t ip[STACK_DEPTH] = {0};
	uint32_t id = (uint32_t)key;
	int n = 0;

	if ((int64_t)key >= 0 && bpf_map_lookup_elem(stacks, &id, ip) == 0)
		while (n < STACK_DEPTH && ip[n])
			n++;
	for (int i = n; i--;)
		printf("%s%s", name_of(ip[i]), i ? ";" : "");
	printf("%s %lu\n", n ? "" : "[no stack]", calls);
}

/* By function, or by stack if `stacks` is a map of stacks */
static int trace_counts(const char *func, char **command, int stacks)
{
	struct bpf_insn code[MAX_CODE];
	int counts = make_map(BPF_MAP_TYPE_HASH, 8, 8, MAX_FUNCS), link, status;
	uint64_t key, calls, *prev = NULL;

	if (counts < 0)
		return -1;
	link = attach(code, emit_count(code, counts, stacks, getpid()), func, false);
	if (link < 0)
		return -1;
	status = workload_run(command, ms);
	close(link);
	if (stacks < 0)
		printf("%8s %s\n", "COUNT", "FUNC");
	for (uint64_t next; bpf_map_get_next_key(counts, prev, &next) == 0; prev = &key) {
		key = next;
		if (bpf_map_lookup_elem(counts, &key, &calls))
			continue;
		if (stacks < 0)
			printf("%8lu %s\n", calls, name_of(key));
		else
			print_stack(stacks, key, calls);
	}
	return status;
}

static int trace_stacks(const char *func, char **command)
{
	int stacks = make_map(BPF_MAP_TYPE_STACK_TRACE, 4, STACK_DEPTH * 8, MAX_FUNCS);

	return stacks < 0 ? -1 : trace_counts(func, command, stacks);
}

static int trace_latency(const char *func, char **command)
{
	int entered = make_map(BPF_MAP_TYPE_HASH, 8, 8, MAX_FUNCS),
	    hist = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, HIST_SLOTS);
	struct bpf_insn code[MAX_CODE];
	unsigned int slots[HIST_SLOTS];
	int entry, exit, status;
	uint64_t calls;

	if (entered < 0 || hist < 0)
		return -1;
	entry = attach(code, emit_entry(code, entered, getpid()), func, false);
	exit = entry < 0 ? -1 : attach(code, emit_latency(code, entered, hist), func, true);
	if (exit < 0)
		return -1;
	status = workload_run(command, ms);
	close(entry);
	close(exit);
	for (uint32_t i = 0; i < HIST_SLOTS; i++)
		slots[i] = bpf_map_lookup_elem(hist, &i, &calls) == 0 ? (unsigned int)calls : 0;
	print_log2_hist(slots, HIST_SLOTS, "nsecs");
	return status;
}

static int usage(void)
{
	fprintf(stderr, "usage: trace [-r] [-t MS] FUNC [FIELDS] [-- COMMAND ...]     calls, -r: returns\n"
			"       trace -c|-l|-s [-t MS] FUNC [-- COMMAND ...]          counts, latency, stacks\n"
			"fields: p tid c t h f argN[:d|u|x|s|k] ret[:..], separated by commas\n");
	return 2;
}

int main(int argc, char **argv)
{
	const char *func, *fields = NULL;
	int opt, mode = 0, status;

	while ((opt = getopt(argc, argv, "rclst:")) != -1) {
		if (opt == 't' ? (ms = atoi(optarg)) <= 0 : opt == '?' || mode)
			return usage();
		mode = opt == 't' ? mode : opt;
	}
	func = argv[optind];
	if (!func)
		return usage();
	optind++;
	if (argv[optind] && strcmp(argv[optind], "--") != 0)
		fields = argv[optind++];
	if (argv[optind] && strcmp(argv[optind++], "--") != 0)
		return usage();
	if (fields && mode && mode != 'r')
		return usage();
	ksyms = ksyms__load();
	if (!ksyms) {
		perror("trace: the kernel's functions");
		return 1;
	}
	if (mode == 'c')
		status = trace_counts(func, argv + optind, -1);
	else if (mode == 's')
		status = trace_stacks(func, argv + optind);
	else if (mode == 'l')
		status = trace_latency(func, argv + optind);
	else
		status = trace_events(func, fields, argv + optind, mode == 'r');
	return status == -1 ? 1 : status;
}
