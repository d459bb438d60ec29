/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arena: one block of memory that only M-mode can reach, and its allocator.
 * Constant time per call, exact accounting: ebpf_arena_free_bytes() after the
 * last ebpf_free() is what it was before the first ebpf_alloc().
 *
 * Thread safety: every function takes the arena's lock (lock.h rules apply).
 */
#ifndef EBPF_ARENA_H
#define EBPF_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one owner has in the arena. The memory is the caller's; zero-initialise, set `limit`. */
struct ebpf_account {
	uint64_t used;	/* bytes, block headers included */
	uint64_t limit; /* bytes, UINT64_MAX = none */
};

/* `base` 4 KiB aligned, `size` a multiple of 4 KiB. Called once, before anything else. */
void ebpf_arena_init(void *base, size_t size);
size_t ebpf_arena_size(void);
size_t ebpf_arena_free_bytes(void);

/*
 * `size` bytes, 16-byte aligned, contents undefined, charged to `account`
 * (NULL: the firmware itself). NULL if the arena or the account's limit is
 * exhausted, or size is 0. Never takes longer than a bounded number of steps.
 */
void *ebpf_alloc(struct ebpf_account *account, size_t size);
/* The same, zeroed. Only for sizes up to EBPF_SLICE_BYTES: larger blocks are cleared in slices by who allocates them.
 */
void *ebpf_zalloc(struct ebpf_account *account, size_t size);
/* NULL is allowed. The account charged at ebpf_alloc() must still exist. */
void ebpf_free(void *ptr);

/*
 * Look at the headers of up to `blocks` blocks, going on where the last call
 * stopped. *round: the end of the arena was reached, the next call begins anew.
 * False: a header is not what the allocator has written (the round ends there).
 */
bool ebpf_arena_check(unsigned int blocks, bool *round);

#if __STDC_HOSTED__ /* tests; a firmware build has nothing of this */
/*
 * Fail the nth allocation from now on (1 = the next); with `forever` all after
 * it as well. 0 turns it off and restarts the count of ebpf_arena_allocs().
 * Usage: for (n = 1;; n++) { ebpf_arena_fail(n, false); err = body(); if
 * (ebpf_arena_allocs() < n) break; assert(err); assert(free_bytes as before); }
 */
void ebpf_arena_fail(uint64_t nth, bool forever);
uint64_t ebpf_arena_allocs(void); /* allocations tried since ebpf_arena_fail() */
/* Walks everything: block chain, seals, free lists, sums. False after a sentence through ebpf_plat_log(). */
bool ebpf_arena_consistent(void);
#endif

#endif
