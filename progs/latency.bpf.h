/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs that measure times share: the histogram's slot of a value. */
#ifndef LATENCY_BPF_H
#define LATENCY_BPF_H

#define SLOTS 36

static __always_inline u32 slot_of(u64 v)
{
	u32 slot = 0;

	for (u32 shift = 32; shift; shift /= 2) {
		if (v >> shift) {
			v >>= shift;
			slot += shift;
		}
	}
	return slot < SLOTS ? slot : SLOTS - 1;
}

#endif
