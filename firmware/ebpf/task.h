/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The running task of a hart, as its kernel describes it (struct
 * ebpf_task_area). The firmware keeps a copy of the last consistent record.
 */
#ifndef EBPF_TASK_H
#define EBPF_TASK_H

#include "uapi/sbi_ebpf.h"

/* SET_TASK_AREA for this hart. 0, -EINVAL (alignment, unknown flags), -EFAULT (not RAM of S-mode). All-ones: off. */
int ebpf_task_set_area(uint64_t pa, uint64_t flags);
uint64_t ebpf_task_flags(void); /* of this hart */

/*
 * The task this hart runs. Never NULL: without an area, or before the first
 * consistent record, all fields are 0. Valid until the next call on this hart.
 */
const struct ebpf_task_area *ebpf_task_current(void);

#endif
