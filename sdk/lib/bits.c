/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the compiler calls for __builtin_clz() and its like. Its own library has them, but Debian's is
 * built for harts with floating point registers only and cannot be linked with programs that have none.
 */
#include "softfp.h"

/* Zero bits above the highest one; value is not 0. */
int __clzdi2(unsigned long value)
{
	int n = 0;

	for (int step = 32; step; step /= 2) {
		if (value >> (64 - step))
			continue;
		value <<= step;
		n += step;
	}
	return n;
}

int __ctzdi2(unsigned long value)
{
	return 63 - __clzdi2(value & -value);
}

int __clzsi2(unsigned int value)
{
	return __clzdi2(value) - 32;
}

int __ctzsi2(unsigned int value)
{
	return __ctzdi2(value);
}

int __ffsdi2(unsigned long value)
{
	return value ? __ctzdi2(value) + 1 : 0;
}

int __popcountdi2(unsigned long value)
{
	int n = 0;

	for (; value; value &= value - 1)
		n++;
	return n;
}

unsigned long __bswapdi2(unsigned long value)
{
	unsigned long swapped = 0;

	for (int i = 0; i < 8; i++, value >>= 8)
		swapped = swapped << 8 | (value & 0xff);
	return swapped;
}

unsigned int __bswapsi2(unsigned int value)
{
	return (unsigned int)(__bswapdi2(value) >> 32);
}
