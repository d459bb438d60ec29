/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaf programs: verified ones that call nothing (a look-up in an array is no
 * call) and do not jump back. That is what most programs do that count, add up
 * or keep a histogram. Such a program cannot be stopped, takes no longer than it
 * is long, and whoever runs it needs neither a run's state nor many registers:
 * leaf.c is compiled to change ra, t0 and a0 to a5 only.
 */
#ifndef EBPF_LEAF_H
#define EBPF_LEAF_H

#include "decode.h"
#include "kprobe.h"
#include "prog.h"

#include <stdint.h>

/* Run a program whose entry has EBPF_ENTRY_LEAF. Its r0. ctx: what r1 is at entry. */
uint64_t ebpf_leaf_run(const struct ebpf_prog *prog, uint64_t ctx);

/*
 * For probe->leaf_return: a function with return probes is entered, nobody else runs; and a return whose programs are
 * all leaves. As ebpf_kprobe_hit_leaf(), but an odd answer is: not so simple, nothing has been done, serve it
 * otherwise.
 */
uint64_t ebpf_leaf_enter(struct ebpf_pt_regs *regs, struct ebpf_probe *probe, unsigned long hart);
uint64_t ebpf_leaf_return(struct ebpf_pt_regs *regs, struct ebpf_probe *trampoline, unsigned long hart);

/* Rare operations that it lacks: they would take it more registers than all others. Besides, it lacks all calls. */
#define EBPF_LEAF_LACKS(X)                                                                                             \
	X(SDIV64_K)                                                                                                    \
	X(SDIV64_X)                                                                                                    \
	X(SDIV32_K)                                                                                                    \
	X(SDIV32_X)                                                                                                    \
	X(SMOD64_K)                                                                                                    \
	X(SMOD64_X)                                                                                                    \
	X(SMOD32_K)                                                                                                    \
	X(SMOD32_X)                                                                                                    \
	X(BE32)                                                                                                        \
	X(BE64)                                                                                                        \
	X(BSWAP32)                                                                                                     \
	X(BSWAP64)                                                                                                     \
	X(CMPXCHG64)                                                                                                   \
	X(CMPXCHG32)

/* Its labels, as ebpf_interp_labels(). */
void ebpf_leaf_labels(struct ebpf_labels *labels);

#endif
