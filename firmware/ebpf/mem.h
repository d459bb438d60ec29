/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy, memset, memcmp by word. OpenSBI's work a byte at a time, and a
 * compiler may emit calls to them; the core copies keys and values with these.
 *
 * Whatever is aligned is moved in single accesses of 8, then 4, then 2 bytes
 * (plain loads and stores in the machine code). So an aligned field of
 * 8 bytes or less is never seen half written by another hart, and the compiler
 * does not turn the loops back into calls.
 */
#ifndef EBPF_MEM_H
#define EBPF_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) ebpf_word;
typedef uint32_t __attribute__((may_alias)) ebpf_half;
typedef uint16_t __attribute__((may_alias)) ebpf_quarter;

/*
 * GCC before 13 turns atomic stores for RISC-V into amoswap, whatever their order. Aligned volatile accesses are
 * single there as well; hosts get the real thing, so that ThreadSanitizer understands.
 */
#ifdef __riscv
#define EBPF_MEM_LOAD(type, p) (*(const volatile type *)(const volatile void *)(p))
#define EBPF_MEM_STORE(type, p, v) ((void)(*(volatile type *)(volatile void *)(p) = (v)))
#define EBPF_MEM_ACQUIRE(type, p)                                                                                      \
	({                                                                                                             \
		type got_ = EBPF_MEM_LOAD(type, p);                                                                    \
		__atomic_thread_fence(__ATOMIC_ACQUIRE);                                                               \
		got_;                                                                                                  \
	})
#define EBPF_MEM_RELEASE(type, p, v) (__atomic_thread_fence(__ATOMIC_RELEASE), EBPF_MEM_STORE(type, p, v))
#else
#define EBPF_MEM_LOAD(type, p) __atomic_load_n((const type *)(const void *)(p), __ATOMIC_RELAXED)
#define EBPF_MEM_STORE(type, p, v) __atomic_store_n((type *)(void *)(p), (v), __ATOMIC_RELAXED)
#define EBPF_MEM_ACQUIRE(type, p) __atomic_load_n((const type *)(const void *)(p), __ATOMIC_ACQUIRE)
#define EBPF_MEM_RELEASE(type, p, v) __atomic_store_n((type *)(void *)(p), (v), __ATOMIC_RELEASE)
#endif

static inline uint32_t ebpf_load_acquire32(const uint32_t *p)
{
	return EBPF_MEM_ACQUIRE(uint32_t, p);
}

static inline uint64_t ebpf_load_acquire64(const uint64_t *p)
{
	return EBPF_MEM_ACQUIRE(uint64_t, p);
}

/* For a link that is followed: what the address depends on is ordered by that (RVWMO rule 9), no fence is needed. */
static inline uint32_t ebpf_load_consume32(const uint32_t *p)
{
#ifdef __riscv
	return EBPF_MEM_LOAD(uint32_t, p);
#else
	return EBPF_MEM_ACQUIRE(uint32_t, p);
#endif
}

static inline void ebpf_store_release32(uint32_t *p, uint32_t v)
{
	EBPF_MEM_RELEASE(uint32_t, p, v);
}

static inline void ebpf_store_release64(uint64_t *p, uint64_t v)
{
	EBPF_MEM_RELEASE(uint64_t, p, v);
}

static inline bool ebpf_mem_aligned(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) & 7) == 0;
}

/* The part of a copy that is not whole aligned words, at most 7 bytes if dst and src are aligned to 8. */
static inline void ebpf_memcpy_tail(char *dst, const char *src, size_t len)
{
	uintptr_t bits = (uintptr_t)dst | (uintptr_t)src;

	if (!(bits & 3))
		for (; len >= 4; dst += 4, src += 4, len -= 4)
			EBPF_MEM_STORE(ebpf_half, dst, EBPF_MEM_LOAD(ebpf_half, src));
	if (!(bits & 1))
		for (; len >= 2; dst += 2, src += 2, len -= 2)
			EBPF_MEM_STORE(ebpf_quarter, dst, EBPF_MEM_LOAD(ebpf_quarter, src));
	for (; len; dst++, src++, len--)
		EBPF_MEM_STORE(char, dst, EBPF_MEM_LOAD(char, src));
}

static inline void ebpf_memcpy(void *dst, const void *src, size_t len)
{
	char *to = dst;
	const char *from = src;

	if (ebpf_mem_aligned(dst, src))
		for (; len >= 8; to += 8, from += 8, len -= 8)
			EBPF_MEM_STORE(ebpf_word, to, EBPF_MEM_LOAD(ebpf_word, from));
	if (len)
		ebpf_memcpy_tail(to, from, len);
}

static inline void ebpf_memzero(void *dst, size_t len)
{
	char *to = dst;

	if (ebpf_mem_aligned(dst, dst)) {
		for (; len >= 32; to += 32, len -= 32) {
			EBPF_MEM_STORE(ebpf_word, to, 0);
			EBPF_MEM_STORE(ebpf_word, to + 8, 0);
			EBPF_MEM_STORE(ebpf_word, to + 16, 0);
			EBPF_MEM_STORE(ebpf_word, to + 24, 0);
		}
		for (; len >= 8; to += 8, len -= 8)
			EBPF_MEM_STORE(ebpf_word, to, 0);
	}
	for (; len; to++, len--)
		EBPF_MEM_STORE(char, to, 0);
}

static inline bool ebpf_memeq(const void *a, const void *b, size_t len)
{
	const char *x = a, *y = b;

	if (ebpf_mem_aligned(a, b))
		for (; len >= 8; x += 8, y += 8, len -= 8)
			if (EBPF_MEM_LOAD(ebpf_word, x) != EBPF_MEM_LOAD(ebpf_word, y))
				return false;
	for (; len; x++, y++, len--)
		if (EBPF_MEM_LOAD(char, x) != EBPF_MEM_LOAD(char, y))
			return false;
	return true;
}

#endif
