/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program has done before and behind each call that may wait: sleeping, waiting
 * for a child or a thread, reading the console. libbpf brings skel->bss up to date
 * there (libbpf_live.c). NULL: nothing. It leaves errno alone.
 */
#ifndef SDK_AT_WAIT_H
#define SDK_AT_WAIT_H

extern void (*__at_wait)(void);

static inline void at_wait(void)
{
	if (__at_wait)
		__at_wait();
}

#endif
