/* SPDX-License-Identifier: BSD-2-Clause */
/* ps: the processes there are, from proc/tasks. */
#include "show.h"

int main(void)
{
	return show_file("ps", "proc/tasks");
}
