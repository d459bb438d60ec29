/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A map shared between user space and a probe: the probe on sys_openat adds one
 * to element 0 at each open. The map reaches the program by the name of its
 * extern variable, map_fd.
 *
 * Prints ("cmd = N" lines of the library left out; the three lines after each
 * open come from the probe, as trace output):
 *	ELF content: 464c457f 10102 0 0
 *	load ex: 4
 *	target: kprobe$<linux_syscall::Syscall>::sys_openat len: 43
 *	attach: 0
 *	busy loop for 2 times
 *	open from user
 *	enter map.o!
 *	map fd 3
 *	inc value from 12345 to 12346
 *	open from user
 *	enter map.o!
 *	map fd 3
 *	inc value from 12346 to 12347
 *	detach
 */
#include "ebpf_user_kernmaptest.skel.h"

#include <assert.h>
#include <bpf.h>
#include <stdio.h>

#define TARGET "kprobe$<linux_syscall::Syscall>::sys_openat"
#define MAX_ENTRIES 256

static int create_map(void)
{
	int key = 0, value = 12345;
	int fd = bpf_create_map(BPF_MAP_TYPE_ARRAY, sizeof(key), sizeof(value), MAX_ENTRIES);

	assert(fd > 0);
	assert(bpf_update_elem(fd, &key, &value, BPF_ANY) == 0);
	return fd;
}

int main(void)
{
	const unsigned int *word = (const unsigned int *)ebpf_user_kernmaptest_elf;
	struct bpf_map_fd_entry maps[ebpf_user_kernmaptest_nr_maps] = {
		{.name = "map_fd", .fd = (uint32_t)create_map()},
	};
	int err, fd, prog_fd;

	printf("ELF content: %x %x %x %x\n", word[0], word[1], word[2], word[3]);
	prog_fd = bpf_prog_load_ex(ebpf_user_kernmaptest_elf, sizeof(ebpf_user_kernmaptest_elf), maps,
				   ebpf_user_kernmaptest_nr_maps);
	printf("load ex: %x\n", prog_fd);
	if (prog_fd < 0)
		return 1;
	printf("target: %s len: %d\n", TARGET, (int)strlen(TARGET));
	err = bpf_prog_attach(TARGET, (uint32_t)strlen(TARGET), prog_fd);
	printf("attach: %d\n", err);
	if (err)
		return 1;

	printf("busy loop for 2 times\n");
	for (int i = 0; i < 2; i++) {
		printf("open from user\n");
		fd = open("./ebpf_user_maptest", O_RDONLY);
		sleep(1);
		if (fd >= 0)
			close(fd);
	}
	printf("detach\n");
	return bpf_prog_detach(prog_fd) ? 1 : 0;
}
