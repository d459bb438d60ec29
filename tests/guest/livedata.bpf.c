/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of livedata: variables that both halves write, some of them neighbours in one word. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>

u64 calls; /* of getpid() by anybody */
u32 mark;  /* the process's */
u32 changes, last;
u64 sum;
u64 many[100];
u8 odd[5] = {1, 2, 3, 4, 5}; /* all of .data: its value ends within a word */

SEC("kprobe/sys_getpid")
int on_getpid(struct pt_regs *ctx)
{
	u64 n = 0;

	__sync_fetch_and_add(&calls, 1);
	if (last != mark) {
		last = mark;
		__sync_fetch_and_add(&changes, 1);
	}
	for (int i = 0; i < 5; i++)
		n = n * 10 + odd[i];
	sum = n;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
