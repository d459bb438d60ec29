/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole file in memory: its size is not known before it has been read. */
#include "read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_ROOM 16384u

static void *drop(void *buf, int err)
{
	free(buf);
	errno = err;
	return NULL;
}

static void *read_all(int fd, size_t *size)
{
	size_t room = FIRST_ROOM, used = 0;
	char *buf = malloc(room), *bigger;
	ssize_t n;

	if (!buf)
		return drop(NULL, ENOMEM);
	while ((n = read(fd, buf + used, room - used - 1)) > 0) {
		used += (size_t)n;
		if (used < room - 1)
			continue;
		room *= 2;
		bigger = realloc(buf, room);
		if (!bigger)
			return drop(buf, ENOMEM);
		buf = bigger;
	}
	if (n < 0)
		return drop(buf, errno);
	buf[used] = 0;
	*size = used;
	return buf;
}

void *sdk_read_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY);
	void *buf;
	int err;

	if (fd < 0)
		return NULL;
	buf = read_all(fd, size);
	err = errno;
	close(fd);
	errno = err;
	return buf;
}
