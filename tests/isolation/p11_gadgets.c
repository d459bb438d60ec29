/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-11: the kernel jumps into the firmware
 *
 * Attacker: the S-mode kernel
 * Action: jumps to every 64th byte (short form: every 4096th) of the firmware's text and of the arena,
 *	with translation and without; a return address in the firmware behind a return probe
 * Contained: instruction access fault, every time; nothing of it is executed as S-mode
 * Oracle: scause 1; self-check; the image from outside
 * Short: virt smepmp
 */
#include "payload.h"

#define PROG 2
#define LINK 3

static uint64_t root[512] __attribute__((aligned(4096)));

static uint64_t escapes(uint64_t start, uint64_t size)
{
	uint64_t step = long_form() ? 64 : 4096, n = 0;

	for (uint64_t at = start; at < start + size; at += step)
		n += touch_exec(at) != CAUSE_FETCH_ACCESS;
	return n;
}

static void jumps(void)
{
	uint64_t arena = 0;

	for (uint64_t at = 0x84000000; at < RAM_END && !arena; at += 0x100000)
		if (touch_load(at))
			arena = at;
	check_true("the arena is found", arena != 0);
	check("jumps into the firmware", (int64_t)escapes(FIRMWARE, FIRMWARE_SIZE), 0);
	check("jumps into the arena", (int64_t)escapes(arena, 0x100000), 0);
}

/* The real return address is firmware memory: the return is to there, as S-mode. */
static void return_probe(void)
{
	const struct bpf_insn insns[] = {MOV_IMM(BPF_REG_0, 0), EXIT()};
	uint64_t cause;

	check("load", load(insns, COUNT(insns), PROG), PROG);
	check("attach", attach(PROG, (uint64_t)victim, BPF_F_KPROBE_MULTI_RETURN, LINK), LINK);
	asm volatile("la t2, 1f\n" /* where the fault handler returns to: ra after the fault is firmware's */
		     "mv s2, t2\n"
		     "mv s3, ra\n"
		     "mv ra, %1\n"
		     "li a0, 1\n"
		     "j victim\n"
		     "1: mv ra, s3\n"
		     "mv %0, a0\n"
		     : "=r"(cause)
		     : "r"(FIRMWARE + 0x1000)
		     : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "s2",
		       "s3", "memory");
	check("the return faults", (int64_t)cause, CAUSE_FETCH_ACCESS);
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
}

/* A fetch fault at the forged return: ra is that address itself, so go where s2 says. */
bool experiment_trap(struct trap_frame *tf)
{
	if (tf->cause != CAUSE_FETCH_ACCESS || tf->epc != FIRMWARE + 0x1000 || tf->x[RA] != tf->epc)
		return false;
	tf->epc = tf->x[17]; /* s2 */
	tf->x[A0] = tf->cause;
	return true;
}

void experiment(void)
{
	jumps();
	sv39_identity(root);
	set_satp(satp_of(SV39, root));
	jumps();
	set_satp(0);
	return_probe();
}
