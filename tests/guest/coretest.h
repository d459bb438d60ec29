/* SPDX-License-Identifier: BSD-2-Clause */
/* What coretest's probe finds out about the kernel. */
#ifndef CORETEST_H
#define CORETEST_H

struct answers {
	int pid, parent_pid;
	char name[16];
	int has_pid, has_none, has_struct, has_no_struct;
	unsigned int size_of_proc, size_of_priority, offset_of_pid;
	int sleeping, has_sleeping, has_no_state;
};

#endif
