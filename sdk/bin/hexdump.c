/* SPDX-License-Identifier: BSD-2-Clause */
/* hexdump: bytes of a file, or of its input without one, as hexdump -C shows them (repeated lines in full). */
#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#define WIDTH 16

static void show(unsigned long offset, const unsigned char *bytes, unsigned int n)
{
	char text[WIDTH + 1];

	printf("%08lx ", offset);
	for (unsigned int i = 0; i < WIDTH; i++) {
		if (i < n) {
			printf("%s %02x", i == WIDTH / 2 ? " " : "", bytes[i]);
			text[i] = isprint(bytes[i]) ? (char)bytes[i] : '.';
		} else {
			printf("%s   ", i == WIDTH / 2 ? " " : "");
		}
	}
	text[n] = 0;
	printf("  |%s|\n", text);
}

static int hexdump(int fd)
{
	unsigned char line[WIDTH], buf[512];
	unsigned long offset = 0;
	unsigned int n = 0;
	ssize_t got;

	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < got; i++) { /* a pipe gives pieces of any length */
			line[n++] = buf[i];
			if (n < WIDTH)
				continue;
			show(offset, line, n);
			offset += n;
			n = 0;
		}
	}
	if (n)
		show(offset, line, n);
	printf("%08lx\n", offset + n);
	return got < 0;
}

int main(int argc, char **argv)
{
	int fd = STDIN_FILENO, failed;

	if (argc > 2) {
		fprintf(stderr, "usage: hexdump [file]\n");
		return 2;
	}
	if (argc == 2)
		fd = open(argv[1], O_RDONLY);
	if (fd < 0) {
		fprintf(stderr, "hexdump: %s: cannot open\n", argv[1]);
		return 1;
	}
	failed = hexdump(fd);
	if (failed)
		fprintf(stderr, "hexdump: cannot read\n");
	return failed;
}
