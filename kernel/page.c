/* SPDX-License-Identifier: BSD-2-Clause */
/* Page frame allocator: page.h. */
#include "page.h"
#include "dt.h"
#include "kvm.h"
#include "lock.h"
#include "memlayout.h"
#include "printk.h"
#include "string.h"

#include <stdbool.h>

#define NONE UINT32_MAX

/*
 * One for every frame between the lowest and the highest RAM address. The links
 * of the free lists are here, not in the free pages: those are not touched
 * before somebody wants them.
 */
struct frame {
	uint16_t refs; /* of the block that starts here; 0: free, inside a block, or not ours */
	uint8_t order;
	bool free;	     /* a free block starts here */
	uint32_t next, prev; /* frames in the free list of that order */
};

static struct spinlock page_lock;
static struct frame *frames;
static uint64_t first_pfn, frame_count;
static uint32_t lists[MAX_ORDER + 1]; /* first free block of each order */
static uint64_t free_pages, total_pages;

static struct frame *frame_of(const void *page)
{
	uint64_t i = (virt_to_phys(page) >> PAGE_SHIFT) - first_pfn;

	if (i >= frame_count || ((uintptr_t)page & (PAGE_SIZE - 1)))
		panic("page 0x%lx does not exist", (uint64_t)page);
	return &frames[i];
}

static void *page_of(const struct frame *f)
{
	return phys_to_virt((first_pfn + (uint64_t)(f - frames)) << PAGE_SHIFT);
}

static void list_add(struct frame *f, unsigned int order)
{
	uint32_t self = (uint32_t)(f - frames);

	*f = (struct frame){.order = (uint8_t)order, .free = true, .next = lists[order], .prev = NONE};
	if (f->next != NONE)
		frames[f->next].prev = self;
	lists[order] = self;
}

static void list_remove(struct frame *f)
{
	f->free = false;
	if (f->prev != NONE)
		frames[f->prev].next = f->next;
	else
		lists[f->order] = f->next;
	if (f->next != NONE)
		frames[f->next].prev = f->prev;
}

/* Give a block back, joined with its buddy as long as that is free too. */
static void free_block(struct frame *f, unsigned int order)
{
	uint64_t pfn = first_pfn + (uint64_t)(f - frames), buddy;

	free_pages += 1UL << order;
	for (; order < MAX_ORDER; order++) {
		buddy = (pfn ^ (1UL << order)) - first_pfn;
		if (buddy >= frame_count || !frames[buddy].free || frames[buddy].order != order)
			break;
		list_remove(&frames[buddy]);
		pfn &= ~(1UL << order);
	}
	list_add(&frames[pfn - first_pfn], order);
}

void *page_alloc_order(unsigned int order)
{
	unsigned int o = order;
	struct frame *f;
	void *page;

	spin_lock(&page_lock);
	while (o <= MAX_ORDER && lists[o] == NONE)
		o++;
	if (o > MAX_ORDER) {
		spin_unlock(&page_lock);
		return NULL;
	}
	f = &frames[lists[o]];
	list_remove(f);
	while (o > order) {
		o--;
		list_add(f + (1UL << o), o); /* the upper half stays free */
	}
	f->order = (uint8_t)order;
	f->refs = 1;
	free_pages -= 1UL << order;
	spin_unlock(&page_lock);

	page = page_of(f);
	memset(page, 0, PAGE_SIZE << order);
	return page;
}

void *page_alloc(void)
{
	return page_alloc_order(0);
}

void *page_alloc_size(size_t size)
{
	unsigned int order = 0;

	while (order <= MAX_ORDER && ((size_t)PAGE_SIZE << order) < size)
		order++;
	return order <= MAX_ORDER ? page_alloc_order(order) : NULL;
}

void page_get(void *page)
{
	struct frame *f = frame_of(page);

	spin_lock(&page_lock);
	if (f->refs == 0 || f->refs == UINT16_MAX)
		panic("page_get: 0x%lx has %d references", (uint64_t)page, f->refs);
	f->refs++;
	spin_unlock(&page_lock);
}

void page_put(void *page)
{
	struct frame *f;

	if (!page)
		return;
	f = frame_of(page);
	spin_lock(&page_lock);
	if (f->refs == 0)
		panic("page_put: 0x%lx is free", (uint64_t)page);
	if (--f->refs == 0)
		free_block(f, f->order);
	spin_unlock(&page_lock);
}

unsigned int page_refs(void *page)
{
	return __atomic_load_n(&frame_of(page)->refs, __ATOMIC_ACQUIRE);
}

uint64_t page_count_free(void)
{
	return __atomic_load_n(&free_pages, __ATOMIC_RELAXED);
}

uint64_t page_count_total(void)
{
	return total_pages;
}

static bool next_free(uint32_t bank, uint64_t *start, uint64_t *end)
{
	return ranges_gap(machine.reserved, machine.reserved_count, machine.ram[bank].end, start, end);
}

/* Memory for the frame table itself, before there is an allocator: the first stretch it fits into. */
static uint64_t find_room(uint64_t size)
{
	uint64_t start, end;

	for (uint32_t i = 0; i < machine.ram_count; i++) {
		for (start = machine.ram[i].start; next_free(i, &start, &end); start = end) {
			if (end - start >= size)
				return start;
		}
	}
	panic("no room for the page frame table (%lu bytes)", size);
}

/* Free memory from the beginning, in blocks as large as alignment allows. */
static void add_free(uint64_t start, uint64_t end)
{
	unsigned int order;

	for (; start < end; start += (uint64_t)PAGE_SIZE << order) {
		order = MAX_ORDER;
		while (start & (((uint64_t)PAGE_SIZE << order) - 1) || end - start < (uint64_t)PAGE_SIZE << order)
			order--;
		free_block(frame_of(phys_to_virt(start)), order);
		total_pages += 1UL << order;
	}
}

void page_init(void)
{
	uint64_t lo = UINT64_MAX, hi = 0, start, end, size, room;

	for (uint32_t i = 0; i < machine.ram_count; i++) {
		lo = machine.ram[i].start < lo ? machine.ram[i].start : lo;
		hi = machine.ram[i].end > hi ? machine.ram[i].end : hi;
	}
	first_pfn = lo >> PAGE_SHIFT;
	frame_count = (hi >> PAGE_SHIFT) - first_pfn;
	size = PAGE_ROUND_UP(frame_count * sizeof(struct frame));
	room = find_room(size);
	frames = phys_to_virt(room);
	memset(frames, 0, size);
	machine.reserved[machine.reserved_count++] = (struct range){room, room + size};

	for (unsigned int o = 0; o <= MAX_ORDER; o++)
		lists[o] = NONE;
	for (uint32_t i = 0; i < machine.ram_count; i++) {
		for (start = machine.ram[i].start; next_free(i, &start, &end); start = end)
			add_free(start, end);
	}
}
