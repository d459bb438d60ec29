/* SPDX-License-Identifier: BSD-2-Clause */
/* fstat(): layout and mode numbers are the uCore tutorial's. */
#ifndef _SYS_STAT_H
#define _SYS_STAT_H

#include <stdint.h>

#define STAT_DIR 0x040000
#define STAT_FILE 0x100000

typedef struct {
	uint64_t dev;
	uint64_t ino;
	uint32_t mode;
	uint32_t nlink;
	uint64_t pad[7];
} Stat;

int fstat(int fd, Stat *st); /* 0 or -1 */

#endif
