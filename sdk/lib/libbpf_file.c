/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's objects from files. */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The whole file in memory that the caller frees, or NULL with errno set. */
static void *read_whole(const char *path, size_t *size)
{
	size_t room = 16384, used = 0;
	char *buf = malloc(room), *bigger;
	int fd = open(path, O_RDONLY);
	ssize_t n = -1;

	while (buf && fd >= 0 && (n = read(fd, buf + used, room - used)) > 0) {
		used += (size_t)n;
		if (used < room)
			continue;
		room *= 2;
		bigger = realloc(buf, room);
		if (!bigger)
			free(buf);
		buf = bigger;
	}
	if (fd >= 0)
		close(fd);
	if (buf && n < 0) {
		free(buf);
		return NULL; /* errno is open's or read's */
	}
	*size = used;
	return buf ? buf : libbpf_err_ptr(-ENOMEM);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

struct bpf_object *bpf_object__open_file(const char *path, const struct bpf_object_open_opts *opts)
{
	LIBBPF_OPTS(bpf_object_open_opts, own, .object_name = base_name(path));
	struct bpf_object *obj;
	size_t size;
	void *buf;

	if (opts && opts->object_name)
		own.object_name = opts->object_name;
	buf = read_whole(path, &size);
	if (!buf) {
		pr_warn("cannot read '%s': %s\n", path, strerror(errno));
		return NULL;
	}
	obj = bpf_object__open_mem(buf, size, &own);
	free(buf);
	return obj;
}

struct bpf_object *bpf_object__open(const char *path)
{
	return bpf_object__open_file(path, NULL);
}
