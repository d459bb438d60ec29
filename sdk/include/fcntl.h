/* SPDX-License-Identifier: BSD-2-Clause */
/* open(): flags are the uCore tutorial's, not Linux's. */
#ifndef _FCNTL_H
#define _FCNTL_H

#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREATE 0x200
#define O_CREAT O_CREATE
#define O_TRUNC 0x400

/* A descriptor, or -1. A third argument (the mode of Unix) is accepted and ignored. */
int open(const char *path, int flags, ...);

#endif
