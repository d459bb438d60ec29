/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the core needs from the machine below it: all of it, on this page.
 * Implemented by firmware/platform_sbi.c over OpenSBI and by
 * tests/host/platform_host.c over the C library. The core includes no other
 * header of its surroundings.
 *
 * Context of all functions unless said otherwise: M-mode, interrupts off, any hart.
 */
#ifndef EBPF_PLATFORM_H
#define EBPF_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Index of this hart, 0 .. ebpf_plat_hart_count() - 1 (dense, not the hart id). */
unsigned int ebpf_plat_hart(void);
unsigned int ebpf_plat_hart_count(void);

uint64_t ebpf_plat_ktime_ns(void); /* monotonic, since reset */
uint64_t ebpf_plat_entropy(void);  /* seeds; best effort, not for keys of cryptography */
uint64_t ebpf_plat_insns(void);	   /* retired instructions of this hart */
uint64_t ebpf_plat_satp(void);	   /* satp of the context this hart trapped from */
void ebpf_plat_log(const char *fmt, ...)
	__attribute__((format(printf, 1, 2))); /* firmware console; never for secrets */

#define EBPF_ACCESS_READ 1u
#define EBPF_ACCESS_WRITE 2u
#define EBPF_ACCESS_EXEC 4u

/*
 * May S-mode of the caller's domain make this access, and is [pa, pa + len) RAM
 * altogether? False for MMIO, firmware, arena, holes, wrap-around, len 0.
 */
bool ebpf_plat_phys_ok(uint64_t pa, uint64_t len, unsigned int access);

/*
 * Copy from or to physical memory that ebpf_plat_phys_ok() has allowed. Cannot
 * fail. Aligned 1, 2, 4 and 8 byte copies are single accesses.
 */
void ebpf_plat_phys_read(void *dst, uint64_t pa, size_t len);
void ebpf_plat_phys_write(uint64_t pa, const void *src, size_t len);

/*
 * Make every other running hart execute fence.i and come back only when all
 * have. A hart answers only outside M-mode, so this is also a grace period:
 * no run that was under way when it was called is under way when it returns.
 * Never call it with a spinning lock held (a hart that spins in M-mode cannot answer).
 */
void ebpf_plat_sync_harts(void);

/* Take breakpoints in M-mode on all harts (true) or delegate them as OpenSBI does (false). Implies a sync. */
void ebpf_plat_take_breakpoints(bool take);

/*
 * Memory of the firmware that nobody changes after ebpf_init(): text and
 * constants. Range i in 64-bit words, or false when there are no more.
 */
bool ebpf_plat_constant(unsigned int i, const uint64_t **words, uint64_t *count);
/* Are the words under the harts' stacks what they were at boot? */
bool ebpf_plat_canaries_ok(void);

/* The trace ring or a ring buffer has something: count it, and tell this hart's kernel (SSIP) if it asked for that. */
void ebpf_plat_trace_wake(void);

#endif
