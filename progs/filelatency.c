/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long reading and writing files takes (files only, no pipes, no console):
 *
 *	filelatency [-t MS] [COMMAND ...]
 *
 * while COMMAND runs; without one for MS milliseconds, or until Enter. Prints
 * something like
 *
 *	read
 *	                nsecs : count    distribution
 *	      8192 -> 16383     : 2        |****************************************|
 *	write
 *	no nsecs to show
 */
#include "filelatency.skel.h"

#include <stdio.h>
#include <trace_helpers.h>
#include <unistd.h>

static int trace(struct filelatency *skel, char **command, int ms)
{
	int code;

	if (filelatency__load(skel) || filelatency__attach(skel))
		return -1;
	code = workload_run(command, ms);
	filelatency__detach(skel);
	puts("read");
	print_log2_hist(skel->bss->reads, sizeof(skel->bss->reads) / sizeof(skel->bss->reads[0]), "nsecs");
	puts("write");
	print_log2_hist(skel->bss->writes, sizeof(skel->bss->writes) / sizeof(skel->bss->writes[0]), "nsecs");
	return code;
}

int main(int argc, char **argv)
{
	struct filelatency *skel;
	int opt, ms = 0, code;

	while ((opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't' || (ms = atoi(optarg)) <= 0) {
			fprintf(stderr, "usage: filelatency [-t MS] [COMMAND ...]\n");
			return 2;
		}
	}
	skel = filelatency__open();
	code = skel ? trace(skel, argv + optind, ms) : -1;
	if (code == -1)
		perror("filelatency");
	filelatency__destroy(skel);
	return code == -1 ? 1 : code;
}
