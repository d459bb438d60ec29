/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare bpf(2) with nothing behind it: the kernel must refuse it and live on.
 *
 * Prints:	cmd = 0
 */
#include <bpf.h>

int main(void)
{
	sys_bpf(0, NULL, 0);
	return 0;
}
