/* SPDX-License-Identifier: BSD-2-Clause */
/* dmesg: the kernel's messages so far, those that the console was spared, too (proc/kmsg). */
#include "show.h"

int main(void)
{
	return show_file("dmesg", "proc/kmsg");
}
