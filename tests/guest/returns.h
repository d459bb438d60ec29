/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of returns know. */
#ifndef RETURNS_H
#define RETURNS_H

enum { NANOSLEEP, SLEEP_UNTIL, CLONE, WAIT4, READ, FILE_READ, PIPE_READ, EXIT, NR_FUNCTIONS };

struct counts {
	unsigned long long entries, returns;
	unsigned long long moved; /* returned on another hart */
};

#endif
