/* SPDX-License-Identifier: BSD-2-Clause */
/* getopt(), POSIX: one letter a call, letters may share an argument. */
#include "../include/getopt.h"

#include <stdio.h>
#include <string.h>

char *optarg;
int optind = 1, optopt;

static int at; /* in argv[optind] */

static int refuse(char *const argv[], const char *what)
{
	fprintf(stderr, "%s: option -%c %s\n", argv[0], optopt, what);
	return '?';
}

int getopt(int argc, char *const argv[], const char *options)
{
	const char *arg = optind < argc ? argv[optind] : NULL, *spec;

	optarg = NULL;
	if (!arg) {
		at = 0;
		return -1;
	}
	if (!at) {
		if (arg[0] != '-' || !arg[1])
			return -1;
		if (!strcmp(arg, "--")) {
			optind++;
			return -1;
		}
		at = 1;
	}
	optopt = arg[at++];
	spec = optopt == ':' ? NULL : strchr(options, optopt);
	if (spec && spec[1] == ':') {
		if (!arg[at] && optind + 1 >= argc) {
			at = 0;
			optind++;
			return refuse(argv, "needs a value");
		}
		optarg = (char *)(arg[at] ? &arg[at] : argv[++optind]);
		at = 0;
		optind++;
	} else if (!arg[at]) {
		at = 0;
		optind++;
	}
	return spec ? optopt : refuse(argv, "is not known");
}
