/* SPDX-License-Identifier: BSD-2-Clause */
/* What profile's halves share. */
#ifndef PROFILE_H
#define PROFILE_H

/* Where a hart was when its timer went off */
struct key {
	char comm[16];
	u64 pc; /* in the kernel; 0: in the program */
};

#endif
