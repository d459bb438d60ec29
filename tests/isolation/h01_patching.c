/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * H-01: harts execute what another hart patches
 *
 * Attacker: another hart, by executing the probed function all the time
 * Action: attach and detach in a storm on one hart while the others call the function: its first
 *	instruction of 2 bytes, one of 4 bytes across a page's end, and a compressed neighbour
 * Contained: no hart executes half an instruction, no breakpoint reaches the kernel, no hit is lost
 *	while attached
 * Oracle: results of every call; hits on this hart; breakpoints the kernel has seen
 * Harts: 4
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3

/* a0 = 3 * a0 + 1 with a 4-byte instruction across a page's end between two compressed ones */
extern char straddle[], straddling[];
asm(".text\n .balign 4096\n .space 4092 - 2\n .globl straddle\nstraddle:\n"
    " .option push\n .option rvc\n c.mv a1, a0\n c.slli a0, 1\n .option norvc\n .globl straddling\nstraddling:\n"
    " add a0, a0, a1\n .option rvc\n c.addi a0, 1\n c.jr ra\n .option pop\n");

static volatile uint32_t stop;
static uint64_t wrong[8], calls[8];

static uint64_t call_straddle(uint64_t x)
{
	return ((uint64_t(*)(uint64_t))(uint64_t)straddle)(x);
}

static void call_both(uint64_t n)
{
	for (uint64_t x = 0; !__atomic_load_n(&stop, __ATOMIC_ACQUIRE); x++) {
		wrong[n] += victim(x) != 3 * x + 1;
		wrong[n] += call_straddle(x) != 3 * x + 1;
		calls[n]++;
	}
}

static uint64_t hits(void)
{
	uint64_t value = 0;

	check("read", get(0, MAP, 0, &value), 0);
	return value;
}

void experiment(void)
{
	const uint64_t places[] = {(uint64_t)victim, (uint64_t)straddling, (uint64_t)straddle,
				   (uint64_t)straddling + 4};
	unsigned int others = harts() < 8 ? harts() - 1 : 7;
	struct bpf_insn insns[COUNTER_INSNS];
	int rounds = long_form() ? 40 : 12;

	check("the instruction lies across a page's end", (int64_t)((uint64_t)straddling & 0xfff), 0xffe);
	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	counter_program(insns, MAP);
	check("load", load(insns, COUNTER_INSNS, PROG), PROG);
	for (unsigned int n = 1; n <= others; n++)
		start_hart(n, call_both, n);
	for (int i = 0; i < rounds; i++) {
		uint64_t before;

		check("attach", attach(PROG, places[i % COUNT(places)], 0, LINK), LINK);
		before = hits();
		for (uint64_t x = 0; x < 10; x++)
			check("result here", (int64_t)(i % COUNT(places) ? call_straddle(x) : victim(x)),
			      (int64_t)(3 * x + 1));
		check_true("hits here", hits() - before >= 10);
		check("detach", close_fd(LINK), 0);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	wait_harts();
	for (unsigned int n = 1; n <= others; n++) {
		check("wrong results on another hart", (int64_t)wrong[n], 0);
		check_true("it has worked", calls[n] > 0);
	}
	check("breakpoints the kernel has seen", (int64_t)breakpoints_seen, 0);
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
}
