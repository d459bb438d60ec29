/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware looks after itself: text and constants against a keyed hash
 * made at boot, the seals of the arena's blocks, the canaries under the harts'
 * stacks, and the breakpoints of armed probes. In slices, on the calls that take
 * the control lock anyway, so that nothing is spent on a hit.
 *
 * Damage is latched: it is counted, said on the firmware's console once, and
 * loading and attaching are locked. docs/isolation.md
 *
 * Control lock held for everything here but the counters.
 */
#ifndef EBPF_SELFCHECK_H
#define EBPF_SELFCHECK_H

#include <stdbool.h>
#include <stdint.h>

void ebpf_selfcheck_init(void); /* hash what never changes from now on; once */

/* One slice: `share` times a small one (about 1000 instructions). */
void ebpf_selfcheck_slice(unsigned int share);

uint64_t ebpf_selfcheck_rounds(void);	/* complete ones since reset */
uint64_t ebpf_selfcheck_damage(void);	/* things found changed that only the firmware may change */
uint64_t ebpf_selfcheck_tampered(void); /* breakpoints of armed probes found changed */

/*
 * probe_watch.c: look at `slots` entries of the probe table from *at on (it
 * wraps to 0). A breakpoint that is gone is counted; while detaching is locked
 * it is put back, if the probe's address still leads to that place. Returns how
 * many were gone.
 */
unsigned int ebpf_probe_watch(uint32_t *at, uint32_t slots);

#endif
