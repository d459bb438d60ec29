/* SPDX-License-Identifier: BSD-2-Clause */
/* All decimal digits of a double, for printf. */
#ifndef SDK_DECIMAL_H
#define SDK_DECIMAL_H

#include <stdint.h>

/* 2^-1074 has 751 digits behind its zeros, the largest double 309; 9 more for what is cut off at either end */
#define DECIMAL_DIGITS 808

struct decimal {
	int count; /* digits; those behind them are 0 */
	int point; /* of them before the point; may be negative: then that many zeros come first */
	char digit[DECIMAL_DIGITS];
};

/* The value of these bits, sign left out; it must be finite. 0 has no digits. */
void __decimal_of(struct decimal *d, uint64_t bits);
/* To so many digits at most, the nearest, a tie to the even one. count <= 0: what is left is nothing or a 1. */
void __decimal_round(struct decimal *d, int count);

#endif
