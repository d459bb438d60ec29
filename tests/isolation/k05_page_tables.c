/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-05: page tables that lie
 *
 * Attacker: the S-mode kernel, in the tables it names with a call
 * Action: roots and entries that point into the firmware, the arena, devices and beyond RAM, to
 *	themselves, misaligned superpages, reserved bits, Svnapot and PBMT bits, W without R, pages without
 *	U for a process and with U for the kernel, every mode satp can name, non-canonical addresses
 * Contained: every walk ends, and answers -EFAULT: no level is believed that is not RAM of the kernel
 * Oracle: errnos; the longest stay in M-mode; self-check; the image from outside
 * Short: virt smepmp
 */
#include "payload.h"

#define VA 0x40000000ul /* what the tables are asked for */
#define SVNAPOT (1ul << 63)

static uint64_t root[512] __attribute__((aligned(4096)));
static uint64_t mid[512] __attribute__((aligned(4096)));
static uint64_t low[512] __attribute__((aligned(4096)));
static uint64_t target[512] __attribute__((aligned(4096)));

/* The extension reads 8 bytes of key and value through (satp, va). */
static int64_t probe(uint64_t satp, uint64_t va, uint64_t owner)
{
	return ebpf(SBI_EXT_EBPF_CALL, BPF_MAP_FREEZE, va, 8, satp, owner, 0);
}

static void tables(void)
{
	memset(root, 0, sizeof(root));
	memset(mid, 0, sizeof(mid));
	memset(low, 0, sizeof(low));
	root[VA >> 30] = pte_of((uint64_t)mid, PTE_V);
	mid[0] = pte_of((uint64_t)low, PTE_V);
	low[0] = pte_of((uint64_t)target, PTE_RWX);
}

static void refused(const char *what, uint64_t satp, uint64_t va)
{
	check(what, probe(satp, va, 0), -EFAULT);
}

static void leaf(const char *what, uint64_t pte)
{
	low[0] = pte;
	refused(what, satp_of(SV39, root), VA);
}

static void leaves(void)
{
	static const uint64_t places[] = {FIRMWARE, FIRMWARE + 0x80000, UART, CLINT, PLIC, RAM_END, 0, 1ul << 55};

	for (unsigned int i = 0; i < COUNT(places); i++)
		leaf("a page that is not the kernel's", pte_of(places[i], PTE_RWX));
	for (uint64_t at = 0; at < (uint64_t)info(SBI_EBPF_INFO_ARENA_SIZE); at += 0x100000)
		leaf("a page of the arena", pte_of(find_arena(RAM_END) + at, PTE_RWX));
	leaf("not valid", pte_of((uint64_t)target, PTE_RWX & ~PTE_V));
	leaf("W without R", pte_of((uint64_t)target, PTE_V | PTE_W | PTE_AD));
	leaf("X only", pte_of((uint64_t)target, PTE_V | PTE_X | PTE_AD));
	leaf("a process's page", pte_of((uint64_t)target, PTE_RWX | PTE_U));
	leaf("a pointer at the last level", pte_of((uint64_t)target, PTE_V));
	leaf("Svnapot of a size that does not exist", pte_of((uint64_t)target & ~0xffffull, PTE_RWX) | SVNAPOT);
	tables();
}

static void upper_levels(void)
{
	static const uint64_t places[] = {FIRMWARE, FIRMWARE + 0x80000, UART, PLIC, RAM_END, 0, 1ul << 55};
	uint64_t satp = satp_of(SV39, root);

	for (unsigned int i = 0; i < COUNT(places); i++) {
		mid[0] = pte_of(places[i], PTE_V);
		refused("a last level that is not the kernel's", satp, VA);
		tables();
		root[VA >> 30] = pte_of(places[i], PTE_V);
		refused("a middle level that is not the kernel's", satp, VA);
		tables();
		refused("a root that is not the kernel's", satp_of(SV39, (void *)places[i]), VA);
	}
	mid[0] = pte_of((uint64_t)target, PTE_RWX);
	refused("a misaligned 2 MiB page", satp, VA);
	root[VA >> 30] = pte_of((uint64_t)target, PTE_RWX);
	refused("a misaligned 1 GiB page", satp, VA);
	tables();
	root[VA >> 30] = pte_of((uint64_t)root, PTE_V);
	refused("tables that point to themselves", satp, VA);
	tables();
	mid[0] = pte_of((uint64_t)low, PTE_V | PTE_U);
	refused("a reserved bit in a pointer", satp, VA);
	mid[0] = pte_of((uint64_t)low, PTE_V) | SVNAPOT;
	refused("another reserved bit in a pointer", satp, VA);
	tables();
}

static void modes(void)
{
	for (uint64_t mode = 0; mode < 16; mode++)
		if (mode != SV39)
			refused("another mode over tables of Sv39", satp_of(mode, root), VA);
	refused("a process without translation", 0, VA);
	check("a process without translation", probe(0, (uint64_t)target, 5), -EFAULT);
	refused("not canonical", satp_of(SV39, root), 1ul << 39 | VA);
	refused("not canonical", satp_of(SV39, root), 1ul << 63 | VA);
	check("the kernel's page for a process", probe(satp_of(SV39, root), VA, 5), -EFAULT);
	refused("the last page of all", satp_of(SV39, root), 0 - 8ul);
}

void experiment(void)
{
	tables();
	check("good tables: the walk arrives", probe(satp_of(SV39, root), VA, 0), -EBADF);
	refused("the page behind", satp_of(SV39, root), VA + PAGE);
	refused("over its end", satp_of(SV39, root), VA + PAGE - 4);
	leaves();
	upper_levels();
	modes();
	check("good tables again", probe(satp_of(SV39, root), VA, 0), -EBADF);
}
