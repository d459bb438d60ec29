/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel address space: kvm.h. */
#include "kvm.h"
#include "dt.h"
#include "lock.h"
#include "page.h"
#include "printk.h"
#include "riscv.h"

#define MEGAPAGE (1UL << 21)
#define DATA_FLAGS (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D | PTE_G)
#define TEXT_FLAGS (PTE_V | PTE_R | PTE_X | PTE_A | PTE_G)
#define RODATA_FLAGS (PTE_V | PTE_R | PTE_A | PTE_G)

extern char text_end[], trampoline_copy[], rodata_start[], data_start[], image_end[];

uint64_t kernel_satp;
uint64_t kernel_load_pa;

static uint64_t *kernel_root;
static struct spinlock stack_lock;
static uint64_t stack_pages;

uint64_t *pt_walk(uint64_t *root, uint64_t va, bool make)
{
	uint64_t *table = root, *pte, *next;

	for (int level = 2; level > 0; level--) {
		pte = &table[VPN(va, level)];
		if (!(*pte & PTE_V)) {
			next = make ? page_alloc() : NULL;
			if (!next)
				return NULL;
			*pte = PA_PTE(virt_to_phys(next)) | PTE_V;
		} else if (*pte & PTE_RWX) {
			return NULL; /* a superpage of the direct map */
		}
		table = phys_to_virt(PTE_PA(*pte));
	}
	return &table[VPN(va, 0)];
}

bool pt_map(uint64_t *root, uint64_t va, uint64_t pa, uint64_t flags)
{
	uint64_t *pte = pt_walk(root, va, true);

	if (!pte)
		return false;
	*pte = PA_PTE(pa) | flags;
	return true;
}

void pt_free_tables(uint64_t *root, unsigned int first, unsigned int last)
{
	uint64_t *level1;

	for (unsigned int i = first; i <= last; i++) {
		if (!(root[i] & PTE_V))
			continue;
		level1 = phys_to_virt(PTE_PA(root[i]));
		for (unsigned int j = 0; j < 512; j++) {
			if (level1[j] & PTE_V)
				page_put(phys_to_virt(PTE_PA(level1[j])));
		}
		page_put(level1);
		root[i] = 0;
	}
}

uint64_t kernel_virt_to_phys(const void *p)
{
	uint64_t va = (uint64_t)p, *pte;

	if (va >= TRAMPOLINE)
		return kernel_load_pa + ((uint64_t)trampoline_copy - KERNEL_VA) + (va - TRAMPOLINE);
	if (va >= KERNEL_VA)
		return va - KERNEL_VA + kernel_load_pa;
	if (va < KSTACK_BASE)
		return virt_to_phys(p);
	pte = pt_walk(kernel_root, va, false);
	return pte ? PTE_PA(*pte) + va % PAGE_SIZE : 0;
}

static void must_map(uint64_t va, uint64_t pa, uint64_t flags)
{
	if (!pt_map(kernel_root, va, pa, flags))
		panic("no memory for the kernel page table");
}

static void map_image(const char *from, const char *to, uint64_t flags)
{
	for (uint64_t va = (uint64_t)from; va < (uint64_t)to; va += PAGE_SIZE)
		must_map(va, kernel_virt_to_phys((void *)va), flags);
}

static void map_megapage(uint64_t pa)
{
	uint64_t *slot = &kernel_root[VPN((uint64_t)phys_to_virt(pa), 2)];
	uint64_t *level1 = *slot & PTE_V ? phys_to_virt(PTE_PA(*slot)) : page_alloc();

	if (!level1)
		panic("no memory for the kernel page table");
	*slot = PA_PTE(virt_to_phys(level1)) | PTE_V;
	level1[VPN(pa, 1)] = PA_PTE(pa) | DATA_FLAGS;
}

/* Direct map of one bank, by 2 MiB where alignment allows, without no-map ranges and without the kernel image. */
static void map_bank(const struct range *bank)
{
	uint64_t pa = bank->start, end, size;

	while (ranges_gap(machine.no_map, machine.no_map_count, bank->end, &pa, &end)) {
		for (; pa < end; pa += size) {
			size = pa % MEGAPAGE == 0 && end - pa >= MEGAPAGE ? MEGAPAGE : PAGE_SIZE;
			if (size == MEGAPAGE)
				map_megapage(pa);
			else
				must_map((uint64_t)phys_to_virt(pa), pa, DATA_FLAGS);
		}
	}
}

static void map_device(uint64_t base, uint64_t size)
{
	for (uint64_t pa = PAGE_ROUND_DOWN(base); base && pa < base + size; pa += PAGE_SIZE)
		must_map((uint64_t)phys_to_virt(pa), pa, DATA_FLAGS);
}

void kvm_init(uint64_t load_pa)
{
	kernel_load_pa = load_pa;
	kernel_root = page_alloc();
	if (!kernel_root)
		panic("no memory for the kernel page table");
	map_image((char *)KERNEL_VA, text_end, TEXT_FLAGS);
	map_image(rodata_start, data_start, RODATA_FLAGS);
	map_image(data_start, image_end, DATA_FLAGS);
	must_map(TRAMPOLINE, kernel_virt_to_phys((void *)TRAMPOLINE), TEXT_FLAGS);
	for (uint32_t i = 0; i < machine.ram_count; i++)
		map_bank(&machine.ram[i]);
	/* All tables for kernel stacks now, so that later only the stacks themselves take memory. */
	for (uint32_t i = 0; i < MAX_THREADS + MAX_HARTS; i++) {
		if (!pt_walk(kernel_root, KSTACK_BOTTOM(i), true))
			panic("no memory for the kernel page table");
	}
	map_device(machine.uart.base, machine.uart.size);
	map_device(machine.plic.base, machine.plic.size);

	kernel_satp = SATP_SV39 | virt_to_phys(kernel_root) >> PAGE_SHIFT;
	csr_write(satp, kernel_satp);
	sfence_vma_all();
}

/*
 * Stacks are mapped when first used and kept for the next thread: taking them
 * away would need every hart to forget their translation first.
 */
bool kvm_map_stack(uint32_t slot)
{
	uint64_t va = KSTACK_BOTTOM(slot), *pte;
	bool ok = true;
	void *page;

	spin_lock(&stack_lock);
	for (; ok && va < KSTACK_TOP(slot); va += PAGE_SIZE) {
		pte = pt_walk(kernel_root, va, true);
		if (pte && (*pte & PTE_V))
			continue;
		page = pte ? page_alloc() : NULL;
		ok = page != NULL;
		if (ok) {
			*pte = PA_PTE(virt_to_phys(page)) | DATA_FLAGS;
			stack_pages++;
		}
	}
	spin_unlock(&stack_lock);
	return ok;
}

uint64_t kvm_stack_pages(void)
{
	return __atomic_load_n(&stack_pages, __ATOMIC_RELAXED);
}
