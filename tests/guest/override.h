/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of override know. */
#ifndef OVERRIDE_H
#define OVERRIDE_H

#define OVERRIDDEN (-4711L)
#define WORD 0x1122334455667788

struct override_state {
	unsigned int victim;	   /* the process */
	unsigned int entries;	   /* of its opens, counted by another program on the same probe */
	unsigned long long buffer; /* in the process */
	long long seen;		   /* what the return probe has seen */
	long long written;	   /* what bpf_probe_write_user() said */
};

#endif
