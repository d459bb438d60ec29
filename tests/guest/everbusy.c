/* SPDX-License-Identifier: BSD-2-Clause */
/* Uses a hart, without a system call, for two seconds of it. */
#include <unistd.h>

int main(void)
{
	int64_t end = get_mtime() + 2000;

	while (get_mtime() < end)
		for (volatile int i = 0; i < 1000000; i++)
			;
	return 0;
}
