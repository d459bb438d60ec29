/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel takes from the device tree. Filled once by dt_init(), constant afterwards. */
#ifndef KERNEL_DT_H
#define KERNEL_DT_H

#include "param.h"

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint64_t start, end; /* physical, end exclusive */
};

#define MAX_RANGES 34 /* two are for the kernel image and the page allocator */

struct machine {
	struct range ram[MAX_RANGES];
	uint32_t ram_count;
	struct range reserved[MAX_RANGES]; /* not for the allocator */
	uint32_t reserved_count;
	struct range no_map[MAX_RANGES]; /* nor for the page table */
	uint32_t no_map_count;

	struct range initrd; /* start = end: none */
	char bootargs[MAX_BOOTARGS];

	uint64_t timebase; /* Hz */
	uint64_t harts[MAX_HARTS];
	uint32_t hart_count;
	bool sstc; /* stimecmp, on every hart */

	struct {
		uint64_t base, size; /* 0 = none, use the firmware's console */
		uint32_t reg_shift, reg_io_width, irq;
		bool sifive; /* else a 16550 */
	} uart;
	struct {
		uint64_t base, size;
		int32_t context[MAX_HARTS]; /* of the S-mode external interrupt of harts[i]; -1 = none */
	} plic;
};

extern struct machine machine;

/*
 * The first whole pages at or after *start and before `limit` that no range of
 * the list touches: *start .. *end. False: there are none.
 */
bool ranges_gap(const struct range *list, uint32_t count, uint64_t limit, uint64_t *start, uint64_t *end);

/* Read the tree at physical address `pa`. 0 or -EINVAL (not a device tree, no memory, no harts). */
int dt_init(uint64_t pa, uint64_t boot_hartid);
/* The value of `name=` on the command line, up to the next space (`cmd=`: to the end). False if it is not there. */
bool bootarg(const char *name, char *value, uint32_t size);

#endif
