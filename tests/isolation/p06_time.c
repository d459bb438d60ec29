/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-06: a program does not end
 *
 * Attacker: a program that the verifier should refuse, or has wrongly accepted
 * Action: an endless loop, recursion without end, calls deeper than the stack, a tail call to itself,
 *	and the longest loop that is allowed
 * Contained: refused; else stopped by the budget or the depth, and after 8 times never run again. The
 *	probed function goes on with all its registers
 * Oracle: aborted runs; results and callee-saved registers of the function; instructions of the
 *	longest hit
 * Short: virt virt-noverifier
 */
#include "payload.h"

#define PROGS 1
#define PROG 2
#define LINK 3
#define LONGEST 100000 /* times round an allowed loop, below the budget of 131072 instructions */

static uint64_t insns_now(void)
{
	uint64_t n;

	asm volatile("rdinstret %0" : "=r"(n));
	return n;
}

/* victim() with known values in all callee-saved registers: how many come back changed. */
static uint64_t registers_lost(void)
{
	uint64_t lost = 0;

	asm volatile("li s2, 2\n li s3, 3\n li s4, 4\n li s5, 5\n li s6, 6\n li s7, 7\n li s8, 8\n li s9, 9\n"
		     "li a0, 1\n call victim\n"
		     "addi a0, a0, -4\n snez %0, a0\n"
		     "addi s2, s2, -2\n or %0, %0, s2\n addi s3, s3, -3\n or %0, %0, s3\n"
		     "addi s4, s4, -4\n or %0, %0, s4\n addi s5, s5, -5\n or %0, %0, s5\n"
		     "addi s6, s6, -6\n or %0, %0, s6\n addi s7, s7, -7\n or %0, %0, s7\n"
		     "addi s8, s8, -8\n or %0, %0, s8\n addi s9, s9, -9\n or %0, %0, s9\n"
		     : "=&r"(lost)
		     :
		     : "ra", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6",
		       "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "memory");
	return lost;
}

static void longest_loop(void)
{
	const struct bpf_insn insns[] = {
		MOV_IMM(BPF_REG_1, LONGEST / 2),
		INSN(BPF_ALU64 | BPF_SUB | BPF_K, BPF_REG_1, 0, 0, 1),
		JNE_IMM(BPF_REG_1, 0, -2),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	uint64_t before, taken;
	int64_t aborts = info(SBI_EBPF_INFO_ABORTED_RUNS);

	check("load the longest loop", load(insns, COUNT(insns), PROG), PROG);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	before = insns_now();
	check("registers lost over a long run", (int64_t)registers_lost(), 0);
	taken = insns_now() - before;
	note("instructions of the longest hit", (int64_t)taken);
	check("it was allowed", info(SBI_EBPF_INFO_ABORTED_RUNS), aborts);
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
}

/* A program that calls itself as its own tail, which no verifier forbids: 33 times, then it goes on. */
static void tail_calls(void)
{
	const struct bpf_insn insns[] = {
		MAP_PTR(BPF_REG_2, PROGS),
		MOV_IMM(BPF_REG_3, 0),
		CALL(BPF_FUNC_tail_call),
		MOV_IMM(BPF_REG_0, 77),
		EXIT(),
	};
	uint32_t key = 0, fd = PROG, retval = 0;
	const union bpf_attr attr = {.map_fd = PROGS, .key = (uint64_t)&key, .value = (uint64_t)&fd};

	check("an array of programs", make_map(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, PROGS), PROGS);
	check("load", load(insns, COUNT(insns), PROG), PROG);
	check("into the array", bpf(BPF_MAP_UPDATE_ELEM, &attr, 0), 0);
	check("run", test_run(PROG, &retval), 0);
	check("it comes to its end", retval, 77);
	check("close", close_fd(PROGS), 0);
	check("close", close_fd(PROG), 0);
}

static void long_loops(void)
{
	CONTAINED("loop that its condition never ends", "", MOV_IMM(BPF_REG_0, 0), MOV_IMM(BPF_REG_1, 1),
		  ADD_IMM(BPF_REG_1, 2), JNE_IMM(BPF_REG_1, 0, -2), EXIT());
	CONTAINED("loop longer than the budget", "", MOV_IMM(BPF_REG_1, 10000000),
		  INSN(BPF_ALU64 | BPF_SUB | BPF_K, BPF_REG_1, 0, 0, 1), JNE_IMM(BPF_REG_1, 0, -2),
		  MOV_IMM(BPF_REG_0, 0), EXIT());
}

void experiment(void)
{
	CONTAINED("endless loop", "", MOV_IMM(BPF_REG_0, 0), ADD_IMM(BPF_REG_0, 1), JA(-2), EXIT());
	if (!verifier_on()) /* the verifier walks a million instructions before it refuses these: seconds */
		long_loops();
	CONTAINED("recursion", "", INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1), EXIT(),
		  INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, -1), EXIT());
	longest_loop();
	tail_calls();
}
