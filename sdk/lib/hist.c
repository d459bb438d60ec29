/* SPDX-License-Identifier: BSD-2-Clause */
/* A histogram of powers of two, as text. */
#include "../include/trace_helpers.h"

#include <stdio.h>

#define BAR 40

static void print_bar(unsigned int val, unsigned int max)
{
	unsigned int stars = (unsigned int)((unsigned long)val * BAR / max);

	putchar('|');
	for (unsigned int i = 0; i < BAR; i++)
		putchar(i < stars ? '*' : ' ');
	puts("|");
}

void print_log2_hist(const unsigned int *vals, int vals_size, const char *val_type)
{
	int first = vals_size, last = -1;
	unsigned int max = 1;

	for (int i = 0; i < vals_size; i++) {
		if (!vals[i])
			continue;
		last = i;
		first = first < i ? first : i;
		max = vals[i] > max ? vals[i] : max;
	}
	if (last < 0) {
		printf("no %s to show\n", val_type);
		return;
	}
	printf("%21s : %-8s distribution\n", val_type, "count");
	for (int i = first; i <= last; i++) {
		printf("%10lu -> %-10lu: %-8u ", i ? 1UL << i : 0, (2UL << i) - 1, vals[i]);
		print_bar(vals[i], max);
	}
}
