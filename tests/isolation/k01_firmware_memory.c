/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-01: the kernel reads and writes the firmware and the arena
 *
 * Attacker: the S-mode kernel
 * Action: a load and a store at each 8 bytes of the firmware and of the arena (short form: every 1024),
 *	through the identity mapping and through a second virtual mapping of the same memory
 * Contained: each is an access fault, and nothing is read or changed
 * Oracle: scause 5 or 7 every time; a map's value reads back as it was written; self-check; the image
 *	from outside
 * Short: virt smepmp
 */
#include "payload.h"

#define MAP 1
#define SECOND_MAPPING (64ul << 30) /* the GiB of RAM, once more */

static uint64_t root[512] __attribute__((aligned(4096)));

static void sweep(uint64_t arena, uint64_t distance)
{
	const uint64_t step = long_form() ? 8 : 1024;

	check("firmware", (int64_t)touchable(FIRMWARE + distance, FIRMWARE_SIZE, step), 0);
	check("arena", (int64_t)touchable(arena + distance, (uint64_t)info(SBI_EBPF_INFO_ARENA_SIZE), step), 0);
}

void experiment(void)
{
	uint64_t arena = find_arena(RAM_END), value = 0;

	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1000, MAP), MAP);
	for (uint32_t i = 0; i < 1000; i++)
		check("fill", put(0, MAP, i, 0x1111111111111111ul * (i % 16)), 0);
	check_true("the arena is found", arena != 0);

	sweep(arena, 0);
	sv39_identity(root);
	root[SECOND_MAPPING >> 30] = pte_of(FIRMWARE & ~((1ul << 30) - 1), PTE_RWX);
	set_satp(satp_of(SV39, root));
	check("own memory through the second mapping", (int64_t)touch_load((uint64_t)root - FIRMWARE + SECOND_MAPPING),
	      0);
	sweep(arena, SECOND_MAPPING - FIRMWARE);
	set_satp(0);

	for (uint32_t i = 0; i < 1000; i++) {
		check("value", get(0, MAP, i, &value), 0);
		check("value as written", (int64_t)value, (int64_t)(0x1111111111111111ul * (i % 16)));
	}
	check("close", close_fd(MAP), 0);
}
