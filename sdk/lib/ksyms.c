/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's functions by name and by address, from the kernel's own list. */
#include "../include/trace_helpers.h"
#include "read_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifndef KALLSYMS
#define KALLSYMS "proc/kallsyms"
#endif

bool glob_match(const char *str, const char *pattern)
{
	const char *star = NULL, *retry = NULL;

	while (*str) {
		if (*pattern == '*') {
			star = pattern++;
			retry = str;
		} else if (*pattern == '?' || *pattern == *str) {
			pattern++;
			str++;
		} else if (star) { /* let the last star take one character more */
			pattern = star + 1;
			str = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static int compare(const void *a, const void *b)
{
	const struct ksym *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* Lines "0000000080200000 T name". 0 or -EINVAL */
static int parse(struct ksyms *ksyms)
{
	for (char *p = ksyms->text, *end; *p; p = end) {
		char *after;
		unsigned long addr = strtoul(p, &after, 16);

		end = p + strcspn(p, "\n");
		if (*end)
			*end++ = 0;
		if (after == p || after[0] != ' ' || !after[1] || after[2] != ' ' || !after[3])
			return -EINVAL;
		ksyms->syms[ksyms->syms_sz++] = (struct ksym){.name = after + 3, .addr = addr};
	}
	return ksyms->syms_sz ? 0 : -EINVAL;
}

struct ksyms *ksyms__load(void)
{
	struct ksyms *ksyms = calloc(1, sizeof(*ksyms));
	size_t lines = 1, size;

	if (!ksyms) {
		errno = ENOMEM;
		return NULL;
	}
	ksyms->text = sdk_read_file(KALLSYMS, &size);
	for (const char *p = ksyms->text; p && *p; p++)
		lines += *p == '\n';
	if (ksyms->text) {
		ksyms->syms = calloc(lines, sizeof(*ksyms->syms));
		errno = ENOMEM;
	}
	if (!ksyms->syms || parse(ksyms)) {
		if (ksyms->syms)
			errno = EINVAL;
		ksyms__free(ksyms);
		return NULL;
	}
	qsort(ksyms->syms, ksyms->syms_sz, sizeof(*ksyms->syms), compare);
	return ksyms;
}

void ksyms__free(struct ksyms *ksyms)
{
	if (!ksyms)
		return;
	free(ksyms->syms);
	free(ksyms->text);
	free(ksyms);
}

const struct ksym *ksyms__map_addr(const struct ksyms *ksyms, unsigned long addr)
{
	size_t lo = 0, hi = ksyms->syms_sz;

	while (lo < hi) { /* the first symbol above addr */
		size_t mid = (lo + hi) / 2;

		if (ksyms->syms[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &ksyms->syms[lo - 1] : NULL;
}

const struct ksym *ksyms__get_symbol(const struct ksyms *ksyms, const char *name)
{
	for (size_t i = 0; i < ksyms->syms_sz; i++)
		if (!strcmp(ksyms->syms[i].name, name))
			return &ksyms->syms[i];
	return NULL;
}
