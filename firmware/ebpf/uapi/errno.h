/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux errno numbers (asm-generic), the ones mbpf returns. On a host the C
 * library's own header has the same values.
 */
#ifndef EBPF_UAPI_ERRNO_H
#define EBPF_UAPI_ERRNO_H

#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ == 1
#include <errno.h>
#endif

#ifndef EPERM
#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define EINTR 4
#define EIO 5
#define E2BIG 7
#define ENOEXEC 8
#define EBADF 9
#define ECHILD 10
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define ENODEV 19
#define ENOTDIR 20
#define EISDIR 21
#define EINVAL 22
#define ENFILE 23
#define EMFILE 24
#define ENOSPC 28
#define ESPIPE 29
#define EPIPE 32
#define ERANGE 34
#define EDEADLK 35
#define ENAMETOOLONG 36
#define ENOSYS 38
#define EPROTO 71
#define EOVERFLOW 75
#define EILSEQ 84
#define EOPNOTSUPP 95
#define ETIMEDOUT 110
#define ESTALE 116
#endif
#ifndef ERESTART
#define ERESTART 85
#endif
#ifndef ENOTSUPP
#define ENOTSUPP 524 /* Linux-internal; bpf(2) leaks it for unknown map operations */
#endif

#endif
