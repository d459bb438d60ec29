/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of callbacks know: what the program has counted. */
#ifndef GUEST_CALLBACKS_H
#define GUEST_CALLBACKS_H

struct sums {
	unsigned long triangle;	    /* 0 + 1 + .. + 99 */
	unsigned long grid;	    /* calls of a callback in a callback */
	unsigned long calls;	    /* as bpf_loop() says, stopped after 7 */
	unsigned long elements;	    /* of the table, and */
	unsigned long keys, values; /* sums of them */
	unsigned long emptied;	    /* elements left after each was deleted by a callback */
};

#endif
