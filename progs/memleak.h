/* SPDX-License-Identifier: BSD-2-Clause */
/* What both halves of memleak know. */
#ifndef MEMLEAK_H
#define MEMLEAK_H

struct block {
	u64 caller; /* return address */
	u64 pages;
};

#endif
