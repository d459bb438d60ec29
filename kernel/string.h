/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of string.h the kernel uses; semantics of C11 sec. 7.24. */
#ifndef KERNEL_STRING_H
#define KERNEL_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
/* Copy at most size - 1 bytes and always terminate. */
void strcopy(char *dst, const char *src, size_t size);

#endif
