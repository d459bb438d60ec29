/* SPDX-License-Identifier: BSD-2-Clause */
/* mbpf's own calls. */
#include "../include/mbpf.h"
#include "syscall.h"
#include "uapi/bpf.h"

#include <errno.h>

long mbpf_info(unsigned long index)
{
	return syscall3(SYS_ebpf_info, (long)index, 0, 0);
}

long mbpf_wait(long count, long us)
{
	return __syscall_ret(syscall3(SYS_ebpf_wait, count, us, 0), ENOSYS);
}

long mbpf_lock(unsigned int flags)
{
	union bpf_attr attr = {.number = {.index = flags}};

	return __syscall_ret(syscall3(SYS_bpf, EBPF_LOCK, (long)&attr, sizeof(attr)), EPERM);
}
