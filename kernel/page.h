/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page frames: a buddy allocator over all RAM the device tree leaves us, in
 * blocks of 2^order pages, each with a reference count (pages shared copy-on-
 * write have more than one). Addresses are the direct map's. Any context.
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include <stddef.h>
#include <stdint.h>

#define MAX_ORDER 10 /* 4 MiB */

void page_init(void); /* from struct machine; panics if there is too little memory to go on */

/* A block with one reference, zeroed; NULL when there is none. */
void *page_alloc(void);
void *page_alloc_order(unsigned int order);
/* Smallest block of at least `size` bytes (at most 4 MiB). page_put() frees it. */
void *page_alloc_size(size_t size);
void page_get(void *page);
/* Drop one reference; the last one frees the whole block. NULL is allowed. */
void page_put(void *page);
unsigned int page_refs(void *page);

uint64_t page_count_free(void);
uint64_t page_count_total(void);

#endif
