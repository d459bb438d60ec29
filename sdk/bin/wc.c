/* SPDX-License-Identifier: BSD-2-Clause */
/* wc: lines, words and bytes of its input. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	unsigned long lines = 0, words = 0, bytes = 0;
	bool inside = false;
	char buf[512];
	ssize_t n;

	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0) {
		bytes += (unsigned long)n;
		for (ssize_t i = 0; i < n; i++) {
			lines += buf[i] == '\n';
			words += !inside && !isspace(buf[i]);
			inside = !isspace(buf[i]);
		}
	}
	printf("%7lu %7lu %7lu\n", lines, words, bytes);
	return n < 0;
}
