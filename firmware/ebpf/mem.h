/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy, memset, memcmp by word. OpenSBI's work a byte at a time, and a
 * compiler may emit calls to them; the core copies keys and values with these.
 */
#ifndef EBPF_MEM_H
#define EBPF_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) ebpf_word;

static inline bool ebpf_mem_aligned(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) & 7) == 0;
}

static inline void ebpf_memcpy(void *dst, const void *src, size_t len)
{
	size_t i = 0;

	if (ebpf_mem_aligned(dst, src))
		for (; i + 8 <= len; i += 8)
			*(ebpf_word *)((char *)dst + i) = *(const ebpf_word *)((const char *)src + i);
	for (; i < len; i++)
		((volatile char *)dst)[i] = ((const char *)src)[i];
}

static inline void ebpf_memzero(void *dst, size_t len)
{
	size_t i = 0;

	if (ebpf_mem_aligned(dst, dst))
		for (; i + 8 <= len; i += 8)
			*(volatile ebpf_word *)((char *)dst + i) = 0;
	for (; i < len; i++)
		((volatile char *)dst)[i] = 0;
}

static inline bool ebpf_memeq(const void *a, const void *b, size_t len)
{
	size_t i = 0;

	if (ebpf_mem_aligned(a, b))
		for (; i + 8 <= len; i += 8)
			if (*(const ebpf_word *)((const char *)a + i) != *(const ebpf_word *)((const char *)b + i))
				return false;
	for (; i < len; i++)
		if (((const char *)a)[i] != ((const char *)b)[i])
			return false;
	return true;
}

#endif
