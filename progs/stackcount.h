/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of stackcount know. */
#ifndef STACKCOUNT_H
#define STACKCOUNT_H

#define MAX_DEPTH 24

struct key {
	s64 stack; /* number in the map of stacks, negative: there was none */
	char comm[16];
};

#endif
