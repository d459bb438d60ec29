/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of all instructions of the kernel, from a file of 64-bit words,
 * kernel.insns, made from the kernel's disassembly when the tests are built.
 */
#ifndef KERNEL_INSNS_H
#define KERNEL_INSNS_H

#include "guest_test.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <unistd.h>

#define MAX_INSNS 32768

static unsigned long insns[MAX_INSNS];
static unsigned int nr_insns;

static inline void read_insns(void)
{
	int fd = open("kernel.insns", O_RDONLY);
	long n = fd < 0 ? -1 : read(fd, insns, sizeof(insns));

	check(n > 0 && n % 8 == 0 && (unsigned long)n < sizeof(insns), "kernel.insns", n);
	nr_insns = n > 0 ? (unsigned int)n / 8 : 0;
	close(fd);
}

/* A link, or -errno. cookies may be NULL. */
static inline int attach_insns(int prog, const unsigned long *addrs, const __u64 *cookies, unsigned int count)
{
	struct bpf_link_create_opts opts = {
		.sz = sizeof(opts),
		.kprobe_multi = {.cnt = count, .addrs = addrs, .cookies = cookies},
	};

	return bpf_link_create(prog, 0, BPF_TRACE_KPROBE_MULTI, &opts);
}

#endif
