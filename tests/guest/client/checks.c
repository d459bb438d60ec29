/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks of client.c: that it did what it should, return probes, the trace,
 * descriptors, and that nothing is left.
 *
 * Prints: N passed, N failed
 */
#include "client.h"
#include "uapi/errno.h"

#define SBI_EXT_BASE 0x10
#define SBI_EXT_BASE_PROBE_EXT 3

#define SAY_FD 4
#define CHILD 43	/* an owner that gets a descriptor by DUP */
#define C_EBREAK 0x9002 /* what a probe puts into the text */

static unsigned int passed, failed;

/* The compiler clears structures with it. */
void *memset(void *dst, int value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((char *)dst)[i] = (char)value;
	return dst;
}

static void check(const char *what, int64_t got, int64_t want)
{
	if (got == want) {
		passed++;
		return;
	}
	failed++;
	print("WRONG: ");
	print(what);
	print(": ");
	print_number(got);
	print(", not ");
	print_number(want);
	print("\n");
}

__attribute__((noreturn)) static void end(void)
{
	print_number(passed);
	print(" passed, ");
	print_number(failed);
	print(" failed\n");
	sbi(SBI_EXT_SRST, 0, 0, 0, 0, 0, 0, 0);
	for (;;)
		asm volatile("wfi");
}

void client_trap(uint64_t cause, uint64_t epc)
{
	check("trap: scause", (int64_t)cause, -1);
	check("trap: sepc", (int64_t)epc, -1);
	end();
}

/* bpf_trace_printk("pid %u\n", pid) */
static const struct bpf_insn say_insns[] = {
	{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_pid_tgid},
	{BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_0, 0, 0},
	{BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, 0, 0, 0x20646970}, /* "pid " */
	{.imm = 0x000a7525},					  /* "%u\n" */
	{BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_1, -8, 0},
	{BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0},
	{BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, -8},
	{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 8},
	{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_trace_printk},
	{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
	{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
};

static uint64_t right_results(void)
{
	uint64_t right = 0;

	for (uint64_t i = 0; i < CALLS; i++)
		right += probed(i) == 3 * i + 1;
	return right;
}

/* The link is there and has counted, is closed, and comes back on returns. */
static void count_calls(void)
{
	volatile const uint16_t *text = (const uint16_t *)probed;

	check("calls counted", counter(0, MAP_FD), CALLS);
	check("breakpoint", *text, C_EBREAK);
	check("results with the probe", (int64_t)right_results(), CALLS);
	check("calls counted", counter(0, MAP_FD), 2 * CALLS);
	check("close the link", ebpf(SBI_EXT_EBPF_CLOSE, 0, LINK_FD, 0, 0, 0, 0), 0);
	check("text as it was", *text != C_EBREAK, 1);
	check("results without", (int64_t)right_results(), CALLS);
	check("calls not counted", counter(0, MAP_FD), 2 * CALLS);
	check("attach to a name that is not in the table", attach(COUNT_FD, "nothing", 0), -ESRCH);
	check("attach to returns", attach(COUNT_FD, "probed", BPF_F_KPROBE_MULTI_RETURN), LINK_FD);
	check("results with the return probe", (int64_t)right_results(), CALLS);
	check("returns counted", counter(0, MAP_FD), 3 * CALLS);
	check("close the return probe", ebpf(SBI_EXT_EBPF_CLOSE, 0, LINK_FD, 0, 0, 0, 0), 0);
}

/* Step 5: the trace. Who runs is known from the task area. */
static void trace(void)
{
	static const char want[] = "pid 42\n";
	char text[64] = "";
	int64_t n;

	check("program that prints", load(say_insns, sizeof(say_insns) / sizeof(say_insns[0]), SAY_FD), SAY_FD);
	check("attach it", attach(SAY_FD, "probed", 0), LINK_FD);
	check("result", (int64_t)probed(1), 4);
	n = ebpf(SBI_EXT_EBPF_TRACE_READ, (uint64_t)text, sizeof(text), 0, 0, 0, 0);
	check("length of the trace", n, sizeof(want) - 1);
	for (int64_t i = 0; i < n; i++)
		check("text of the trace", text[i], want[i]);
}

/* Step 2: fork is DUP, exit is EXIT, and then nothing is left. */
static void descriptors(void)
{
	check("dup", ebpf(SBI_EXT_EBPF_DUP, 0, MAP_FD, CHILD, MAP_FD, 0, 0), MAP_FD);
	check("exit of the first owner", ebpf(SBI_EXT_EBPF_EXIT, 0, 0, 0, 0, 0, 0), 0);
	check("its descriptor", counter(0, MAP_FD), -EBADF);
	check("the other's", counter(CHILD | SBI_EBPF_OWNER_KERNEL_ADDR, MAP_FD), 3 * CALLS);
	check("exit of the other", ebpf(SBI_EXT_EBPF_EXIT, CHILD, 0, 0, 0, 0, 0), 0);
	check("objects left", ebpf(SBI_EXT_EBPF_GET_INFO, SBI_EBPF_INFO_OBJECTS, 0, 0, 0, 0, 0), 0);
}

/* What one map takes is there again after it. */
static void memory(void)
{
	const union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 9};
	int64_t before = ebpf(SBI_EXT_EBPF_GET_INFO, SBI_EBPF_INFO_ARENA_FREE, 0, 0, 0, 0, 0);

	check("map", bpf(BPF_MAP_CREATE, &map, 0, MAP_FD), MAP_FD);
	check("exit", ebpf(SBI_EXT_EBPF_EXIT, 0, 0, 0, 0, 0, 0), 0);
	check("memory left", ebpf(SBI_EXT_EBPF_GET_INFO, SBI_EBPF_INFO_ARENA_FREE, 0, 0, 0, 0, 0), before);
}

void client_checks(void)
{
	int64_t version = sbi(SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT, SBI_EXT_EBPF, 0, 0, 0, 0, 0);

	check("version of the extension", version >> 16, SBI_EBPF_VERSION_MAJOR);
	count_calls();
	trace();
	descriptors();
	memory();
	end();
}
