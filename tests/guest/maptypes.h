/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of maptypes know: what the program has found. */
#ifndef GUEST_MAPTYPES_H
#define GUEST_MAPTYPES_H

struct results {
	unsigned long runs;
	unsigned long from_inner;    /* the value of the map in the map of maps */
	unsigned long first_in_line; /* of the queue */
	unsigned long seen;	     /* by the bloom filter */
	unsigned long route;	     /* of the longest prefix */
	long text_len;
	char text[16];
	long number;
	unsigned long equal;
	long user_bytes;
	unsigned long user_stack[16];
};

#endif
