/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_pipe: what programs print with bpf_printk(), as it comes, here instead of on the console, until Ctrl-C. */
#include "show.h"

int main(void)
{
	return show_file("trace_pipe", "proc/trace_pipe");
}
