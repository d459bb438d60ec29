/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bit searches. The compiler's builtins become calls into libgcc on harts
 * without Zbb, and firmware links no libgcc.
 */
#ifndef EBPF_BITS_H
#define EBPF_BITS_H

#include <stdint.h>

/* Index of the highest bit set; x is not 0. */
static inline unsigned int ebpf_log2(uint64_t x)
{
	unsigned int n = 0;

	for (unsigned int step = 32; step; step >>= 1)
		if (x >> step) {
			x >>= step;
			n += step;
		}
	return n;
}

/* Index of the lowest bit set; x is not 0. */
static inline unsigned int ebpf_ctz(uint64_t x)
{
	return ebpf_log2(x & -x);
}

#endif
