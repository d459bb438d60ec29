/* SPDX-License-Identifier: BSD-2-Clause */
/* For tools that are a view of the kernel's and nothing more. */
#ifndef SDK_BIN_SHOW_H
#define SDK_BIN_SHOW_H

#include <stdio.h>
#include <unistd.h>

/* Writes the file out. The tool's exit code. */
static inline int show_file(const char *tool, const char *path)
{
	int fd = open(path, O_RDONLY);
	char buf[512];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0) {
		if (write(STDOUT_FILENO, buf, (size_t)n) != n) {
			fprintf(stderr, "%s: cannot write\n", tool);
			return 1;
		}
	}
	if (n < 0)
		fprintf(stderr, "%s: cannot read %s\n", tool, path);
	return n < 0;
}

#endif
