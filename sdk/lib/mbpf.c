/* SPDX-License-Identifier: BSD-2-Clause */
/* mbpf's own calls. */
#include "../include/mbpf.h"
#include "syscall.h"

long mbpf_info(unsigned long index)
{
	return syscall3(SYS_ebpf_info, (long)index, 0, 0);
}
