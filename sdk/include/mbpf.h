/* SPDX-License-Identifier: BSD-2-Clause */
/* What is mbpf's own, without a counterpart in Linux. */
#ifndef SDK_MBPF_H
#define SDK_MBPF_H

#include "uapi/sbi_ebpf.h"

/* What the firmware says of itself: SBI_EBPF_INFO_*; -1 for an index it does not know. */
long mbpf_info(unsigned long index);
/*
 * Wait until the count of output events (SBI_EBPF_INFO_EVENTS: something new in
 * the trace ring or a ring buffer) is not `count`, or for so many microseconds
 * (-1: for ever). The count now; -1 with errno ENOSYS or EINTR. Nothing is missed
 * by whoever takes the count (mbpf_wait(-1, 0)), looks, and then waits with it.
 */
long mbpf_wait(long count, long us);

/* Forbid, until the machine is reset (SBI_EBPF_LOCK_*). The locks now in force, or -1 with errno EPERM. */
long mbpf_lock(unsigned int flags);

#endif
