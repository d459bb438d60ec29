/* SPDX-License-Identifier: BSD-2-Clause */
/* What linuxtool's halves share. */
#ifndef LINUXTOOL_H
#define LINUXTOOL_H

#define TASK_COMM_LEN 16
#define MAX_FILENAME_LEN 127

struct event {
	int pid;
	int ppid;
	long ret;
	unsigned long long duration_ns;
	char comm[TASK_COMM_LEN];
	char filename[MAX_FILENAME_LEN];
	bool exit_event;
};

#endif
