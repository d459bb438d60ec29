/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-08: the kernel never returns from functions with return probes
 *
 * Attacker: the S-mode kernel
 * Action: jumps out of a function with a return probe, thousands of times, from a hundred different
 *	stack pointers
 * Contained: instances of calls that cannot return any more are taken back when their stack is used
 *	again; what finds none is counted as missed; other return probes and the kernel's calls go on
 * Oracle: results; an end; hits of another return probe afterwards
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3
#define LEFT 3000 /* more than there are instances */

static uint64_t hits(void)
{
	uint64_t value = 0;

	check("read", get(0, MAP, 0, &value), 0);
	return value;
}

/* A function whose body jumps away: its return probe never sees it return. */
__attribute__((noinline, noclone)) static void jumps_away(uint64_t *sp_out)
{
	asm volatile("" ::"r"(sp_out) : "memory");
	__builtin_longjmp(sp_out, 1);
}

static void abandoned_returns(void)
{
	static uint64_t buf[5];
	volatile uint64_t n = 0;
	uint64_t before;
	int64_t missed = info(SBI_EBPF_INFO_MISSED);

	check("return probe", attach(PROG, (uint64_t)jumps_away, BPF_F_KPROBE_MULTI_RETURN, LINK), LINK);
	while (n < LEFT) {
		volatile char depth[16 * (1 + n % 100)]; /* another stack pointer */

		depth[0] = depth[n % 16];
		n++;
		if (!__builtin_setjmp(buf))
			jumps_away(buf);
	}
	note("returns missed for want of instances", info(SBI_EBPF_INFO_MISSED) - missed);
	check("close", close_fd(LINK), 0);
	check("return probe on another function", attach(PROG, (uint64_t)victim, BPF_F_KPROBE_MULTI_RETURN, LINK),
	      LINK);
	before = hits();
	check("results", (int64_t)right_calls(50), 50);
	check("returns counted", (int64_t)(hits() - before), 50);
	check("close", close_fd(LINK), 0);
}

void experiment(void)
{
	struct bpf_insn insns[COUNTER_INSNS];

	keeps_objects(); /* returns that never come hold their probe: the sp they wait for may yet be used */
	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	counter_program(insns, MAP);
	check("load", load(insns, COUNTER_INSNS, PROG), PROG);
	abandoned_returns();
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
	check("objects left", info(SBI_EBPF_INFO_OBJECTS), 0);
	check("probes left", info(SBI_EBPF_INFO_ARMED_PROBES), 0);
}
