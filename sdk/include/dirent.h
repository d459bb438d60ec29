/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a directory: there is one, open(".", O_RDONLY). */
#ifndef _DIRENT_H
#define _DIRENT_H

#include <stddef.h>
#include <stdint.h>

struct dirent {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen; /* bytes to the next entry */
	uint8_t d_type;
	char d_name[];
};

int getdents(int fd, struct dirent *entries, size_t size); /* bytes stored, 0 at the end, or -1 */

#endif
