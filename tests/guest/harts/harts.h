/* SPDX-License-Identifier: BSD-2-Clause */
/* What start.S and harts.c of this payload share. */
#ifndef HARTS_H
#define HARTS_H

#define MAX_HARTS 8
#define STACK_SIZE 8192

#endif
