/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long one SBI call keeps a hart in M-mode: the most expensive calls there
 * are, each followed by what the firmware has measured as its longest stay so
 * far. Exact under QEMU's -icount, where instret counts instructions.
 *
 * Prints: stays: <what> <longest so far>; ends with checks against the bound.
 */
#include "guest_test.h"

#include <stdlib.h>
#include <string.h>

#define VALUE 65536u
#define INSNS 65536u
#define ADDRS 128 /* twice what one instruction takes; test `everywhere` has links of thousands */
#define WIDE (BPF_LD | BPF_IMM | BPF_DW)

static char buffer[2 * VALUE + 64] __attribute__((aligned(4096)));
static struct bpf_insn insns[INSNS + 1] __attribute__((aligned(4096)));
static const char *names[ADDRS];

static bool exact; /* instret counts instructions */

static void say(const char *what)
{
	long stay = ebpf_info(SBI_EBPF_INFO_MAX_STAY), bound = ebpf_info(SBI_EBPF_INFO_STAY_BOUND);

	printf("stays: %s %ld\n", what, stay);
	if (exact)
		check(stay >= 0 && stay <= bound, what, stay);
	else
		check(stay == -EOPNOTSUPP, "no number where instructions are not counted", stay);
}

static int make_map(enum bpf_map_type type, uint32_t value, uint32_t entries)
{
	union bpf_attr attr = {.map_type = type, .key_size = 4, .value_size = value, .max_entries = entries};

	return (int)raw_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

static void maps(void)
{
	int fd = make_map(BPF_MAP_TYPE_ARRAY, 1024, 3000);

	check(fd >= 0, "a map of 3 MB", fd);
	say("large array");
	close(fd);
	say("close of it");
	fd = make_map(BPF_MAP_TYPE_HASH, 8, 60000);
	check(fd >= 0, "a hash of 60000", fd);
	say("large hash");
	close(fd);
	say("close of it");
}

static void values(unsigned long misaligned)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, VALUE, 4), key = 1;
	union bpf_attr attr = {.map_fd = (uint32_t)fd, .key = (uintptr_t)&key};

	attr.value = (uintptr_t)buffer + misaligned;
	check(raw_bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)) == 0, "update", fd);
	say(misaligned ? "update of 64 KiB, misaligned" : "update of 64 KiB");
	check(raw_bpf(BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)) == 0, "lookup", fd);
	say(misaligned ? "lookup of 64 KiB, misaligned" : "lookup of 64 KiB");
	close(fd);
}

/* Small elements, many of them, and large ones; a walk of a table that is nearly empty; the end of a map of maps. */
static void batches(void)
{
	static const enum bpf_cmd cmds[] = {BPF_MAP_UPDATE_BATCH, BPF_MAP_LOOKUP_BATCH,
					    BPF_MAP_LOOKUP_AND_DELETE_BATCH};
	static uint32_t keys[2000], token;
	int fd = make_map(BPF_MAP_TYPE_HASH, 8, 20000), large = make_map(BPF_MAP_TYPE_HASH, VALUE - 8, 2), outer;
	union bpf_attr attr;

	for (uint32_t i = 0; i < 2000; i++)
		keys[i] = i;
	for (unsigned int n = 0; n < 6; n++) {
		enum bpf_cmd cmd = cmds[n / 2];

		memset(&attr, 0, sizeof(attr));
		attr.batch.map_fd = (uint32_t)(n % 2 ? large : fd);
		attr.batch.count = n % 2 ? 2 : 2000;
		attr.batch.keys = (uintptr_t)keys;
		attr.batch.values = (uintptr_t)buffer + (n % 2 ? 3 : 0);
		attr.batch.out_batch = cmd == BPF_MAP_UPDATE_BATCH ? 0 : (uintptr_t)&token;
		check(raw_bpf(cmd, &attr, sizeof(attr)) == 0 || attr.batch.count >= 2, "batch", n);
		say(n % 2 ? "batch of 64 KiB elements, misaligned" : "batch of 2000 elements");
	}
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_HASH_OF_MAPS;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 2000;
	attr.inner_map_fd = (uint32_t)fd;
	outer = (int)raw_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	for (uint32_t i = 0; i < 2000; i++) {
		union bpf_attr put = {.map_fd = (uint32_t)outer, .key = (uintptr_t)&i, .value = (uintptr_t)&fd};

		if (raw_bpf(BPF_MAP_UPDATE_ELEM, &put, sizeof(put)))
			check(false, "put a map into a map", i);
	}
	close(outer);
	say("close of a map of 2000 maps");
	close(fd);
	close(large);
}

static int load(const void *at, uint32_t cnt)
{
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_KPROBE,
			       .insns = (uintptr_t)at,
			       .insn_cnt = cnt,
			       .license = (uintptr_t) "GPL"};

	return (int)raw_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void programs(void)
{
	int map = make_map(BPF_MAP_TYPE_ARRAY, 8, 1), fd;

	for (uint32_t i = 0; i < INSNS; i++)
		insns[i] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K};
	insns[INSNS - 1].code = BPF_JMP | BPF_EXIT;
	fd = load(insns, INSNS);
	check(fd >= 0, "the largest program", fd);
	say("largest program");
	close(fd);
	memmove((char *)insns + 1, insns, INSNS * sizeof(insns[0]));
	fd = load((char *)insns + 1, INSNS);
	check(fd >= 0, "the largest program, misaligned", fd);
	say("largest program, misaligned");
	close(fd);
	for (uint32_t i = 0; i + 2 < INSNS; i += 2) {
		insns[i] = (struct bpf_insn){.code = WIDE, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map};
		insns[i + 1] = (struct bpf_insn){0};
	}
	insns[INSNS - 2] = (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns};
	insns[INSNS - 1] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	fd = load(insns, INSNS);
	check(fd >= 0, "as many map references", fd);
	say("map references");
	close(fd);
	/* jumps */
	for (uint32_t i = 0; i < INSNS - 1; i++)
		insns[i] = (struct bpf_insn){.code = BPF_JMP | BPF_JEQ | BPF_K, .off = i < INSNS - 40000 ? 32767 : 0};
	insns[0] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K};
	fd = load(insns, INSNS);
	check(fd >= 0, "as many jumps", fd);
	say("jumps");
	close(fd);
	close(map);
}

static const struct bpf_insn return_0[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K},
	{.code = BPF_JMP | BPF_EXIT},
};

static void links(void)
{
	int prog = load(return_0, 2), fd;
	union bpf_attr attr = {.link_prog_fd = (uint32_t)prog, .link_attach_type = BPF_TRACE_KPROBE_MULTI};

	for (uint32_t i = 0; i < ADDRS; i++)
		names[i] = i % 2 ? "sys_getppid" : "sys_openat";
	attr.km_syms = (uintptr_t)names;
	attr.km_cnt = ADDRS;
	fd = (int)raw_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	check(fd >= 0, "a link of 128", fd);
	say("link of 128 addresses");
	close(fd);
	say("close of it");
	/* the last one is unknown: all of it undone */
	names[ADDRS - 1] = "no_such_function";
	fd = (int)raw_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	check(fd == -ESRCH, "an unknown name at the end", fd);
	say("link that fails at the end");
	close(prog);
}

static void exits(void)
{
	int status = 0, pid = fork();

	if (pid == 0) {
		int fd = make_map(BPF_MAP_TYPE_ARRAY, 8, 1), prog = load(return_0, 2);

		for (int i = 0; i < 4; i++)
			make_map(BPF_MAP_TYPE_HASH, 64, 1000);
		exit(fd < 0 || prog < 0);
	}
	wait(&status);
	check(pid > 0 && status == 0, "child", status);
	say("exit of a process");
}

int main(void)
{
	struct accounts before = accounts_now();
	unsigned long a, b;

	asm volatile("rdinstret %0; rdinstret %1" : "=r"(a), "=r"(b));
	exact = b - a == 1;
	say(exact ? "at start" : "(instret does not count instructions here) at start");
	maps();
	programs();
	links();
	exits();
	values(0);
	values(3);
	batches();
	accounts_check(&before, "accounts");
	return checks_done("stays");
}
