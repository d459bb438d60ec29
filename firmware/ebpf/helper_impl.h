/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the helper files share. A helper goes into the file of its subject as a
 * static function, with a row (Linux's number, prototype) in that file's table.
 */
#ifndef EBPF_HELPER_IMPL_H
#define EBPF_HELPER_IMPL_H

#include "helper.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

struct ebpf_map;

struct ebpf_helper_row {
	uint32_t id;
	struct ebpf_helper helper; /* fn NULL ends a table */
};

extern const struct ebpf_helper_row ebpf_helpers_map[];	    /* helper_map.c */
extern const struct ebpf_helper_row ebpf_helpers_probe[];   /* helper_probe.c */
extern const struct ebpf_helper_row ebpf_helpers_task[];    /* helper_task.c */
extern const struct ebpf_helper_row ebpf_helpers_trace[];   /* helper_trace.c */
extern const struct ebpf_helper_row ebpf_helpers_ringbuf[]; /* helper_ringbuf.c */
extern const struct ebpf_helper_row ebpf_helpers_tail[];    /* helper_tail.c */
extern const struct ebpf_helper_row ebpf_helpers_stack[];   /* helper_stack.c */
extern const struct ebpf_helper_row ebpf_helpers_string[];  /* helper_string.c */
extern const struct ebpf_helper_row ebpf_helpers_loop[];    /* helper_loop.c */
extern const struct ebpf_helper_row ebpf_helpers_change[];  /* helper_change.c */
extern const struct ebpf_helper_row ebpf_helpers_rcore[];   /* helper_rcore.c: all there are in that ABI */

/* The head of a helper; it uses what it needs. */
#define EBPF_HELPER_ARG __attribute__((unused)) uint64_t
#define EBPF_HELPER(name)                                                                                              \
	static uint64_t name(__attribute__((unused)) struct ebpf_run *run, EBPF_HELPER_ARG r1, EBPF_HELPER_ARG r2,     \
			     EBPF_HELPER_ARG r3, EBPF_HELPER_ARG r4, EBPF_HELPER_ARG r5)

#define EBPF_ERR(err) ((uint64_t)(int64_t) - (err)) /* -errno as r0 */

static inline void *ebpf_helper_mem(uint64_t addr)
{
	return (void *)(uintptr_t)addr;
}

uint32_t ebpf_prandom_u32(void);

/*
 * Read memory as Linux's copy_from_kernel_nofault() and its user counterpart
 * do: 0, or -EFAULT with dst zeroed (-ETIMEDOUT: see ebpf_run_pay()). Kernel memory includes what the run itself
 * may read (stack, map values). `space` is one of the next three.
 */
#define EBPF_READ_KERNEL 1
#define EBPF_READ_USER 2
#define EBPF_READ_ANY 3 /* kernel first: the kernel's page table is what a hit sees */
int ebpf_helper_read(struct ebpf_run *run, void *dst, uint64_t size, uint64_t src, int space);
/* A string: length with its NUL (at most size, then cut off), 0 if size is 0, or -EFAULT with dst zeroed. */
int64_t ebpf_helper_read_str(struct ebpf_run *run, char *dst, uint64_t size, uint64_t src, int space);

/* %s and its kin for helpers that format: an ebpf_print_str_fn, arg is the run */
int ebpf_helper_print_str(void *arg, char *dst, uint64_t addr, size_t size, int user);
#define EBPF_PRINT_CHARGE 8192u /* bytes a line of text is paid for */

/* rCore: the program's map with that descriptor number, or NULL */
struct ebpf_map *ebpf_helper_map_of_fd(const struct ebpf_run *run, uint32_t fd);

#endif
