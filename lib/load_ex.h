/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_PROG_LOAD_EX, the rCore tutorial's way to load a program: the caller hands
 * over a whole ELF object and a table of (symbol name, map descriptor). This
 * loader turns that into BPF_MAP_CREATE, BPF_MAP_UPDATE_ELEM and BPF_PROG_LOAD,
 * because an ELF file is never parsed in M-mode.
 *
 * It is freestanding and knows nothing of the kernel around it: any S-mode
 * kernel takes load_ex.[ch] and bpf_elf.[ch] along, defines
 * six functions and calls load_ex() from its bpf(2).
 */
#ifndef LIB_LOAD_EX_H
#define LIB_LOAD_EX_H

#include "uapi/bpf.h"

#include <stddef.h>
#include <stdint.h>

#define LOAD_EX_MAX_ELF (1u << 20) /* bytes of an object; the tutorial's have 10 KiB */
#define LOAD_EX_MAX_MAPS 63u	   /* entries of the map array: EBPF_MAX_USED_MAPS less the one made here */
#define LOAD_EX_MAX_NAME 128u	   /* bytes of a map's symbol name, with its NUL */

/*
 * What the loader needs from its kernel, which defines these. All run in the
 * context of the system call, for the calling process, and may sleep.
 */

/* Kernel memory, 8-byte aligned, contiguous for the address space load_ex_bpf() uses; any contents. NULL: none left. */
void *load_ex_alloc(size_t size);
void load_ex_free(void *ptr);
/* Copy from the process. 0, or -EFAULT (dst may then be partly written). */
int load_ex_copy_in(void *dst, uint64_t user_src, size_t size);
/*
 * A descriptor number of the process that is free and stays reserved until
 * put: >= 0, or -errno. Put closes the bpf object behind it, if one has come to
 * be there, and gives the number back.
 */
int load_ex_get_fd(void);
void load_ex_put_fd(int fd);
/*
 * bpf(2) with the descriptors of the process and with `attr` (always
 * sizeof(union bpf_attr) bytes) and every address in it in kernel memory
 * (owner | SBI_EBPF_OWNER_KERNEL_ADDR). Repeats on -ERESTART by itself.
 * Returns what the call returned: >= 0 or -errno.
 */
int64_t load_ex_bpf(uint32_t cmd, union bpf_attr *attr, int newfd);

/*
 * Load the object described by the kernel's copy of the caller's attr
 * (attr->ex_elf, ex_elf_size, ex_map_array_len, ex_map_array; those are user
 * addresses) under the reserved descriptor number newfd.
 *
 * Returns what BPF_PROG_LOAD returned (>= 0), or -errno with nothing left
 * behind: -EFAULT (unreadable), -EINVAL (not such an object; no or too much
 * .text; a table entry without symbol; a symbol without table entry; a file
 * cut short or contradicting itself), -E2BIG (over the limits above),
 * -EBADF (an entry's descriptor is not a map), -ENOMEM, -EMFILE, or whatever
 * the firmware answered.
 */
int64_t load_ex(const union bpf_attr *attr, int newfd);

#endif
