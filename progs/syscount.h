/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of syscount know. */
#ifndef SYSCOUNT_H
#define SYSCOUNT_H

struct stat {
	u64 calls;
	u64 ns;
};

#endif
