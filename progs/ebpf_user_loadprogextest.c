/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A probe that shows itself: where it sits, which hart and process hit it, and
 * all registers at that moment. It is not detached; it ends with its process.
 *
 * Prints ("cmd = N" lines of the library left out), after each open:
 *	bpf prog triggered!
 *	kprobe	addr = <address of sys_openat, decimal>
 *	vcpu id: 0
 *	pid: <this process>
 *	print registers
 *	r0  = 0
 *	...
 *	r10 = <address of the path>
 *	r11 = 0			the flags, O_RDONLY
 *	r12 = 2			what the library passes as third argument
 *	...
 *	r31 = ...
 */
#include "ebpf_user_loadprogextest.skel.h"

#include <bpf.h>
#include <stdio.h>

#define TARGET "kprobe$<linux_syscall::Syscall>::sys_openat"

int main(void)
{
	const unsigned int *word = (const unsigned int *)ebpf_user_loadprogextest_elf;
	int err, fd, prog_fd;

	printf("ELF content: %x %x %x %x\n", word[0], word[1], word[2], word[3]);
	prog_fd = bpf_prog_load_ex(ebpf_user_loadprogextest_elf, sizeof(ebpf_user_loadprogextest_elf), NULL, 0);
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
		printf("open called from user\n");
		fd = open("./ebpf_user_maptest", O_RDONLY);
		sleep(1);
		if (fd >= 0)
			close(fd);
	}
	return 0;
}
