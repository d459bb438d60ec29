/* SPDX-License-Identifier: BSD-2-Clause */
/* false: exits with 1. */
int main(void)
{
	return 1;
}
