/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * malloc over a fixed arena in .bss: the kernel's ABI has no brk and mmap wants
 * exact addresses. First fit over one address-ordered list of blocks, free
 * neighbours merged. Every block carries a guard word; a damaged one ends the
 * program with a message instead of corrupting more.
 */
#include "lock.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef MALLOC_ARENA
#define MALLOC_ARENA (512u * 1024)
#endif
#define ALIGN 16u
#define GUARD_USED 0x75736564u
#define GUARD_FREE 0x66726565u

struct block {
	uint32_t guard;
	uint32_t size; /* of the whole block, header included, a multiple of ALIGN */
	uint64_t pad;
};

static uint8_t arena[MALLOC_ARENA] __attribute__((aligned(ALIGN)));
static struct lock lock;
static bool ready;

static struct block *first_block(void)
{
	struct block *b = (struct block *)arena;

	if (!ready) {
		*b = (struct block){.guard = GUARD_FREE, .size = MALLOC_ARENA};
		ready = true;
	}
	return b;
}

static struct block *next_block(struct block *b)
{
	uint8_t *next = (uint8_t *)b + b->size;

	return next < arena + MALLOC_ARENA ? (struct block *)next : NULL;
}

static void check(const struct block *b)
{
	if (b->guard == GUARD_USED || b->guard == GUARD_FREE)
		return;
	fprintf(stderr, "malloc: heap damaged at %p\n", (const void *)b);
	abort();
}

/* Join b with the free blocks that follow it. */
static void merge(struct block *b)
{
	struct block *next = next_block(b);

	while (next && next->guard == GUARD_FREE) {
		b->size += next->size;
		next = next_block(b);
	}
}

static void split(struct block *b, uint32_t size)
{
	struct block *rest;

	if (b->size - size < sizeof(struct block) + ALIGN)
		return;
	rest = (struct block *)((uint8_t *)b + size);
	*rest = (struct block){.guard = GUARD_FREE, .size = b->size - size};
	b->size = size;
}

void *malloc(size_t n)
{
	void *p = NULL;
	uint32_t size;

	if (!n)
		n = 1;
	if (n > MALLOC_ARENA)
		return NULL;
	size = (uint32_t)((n + sizeof(struct block) + ALIGN - 1) & ~(size_t)(ALIGN - 1));

	lock_acquire(&lock);
	for (struct block *b = first_block(); b && !p; b = next_block(b)) {
		check(b);
		if (b->guard != GUARD_FREE)
			continue;
		merge(b);
		if (b->size < size)
			continue;
		split(b, size);
		b->guard = GUARD_USED;
		p = b + 1;
	}
	lock_release(&lock);
	return p;
}

void free(void *p)
{
	struct block *b;

	if (!p)
		return;
	b = (struct block *)p - 1;
	lock_acquire(&lock);
	if ((uint8_t *)b < arena || (uint8_t *)b >= arena + MALLOC_ARENA || b->guard != GUARD_USED) {
		lock_release(&lock);
		fprintf(stderr, "free: %p is not allocated\n", p);
		abort();
	}
	b->guard = GUARD_FREE;
	merge(b);
	lock_release(&lock);
}

void *calloc(size_t n, size_t size)
{
	size_t total;
	void *p;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	p = malloc(total);
	return p ? memset(p, 0, total) : NULL;
}

void *realloc(void *p, size_t n)
{
	struct block *b;
	size_t old;
	void *q;

	if (!p)
		return malloc(n);
	b = (struct block *)p - 1;
	check(b);
	old = b->size - sizeof(*b);
	if (n && n <= old)
		return p;
	q = malloc(n);
	if (q) {
		memcpy(q, p, old < n ? old : n);
		free(p);
	}
	return q;
}
