/* SPDX-License-Identifier: BSD-2-Clause */
/* poweroff [CODE]: stops the machine. A code other than 0 tells whoever started it that something failed. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	reboot(argc > 1 ? atoi(argv[1]) : 0);
	perror("poweroff");
	return 1;
}
