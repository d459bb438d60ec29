/* SPDX-License-Identifier: BSD-2-Clause */
/* uptime: seconds since boot, from proc/uptime. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	int fd = open("proc/uptime", O_RDONLY);
	char buf[512];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0) {
		if (write(STDOUT_FILENO, buf, (size_t)n) != n) {
			fprintf(stderr, "uptime: cannot write\n");
			return 1;
		}
	}
	if (n < 0)
		fprintf(stderr, "uptime: cannot read proc/uptime\n");
	return n < 0;
}
