/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own symbol table, made by the second pass of the link (mksyms.awk), in the format the firmware takes. */
#ifndef KERNEL_KSYM_H
#define KERNEL_KSYM_H

#include <stdint.h>

/* The function that holds addr and the offset in it; NULL: none. */
const char *ksym_find(uint64_t addr, uint64_t *offset);
/* Entry by index, for listings; NULL at the end. */
const char *ksym_by_index(uint32_t i, uint64_t *addr);
/* The whole table: address in the image and size. */
const void *ksym_table(uint64_t *size);

#endif
