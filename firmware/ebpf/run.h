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

/* A ring buffer record that is reserved and not yet given back. */
struct ebpf_run_record {
	struct ebpf_map *map;
	void *record;
};
/*
 * bpf_loop() or bpf_for_each_map_elem() under way: the frame of the same depth
 * has called it, its callback runs in the next one (helper_loop.c).
 */
struct ebpf_run_loop {
	const struct ebpf_op *callback;
	struct ebpf_map *map; /* bpf_loop(): NULL */
	uint64_t ctx;
	const void *key; /* map: of the current element, readable in the callback */
	uint32_t index;	 /* what key points to if the elements have no keys of their own */
	uint32_t at;	 /* next index, or place in the map */
	uint32_t count;	 /* calls: of bpf_loop() the most there may be, of the other those made */
};

#define EBPF_RUN_RECORDS 8u /* at one time; reserving more fails */
#define EBPF_RUN_INNER 4u

struct ebpf_run {
	struct ebpf_prog *prog;
	uint64_t arg[2]; /* r1, r2 at entry (r2 is only set by test tools, 0 for a probe) */
	uint8_t *stack;	 /* EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE bytes, 16-byte aligned; frame n uses slice n from the
			    top */
	uint8_t *ctx;	 /* memory behind r1 */
	uint32_t ctx_size;
	bool ctx_writable; /* kprobe contexts are read-only */
	int64_t budget;	   /* eBPF instructions it may execute (< 2^48); ebpf_run_executed() after it */
	struct ebpf_hit *hit;

	/* why a run was stopped: set with a result other than 0 */
	const char *fault; /* a sentence, static storage */
	uint32_t fault_pc; /* slot */
	uint64_t fault_addr;

	/* The interpreter's own from here on: nobody initialises it, it is valid while a run is under way. */
	int64_t left;	  /* of the budget before the last instruction, in bytes of decoded code */
	uint64_t *result; /* where r0 goes */
	uint32_t depth;	  /* frames below the first */
	/*
	 * Stack below `lo` has not been cleared in this run and counts as
	 * inaccessible until a first access clears it. span: from there to the top of the current frame, >= 8.
	 */
	uint64_t lo, span;
	uint64_t frame_lo[EBPF_MAX_CALL_DEPTH]; /* `lo` of the frames that wait for a call to return */
	/* The region an access outside the stack was last found in: what may be read and written there, bytes. */
	uint64_t win, win_read, win_write;
	/* Zero before the first run; a run leaves none behind. */
	union {
		struct {
			uint16_t nr_records, nr_inner, tail_calls;
			uint16_t looping; /* bit n: loops[n] is under way */
		};
		uint64_t leftovers; /* all of them at once */
	};
	struct ebpf_map *inner[EBPF_RUN_INNER]; /* checked runs: maps that were found in maps, the last ones */
	struct ebpf_run_record records[EBPF_RUN_RECORDS];
	struct ebpf_run_loop loops[EBPF_MAX_CALL_DEPTH - 1];
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

/* The interpreter's, at the end of a run with leftovers: records nobody gave back are discarded. */
void ebpf_run_end(struct ebpf_run *run);
/* A checked run has found this map in another one and may use it, too. */
void ebpf_run_found_map(struct ebpf_run *run, struct ebpf_map *map);

/*
 * The helper at the current depth calls its callback again and again: what comes next (helper_loop.c). reg[0] is what
 * the callback returned, 0 before the first call. CALL: reg[1] to reg[5] are its arguments. DONE: reg[0] is the
 * helper's result. SEARCH: ask again, finding the next element takes longer than one instruction may.
 */
enum ebpf_loop_step { EBPF_LOOP_CALL, EBPF_LOOP_DONE, EBPF_LOOP_SEARCH };
enum ebpf_loop_step ebpf_loop_next(struct ebpf_run *run, uint64_t *reg);

/*
 * eBPF instructions the last run executed. Exact, but for a wide instruction
 * counting as two; a run that was stopped has executed those before fault_pc.
 */
static inline int64_t ebpf_run_executed(const struct ebpf_run *run)
{
	return run->budget - (run->left >> 4) + 1;
}

/*
 * May this run read (or write) [addr, addr + size)? Context, live stack frames,
 * values of the program's own maps, nothing else. size 0 is allowed anywhere.
 * Stack that this run has not used yet is cleared when it is asked for.
 */
bool ebpf_run_mem_ok(struct ebpf_run *run, uint64_t addr, uint64_t size, bool write);

/*
 * Work that grows with an argument is paid for, so that the time of a run stays
 * bounded: helpers have a budget of their own, as large as the run's, in units
 * of 16 bytes (run->budget; the interpreter keeps its count elsewhere while a
 * run is under way). False: used up, the helper does nothing and says -ETIMEDOUT.
 */
static inline bool ebpf_run_pay(struct ebpf_run *run, uint64_t bytes)
{
	run->budget -= (int64_t)(bytes / 16);
	return run->budget >= 0;
}

/*
 * The same for the interpreter: on success the region is remembered, on failure
 * run->fault and run->fault_addr say what is wrong. access: EBPF_RUN_*.
 */
#define EBPF_RUN_READ 1u
#define EBPF_RUN_WRITE 2u
bool ebpf_run_reach(struct ebpf_run *run, uint64_t addr, uint64_t size, unsigned int access);

/* The map behind a register value if it is one of the program's own, else NULL. */
struct ebpf_map *ebpf_run_map(const struct ebpf_run *run, uint64_t value);

#endif
