/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's objects from files. */
#include "libbpf_internal.h"
#include "read_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

struct bpf_object *bpf_object__open_file(const char *path, const struct bpf_object_open_opts *opts)
{
	struct bpf_object_open_opts own = {0};
	struct bpf_object *obj;
	size_t size;
	void *buf;

	if (opts)
		own = *opts;
	if (!own.object_name)
		own.object_name = base_name(path);
	buf = sdk_read_file(path, &size);
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
