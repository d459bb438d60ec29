/* SPDX-License-Identifier: BSD-2-Clause */
/* grep: lines of its input that have TEXT in them (plain text, no expression); -v those that have not. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char line[1024];
static size_t len;

static bool print_match(const char *text, bool invert)
{
	line[len] = 0;
	len = 0;
	if (!strstr(line, text) != invert)
		return false;
	puts(line);
	return true;
}

int main(int argc, char **argv)
{
	bool invert = argc > 2 && !strcmp(argv[1], "-v"), found = false;
	char buf[512];
	ssize_t n;

	if (argc != 2 + invert) {
		fprintf(stderr, "usage: grep [-v] TEXT\n");
		return 2;
	}
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] == '\n')
				found |= print_match(argv[argc - 1], invert);
			else if (len < sizeof(line) - 1)
				line[len++] = buf[i];
		}
	}
	if (len)
		found |= print_match(argv[argc - 1], invert);
	return !found;
}
