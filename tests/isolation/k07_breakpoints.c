/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-07: the kernel's own breakpoints beside the firmware's
 *
 * Attacker: the S-mode kernel
 * Action: ebreak and c.ebreak of its own, armed probes or not; a probed address executed through two
 *	mappings; the probed instruction overwritten; text unmapped while probed
 * Contained: what is not a probe reaches the kernel with scause 3 and its own sepc and stval;
 *	detaching restores what was displaced, byte for byte, and never overwrites what the kernel has put
 *	there
 * Oracle: the kernel's trap handler; the bytes of its text
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3
#define ALIAS 0x140000000ul
#define C_EBREAK 0x9002

static uint64_t root[512] __attribute__((aligned(4096)));
extern char own_c_ebreak[], own_ebreak[];

__attribute__((noinline, noclone)) static void own_breakpoints(void)
{
	uint64_t before = breakpoints_seen;

	asm volatile(".option push\n.option rvc\n.globl own_c_ebreak\nown_c_ebreak: c.ebreak\n.option pop" ::
			     : "memory");
	check("c.ebreak: seen", (int64_t)(breakpoints_seen - before), 1);
	check("c.ebreak: sepc", (int64_t)breakpoint_epc, (int64_t)own_c_ebreak);
	check_true("c.ebreak: stval", breakpoint_tval == breakpoint_epc || breakpoint_tval == 0);
	asm volatile(".option push\n.option norvc\n.globl own_ebreak\nown_ebreak: ebreak\n.option pop" ::: "memory");
	check("ebreak: seen", (int64_t)(breakpoints_seen - before), 2);
	check("ebreak: sepc", (int64_t)breakpoint_epc, (int64_t)own_ebreak);
}

static uint64_t hits(void)
{
	uint64_t value = 0;

	check("read", get(0, MAP, 0, &value), 0);
	return value;
}

static void two_mappings(void)
{
	uint64_t alias = (uint64_t)victim - FIRMWARE + ALIAS, before = hits();

	sv39_identity(root);
	root[ALIAS >> 30] = pte_of(FIRMWARE & ~((1ul << 30) - 1), PTE_RWX);
	set_satp(satp_of(SV39, root));
	check("through the second mapping", (int64_t)((uint64_t(*)(uint64_t))alias)(5), 16);
	check("through the first", (int64_t)victim(5), 16);
	set_satp(0);
	check("both are hits", (int64_t)(hits() - before), 2);
}

static void overwritten(void)
{
	volatile uint16_t *text = (volatile uint16_t *)victim;
	uint16_t original;

	check("close", close_fd(LINK), 0);
	original = *text;
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	check("the breakpoint is there", *text, C_EBREAK);
	*text = original; /* the kernel takes it out */
	asm volatile("fence.i");
	check("result", (int64_t)victim(5), 16);
	check("close", close_fd(LINK), 0);
	check("the text", *text, original);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	*text = 0x0001; /* or puts something else there */
	check("close", close_fd(LINK), 0);
	check("it stays", *text, 0x0001);
	*text = original;
	asm volatile("fence.i");
}

static void unmapped(void)
{
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	sv39_identity(root);
	set_satp(satp_of(SV39, root));
	check("result", (int64_t)victim(5), 16);
	set_satp(0);
	/* tables without victim's page: it cannot be executed now, and is restored all the same */
	check("close", close_fd(LINK), 0);
	check_true("restored", *(volatile uint16_t *)victim != C_EBREAK);
}

void experiment(void)
{
	struct bpf_insn insns[COUNTER_INSNS];

	own_breakpoints();
	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	counter_program(insns, MAP);
	check("load", load(insns, COUNTER_INSNS, PROG), PROG);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	own_breakpoints();
	two_mappings();
	overwritten();
	own_breakpoints();
	unmapped();
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
	own_breakpoints();
}
