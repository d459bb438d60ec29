/* SPDX-License-Identifier: BSD-2-Clause */
/* reboot: starts the machine again. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	restart();
	fprintf(stderr, "reboot: this machine cannot start itself again\n");
	return 1;
}
