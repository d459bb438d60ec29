/* SPDX-License-Identifier: BSD-2-Clause */
/* Error numbers are Linux's. errno is one for the whole process: threads must not rely on it. */
#ifndef _ERRNO_H
#define _ERRNO_H

#include "uapi/errno.h"

#ifndef ENOEXEC
#error "uapi/errno.h has no numbers"
#endif

extern int errno;

#endif
