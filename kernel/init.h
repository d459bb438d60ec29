/* SPDX-License-Identifier: BSD-2-Clause */
/* The first process, and what its end means. */
#ifndef KERNEL_INIT_H
#define KERNEL_INIT_H

#include <stdbool.h>

extern int init_pid;
#define INIT_PID init_pid

/* Start it (boot, and again after a crash of an interactive shell). Panics if it cannot be loaded. */
void init_start(void);
/* It has ended: power off, or start it again. */
void init_ended(int code, bool crashed);

#endif
