/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver for the fuzz targets without libFuzzer: each file named on the
 * command line is one input; without any, standard input is (as AFL++ wants it,
 * many in one process if the compiler is AFL++'s).
 */
#include "fuzz.h"

#define MAX_INPUT (1u << 20)

static uint8_t input[MAX_INPUT];

static void one(FILE *file)
{
	size_t size = fread(input, 1, sizeof(input), file);
	uint8_t *copy = malloc(size ? size : 1); /* exactly sized, so that the sanitizer sees the end */

	if (!copy)
		abort();
	memcpy(copy, input, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
#ifdef __AFL_HAVE_MANUAL_CONTROL
		__AFL_INIT();
#endif
#ifdef __AFL_LOOP
		while (__AFL_LOOP(10000)) {
			clearerr(stdin);
			one(stdin);
		}
#else
		one(stdin);
#endif
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");

		if (!file) {
			perror(argv[i]);
			return 1;
		}
		one(file);
		fclose(file);
	}
	return 0;
}
