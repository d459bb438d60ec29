/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running a decoded program: the state of one run, the run-time memory checks,
 * and the interpreter's entry. One run is made by one hart with interrupts off;
 * it never sleeps, takes no lock that it keeps, and ends within its budget.
 */
#ifndef EBPF_RUN_H
#define EBPF_RUN_H

#include "prog.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_hit; /* the probe hit a run serves, kprobe.h; NULL in test runs */

struct ebpf_run {
	struct ebpf_prog *prog;
	uint64_t arg[2]; /* r1, r2 at entry (r2 is only set by test tools, 0 for a probe) */
	uint8_t *stack;	 /* EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE bytes, 16-byte aligned; frame n uses slice n from the
			    top */
	uint8_t *ctx;	 /* memory behind r1 */
	uint32_t ctx_size;
	bool ctx_writable; /* kprobe contexts are read-only */
	int64_t budget;	   /* eBPF instructions left */
	struct ebpf_hit *hit;

	/* why a run was stopped: set with a result other than 0 */
	const char *fault; /* a sentence, static storage */
	uint32_t fault_pc; /* slot */
	uint64_t fault_addr;
};

/*
 * Run `run->prog`. 0 and *r0, or
 *   -EFAULT  a memory access or helper argument outside what the run may touch
 *   -ETIMEDOUT  budget used up
 *   -EINVAL  anything else an unverified program can do wrong (call depth, bad indirect ...)
 * with run->fault set. Uninitialised registers read as 0, the stack is cleared
 * as far as needed so that nothing of an earlier run can be seen.
 */
int ebpf_run(struct ebpf_run *run, uint64_t *r0);

/*
 * May this run read (or write) [addr, addr + size)? Context, live stack frames,
 * values of the program's own maps, nothing else. size 0 is allowed anywhere.
 */
bool ebpf_run_mem_ok(const struct ebpf_run *run, uint64_t addr, uint64_t size, bool write);

/* The map behind a register value if it is one of the program's own, else NULL. */
struct ebpf_map *ebpf_run_map(const struct ebpf_run *run, uint64_t value);

#endif
