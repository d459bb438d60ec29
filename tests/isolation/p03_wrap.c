/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-03: address plus size wraps around the end of the address space
 *
 * Attacker: a program that the verifier should refuse, or has wrongly accepted
 * Action: accesses of 1 to 8 bytes at addresses near 2^64, by constant, by arithmetic on the stack
 *	pointer, on a map value and on the context, and as helper arguments with huge sizes
 * Contained: refused or stopped; no sum of address and size is ever taken for a small number
 * Oracle: log; aborted runs; self-check; the image from outside
 * Short: virt virt-noverifier
 */
#include "payload.h"

#define MAP 1

static void by_constant(void)
{
	static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};

	for (unsigned int s = 0; s < 4; s++)
		for (uint64_t below = 1; below <= 8; below++) {
			CONTAINED("load near 2^64", "R1 invalid mem access 'scalar'", IMM64(BPF_REG_1, 0 - below),
				  LDX(sizes[s], BPF_REG_0, BPF_REG_1, 0), EXIT());
			if (!long_form() && below == 2)
				break;
		}
	CONTAINED("store at 2^64 - 4", "R1 invalid mem access 'scalar'", IMM64(BPF_REG_1, 0 - 4ul),
		  ST(BPF_DW, BPF_REG_1, 0, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("store at 2^63", "R1 invalid mem access 'scalar'", IMM64(BPF_REG_1, 1ul << 63),
		  ST(BPF_DW, BPF_REG_1, -1, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
}

static void by_arithmetic(void)
{
	static const uint64_t far[] = {1ul << 63, 0x7fffffffffffffff, 0xffffffff80000000, 1ul << 32, 0 - 4096ul};

	for (unsigned int i = 0; i < COUNT(far); i++) {
		CONTAINED("stack pointer plus far", "", IMM64(BPF_REG_2, far[i]), MOV_REG(BPF_REG_1, BPF_REG_10),
			  ADD_REG(BPF_REG_1, BPF_REG_2), ST(BPF_DW, BPF_REG_1, -8, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
		CONTAINED("map value plus far", "", IMM64(BPF_REG_2, far[i]), MAP_VALUE(BPF_REG_1, MAP, 0),
			  ADD_REG(BPF_REG_1, BPF_REG_2), ST(BPF_DW, BPF_REG_1, 0, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
		CONTAINED("context plus far", "", IMM64(BPF_REG_2, far[i]), ADD_REG(BPF_REG_1, BPF_REG_2),
			  LDX(BPF_DW, BPF_REG_0, BPF_REG_1, 0), EXIT());
	}
}

static void by_size(void)
{
	static const int32_t sizes[] = {-1, -8, INT32_MIN, 0x7fffffff, 65537, 513};

	for (unsigned int i = 0; i < COUNT(sizes); i++)
		CONTAINED("helper with a huge size", "", MOV_REG(BPF_REG_1, BPF_REG_10), ADD_IMM(BPF_REG_1, -8),
			  MOV_IMM(BPF_REG_2, sizes[i]), MOV_IMM(BPF_REG_3, 0), CALL(BPF_FUNC_probe_read_kernel),
			  MOV_IMM(BPF_REG_0, 0), EXIT());
}

void experiment(void)
{
	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 2, MAP), MAP);
	by_constant();
	by_arithmetic();
	by_size();
	check("close", close_fd(MAP), 0);
}
