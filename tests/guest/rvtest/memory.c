/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address space of the payload: RAM mapped as it is, and a window of pages with
 * different rights for loads and stores to cross. Code under test lies in the
 * middle of a region of ebreaks that the longest jump cannot leave.
 */
#include "compare.h"

#define PAGE 4096u
#define C_EBREAK 0x9002u
#define CODE_SIZE (5u << 19) /* 2.5 MiB: jal reaches 1 MiB either way */

#define PTE_V 0x01u
#define PTE_R 0x02u
#define PTE_W 0x04u
#define PTE_X 0x08u
#define PTE_A 0x40u
#define PTE_D 0x80u

static uint64_t root[512] __attribute__((aligned(PAGE)));
static uint64_t middle[512] __attribute__((aligned(PAGE)));
static uint64_t leaf[512] __attribute__((aligned(PAGE)));
static uint8_t pool[WINDOW_PAGES][PAGE] __attribute__((aligned(PAGE)));
static uint16_t code[CODE_SIZE / 2] __attribute__((aligned(PAGE)));
static uint16_t scratch[16] __attribute__((aligned(64)));

static uint64_t pte(const void *page, uint64_t flags)
{
	return (uintptr_t)page >> 12 << 10 | flags | PTE_V;
}

void memory_init(void)
{
	static const uint8_t rights[WINDOW_PAGES] = {PTE_R | PTE_W, PTE_R | PTE_W, PTE_R, 0, PTE_R | PTE_W, 0};

	for (unsigned int i = 0; i < CODE_SIZE / 2; i++)
		code[i] = C_EBREAK;
	for (unsigned int i = 0; i < WINDOW_PAGES; i++) {
		for (unsigned int b = 0; b < PAGE; b++)
			pool[i][b] = (uint8_t)random64();
		leaf[i] = rights[i] ? pte(pool[i], rights[i] | PTE_A | PTE_D) : 0;
	}
	middle[0] = pte(leaf, 0);
	root[WINDOW >> 30] = pte(middle, 0);
	root[2] = pte((void *)(uintptr_t)0x80000000, PTE_R | PTE_W | PTE_X | PTE_A | PTE_D); /* 1 GiB */
	asm volatile("sfence.vma\n\tcsrw satp, %0\n\tsfence.vma"
		     :
		     : "r"((uint64_t)8 << 60 | (uintptr_t)root >> 12)
		     : "memory");
}

uint64_t code_base(void)
{
	return (uintptr_t)code + CODE_SIZE / 2;
}

uint64_t scratch_base(void)
{
	return (uintptr_t)scratch;
}

void code_write(uint64_t at, uint32_t raw)
{
	volatile uint16_t *const text = (volatile uint16_t *)(uintptr_t)at;

	text[0] = (uint16_t)raw;
	text[1] = (raw & 3) == 3 ? raw >> 16 : C_EBREAK;
	text[2] = C_EBREAK;
	asm volatile("fence.i" ::: "memory");
}

void code_erase(uint64_t at)
{
	code_write(at, C_EBREAK);
}

static uint8_t *window_byte(uint64_t va)
{
	const uint64_t offset = va - WINDOW;

	return offset < WINDOW_PAGES * PAGE ? &pool[0][offset] : NULL;
}

void window_save(uint64_t va, uint8_t *bytes)
{
	for (unsigned int i = 0; i < SNAPSHOT; i++) {
		const uint8_t *byte = window_byte(va - SNAPSHOT / 2 + i);

		bytes[i] = byte ? *byte : 0;
	}
}

void window_restore(uint64_t va, const uint8_t *bytes)
{
	for (unsigned int i = 0; i < SNAPSHOT; i++) {
		uint8_t *byte = window_byte(va - SNAPSHOT / 2 + i);

		if (byte)
			*byte = bytes[i];
	}
}

/* The compiler's own calls, for initialised variables. volatile: or the loops become such calls. */
void *memset(void *dst, int value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((volatile uint8_t *)dst)[i] = (uint8_t)value;
	return dst;
}

void *memcpy(void *dst, const void *src, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((volatile uint8_t *)dst)[i] = ((const uint8_t *)src)[i];
	return dst;
}
