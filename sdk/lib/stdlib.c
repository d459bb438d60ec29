/* SPDX-License-Identifier: BSD-2-Clause */
/* <stdlib.h>: numbers, sorting, random numbers. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static int digit_value(char c)
{
	if (isdigit(c))
		return c - '0';
	return isalpha(c) ? tolower(c) - 'a' + 10 : 99;
}

/* C11 sec. 7.22.1.4: magnitude and sign of a number; *end = s if there is none. */
static unsigned long parse(const char *s, char **end, int base, bool *negative, bool *overflow)
{
	const char *p = s;
	unsigned long value = 0;
	bool any = false;

	*overflow = false;
	while (isspace(*p))
		p++;
	*negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && digit_value(p[2]) < 16) {
		base = 16;
		p += 2;
	} else if (base == 0) {
		base = p[0] == '0' ? 8 : 10;
	}
	for (; digit_value(*p) < base; p++) {
		any = true;
		if (__builtin_mul_overflow(value, (unsigned long)base, &value) ||
		    __builtin_add_overflow(value, (unsigned long)digit_value(*p), &value))
			*overflow = true;
	}
	if (end)
		*end = (char *)(any ? p : s);
	return value;
}

unsigned long strtoul(const char *restrict s, char **restrict end, int base)
{
	bool negative, overflow;
	unsigned long value = parse(s, end, base, &negative, &overflow);

	if (overflow) {
		errno = ERANGE;
		return ULONG_MAX;
	}
	return negative ? -value : value;
}

long strtol(const char *restrict s, char **restrict end, int base)
{
	bool negative, overflow;
	unsigned long value = parse(s, end, base, &negative, &overflow);

	if (overflow || value > (unsigned long)LONG_MAX + negative) {
		errno = ERANGE;
		return negative ? LONG_MIN : LONG_MAX;
	}
	return (long)(negative ? -value : value);
}

long long strtoll(const char *restrict s, char **restrict end, int base)
{
	return strtol(s, end, base);
}

unsigned long long strtoull(const char *restrict s, char **restrict end, int base)
{
	return strtoul(s, end, base);
}

long atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long atoll(const char *s)
{
	return strtol(s, NULL, 10);
}

int abs(int n)
{
	return n < 0 ? -n : n;
}

long labs(long n)
{
	return n < 0 ? -n : n;
}

char *getenv(const char *name)
{
	(void)name;
	return NULL;
}

int atoi(const char *s)
{
	return (int)strtol(s, NULL, 10);
}

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
	for (; size; size--, a++, b++) {
		uint8_t t = *a;

		*a = *b;
		*b = t;
	}
}

static void sift_down(uint8_t *base, size_t from, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	for (size_t child; (child = 2 * from + 1) < n; from = child) {
		if (child + 1 < n && compare(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (compare(base + from * size, base + child * size) >= 0)
			return;
		swap(base + from * size, base + child * size, size);
	}
}

/* Heap sort: no recursion on a small stack, no worst case. */
void qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(base, i, n, size, compare);
	for (size_t i = n; i-- > 1;) {
		swap(base, (uint8_t *)base + i * size, size);
		sift_down(base, 0, i, size, compare);
	}
}

void *bsearch(const void *key, const void *base, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	const uint8_t *first = base;

	while (n) {
		const uint8_t *middle = first + n / 2 * size;
		int order = compare(key, middle);

		if (!order)
			return (void *)middle;
		if (order > 0) {
			first = middle + size;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
	return NULL;
}

static uint64_t random_state = 1;

void srand(unsigned int seed)
{
	random_state = seed;
}

int rand(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (int)(random_state >> 33);
}
