/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Helpers: functions of the firmware that a program may call, by Linux's
 * numbers. One prototype table serves the load-time check, the verifier and the
 * run-time argument check of the checked interpreter, so they cannot differ.
 */
#ifndef EBPF_HELPER_H
#define EBPF_HELPER_H

#include "run.h"

#include <stdbool.h>
#include <stdint.h>

/* Argument kinds; names follow Linux's enum bpf_arg_type. */
enum ebpf_arg_type {
	EBPF_ARG_NONE,		   /* not used */
	EBPF_ARG_ANYTHING,	   /* any value */
	EBPF_ARG_CONST_MAP_PTR,	   /* a map of the program */
	EBPF_ARG_MAP_KEY,	   /* readable, key_size bytes of the map argument before it */
	EBPF_ARG_MAP_VALUE,	   /* readable, value_size bytes of that map */
	EBPF_ARG_MAP_VALUE_UNINIT, /* writable, value_size bytes of that map */
	EBPF_ARG_CTX,		   /* the program's context */
	EBPF_ARG_MEM_RDONLY,	   /* readable; the next argument is its size */
	EBPF_ARG_MEM_RDONLY_OR_NULL,
	EBPF_ARG_MEM_UNINIT, /* writable, need not be initialised; the next argument is its size */
	EBPF_ARG_SIZE,	     /* bytes of the argument before, > 0, at most EBPF_MAX_VALUE_SIZE */
	EBPF_ARG_SIZE_OR_ZERO,
	EBPF_ARG_CONST_STR,	   /* a NUL-terminated string in read-only map memory */
	EBPF_ARG_MAP_FD,	   /* rCore: descriptor number of a map of the program */
	EBPF_ARG_FD_KEY,	   /* rCore: readable, key_size bytes of the map behind argument 1 */
	EBPF_ARG_FD_VALUE,	   /* rCore: readable, value_size bytes */
	EBPF_ARG_FD_VALUE_UNINIT,  /* rCore: writable, value_size bytes */
	EBPF_ARG_MEM_OR_NULL,	   /* readable and writable; the next argument is its size */
	EBPF_ARG_LONG_UNINIT,	   /* writable, 8 bytes, aligned */
	EBPF_ARG_CONST_ALLOC_SIZE, /* a constant: size of the memory that is returned */
	EBPF_ARG_RINGBUF_MEM,	   /* a reserved record; the call releases it */
	EBPF_ARG_FUNC,		   /* a subprogram to be called back */
	EBPF_ARG_STACK_OR_NULL,	   /* handed to the callback */
};

enum ebpf_ret_type {
	EBPF_RET_INTEGER,
	EBPF_RET_VOID,
	EBPF_RET_MAP_VALUE_OR_NULL,
	EBPF_RET_RINGBUF_MEM_OR_NULL, /* must be released on every path */
	EBPF_RET_TASK,		      /* an address of the kernel */
};

/*
 * Called with the program's r1..r5 after the argument check. The result goes to
 * r0. A helper never faults, never blocks, and answers a bad address that it can
 * only find out itself (probe_read) with a negative errno in r0.
 */
typedef uint64_t (*ebpf_helper_fn)(struct ebpf_run *run, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
				   uint64_t r5);

struct ebpf_helper {
	const char *name; /* "map_lookup_elem", without the bpf_ prefix */
	ebpf_helper_fn fn;
	uint8_t ret;	/* enum ebpf_ret_type */
	uint8_t arg[5]; /* enum ebpf_arg_type */
	bool gpl_only;
};

/* Seeds; once. */
void ebpf_helper_init(void);

/* The helper `id` of a program of this ABI, or NULL if there is none. */
const struct ebpf_helper *ebpf_helper_of(uint32_t id, bool rcore);

/*
 * Policy: helpers that change what they look at. Bits of SBI_EBPF_FEATURE_WRITE_USER and _OVERRIDE_RETURN, 0 unless the
 * device tree that the firmware was given has them in /chosen (policy.c of the seam, before ebpf_init()). Not written
 * later: neither the kernel nor a process can turn one on. A helper whose bit is 0 does not exist.
 */
extern uint64_t ebpf_policy_allow;

/* Why the policy keeps back a helper that Linux has, a sentence; NULL: it does not. */
const char *ebpf_helper_kept_back(uint32_t id);

/* For messages: Linux's name of a helper id even if mbpf lacks it, or NULL. */
const char *ebpf_helper_name(uint32_t id);

/*
 * Run-time check of r1..r5 against the prototype: 0, or -EFAULT with
 * run->fault set. Used by the checked interpreter for every call.
 */
int ebpf_helper_check_args(struct ebpf_run *run, const struct ebpf_helper *helper, const uint64_t args[5]);

#endif
