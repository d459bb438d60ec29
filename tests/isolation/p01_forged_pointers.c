/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-01: a program loads and stores through pointers it has made up
 *
 * Attacker: a program that the verifier should refuse, or has wrongly accepted
 * Action: a number as pointer to the firmware, the context and the stack beyond their ends, map values
 *	off by one
 * Contained: refused at load with the register's name; without verifier the run is stopped, nothing is
 *	touched
 * Oracle: log text; aborted runs +8, then quarantine; the neighbouring map value; self-check; the
 *	image from outside
 * Short: virt virt-noverifier
 */
#include "payload.h"

#define MAP 1
#define NEXT_MAP 2
#define KEPT 0x5a5a5a5a5a5a5a5aul

void experiment(void)
{
	uint64_t value = 0;

	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	check("another behind it", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, NEXT_MAP), NEXT_MAP);
	check("its value", put(0, NEXT_MAP, 0, KEPT), 0);
	CONTAINED("load: number as pointer", "R1 invalid mem access 'scalar'", IMM64(BPF_REG_1, FIRMWARE),
		  LDX(BPF_DW, BPF_REG_0, BPF_REG_1, 0), EXIT());
	CONTAINED("store: number as pointer", "R1 invalid mem access 'scalar'", IMM64(BPF_REG_1, FIRMWARE + 0x80000),
		  ST(BPF_DW, BPF_REG_1, 0, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("load behind the context", "invalid", LDX(BPF_DW, BPF_REG_0, BPF_REG_1, 288), EXIT());
	CONTAINED("load before the context", "invalid", LDX(BPF_DW, BPF_REG_0, BPF_REG_1, -8), EXIT());
	CONTAINED("store to the context", "", ST(BPF_DW, BPF_REG_1, 0, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("store below the stack", "invalid", ST(BPF_DW, BPF_REG_10, -520, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("store half below the stack", "stack", ST(BPF_DW, BPF_REG_10, -516, 0), MOV_IMM(BPF_REG_0, 0),
		  EXIT());
	CONTAINED("store above the stack", "invalid", ST(BPF_DW, BPF_REG_10, 0, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("store behind a map's values", "invalid", MAP_VALUE(BPF_REG_1, MAP, 0), ST(BPF_DW, BPF_REG_1, 8, 0),
		  MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("store half behind a map's values", "", MAP_VALUE(BPF_REG_1, MAP, 0), ST(BPF_DW, BPF_REG_1, 4, 0),
		  MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("store before a map's values", "", MAP_VALUE(BPF_REG_1, MAP, 0), ST(BPF_DW, BPF_REG_1, -8, 0),
		  MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("atomic on a number", "", IMM64(BPF_REG_1, FIRMWARE + 0x80000), MOV_IMM(BPF_REG_2, 1),
		  ATOMIC(BPF_DW, BPF_ADD, BPF_REG_1, BPF_REG_2, 0), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("a map itself as memory", "", MAP_PTR(BPF_REG_1, MAP), ST(BPF_DW, BPF_REG_1, 0, 0),
		  MOV_IMM(BPF_REG_0, 0), EXIT());
	check("read", get(0, NEXT_MAP, 0, &value), 0);
	check("the neighbour is as it was", (int64_t)value, (int64_t)KEPT);
	check("close", close_fd(NEXT_MAP), 0);
	check("close", close_fd(MAP), 0);
}
