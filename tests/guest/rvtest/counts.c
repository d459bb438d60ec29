/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions retired by the emulation of the instructions compilers emit most.
 * Exact only where instret counts instructions (QEMU: with -icount); said so
 * otherwise. The bus's own instructions are taken off.
 */
#include "compare.h"

#define QUIET_STORE 2u /* start.S */
#define QUIET_LOAD 3u
/* of rv_emulate() around the call: pc kept, run loaded, result tested and stored; the call itself is counted */
#define AROUND 4u

static const struct rv_bus quiet_bus = {.load = quiet_load, .store = quiet_store};

static const struct {
	const char *text;
	uint32_t raw;
	unsigned int bus;   /* instructions of the bus, taken off */
	unsigned int limit; /* more than this is a regression */
} samples[] = {
	{"addi sp, sp, -32", 0xfe010113, 0, 24},
	{"c.addi16sp sp, -32", 0x1101, 0, 24},
	{"c.mv s1, a0", 0x84aa, 0, 24},
	{"c.li a0, 1", 0x4505, 0, 24},
	{"lui a0, 0x12345", 0x12345537, 0, 24},
	{"auipc a0, 0x12345", 0x12345517, 0, 24},
	{"c.add a0, a1", 0x952e, 0, 24},
	{"c.sdsp ra, 24(sp)", 0xec06, QUIET_STORE, 24},
	{"sd s0, 16(sp)", 0x00813823, QUIET_STORE, 24},
	{"sd zero, 16(sp)", 0x00013823, QUIET_STORE, 24},
	{"c.ldsp ra, 24(sp)", 0x60e2, QUIET_LOAD, 36},
	{"lw a0, 4(a1)", 0x0045a503, QUIET_LOAD, 36},
	{"jal ra, 16", 0x010000ef, 0, 24},
	{"c.j 16", 0xa801, 0, 24},
	{"c.jr ra (ret)", 0x8082, 0, 24},
	{"jalr ra, 8(ra)", 0x008080e7, 0, 24},
	{"beq a0, a1, 16 taken", 0x00b50863, 0, 24},
	{"bne a0, a1, 16 not taken", 0x00b51863, 0, 24},
	{"c.beqz a0, 16", 0xc901, 0, 24},
	{"addi a0, zero, 0 into zero (nop)", 0x00000013, 0, 24},
	{"sltu a0, zero, a1 (snez)", 0x00b03533, 0, 55},
};

void print_counts(void)
{
	if (count_nothing() != 4 || count_nothing() != 4) {
		print("instructions per emulation: instret does not count instructions here (run with -icount)\n");
		return;
	}
	print("instructions per emulation, without the bus access:\n");
	for (unsigned int i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		uint64_t x[32] = {0}, pc = code_base();
		struct rv_trap trap;
		struct rv_insn insn;
		unsigned int count;

		rv_decode(samples[i].raw, hart_ext, &insn);
		count = AROUND + count_run(&insn, x, &pc, &trap, &quiet_bus) - samples[i].bus;
		print("  %u\t%s\n", count, samples[i].text);
		verdict(samples[i].text, count <= samples[i].limit);
	}
}
