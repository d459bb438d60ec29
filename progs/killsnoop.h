/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of killsnoop know. */
#ifndef KILLSNOOP_H
#define KILLSNOOP_H

struct event {
	u32 pid;
	s32 target, signal, ret;
	char comm[16];
};

#endif
