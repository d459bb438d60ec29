/* SPDX-License-Identifier: BSD-2-Clause */
/* <stdio.h>: streams of files. */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* open()'s flags, or -1. "a" reads, too: the only way to the end is through the file. */
static int flags_of(const char *mode)
{
	if (mode[strspn(mode, "rwabe")])
		return -1; /* "+" above all */
	switch (mode[0]) {
	case 'r':
		return O_RDONLY;
	case 'w':
		return O_WRONLY | O_CREATE | O_TRUNC;
	case 'a':
		return O_RDWR | O_CREATE;
	default:
		return -1;
	}
}

static int open_at_end(const char *path, int flags, char *buf, size_t size)
{
	int fd = open(path, flags);

	while (fd >= 0 && (flags & O_RDWR) && read(fd, buf, size) > 0)
		;
	return fd;
}

FILE *fopen(const char *path, const char *mode)
{
	int flags = flags_of(mode);
	FILE *f;

	if (flags < 0) {
		errno = EINVAL;
		return NULL;
	}
	f = calloc(1, sizeof(*f));
	if (!f) {
		errno = ENOMEM;
		return NULL;
	}
	f->fd = open_at_end(path, flags, f->buf, sizeof(f->buf));
	if (f->fd < 0) {
		free(f);
		return NULL;
	}
	f->reads = mode[0] == 'r';
	f->writes = !f->reads;
	f->mode = _IOFBF;
	lock_acquire(&__open_files_lock);
	f->next = __open_files;
	__open_files = f;
	lock_release(&__open_files_lock);
	return f;
}

/* Whether fopen() made it, and then it is no longer in the list. */
static bool unlist(FILE *f)
{
	FILE **p = &__open_files;
	bool found;

	lock_acquire(&__open_files_lock);
	while (*p && *p != f)
		p = &(*p)->next;
	found = *p != NULL;
	if (found)
		*p = f->next;
	lock_release(&__open_files_lock);
	return found;
}

int fclose(FILE *f)
{
	bool made = unlist(f);
	int ret = fflush(f);

	if (close(f->fd))
		ret = EOF;
	if (made)
		free(f);
	return ret;
}
