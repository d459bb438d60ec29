/* SPDX-License-Identifier: BSD-2-Clause */
/* Short options, POSIX: getopt() stops at the first argument that is none. */
#ifndef _GETOPT_H
#define _GETOPT_H

extern char *optarg;
extern int optind, optopt;

int getopt(int argc, char *const argv[], const char *options);

#endif
