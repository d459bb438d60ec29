/* SPDX-License-Identifier: BSD-2-Clause */
/* true: exits with 0. */
int main(void)
{
	return 0;
}
