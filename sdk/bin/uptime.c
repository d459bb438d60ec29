/* SPDX-License-Identifier: BSD-2-Clause */
/* uptime: seconds since boot, from proc/uptime. */
#include "show.h"

int main(void)
{
	return show_file("uptime", "proc/uptime");
}
