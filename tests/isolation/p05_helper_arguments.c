/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-05: a program gives its helpers what they must not use
 *
 * Attacker: a program, accepted or wrongly accepted
 * Action: probe_read of firmware, arena, devices and holes; destinations outside its memory; maps that
 *	are none or another program's; keys in unwritten stack; sizes 0 and beyond; a context that is none
 * Contained: reads answer -EFAULT and clear the destination, without touching a device; the rest is
 *	refused or stopped
 * Oracle: the value a test run returns; log; aborted runs; the UART's state from the kernel's side
 * Short: virt virt-noverifier smepmp
 */
#include "payload.h"

#define MAP 1
#define UART_LSR (UART + 5)

/* Run: *(fp-8) = -1; ret = helper(fp-8, 8, addr); returns ret | what is left at fp-8 */
static void cannot_read(const char *what, uint64_t addr)
{
	static const int32_t helpers[] = {BPF_FUNC_probe_read_kernel, BPF_FUNC_probe_read, BPF_FUNC_probe_read_user,
					  BPF_FUNC_probe_read_kernel_str, BPF_FUNC_probe_read_user_str};

	for (unsigned int i = 0; i < COUNT(helpers); i++)
		HARMLESS(what, (uint32_t)-EFAULT, ST(BPF_DW, BPF_REG_10, -8, -1), MOV_REG(BPF_REG_1, BPF_REG_10),
			 ADD_IMM(BPF_REG_1, -8), MOV_IMM(BPF_REG_2, 8), IMM64(BPF_REG_3, addr), CALL(helpers[i]),
			 LDX(BPF_DW, BPF_REG_1, BPF_REG_10, -8), ADD_REG(BPF_REG_0, BPF_REG_1), EXIT());
}

static void forbidden_memory(void)
{
	static const uint64_t devices[] = {UART,     UART_LSR - 5 + 2, CLINT + 0xbff8, CLINT, PLIC + 0x200004,
					   0x101000, 0x10001000,       0x100000};

	for (unsigned int i = 0; i < COUNT(devices); i++)
		cannot_read("read of a device", devices[i]);
	for (uint64_t at = FIRMWARE; at < FIRMWARE + FIRMWARE_SIZE; at += 0x10000)
		cannot_read("read of the firmware", at);
	for (uint64_t at = 0; at < (uint64_t)info(SBI_EBPF_INFO_ARENA_SIZE); at += 0x400000)
		cannot_read("read of the arena", find_arena(RAM_END) + at);
	cannot_read("read of NULL", 0);
	cannot_read("read behind RAM", RAM_END);
	*(volatile uint32_t *)(RAM_END - 4) = 0x41414141; /* no end of a string */
	cannot_read("read across RAM's end", RAM_END - 4);
	cannot_read("read at 2^64 - 4", 0 - 4ul);
	cannot_read("read across the firmware's end", FIRMWARE + 0x80000 - 4);
}

static void destinations(void)
{
	CONTAINED("destination in the firmware", "", IMM64(BPF_REG_1, FIRMWARE + 0x80000), MOV_IMM(BPF_REG_2, 8),
		  IMM64(BPF_REG_3, (uint64_t)text_start), CALL(BPF_FUNC_probe_read_kernel), EXIT());
	CONTAINED("destination the context", "", MOV_IMM(BPF_REG_2, 8), IMM64(BPF_REG_3, (uint64_t)text_start),
		  CALL(BPF_FUNC_probe_read_kernel), EXIT());
	CONTAINED("destination half below the stack", "", MOV_REG(BPF_REG_1, BPF_REG_10), ADD_IMM(BPF_REG_1, -516),
		  MOV_IMM(BPF_REG_2, 8), MOV_IMM(BPF_REG_3, 0), CALL(BPF_FUNC_probe_read_kernel), EXIT());
	CONTAINED("destination behind a map value", "", MAP_VALUE(BPF_REG_1, MAP, 4), MOV_IMM(BPF_REG_2, 8),
		  MOV_IMM(BPF_REG_3, 0), CALL(BPF_FUNC_probe_read_kernel), EXIT());
}

static void maps(void)
{
	CONTAINED("a number as map", "", IMM64(BPF_REG_1, FIRMWARE), MOV_REG(BPF_REG_2, BPF_REG_10),
		  ADD_IMM(BPF_REG_2, -4), ST(BPF_W, BPF_REG_10, -4, 0), CALL(BPF_FUNC_map_lookup_elem),
		  MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("the context as map", "", MOV_REG(BPF_REG_2, BPF_REG_10), ADD_IMM(BPF_REG_2, -4),
		  ST(BPF_W, BPF_REG_10, -4, 0), CALL(BPF_FUNC_map_lookup_elem), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("a map shifted by 8", "", MAP_PTR(BPF_REG_1, MAP), ADD_IMM(BPF_REG_1, 8),
		  MOV_REG(BPF_REG_2, BPF_REG_10), ADD_IMM(BPF_REG_2, -4), ST(BPF_W, BPF_REG_10, -4, 0),
		  CALL(BPF_FUNC_map_lookup_elem), MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("a key at NULL", "", MAP_PTR(BPF_REG_1, MAP), MOV_IMM(BPF_REG_2, 0), CALL(BPF_FUNC_map_lookup_elem),
		  MOV_IMM(BPF_REG_0, 0), EXIT());
	CONTAINED("a value half below the stack", "", MAP_PTR(BPF_REG_1, MAP), MOV_REG(BPF_REG_2, BPF_REG_10),
		  ADD_IMM(BPF_REG_2, -4), ST(BPF_W, BPF_REG_10, -4, 0), MOV_REG(BPF_REG_3, BPF_REG_10),
		  ADD_IMM(BPF_REG_3, -516), MOV_IMM(BPF_REG_4, 0), CALL(BPF_FUNC_map_update_elem), EXIT());
}

static void sizes(void)
{
	HARMLESS("size 0 reads nothing", 0, MOV_REG(BPF_REG_1, BPF_REG_10), ADD_IMM(BPF_REG_1, -8),
		 MOV_IMM(BPF_REG_2, 0), IMM64(BPF_REG_3, FIRMWARE), CALL(BPF_FUNC_probe_read_kernel), EXIT());
	CONTAINED("size 2^31 - 1", "", MOV_REG(BPF_REG_1, BPF_REG_10), ADD_IMM(BPF_REG_1, -8),
		  MOV_IMM(BPF_REG_2, 0x7fffffff), IMM64(BPF_REG_3, (uint64_t)text_start),
		  CALL(BPF_FUNC_probe_read_kernel), EXIT());
	CONTAINED("a record that nobody reserved", "", MOV_REG(BPF_REG_1, BPF_REG_10), ADD_IMM(BPF_REG_1, -8),
		  ST(BPF_DW, BPF_REG_10, -8, 0), MOV_IMM(BPF_REG_2, 0), CALL(BPF_FUNC_ringbuf_submit),
		  MOV_IMM(BPF_REG_0, 0), EXIT());
}

void experiment(void)
{
	uint8_t lsr = *(volatile uint8_t *)UART_LSR;

	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	forbidden_memory();
	destinations();
	maps();
	sizes();
	check("the UART's line state", *(volatile uint8_t *)UART_LSR & 0x9f, lsr & 0x9f);
	check("close", close_fd(MAP), 0);
}
