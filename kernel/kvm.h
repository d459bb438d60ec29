/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own address space, and page tables in general: memlayout.h, Priv v1.12 sec. 4.4 (Sv39). */
#ifndef KERNEL_KVM_H
#define KERNEL_KVM_H

#include "memlayout.h"

#include <stdbool.h>
#include <stdint.h>

extern uint64_t kernel_satp; /* of the final kernel page table */
extern uint64_t kernel_load_pa;

static inline void *phys_to_virt(uint64_t pa)
{
	return (void *)(pa + DIRECT_MAP);
}

/* Of a direct map address, such as page_alloc() returns. */
static inline uint64_t virt_to_phys(const void *va)
{
	return (uint64_t)va - DIRECT_MAP;
}

/* Of any kernel address: the image, the direct map, or a kernel stack. */
uint64_t kernel_virt_to_phys(const void *va);

/* Build the kernel page table (W^X) and switch to it. */
void kvm_init(uint64_t load_pa);
/* Give kernel stack slot i its pages; they stay. False: no memory. */
bool kvm_map_stack(uint32_t slot);
uint64_t kvm_stack_pages(void); /* mapped so far */

/*
 * The entry for va in a table, which is made with everything above it if `make`
 * is set. NULL: not there, or no memory.
 */
uint64_t *pt_walk(uint64_t *root, uint64_t va, bool make);
bool pt_map(uint64_t *root, uint64_t va, uint64_t pa, uint64_t flags);
/* Free the tables (not the pages) below entries [first, last] of the root. */
void pt_free_tables(uint64_t *root, unsigned int first, unsigned int last);

#endif
