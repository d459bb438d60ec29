/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs written for older kernels raise their limit of locked memory before
 * they load anything. There is no such limit here: it always is what they want.
 */
#ifndef _SYS_RESOURCE_H
#define _SYS_RESOURCE_H

#include <stdint.h>

typedef uint64_t rlim_t;
#define RLIM_INFINITY UINT64_MAX
#define RLIMIT_MEMLOCK 8

struct rlimit {
	rlim_t rlim_cur, rlim_max;
};

int getrlimit(int resource, struct rlimit *limit);	 /* of RLIMIT_MEMLOCK; -1 with errno EINVAL for any other */
int setrlimit(int resource, const struct rlimit *limit); /* to infinity; else -1 with errno EINVAL */

#endif
