/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What verifying may cost. "verifymax": the most instructions the verifier walks
 * (1,000,000, then it refuses), while another process of the same hart sleeps and
 * wakes: the kernel's timer must go on. "verifymax n": a program of 2^n paths
 * instead, which is accepted. "verifymax stay": programs contrived to
 * make single actions of the verifier expensive, and what the firmware has
 * measured as its longest stay; exact under QEMU's -icount.
 */
#include "guest_test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAP_MS 10
#define CTX_R7 ((struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 7, .src_reg = 1})
#define LOG_SIZE 4096
#define MOST_CHOICES 24

static struct bpf_insn insns[4096];
static uint32_t cnt;
static char log_text[LOG_SIZE];

static void put(uint8_t code, uint32_t dst, uint32_t src, int32_t off, int32_t imm)
{
	insns[cnt++] = (struct bpf_insn){
		.code = code, .dst_reg = dst & 15, .src_reg = src & 15, .off = (int16_t)off, .imm = imm};
}

/* n times: r6 gets another bit or not. All of it matters at the end, so that no path is like another. */
static void put_choices(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		put(BPF_JMP | BPF_JSET | BPF_K, 7, 0, 1, 1 << i);
		put(BPF_ALU64 | BPF_ADD | BPF_K, 6, 0, 0, 1 << i);
	}
}

static void put_end(void)
{
	put(BPF_ALU64 | BPF_AND | BPF_K, 6, 0, 0, 7);
	put(BPF_ALU64 | BPF_MOV | BPF_X, 1, 10, 0, 0);
	put(BPF_ALU64 | BPF_ADD | BPF_X, 1, 6, 0, 0);
	put(BPF_LDX | BPF_MEM | BPF_B, 0, 1, -16, 0);
	put(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void begin(void)
{
	cnt = 0;
	insns[cnt++] = CTX_R7;
	put(BPF_ALU64 | BPF_MOV | BPF_K, 6, 0, 0, 0);
}

static int load(void)
{
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_KPROBE,
			       .insns = (uintptr_t)insns,
			       .insn_cnt = cnt,
			       .license = (uintptr_t) "GPL",
			       .log_level = 4,
			       .log_buf = (uintptr_t)log_text,
			       .log_size = LOG_SIZE};
	int fd = (int)raw_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));

	if (fd >= 0)
		close(fd);
	return fd;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The child's naps, counted in a map of both. */
static void nap(int map)
{
	uint32_t naps = 0, stop = 0, at = 0, other = 1;
	union bpf_attr put_naps = {.map_fd = (uint32_t)map, .key = (uintptr_t)&at, .value = (uintptr_t)&naps};
	union bpf_attr get_stop = {.map_fd = (uint32_t)map, .key = (uintptr_t)&other, .value = (uintptr_t)&stop};

	while (!stop) {
		usleep(NAP_MS * 1000);
		naps++;
		raw_bpf(BPF_MAP_UPDATE_ELEM, &put_naps, sizeof(put_naps));
		raw_bpf(BPF_MAP_LOOKUP_ELEM, &get_stop, sizeof(get_stop));
	}
	exit(0);
}

static void most_instructions(uint32_t choices)
{
	union bpf_attr create = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 2};
	uint32_t naps = 0, one = 1, at = 0;
	int map = (int)raw_bpf(BPF_MAP_CREATE, &create, sizeof(create)), status = 1, pid, err;
	union bpf_attr get_naps = {.map_fd = (uint32_t)map, .key = (uintptr_t)&at, .value = (uintptr_t)&naps};
	union bpf_attr put_stop = {.map_fd = (uint32_t)map, .key = (uintptr_t)&one, .value = (uintptr_t)&one};
	long start;

	if (!check(map >= 0, "map", map))
		return;
	pid = fork();
	if (pid == 0)
		nap(map);
	begin();
	put_choices(choices);
	put_end();
	start = now_ms();
	err = load();
	start = now_ms() - start;
	raw_bpf(BPF_MAP_LOOKUP_ELEM, &get_naps, sizeof(get_naps));
	raw_bpf(BPF_MAP_UPDATE_ELEM, &put_stop, sizeof(put_stop));
	wait(&status);
	close(map);
	if (choices < MOST_CHOICES) {
		check(err >= 0, "so many paths", err);
	} else {
		check(err == -E2BIG, "2^24 paths are too many", err);
		check(strstr(log_text, "BPF program is too large. Processed 1000001 insn") != NULL, "in words", 0);
	}
	printf("%s", log_text);
	printf("verifymax: %ld ms, %u naps of %d ms\n", start, naps, NAP_MS);
	check(naps >= start / NAP_MS / 4, "the timer went on", (long)naps);
	check(pid > 0 && status == 0, "child", status);
}

/* ---------------------------------------------------------------------- single actions */

static void say(const char *what, bool exact)
{
	long stay = ebpf_info(SBI_EBPF_INFO_MAX_STAY), bound = ebpf_info(SBI_EBPF_INFO_STAY_BOUND);

	printf("verifymax: %s: %ld\n", what, stay);
	if (exact)
		check(stay >= 0 && stay <= bound, what, stay);
}

/* A stack full of values with names of their own, copied with each path and compared at each jump */
static void full_stack(uint32_t choices)
{
	begin();
	for (int32_t i = 1; i <= 64; i++) {
		put(BPF_LDX | BPF_MEM | BPF_DW, 2, 1, 8 * (i % 30), 0);
		put(BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0); /* a name */
		put(BPF_STX | BPF_MEM | BPF_DW, 10, 2, -8 * i, 0);
	}
	put_choices(choices);
	/* all of them are read */
	for (int32_t i = 1; i <= 64; i++)
		put(BPF_LDX | BPF_MEM | BPF_DW, 2, 10, -8 * i, 0);
	put_end();
}

/* One value in 64 slots and five registers: a comparison of one tells all. */
static void many_copies(uint32_t choices)
{
	begin();
	put(BPF_LDX | BPF_MEM | BPF_DW, 2, 1, 8, 0);
	for (int32_t i = 3; i <= 64; i++)
		put(BPF_STX | BPF_MEM | BPF_DW, 10, 2, -8 * i, 0);
	for (uint32_t i = 0; i < choices; i++) {
		put(BPF_JMP | BPF_JGT | BPF_K, 2, 0, 1, (int32_t)(i + 1) * 1000);
		put(BPF_ALU64 | BPF_ADD | BPF_K, 6, 0, 0, 1 << i);
	}
	for (int32_t i = 3; i <= 64; i++)
		put(BPF_LDX | BPF_MEM | BPF_DW, 3, 10, -8 * i, 0);
	put_end();
}

/* Helpers that read and fill all of the stack */
static void large_arguments(uint32_t n)
{
	begin();
	put(BPF_ALU64 | BPF_MOV | BPF_X, 8, 1, 0, 0);
	for (uint32_t i = 0; i < n; i++) {
		put(BPF_ALU64 | BPF_MOV | BPF_X, 1, 10, 0, 0);
		put(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, -512);
		put(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 512);
		put(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 0);
		put(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
		for (int32_t k = 1; k <= 64; k++)
			put(BPF_STX | BPF_MEM | BPF_DW, 10, 7, -8 * k, 0);
		/* r7 is unknown: any of 512 bytes */
		put(BPF_ALU64 | BPF_MOV | BPF_X, 1, 7, 0, 0);
		put(BPF_ALU64 | BPF_AND | BPF_K, 1, 0, 0, 255);
		put(BPF_ALU64 | BPF_ADD | BPF_X, 1, 10, 0, 0);
		put(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, -512);
		put(BPF_ST | BPF_MEM | BPF_B, 1, 0, 0, 1);
	}
	put(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	put(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void single_actions(void)
{
	struct accounts before = accounts_now();
	unsigned long a, b;
	bool exact;

	asm volatile("rdinstret %0; rdinstret %1" : "=r"(a), "=r"(b));
	exact = b - a == 1;
	say(exact ? "at start" : "(instret does not count instructions here) at start", exact);
	full_stack(9);
	check(load() == 3, "a full stack", 0);
	say("full stack", exact);
	many_copies(10);
	check(load() == 3, "copies", 0);
	say("many copies", exact);
	large_arguments(20);
	check(load() == 3, "large arguments", 0);
	say("large arguments", exact);
	begin();
	put_choices(14);
	put_end();
	check(load() == 3, "paths", 0);
	say("many paths", exact);
	accounts_check(&before, "accounts");
}

int main(int argc, char *argv[])
{
	if (argc > 1 && !strcmp(argv[1], "stay"))
		single_actions();
	else
		most_instructions(argc > 1 ? (uint32_t)atoi(argv[1]) : MOST_CHOICES);
	return checks_done("verifymax");
}
