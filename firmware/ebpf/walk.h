/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address translation in software: Bare, Sv39, Sv48, Sv57 (Priv v1.12 sec.
 * 4.3.2-4.6), as S-mode hardware would do it, every table address checked with
 * ebpf_plat_phys_ok() before it is read. PPN is PTE bits 53:10 only; Svnapot is
 * honoured, Svpbmt and vendor bits are ignored. A and D are neither looked at
 * nor written: S-mode would get the access after its own page fault.
 */
#ifndef EBPF_WALK_H
#define EBPF_WALK_H

#include "platform.h"

#include <stdbool.h>
#include <stdint.h>

#define EBPF_AS_USER 1u	  /* pages must have U */
#define EBPF_AS_KERNEL 2u /* pages must not have U */

/* An address space as a caller named it. */
struct ebpf_as {
	uint64_t satp;
	uint32_t mode; /* EBPF_AS_* */
};

/*
 * Translate one virtual address. access: EBPF_ACCESS_*. 0 with *pa set and *left
 * = bytes to the end of the page (superpage counted as a whole), or -EFAULT.
 * -EFAULT also for a satp mode that is none of the four, and for Bare with
 * EBPF_AS_USER. The final address passed ebpf_plat_phys_ok() for *one* byte only:
 * the caller checks the length it uses.
 */
int ebpf_walk(const struct ebpf_as *as, uint64_t va, uint32_t access, uint64_t *pa, uint64_t *left);

/* Longest range of one call below; walking pages takes time. Who has more does it in slices. */
#define EBPF_MAX_COPY (1u << 20)

/*
 * Copy between firmware memory and an address space. 0 or -EFAULT, also for a
 * range that wraps or is longer than EBPF_MAX_COPY; len 0 is always 0. A failing
 * copy_from may have filled part of dst; copy_to checks the whole range before
 * it writes a byte.
 */
int ebpf_copy_from(const struct ebpf_as *as, void *dst, uint64_t va, uint64_t len);
int ebpf_copy_to(const struct ebpf_as *as, uint64_t va, const void *src, uint64_t len);
/* Can all of [va, va + len) be accessed? 0 or -EFAULT; nothing is touched. */
int ebpf_check_range(const struct ebpf_as *as, uint64_t va, uint64_t len, uint32_t access);
/*
 * Copy a NUL-terminated string of at most size - 1 bytes. Returns its length
 * with the NUL, -EFAULT, or -E2BIG if there is no NUL within size (dst is then
 * filled and terminated). Nothing in dst behind the NUL is changed.
 */
int64_t ebpf_copy_string(const struct ebpf_as *as, char *dst, uint64_t va, uint64_t size);

#endif
