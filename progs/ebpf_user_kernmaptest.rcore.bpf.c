/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of ebpf_user_kernmaptest: at each hit, reads element 0 of the map
 * it was given, adds one, writes it back, and says so.
 */
#include <rcore.h>

extern int map_fd; /* named in the map array of BPF_PROG_LOAD_EX */

int count_hit(struct ebpf_rcore_ctx *ctx)
{
	int key = 0, value = 0, next;

	rcore_printk("enter map.o!\n");
	rcore_printk("map fd {}\n", map_fd);
	if (bpf_map_lookup_elem(map_fd, &key, &value)) {
		rcore_printk("no element 0\n");
		return 0;
	}
	next = value + 1;
	bpf_map_update_elem(map_fd, &key, &next, BPF_ANY);
	rcore_printk("inc value from {} to {}\n", value, next);
	return 1;
}
