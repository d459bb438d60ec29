/* SPDX-License-Identifier: BSD-2-Clause */
/* What perfpin's halves share. */
#ifndef PERFPIN_H
#define PERFPIN_H

struct event {
	int pid, signal;
	unsigned long nr;
};

#endif
