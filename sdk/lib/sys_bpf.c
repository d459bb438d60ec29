/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls libbpf stands on; a host test puts its own in their place. */
#include "libbpf_internal.h"
#include "syscall.h"

#include <errno.h>

int sdk_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	long ret = syscall3(SYS_bpf, cmd, (long)attr, sizeof(*attr));

	/* -1 is all the uCore ABI promises for an error; it reads as EPERM */
	return (int)ret;
}

int sdk_close(int fd)
{
	return (int)syscall3(SYS_close, fd, 0, 0);
}
