/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tail calls: writes to descriptor 1, to 2, and to others are counted by three
 * programs, chosen through a map of programs.
 *
 *	tailcall [COMMAND ...]
 *
 * while COMMAND runs; without one for a second. `tailcall echo hi` prints
 *
 *	hi
 *	1 to standard output, 0 to standard error, 0 to others
 */
#include "tailcall.skel.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <trace_helpers.h>

/* The entry of the map becomes the program; the map holds it from now on. */
static int set_entry(const struct tailcall *skel, u32 index, const struct bpf_program *prog)
{
	u32 fd = (u32)bpf_program__fd(prog);

	return bpf_map_update_elem(bpf_map__fd(skel->maps.by_fd), &index, &fd, BPF_ANY);
}

int main(int argc, char **argv)
{
	struct tailcall *skel = tailcall__open_and_load();
	int code = -1;

	if (skel && !set_entry(skel, 1, skel->progs.to_console) && !set_entry(skel, 2, skel->progs.to_errors) &&
	    !tailcall__attach(skel)) {
		code = workload_run(argv + 1, 1000);
		tailcall__detach(skel);
		printf("%lu to standard output, %lu to standard error, %lu to others\n", skel->bss->console,
		       skel->bss->errors, skel->bss->files);
	}
	if (code == -1)
		perror("tailcall");
	tailcall__destroy(skel);
	return code == -1 ? 1 : code;
}
