/* SPDX-License-Identifier: BSD-2-Clause */
/* A double's digits, exactly: a number of nine digits a limb, multiplied or divided by powers of two. */
#include "decimal.h"

#include <stdbool.h>
#include <string.h>

#define BILLION 1000000000u
#define BEFORE 36  /* limbs before the point: 309 digits and the two of the start */
#define BEHIND 120 /* 1074 digits */
#define LIMBS (BEFORE + BEHIND)

/* limb[BEFORE - 1] are the ones; only limbs from first to last are not 0. */
struct big {
	int first, last;
	uint32_t limb[LIMBS];
};

static void multiply_by_power(struct big *b, int power)
{
	uint64_t carry = 0;

	for (int i = b->last; i >= b->first; i--) {
		carry += (uint64_t)b->limb[i] << power;
		b->limb[i] = (uint32_t)(carry % BILLION);
		carry /= BILLION;
	}
	if (carry)
		b->limb[--b->first] = (uint32_t)carry;
}

static void divide_by_power(struct big *b, int power)
{
	uint32_t rest = 0, mask = (1u << power) - 1;

	for (int i = b->first; i <= b->last; i++) {
		uint32_t limb = b->limb[i];

		b->limb[i] = (limb >> power) + rest * (BILLION >> power);
		rest = limb & mask;
	}
	if (rest)
		b->limb[++b->last] = rest * (BILLION >> power);
	if (b->first < b->last && !b->limb[b->first])
		b->first++;
}

static void put_limb(struct decimal *d, uint32_t limb)
{
	for (uint32_t unit = BILLION / 10; unit; unit /= 10) {
		char digit = (char)('0' + limb / unit % 10);

		if (d->count || digit != '0')
			d->digit[d->count++] = digit;
		else
			d->point--;
	}
}

void __decimal_of(struct decimal *d, uint64_t bits)
{
	int exp = (int)(bits >> 52 & 0x7ff);
	uint64_t value = (bits & 0xfffffffffffff) | (exp ? 1ull << 52 : 0);
	struct big b = {.first = BEFORE - 2, .last = BEFORE - 1};

	d->count = d->point = 0;
	if (!value)
		return;
	b.limb[BEFORE - 2] = (uint32_t)(value / BILLION);
	b.limb[BEFORE - 1] = (uint32_t)(value % BILLION);
	for (exp = (exp ? exp : 1) - 1023 - 52; exp > 0; exp -= exp < 29 ? exp : 29)
		multiply_by_power(&b, exp < 29 ? exp : 29);
	for (; exp<0; exp += exp> - 9 ? -exp : 9) /* 10^9 can be divided by 2^9 */
		divide_by_power(&b, exp > -9 ? -exp : 9);
	d->point = 9 * (BEFORE - b.first);
	for (int i = b.first; i <= b.last; i++)
		put_limb(d, b.limb[i]);
	while (d->count && d->digit[d->count - 1] == '0')
		d->count--;
}

static bool rounds_up(const struct decimal *d, int count)
{
	bool more = d->count > count + 1;

	if (d->digit[count] != '5' || more)
		return d->digit[count] >= '5';
	return count > 0 && (d->digit[count - 1] - '0') % 2;
}

void __decimal_round(struct decimal *d, int count)
{
	bool up;

	if (count >= d->count)
		return;
	up = count >= 0 && rounds_up(d, count);
	d->count = count < 0 ? 0 : count;
	while (up && d->count && d->digit[d->count - 1] == '9')
		d->count--;
	if (up && d->count) {
		d->digit[d->count - 1]++;
	} else if (up) {
		d->digit[d->count++] = '1';
		d->point++;
	}
	while (d->count && d->digit[d->count - 1] == '0')
		d->count--;
}
