/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of the user library under test (fuzz_elf.c), counted and made to
 * fail. Its files are compiled with this header in front and with malloc and the
 * like defined as these.
 */
#ifndef FUZZ_FUZZ_LIBC_H
#define FUZZ_FUZZ_LIBC_H

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif

void *fuzz_malloc(size_t n);
void *fuzz_calloc(size_t n, size_t size);
void *fuzz_realloc(void *old, size_t n);
char *fuzz_strdup(const char *s);
void fuzz_free(void *p);

#endif
