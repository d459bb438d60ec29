/* SPDX-License-Identifier: BSD-2-Clause */
/* What is mbpf's own, without a counterpart in Linux. */
#ifndef SDK_MBPF_H
#define SDK_MBPF_H

#include "uapi/sbi_ebpf.h"

/* What the firmware says of itself: SBI_EBPF_INFO_*; -1 for an index it does not know. */
long mbpf_info(unsigned long index);

#endif
