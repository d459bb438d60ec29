/* SPDX-License-Identifier: BSD-2-Clause */
/* echo: prints its arguments, one space between; -n leaves the newline out. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	int first = argc > 1 && !strcmp(argv[1], "-n") ? 2 : 1;

	for (int i = first; i < argc; i++)
		printf("%s%s", i > first ? " " : "", argv[i]);
	if (first == 1)
		putchar('\n');
	return 0;
}
