/* SPDX-License-Identifier: BSD-2-Clause */
/* cat: writes files to the console. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int cat(const char *path)
{
	char buf[512];
	ssize_t n;
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		fprintf(stderr, "cat: %s: cannot open\n", path);
		return 1;
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		if (write(STDOUT_FILENO, buf, (size_t)n) != n) {
			perror("cat: write");
			n = -1;
			break;
		}
	}
	close(fd);
	return n < 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: cat FILE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		failed |= cat(argv[i]);
	return failed;
}
