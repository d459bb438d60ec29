/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page table the kernel boots on: its image at KERNEL_VA (writable and
 * executable for now) and everything below 128 GiB in the direct map. kvm.c
 * replaces it. Runs untranslated, at the load address: nothing here may use an
 * absolute address (medany code is PC-relative; no tables of pointers, no switch
 * that becomes one).
 */
#include "memlayout.h"
#include "riscv.h"

extern char image_end[];
extern uint64_t boot_root[512], boot_level1[512];

void early_map(uint64_t load_pa);

void early_map(uint64_t load_pa)
{
	const uint64_t flags = PTE_V | PTE_R | PTE_W | PTE_A | PTE_D;
	uint64_t size = (uint64_t)image_end - load_pa; /* image_end is where we run now */
	uint64_t off, i;

	boot_root[VPN(KERNEL_VA, 2)] = PA_PTE(boot_level1) | PTE_V;
	for (off = 0; off < size; off += 1UL << 21)
		boot_level1[VPN(KERNEL_VA + off, 1)] = PA_PTE(load_pa + off) | flags | PTE_X;
	for (i = 0; i < DIRECT_MAP_SIZE >> 30; i++)
		boot_root[VPN(DIRECT_MAP, 2) + i] = PA_PTE(i << 30) | flags;
}
