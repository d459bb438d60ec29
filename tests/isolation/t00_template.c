/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * T-00: the template: copy this file to <id>_<name>.c and change it
 *
 * Attacker: who does it: a program, the S-mode kernel, a user process, another hart
 * Action: what it does
 * Contained: what must not happen, and what happens instead
 * Oracle: how this file, or the runner, would notice
 * Short: virt
 */
#include "payload.h"

#define PROG 1
#define LINK 2

/* A program as raw instructions. CONTAINED() is for those that must be refused, or stopped at run time. */
static const struct bpf_insn insns[] = {
	MOV_IMM(BPF_REG_0, 0),
	EXIT(),
};

void experiment(void)
{
	/* What the attacker needs */
	check("load", load(insns, COUNT(insns), PROG), PROG);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);

	/* The attack */
	check("a load of the firmware's memory faults", (int64_t)touch_load(FIRMWARE), CAUSE_LOAD_ACCESS);
	CONTAINED("a program that does the same", "R1 invalid mem access 'scalar'", IMM64(BPF_REG_1, FIRMWARE),
		  LDX(BPF_DW, BPF_REG_0, BPF_REG_1, 0), EXIT());

	/* What must still be so */
	check("results of the probed function", (int64_t)right_calls(10), 10);

	/* Give everything back: the shared oracles compare the firmware's accounts */
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
}
