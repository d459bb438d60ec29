/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-01: the kernel reads and writes the firmware and the arena
 *
 * Attacker: the S-mode kernel
 * Action: loads and stores all over the firmware (every 64th byte) and the arena (every 1024th; short
 *	form: every 1024th of both), through the identity mapping and through a second virtual mapping of
 *	the same memory
 * Contained: each is an access fault, and nothing is read or changed
 * Oracle: scause 5 or 7 every time; a map's value reads back as it was written; self-check; the image
 *	from outside
 * Short: virt smepmp
 */
#include "payload.h"

#define MAP 1
#define SECOND_MAPPING (64ul << 30) /* the GiB of RAM, once more */

static uint64_t root[512] __attribute__((aligned(4096)));

static uint64_t escapes(uint64_t start, uint64_t size, uint64_t offset, uint64_t long_step)
{
	uint64_t step = long_form() ? long_step : 1024, n = 0;

	for (uint64_t at = start; at < start + size; at += step) {
		n += touch_load(at + offset) != CAUSE_LOAD_ACCESS;
		n += touch_store(at + offset, 0) != CAUSE_STORE_ACCESS;
	}
	return n;
}

/* The arena is the one reserved block that the firmware does not tell us: look for it. */
static uint64_t find_arena(void)
{
	uint64_t size = (uint64_t)info(SBI_EBPF_INFO_ARENA_SIZE);

	for (uint64_t at = FIRMWARE + size; at + size <= RAM_END; at += size)
		if (touch_load(at))
			return at;
	return 0;
}

void experiment(void)
{
	uint64_t arena = find_arena(), size = (uint64_t)info(SBI_EBPF_INFO_ARENA_SIZE), value = 0;

	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1000, MAP), MAP);
	for (uint32_t i = 0; i < 1000; i++)
		check("fill", put(0, MAP, i, 0x1111111111111111ul * (i % 16)), 0);
	check_true("the arena is found", arena != 0);

	check("firmware, identity", (int64_t)escapes(FIRMWARE, FIRMWARE_SIZE, 0, 64), 0);
	check("arena, identity", (int64_t)escapes(arena, size, 0, 1024), 0);
	sv39_identity(root);
	root[SECOND_MAPPING >> 30] = pte_of(FIRMWARE & ~((1ul << 30) - 1), PTE_RWX);
	set_satp(satp_of(SV39, root));
	check("own memory through the second mapping", (int64_t)touch_load((uint64_t)root - FIRMWARE + SECOND_MAPPING),
	      0);
	check("firmware, second mapping", (int64_t)escapes(FIRMWARE, FIRMWARE_SIZE, SECOND_MAPPING - FIRMWARE, 64), 0);
	check("arena, second mapping", (int64_t)escapes(arena, size, SECOND_MAPPING - FIRMWARE, 1024), 0);
	set_satp(0);

	for (uint32_t i = 0; i < 1000; i++) {
		check("value", get(0, MAP, i, &value), 0);
		check("value as written", (int64_t)value, (int64_t)(0x1111111111111111ul * (i % 16)));
	}
	check("close", close_fd(MAP), 0);
}
