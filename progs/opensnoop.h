/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of opensnoop know. */
#ifndef OPENSNOOP_H
#define OPENSNOOP_H

struct event {
	u32 pid;
	s32 ret;
	u32 flags;
	char comm[16];
	char path[64];
};

#endif
