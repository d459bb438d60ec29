/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-03: the kernel reaches for the machine's own registers
 *
 * Attacker: the S-mode kernel
 * Action: reads and writes of every PMP register, of mtvec, medeleg, mstatus, mseccfg and other M-mode
 *	registers; the SBI extensions that could give breakpoints back to it (FWFT, DBTR, SSE)
 * Contained: illegal instruction, or an SBI error; an armed probe still fires, and the PMP still holds
 * Oracle: scause 2; hits counted afterwards; an access fault afterwards
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3
#define CSRRW(csr) ((csr) << 20 | 10u << 15 | 1u << 12 | 10u << 7 | 0x73) /* csrrw a0, csr, a0 */
#define CSRRS(csr) ((csr) << 20 | 0u << 15 | 2u << 12 | 10u << 7 | 0x73)  /* csrr a0, csr */
#define RET 0x8067u

static const uint16_t csrs[] = {
	0x300, 0x301, 0x302, 0x303, 0x304, 0x305, 0x306, 0x30a, 0x340, 0x341, 0x342, 0x343, 0x344, 0x34a,
	0x34b, 0x747, 0x7a0, 0x7a1, 0x7a2, 0x7a3, 0x7b0, 0x7b1, 0xb00, 0xb02, 0xf11, 0xf12, 0xf13, 0xf14,
};

static uint32_t code[2];
static uint64_t illegal;

bool experiment_trap(struct trap_frame *tf)
{
	if (tf->cause != CAUSE_ILLEGAL || tf->epc != (uint64_t)code)
		return false;
	illegal++;
	tf->epc += 4;
	return true;
}

/* Execute one instruction that is put together here; did it trap? */
static bool refused(uint32_t insn)
{
	uint64_t before = illegal;

	code[0] = insn;
	code[1] = RET;
	asm volatile("fence.i" ::: "memory");
	((void (*)(uint64_t))(uint64_t)code)(-1ul);
	return illegal == before + 1;
}

static void machine_registers(void)
{
	uint64_t reached = 0;

	for (unsigned int i = 0; i < COUNT(csrs); i++) {
		reached += !refused(CSRRS(csrs[i]));
		reached += !refused(CSRRW(csrs[i]));
	}
	for (uint32_t i = 0; i < 16; i++) /* pmpcfg */
		reached += !refused(CSRRW(0x3a0 + i)) + !refused(CSRRS(0x3a0 + i));
	for (uint32_t i = 0; i < 64; i++) /* pmpaddr */
		reached += !refused(CSRRW(0x3b0 + i)) + !refused(CSRRS(0x3b0 + i));
	check("M-mode registers reached", (int64_t)reached, 0);
	check_true("mret", refused(0x30200073));
}

/* Ask for every feature, trigger and event there is; whether granted or not, probes must go on. */
static void services(void)
{
	for (uint32_t feature = 0; feature < 8; feature++)
		sbi(SBI_EXT_FWFT, 0, feature, -1ul, 0, 0, 0, 0);
	for (uint32_t fid = 0; fid < 8; fid++)
		sbi(SBI_EXT_DBTR, fid, 0, (uint64_t)victim, 0, 0, 0, 0);
	for (uint32_t fid = 2; fid < 6; fid++)
		sbi(SBI_EXT_SSE, fid, 0x00000000, (uint64_t)victim, 0, 0, 0, 0);
	sbi(SBI_EXT_SSE, 9, 0, 0, 0, 0, 0, 0); /* mask */
}

void experiment(void)
{
	struct bpf_insn insns[COUNTER_INSNS];
	uint64_t value = 0;

	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	counter_program(insns, MAP);
	check("load", load(insns, COUNTER_INSNS, PROG), PROG);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	machine_registers();
	services();
	check("results", (int64_t)right_calls(100), 100);
	check("read", get(0, MAP, 0, &value), 0);
	check("every call was a hit", (int64_t)value, 100);
	check("the kernel saw none of them", (int64_t)breakpoints_seen, 0);
	check("the firmware is out of reach", (int64_t)touch_load(FIRMWARE), CAUSE_LOAD_ACCESS);
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
}
