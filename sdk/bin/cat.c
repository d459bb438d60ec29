/* SPDX-License-Identifier: BSD-2-Clause */
/* cat: writes files, or its input without any, to its output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int copy(int fd)
{
	char buf[512];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		if (write(STDOUT_FILENO, buf, (size_t)n) != n) {
			perror("cat: write");
			return 1;
		}
	}
	return n < 0;
}

static int cat(const char *path)
{
	int fd = open(path, O_RDONLY), failed;

	if (fd < 0) {
		fprintf(stderr, "cat: %s: cannot open\n", path);
		return 1;
	}
	failed = copy(fd);
	close(fd);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = argc < 2 ? copy(STDIN_FILENO) : 0;

	for (int i = 1; i < argc; i++)
		failed |= cat(argv[i]);
	return failed;
}
