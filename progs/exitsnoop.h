/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of exitsnoop know. */
#ifndef EXITSNOOP_H
#define EXITSNOOP_H

struct event {
	u32 pid, ppid;
	s32 code;
	u32 killed;
	u64 age_ms;
	char comm[16];
};

#endif
