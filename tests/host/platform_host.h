/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's side of firmware/ebpf/platform.h, for tests and host tools: a
 * machine made of plain variables. Tests set them and read the counters; a test
 * that changes something calls host_reset() in its setup.
 */
#ifndef HOST_PLATFORM_HOST_H
#define HOST_PLATFORM_HOST_H

#include "arena.h"
#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Everything back to the state at start: no physical memory, one hart, counters 0. */
void host_reset(void);

/* Harts. The index is thread-local, so threads can play harts. */
extern _Thread_local unsigned int host_hart;
extern unsigned int host_hart_count;
extern _Thread_local uint64_t host_satp;

/* Clocks and seeds */
extern uint64_t host_ktime_ns;	 /* 0: the real monotonic clock */
extern uint64_t host_entropy;	 /* the next ebpf_plat_entropy() is derived from it, so runs repeat */
extern uint64_t host_insns;	 /* what ebpf_plat_insns() says ... */
extern uint64_t host_insns_step; /* ... and how much it grows with each look */

/*
 * Fake physical memory: up to HOST_PHYS_WINDOWS ranges of RAM. A window is
 * what S-mode may access (EBPF_ACCESS_* mask); everything else does not exist.
 * ebpf_plat_phys_read/write of an address outside aborts the test: the core must ask first.
 */
#define HOST_PHYS_WINDOWS 8
void host_phys_add(uint64_t pa, void *mem, uint64_t size, unsigned int access);
/* Host address behind a physical one, or NULL. For tests that build page tables. */
void *host_phys_ptr(uint64_t pa, uint64_t len);

/* What ebpf_plat_constant() and ebpf_plat_canaries_ok() show: a test may damage them. */
extern uint64_t host_constant[512];
extern bool host_canaries_ok;

/* Calls seen */
extern unsigned int host_syncs;		  /* ebpf_plat_sync_harts */
extern unsigned int host_trace_wakes;	  /* ebpf_plat_trace_wake */
extern unsigned int host_breakpoint_sets; /* ebpf_plat_take_breakpoints */
extern bool host_breakpoints_taken;	  /* its last argument */
extern void (*host_sync_hook)(void);	  /* called inside each sync, if set */

/* ebpf_plat_log: the last line is kept; it also goes to stderr if loud */
extern char host_log_line[512];
extern bool host_log_loud;

/*
 * ebpf_plat_bus (rv_emulate.h): virtual addresses are addresses of the fake
 * physical windows; outside of them an access traps as a page fault.
 */
extern uint64_t host_fp[32];
extern bool host_fp_enabled;
extern uint64_t host_csr[4096];
extern unsigned int host_fences;

/*
 * A fresh arena of `size` bytes (a multiple of 4 KiB), aligned as firmware's is. Inline, so that only
 * who uses it needs arena.c. The previous one is given back: nothing of it may be in use.
 */
static inline void *host_arena_init(size_t size)
{
	static void *arena;
	size_t align = size & (size - 1) ? 4096 : size;

	free(arena);
	arena = aligned_alloc(align < 4096 ? 4096 : align, size);
	if (!arena)
		abort();
	memset(arena, 0xa5, size);
	ebpf_arena_init(arena, size);
	return arena;
}

struct ebpf_pt_regs;
struct rv_trap;
/*
 * A breakpoint as the trap entry serves it: a light hit where the probe allows
 * it, else one with all registers. What comes back is as from ebpf_kprobe_hit();
 * registers a light hit does not have are hidden from it.
 */
int host_hit(struct ebpf_pt_regs *regs, struct rv_trap *trap);

#endif
