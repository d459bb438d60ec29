/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel of its own that attaches a probe to one of its functions: what
 * docs/porting-a-kernel.md asks of a kernel, with nothing of kernel/ in it.
 * One hart, no page table (satp = Bare), no user mode. Read it from the bottom.
 */
#include "client.h"

#define SBI_EXT_0_1_CONSOLE_PUTCHAR 0x1

extern char return_trampoline[]; /* start.S */

/* Any SBI call; its value. The extension "BPF" puts a result or -errno there in every case. */
int64_t sbi(uint64_t ext, uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5)
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
int64_t ebpf(uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5)
{
	int64_t ret;

	do
		ret = sbi(SBI_EXT_EBPF, fid, x0, x1, x2, x3, x4, x5);
	while (ret == -SBI_EBPF_ERESTART);
	return ret;
}

void print(const char *s)
{
	for (; *s; s++)
		sbi(SBI_EXT_0_1_CONSOLE_PUTCHAR, 0, (uint8_t)*s, 0, 0, 0, 0, 0);
}

void print_number(int64_t n)
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

/* Step 1: bpf(2). The kernel is owner 0; its addresses need no translation. */
int64_t bpf(enum bpf_cmd cmd, const union bpf_attr *attr, uint64_t owner, uint64_t newfd)
{
	return ebpf(SBI_EXT_EBPF_CALL, cmd, (uint64_t)attr, sizeof(*attr), 0, owner, newfd);
}

int64_t load(const struct bpf_insn *insns, uint32_t count, int fd)
{
	const union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_KPROBE,
				     .insn_cnt = count,
				     .insns = (uint64_t)insns,
				     .license = (uint64_t) "GPL"};

	return bpf(BPF_PROG_LOAD, &attr, 0, (uint64_t)fd);
}

int64_t attach(uint32_t prog, const char *symbol, uint32_t flags)
{
	const uint64_t symbols[] = {(uint64_t)symbol};
	const union bpf_attr attr = {.link_prog_fd = prog,
				     .link_attach_type = BPF_TRACE_KPROBE_MULTI,
				     .km_flags = flags,
				     .km_cnt = 1,
				     .km_syms = (uint64_t)symbols};

	return bpf(BPF_LINK_CREATE, &attr, 0, LINK_FD);
}

int64_t counter(uint64_t owner, uint32_t fd)
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

/* The function that is probed. */
__attribute__((noinline, noclone)) uint64_t probed(uint64_t x)
{
	asm volatile("");
	return 3 * x + 1;
}

/* Steps 3 and 4: who runs, and what the functions are called. */
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

void client_main(void)
{
	const union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};

	ebpf(SBI_EXT_EBPF_SET_TASK_AREA, (uint64_t)&area, 0, 0, 0, 0, 0);
	ebpf(SBI_EXT_EBPF_SET_SYMBOLS, (uint64_t)&symbols, 0, sizeof(symbols), 0, 0, 0);
	ebpf(SBI_EXT_EBPF_SET_RETURN_TRAMPOLINE, (uint64_t)return_trampoline, 0, 0, 0, 0, 0);

	bpf(BPF_MAP_CREATE, &map, 0, MAP_FD);
	load(count_insns, sizeof(count_insns) / sizeof(count_insns[0]), COUNT_FD);
	attach(COUNT_FD, "probed", 0);
	for (uint64_t i = 0; i < CALLS; i++)
		probed(i);
	print("probed() was called ");
	print_number(counter(0, MAP_FD));
	print(" times\n");
	client_checks();
}
