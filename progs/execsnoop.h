/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of execsnoop know. */
#ifndef EXECSNOOP_H
#define EXECSNOOP_H

#define MAX_ARGS 6
#define ARG_SIZE 32

struct event {
	u32 pid, ppid;
	u32 nr_args;
	u32 more; /* arguments were left out */
	char comm[16];
	char arg[MAX_ARGS][ARG_SIZE];
};

#endif
