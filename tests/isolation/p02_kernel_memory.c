/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-02: a program writes the kernel's memory
 *
 * Attacker: a program that the verifier should refuse, or has wrongly accepted
 * Action: a store to an address of the kernel, to what a register of the context points to, to the
 *	saved registers, and the helpers that write memory or change returns in Linux
 * Contained: no store arrives: the kernel's memory can be read through helpers and never written
 * Oracle: a word of the kernel's memory, the probed function's arguments and result
 * Short: virt virt-noverifier
 */
#include "payload.h"

#define BPF_FUNC_probe_write_user 36
#define BPF_FUNC_override_return 58

static uint64_t target = 0x1234567890abcdef;

void experiment(void)
{
	const uint64_t at = (uint64_t)&target;
	const struct bpf_insn write_user[] = {MOV_IMM(BPF_REG_1, 0), MOV_REG(BPF_REG_2, BPF_REG_10),
					      MOV_IMM(BPF_REG_3, 0), CALL(BPF_FUNC_probe_write_user), EXIT()};
	const struct bpf_insn override[] = {MOV_IMM(BPF_REG_2, 7), CALL(BPF_FUNC_override_return), EXIT()};

	CONTAINED("store to kernel memory", "R1 invalid mem access 'scalar'", IMM64(BPF_REG_1, at),
		  ST(BPF_DW, BPF_REG_1, 0, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("load of kernel memory without a helper", "R1 invalid mem access 'scalar'", IMM64(BPF_REG_1, at),
		  LDX(BPF_DW, BPF_REG_0, BPF_REG_1, 0), EXIT());
	CONTAINED("store through the probed function's stack pointer", "invalid mem access 'scalar'",
		  LDX(BPF_DW, BPF_REG_2, BPF_REG_1, 16), ST(BPF_DW, BPF_REG_2, -8, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("another argument for the probed function", "", ST(BPF_DW, BPF_REG_1, 80, 0), MOV_IMM(BPF_REG_0, 0),
		  EXIT());
	CONTAINED("another pc for the probed function", "", ST(BPF_DW, BPF_REG_1, 0, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("atomic exchange with kernel memory", "", IMM64(BPF_REG_1, at), MOV_IMM(BPF_REG_2, 0),
		  ATOMIC(BPF_DW, BPF_XCHG, BPF_REG_1, BPF_REG_2, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	/* in no build */
	check("no helper writes user memory", load(write_user, COUNT(write_user), 1), -EINVAL);
	check("no helper overrides returns", load(override, COUNT(override), 1), -EINVAL);
	/* what is allowed: a copy */
	HARMLESS("reading through the helper", (uint32_t)target, MOV_REG(BPF_REG_1, BPF_REG_10), ADD_IMM(BPF_REG_1, -8),
		 MOV_IMM(BPF_REG_2, 8), IMM64(BPF_REG_3, at), CALL(BPF_FUNC_probe_read_kernel),
		 LDX(BPF_W, BPF_REG_0, BPF_REG_10, -8), EXIT());
	check_true("the word is as it was", *(volatile uint64_t *)&target == 0x1234567890abcdef);
}
