/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel of its own that attaches probes to one of its functions: all that
 * docs/porting-a-kernel.md asks of a kernel, with nothing of kernel/ in it.
 * One hart, no page table (satp = Bare), no user mode.
 *
 * Prints: N passed, N failed
 */
#include "uapi/bpf.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#define SBI_EXT_BASE 0x10
#define SBI_EXT_BASE_PROBE_EXT 3
#define SBI_EXT_0_1_CONSOLE_PUTCHAR 0x1
#define SBI_EXT_SRST 0x53525354

#define CALLS 1000
#define PID 42
#define CHILD 43	/* an owner that gets a descriptor by DUP */
#define C_EBREAK 0x9002 /* what a probe puts into the text */

enum { MAP_FD = 1, COUNT_FD, SAY_FD, LINK_FD };

extern char return_trampoline[];
uint64_t probed(uint64_t x);
void client_main(void);
void client_trap(uint64_t cause, uint64_t epc);
void *memset(void *dst, int value, size_t len);

static unsigned int passed, failed;

/* ---- the machine below ---- */

/* The compiler clears structures with it. */
void *memset(void *dst, int value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((char *)dst)[i] = (char)value;
	return dst;
}

/* Any SBI call; its value. The extension "BPF" puts a result or -errno there in every case. */
static int64_t sbi(uint64_t ext, uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4,
		   uint64_t x5)
{
	register uint64_t a0 asm("a0") = x0;
	register uint64_t a1 asm("a1") = x1;
	register uint64_t a2 asm("a2") = x2;
	register uint64_t a3 asm("a3") = x3;
	register uint64_t a4 asm("a4") = x4;
	register uint64_t a5 asm("a5") = x5;
	register uint64_t a6 asm("a6") = fid;
	register uint64_t a7 asm("a7") = ext;

	asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7) : "memory");
	return (int64_t)a1;
}

/* One function of the extension, until it is done. A kernel with interrupts takes them between two rounds. */
static int64_t ebpf(uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5)
{
	int64_t ret;

	do
		ret = sbi(SBI_EXT_EBPF, fid, x0, x1, x2, x3, x4, x5);
	while (ret == -SBI_EBPF_ERESTART);
	return ret;
}

static void print(const char *s)
{
	for (; *s; s++)
		sbi(SBI_EXT_0_1_CONSOLE_PUTCHAR, 0, (uint8_t)*s, 0, 0, 0, 0, 0);
}

static void print_number(int64_t n)
{
	char digits[21], *d = &digits[20];
	uint64_t v = n < 0 ? -(uint64_t)n : (uint64_t)n;

	*d = 0;
	do
		*--d = (char)('0' + v % 10);
	while (v /= 10);
	print(n < 0 ? "-" : "");
	print(d);
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

/* ---- step 1: bpf(2). The kernel is owner 0; its addresses need no translation. ---- */

static int64_t bpf(enum bpf_cmd cmd, const union bpf_attr *attr, uint64_t owner, uint64_t newfd)
{
	return ebpf(SBI_EXT_EBPF_CALL, cmd, (uint64_t)attr, sizeof(*attr), 0, owner, newfd);
}

static int64_t load(const struct bpf_insn *insns, uint32_t count, int fd)
{
	const union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_KPROBE,
				     .insn_cnt = count,
				     .insns = (uint64_t)insns,
				     .license = (uint64_t) "GPL"};

	return bpf(BPF_PROG_LOAD, &attr, 0, (uint64_t)fd);
}

static int64_t attach(uint32_t prog, const char *symbol, uint32_t flags)
{
	const uint64_t symbols[] = {(uint64_t)symbol};
	const union bpf_attr attr = {.link_prog_fd = prog,
				     .link_attach_type = BPF_TRACE_KPROBE_MULTI,
				     .km_flags = flags,
				     .km_cnt = 1,
				     .km_syms = (uint64_t)symbols};

	return bpf(BPF_LINK_CREATE, &attr, 0, LINK_FD);
}

static int64_t counter(uint64_t owner, uint32_t fd)
{
	uint32_t key = 0;
	int64_t value = -1;
	const union bpf_attr attr = {.map_fd = fd, .key = (uint64_t)&key, .value = (uint64_t)&value};
	int64_t ret = bpf(BPF_MAP_LOOKUP_ELEM, &attr, owner, 0);

	return ret ? ret : value;
}

/* value[0]++ */
static const struct bpf_insn count_insns[] = {
	{BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0},
	{BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0},
	{BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4},
	{BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, MAP_FD},
	{0},
	{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem},
	{BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 3, 0},
	{BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_0, 0, 0},
	{BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, 1},
	{BPF_STX | BPF_MEM | BPF_DW, BPF_REG_0, BPF_REG_1, 0, 0},
	{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
	{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
};

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

/* ---- the function that is probed, and steps 3 and 4: task area, symbols, return trampoline ---- */

__attribute__((noinline, noclone)) uint64_t probed(uint64_t x)
{
	asm volatile("");
	return 3 * x + 1;
}

static struct ebpf_task_area area = {.pid = PID, .tgid = PID, .comm = "client"};

static const struct {
	struct ebpf_symtab_header header;
	struct ebpf_symtab_entry entry;
	char strings[8];
} symbols = {
	.header = {EBPF_SYMTAB_MAGIC, EBPF_SYMTAB_VERSION, sizeof(struct ebpf_symtab_entry), 1, 8},
	.entry = {.addr = (uint64_t)probed},
	.strings = "probed",
};

static void hand_over(void)
{
	check("task area", ebpf(SBI_EXT_EBPF_SET_TASK_AREA, (uint64_t)&area, 0, 0, 0, 0, 0), 0);
	check("symbols", ebpf(SBI_EXT_EBPF_SET_SYMBOLS, (uint64_t)&symbols, 0, sizeof(symbols), 0, 0, 0), 0);
	check("return trampoline", ebpf(SBI_EXT_EBPF_SET_RETURN_TRAMPOLINE, (uint64_t)return_trampoline, 0, 0, 0, 0, 0),
	      0);
}

static uint64_t right_results(void)
{
	uint64_t right = 0;

	for (uint64_t i = 0; i < CALLS; i++)
		right += probed(i) == 3 * i + 1;
	return right;
}

static void count_calls(void)
{
	volatile const uint16_t *text = (const uint16_t *)probed;
	const uint16_t original = *text;
	const union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};

	check("map", bpf(BPF_MAP_CREATE, &map, 0, MAP_FD), MAP_FD);
	check("program", load(count_insns, sizeof(count_insns) / sizeof(count_insns[0]), COUNT_FD), COUNT_FD);
	check("attach to a name that is not in the table", attach(COUNT_FD, "nothing", 0), -ESRCH);
	check("attach", attach(COUNT_FD, "probed", 0), LINK_FD);
	check("breakpoint", *text, C_EBREAK);
	check("results with the probe", (int64_t)right_results(), CALLS);
	check("calls counted", counter(0, MAP_FD), CALLS);
	check("close the link", ebpf(SBI_EXT_EBPF_CLOSE, 0, LINK_FD, 0, 0, 0, 0), 0);
	check("text as it was", *text, original);
	check("results without", (int64_t)right_results(), CALLS);
	check("calls not counted", counter(0, MAP_FD), CALLS);
	check("attach to returns", attach(COUNT_FD, "probed", BPF_F_KPROBE_MULTI_RETURN), LINK_FD);
	check("results with the return probe", (int64_t)right_results(), CALLS);
	check("returns counted", counter(0, MAP_FD), 2 * CALLS);
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
static void descriptors(int64_t free_before)
{
	check("dup", ebpf(SBI_EXT_EBPF_DUP, 0, MAP_FD, CHILD, MAP_FD, 0, 0), MAP_FD);
	check("exit of the first owner", ebpf(SBI_EXT_EBPF_EXIT, 0, 0, 0, 0, 0, 0), 0);
	check("its descriptor", counter(0, MAP_FD), -EBADF);
	check("the other's", counter(CHILD | SBI_EBPF_OWNER_KERNEL_ADDR, MAP_FD), 2 * CALLS);
	check("exit of the other", ebpf(SBI_EXT_EBPF_EXIT, CHILD, 0, 0, 0, 0, 0), 0);
	check("objects left", ebpf(SBI_EXT_EBPF_GET_INFO, SBI_EBPF_INFO_OBJECTS, 0, 0, 0, 0, 0), 0);
	check("memory left", ebpf(SBI_EXT_EBPF_GET_INFO, SBI_EBPF_INFO_ARENA_FREE, 0, 0, 0, 0, 0), free_before);
}

void client_main(void)
{
	int64_t version = sbi(SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT, SBI_EXT_EBPF, 0, 0, 0, 0, 0);
	int64_t free_before;

	check("version of the extension", version >> 16, SBI_EBPF_VERSION_MAJOR);
	if (failed)
		end();
	hand_over();
	free_before = ebpf(SBI_EXT_EBPF_GET_INFO, SBI_EBPF_INFO_ARENA_FREE, 0, 0, 0, 0, 0);
	count_calls();
	trace();
	descriptors(free_before);
	end();
}
