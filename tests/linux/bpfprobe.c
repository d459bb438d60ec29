// SPDX-License-Identifier: BSD-2-Clause
/*
 * Linux's own BPF at work: an array, a program that counts in it, a kprobe by
 * perf_event_open(2), and system calls that hit it.
 *
 *	bpfprobe FUNCTION OFFSET CALLS		prints "N hits of CALLS calls"
 *
 * FUNCTION must be one that openat(2) runs through once.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static char log_text[65536];

static int fail(const char *what)
{
	fprintf(stderr, "bpfprobe: %s: %s\n%s", what, strerror(errno), log_text);
	return 1;
}

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int load(int map)
{
	const struct bpf_insn insns[] = {
		{BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0},
		{BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0},
		{BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4},
		{BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map},
		{0},
		{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem},
		{BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0},
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1},
		{BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD},
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
	};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_KPROBE,
			       .insn_cnt = sizeof(insns) / sizeof(insns[0]),
			       .insns = (uintptr_t)insns,
			       .license = (uintptr_t) "GPL",
			       .log_buf = (uintptr_t)log_text,
			       .log_size = sizeof(log_text),
			       .log_level = 1};

	return bpf(BPF_PROG_LOAD, &attr);
}

static int kprobe(const char *function, uint64_t offset)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr), .kprobe_func = (uintptr_t)function, .probe_offset = offset};
	FILE *f = fopen("/sys/bus/event_source/devices/kprobe/type", "r");

	if (!f || fscanf(f, "%u", &attr.type) != 1)
		return -1;
	fclose(f);
	return (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

int main(int argc, char **argv)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	uint64_t hits = 0;
	uint32_t key = 0;
	int map, prog, probe, calls = argc > 3 ? atoi(argv[3]) : 0;

	if (argc < 4)
		return fail("usage: bpfprobe FUNCTION OFFSET CALLS");
	if ((map = bpf(BPF_MAP_CREATE, &attr)) < 0)
		return fail("map");
	if ((prog = load(map)) < 0)
		return fail("program");
	if ((probe = kprobe(argv[1], strtoull(argv[2], NULL, 0))) < 0)
		return fail("kprobe");
	if (ioctl(probe, PERF_EVENT_IOC_SET_BPF, prog) || ioctl(probe, PERF_EVENT_IOC_ENABLE, 0))
		return fail("attach");
	for (int i = 0; i < calls; i++)
		close(open("/proc/version", O_RDONLY));
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&hits;
	if (bpf(BPF_MAP_LOOKUP_ELEM, &attr))
		return fail("look-up");
	printf("%llu hits of %d calls\n", (unsigned long long)hits, calls);
	return 0;
}
