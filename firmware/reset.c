// SPDX-License-Identifier: BSD-2-Clause
/*
 * Power-off with a verdict. S-mode may give a reason for a shutdown (SBI v2.0
 * sec. 10.1), but OpenSBI switches QEMU's virt machine off through its syscon
 * node, which knows no reasons: QEMU then always exits with 0. The same device
 * also answers to "sifive,test0", whose FAIL code becomes QEMU's exit status.
 * Only a shutdown with a reason is taken over; all else stays OpenSBI's.
 */
#include "seam.h"

#include <libfdt.h>
#include <sbi/riscv_io.h>
#include <sbi/sbi_ecall_interface.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_system.h>
#include <sbi_utils/fdt/fdt_helper.h>

#define FINISHER_FAIL 0x3333
#define FINISHER_STATUS_SHIFT 16
#define STATUS_FAILURE 1
#define PRIORITY_OVER_SYSCON 255

static volatile void *finisher;

static int failure_check(u32 type, u32 reason)
{
	return type == SBI_SRST_RESET_TYPE_SHUTDOWN && reason != SBI_SRST_RESET_REASON_NONE ? PRIORITY_OVER_SYSCON : 0;
}

static void failure_reset(u32 type, u32 reason)
{
	writel(STATUS_FAILURE << FINISHER_STATUS_SHIFT | FINISHER_FAIL, finisher);
	sbi_hart_hang();
}

static struct sbi_system_reset_device failure_device = {
	.name = "sifive-test-failure",
	.system_reset_check = failure_check,
	.system_reset = failure_reset,
};

/* The registers of the first node with this compatible string, or NULL. */
static volatile void *device_registers(const void *fdt, const char *compatible, uint64_t min_size)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, compatible);
	uint64_t base, size;

	if (node < 0 || fdt_get_node_addr_size(fdt, node, 0, &base, &size) || size < min_size)
		return NULL;
	return (volatile void *)(unsigned long)base;
}

void seam_reset_init(const void *fdt)
{
	volatile void *htif;

	finisher = device_registers(fdt, "sifive,test0", sizeof(u32));
	if (finisher)
		sbi_system_reset_add_device(&failure_device);
	htif = device_registers(fdt, "ucb,htif0", 2 * sizeof(u64));
	if (htif)
		seam_htif_init(htif);
}
