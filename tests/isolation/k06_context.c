/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-06: the kernel changes the address space between attaching and the hit, and before detaching
 *
 * Attacker: the S-mode kernel
 * Action: attach under one table; hit under another, under none, with another ASID, with SUM and MXR
 *	changed; then the address leads to another page when the probe is removed, and the page with the
 *	breakpoint is data
 * Contained: programs run with the context of the hit; only the place that was patched is restored,
 *	and only if it still holds the breakpoint
 * Oracle: values the program read; the bytes of both pages
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3
#define WINDOW 0x140000000ul /* a virtual address whose page changes */
#define C_ADDI_A0_1 0x0505
#define C_EBREAK 0x9002
#define C_RET 0x8082

static uint64_t root[512] __attribute__((aligned(4096)));
static uint64_t other_root[512] __attribute__((aligned(4096)));
static uint64_t mid[512] __attribute__((aligned(4096))), other_mid[512] __attribute__((aligned(4096)));
static uint64_t low[512] __attribute__((aligned(4096))), other_low[512] __attribute__((aligned(4096)));
static uint16_t page_a[2048] __attribute__((aligned(4096))), page_b[2048] __attribute__((aligned(4096)));

static void map_window(uint64_t top[512], uint64_t middle[512], uint64_t last[512], void *page)
{
	sv39_identity(top);
	top[WINDOW >> 30] = pte_of((uint64_t)middle, PTE_V);
	middle[0] = pte_of((uint64_t)last, PTE_V);
	last[0] = pte_of((uint64_t)page, PTE_RWX);
}

/* value = what the kernel's word at WINDOW + 2048 reads as, in the hit's own address space */
static void reader_program(struct bpf_insn insns[20], uint32_t *count)
{
	const struct bpf_insn program[] = {
		MOV_REG(BPF_REG_1, BPF_REG_10),
		ADD_IMM(BPF_REG_1, -8),
		MOV_IMM(BPF_REG_2, 8),
		IMM64(BPF_REG_3, WINDOW + 2048),
		CALL(BPF_FUNC_probe_read_kernel),
		MAP_VALUE(BPF_REG_1, MAP, 0),
		LDX(BPF_DW, BPF_REG_2, BPF_REG_10, -8),
		STX(BPF_DW, BPF_REG_1, BPF_REG_2, 0),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	memcpy(insns, program, sizeof(program));
	*count = COUNT(program);
}

static uint64_t seen(void)
{
	uint64_t value = 0;

	check("read", get(0, MAP, 0, &value), 0);
	return value;
}

static uint64_t call_window(uint64_t x)
{
	return ((uint64_t(*)(uint64_t))WINDOW)(x);
}

static void hits_elsewhere(void)
{
	uint64_t asid = 5ul << 44, sum_mxr = 3ul << 18;

	set_satp(satp_of(SV39, root));
	check("result", (int64_t)call_window(4), 5);
	check("what it read", (int64_t)seen(), 0xa);
	set_satp(satp_of(SV39, root) | asid);
	check("result with another ASID", (int64_t)call_window(4), 5);
	asm volatile("csrs sstatus, %0" : : "r"(sum_mxr));
	check("result with SUM and MXR", (int64_t)call_window(4), 5);
	asm volatile("csrc sstatus, %0" : : "r"(sum_mxr));
	/* the same page, reached without translation: the same probe, another context */
	set_satp(0);
	check("result without translation", (int64_t)((uint64_t(*)(uint64_t))(uint64_t)page_a)(4), 5);
	check("what it read there: nothing", (int64_t)seen(), 0);
	/* the same address leads to page B, which has no breakpoint */
	set_satp(satp_of(SV39, other_root));
	check("result in page B", (int64_t)call_window(4), 5);
}

static void detach_elsewhere(void)
{
	check("page A holds the breakpoint", page_a[0], C_EBREAK);
	page_b[0] = C_EBREAK; /* bait: detaching through the current tables would restore here */
	set_satp(satp_of(SV39, other_root));
	check("close under other tables", close_fd(LINK), 0);
	set_satp(0);
	check("page A is restored", page_a[0], C_ADDI_A0_1);
	check("page B is not touched", page_b[0], C_EBREAK);
	page_b[0] = C_ADDI_A0_1;
}

/* The kernel has reused the page: what is there now is not the breakpoint. */
static void detach_from_data(void)
{
	set_satp(satp_of(SV39, root));
	check("attach again", attach(PROG, WINDOW, 0, LINK), LINK);
	set_satp(0);
	page_a[0] = 0x1234;
	check("close", close_fd(LINK), 0);
	check("the data is as it was", page_a[0], 0x1234);
}

void experiment(void)
{
	struct bpf_insn insns[20];
	uint32_t count;

	map_window(root, mid, low, page_a);
	map_window(other_root, other_mid, other_low, page_b);
	page_a[0] = page_b[0] = C_ADDI_A0_1;
	page_a[1] = page_b[1] = C_RET;
	*(uint64_t *)&page_a[1024] = 0xa;
	*(uint64_t *)&page_b[1024] = 0xb;
	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	reader_program(insns, &count);
	check("load", load(insns, count, PROG), PROG);
	set_satp(satp_of(SV39, root));
	check("attach", attach(PROG, WINDOW, 0, LINK), LINK);
	hits_elsewhere();
	detach_elsewhere();
	detach_from_data();
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
}
