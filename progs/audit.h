/* SPDX-License-Identifier: BSD-2-Clause */
/* What audit's halves share. */
#ifndef AUDIT_H
#define AUDIT_H

#define AUDIT_RECORDS 128 /* the newest ones are kept */

enum audit_what {
	AUDIT_EXEC = 1,
	AUDIT_UNLINK,
	AUDIT_KILL,
};

struct record {
	u64 time; /* ns since start */
	u32 pid, what;
	char comm[16];
	char path[40]; /* of the program or file */
	s64 number;    /* pid that is killed */
};

#endif
