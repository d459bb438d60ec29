/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-02: the kernel reaches for the firmware by another address of the same memory
 *
 * Attacker: the S-mode kernel, on a machine whose bus leads to RAM twice: QEMU's Icicle kit has the first
 *	GiB at 0x80000000 and again at 0xc0000000 (BOARD_ALIASES)
 * Action: K-01 through that window, with and without translation; calls with pointers into the window
 * Contained: each access faults, each pointer is -EFAULT; the level "full" is claimed only for that
 * Oracle: scause 5 or 7 every time; the kernel's own memory does appear in the window, so that it is
 *	one; a map's value; self-check; the image from outside
 * Machine: icicle
 * Short: icicle
 */
#include "payload.h"

#define MAP 1
#define WINDOW 0x40000000ul /* so far behind the memory it shows */
#define ICICLE_RAM_END 0xc0000000ul

static uint64_t root[512] __attribute__((aligned(4096)));
static volatile uint64_t own;

static void sweep(uint64_t arena)
{
	const uint64_t step = long_form() ? 8 : 1024;

	check("own memory in the window", (int64_t)touch_store((uint64_t)&own + WINDOW, 2), 0);
	check("  is what it is", (int64_t)own, 2);
	own = 0;
	check("firmware", (int64_t)touchable(FIRMWARE + WINDOW, FIRMWARE_SIZE, step), 0);
	check("arena", (int64_t)touchable(arena + WINDOW, (uint64_t)info(SBI_EBPF_INFO_ARENA_SIZE), step), 0);
}

static void pointers(uint64_t arena)
{
	uint64_t value = 0;
	const union bpf_attr attr = {.map_fd = MAP, .key = (uint64_t)&value, .value = (uint64_t)&value + WINDOW};

	check("task area", ebpf(SBI_EXT_EBPF_SET_TASK_AREA, arena + WINDOW, 0, 0, 0, 0, 0), -EFAULT);
	check("symbols", ebpf(SBI_EXT_EBPF_SET_SYMBOLS, FIRMWARE + WINDOW, 0, 4096, 0, 0, 0), -EFAULT);
	check("attr", ebpf(SBI_EXT_EBPF_CALL, BPF_MAP_LOOKUP_ELEM, (uint64_t)&attr + WINDOW, sizeof(attr), 0, 0, 0),
	      -EFAULT);
	check("value", bpf(BPF_MAP_LOOKUP_ELEM, &attr, 0), -EFAULT);
	check("attach", attach(0, (uint64_t)victim + WINDOW, 0, 9) < 0, 1);
}

void experiment(void)
{
	uint64_t arena = find_arena(ICICLE_RAM_END), value = 0;

	check_true("the arena is found", arena != 0);
	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	check("fill", put(0, MAP, 0, 0x5a5a5a5a5a5a5a5aul), 0);

	sweep(arena);
	sv39_identity(root);
	set_satp(satp_of(SV39, root));
	sweep(arena);
	set_satp(0);
	pointers(arena);

	check("value", get(0, MAP, 0, &value), 0);
	check("value as written", (int64_t)value, 0x5a5a5a5a5a5a5a5al);
	check("close", close_fd(MAP), 0);
}
