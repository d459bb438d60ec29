/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console and power off through SBI: the debug console (DBCN) where there is
 * one, else the legacy putchar of SBI 0.1 (OpenSBI before 1.3).
 */
#include "rvtest.h"
#include "uapi/sbi_ebpf.h"

#include <stdarg.h>

#define SBI_EXT_0_1_CONSOLE_PUTCHAR 0x1
#define SBI_EXT_BASE 0x10
#define SBI_EXT_BASE_PROBE_EXT 3
#define SBI_EXT_DBCN 0x4442434E
#define SBI_EXT_DBCN_WRITE_BYTE 2
#define SBI_EXT_SRST 0x53525354

static uint64_t sbi_call(uint64_t ext, uint64_t fid, uint64_t arg0, uint64_t arg1)
{
	register uint64_t a0 asm("a0") = arg0;
	register uint64_t a1 asm("a1") = arg1;
	register uint64_t a6 asm("a6") = fid;
	register uint64_t a7 asm("a7") = ext;

	asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
	return ext < SBI_EXT_BASE ? 0 : a1;
}

int64_t sbi_ebpf(uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5)
{
	int64_t value;

	do {
		register uint64_t a0 asm("a0") = x0;
		register uint64_t a1 asm("a1") = x1;
		register uint64_t a2 asm("a2") = x2;
		register uint64_t a3 asm("a3") = x3;
		register uint64_t a4 asm("a4") = x4;
		register uint64_t a5 asm("a5") = x5;
		register uint64_t a6 asm("a6") = fid;
		register uint64_t a7 asm("a7") = SBI_EXT_EBPF;

		asm volatile("ecall"
			     : "+r"(a0), "+r"(a1)
			     : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7)
			     : "memory");
		value = (int64_t)a1;
	} while (value == -SBI_EBPF_ERESTART);
	return value;
}

static void put(char c)
{
	static int dbcn = -1;

	if (dbcn < 0)
		dbcn = sbi_call(SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT, SBI_EXT_DBCN, 0) != 0;
	if (dbcn)
		sbi_call(SBI_EXT_DBCN, SBI_EXT_DBCN_WRITE_BYTE, (uint8_t)c, 0);
	else
		sbi_call(SBI_EXT_0_1_CONSOLE_PUTCHAR, 0, (uint8_t)c, 0);
}

static void put_number(uint64_t v, unsigned int base)
{
	char digits[20];
	unsigned int n = 0;

	do
		digits[n++] = "0123456789abcdef"[v % base];
	while (v /= base);
	while (n)
		put(digits[--n]);
}

void print(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		switch (*++fmt) {
		case 's':
			for (const char *s = va_arg(args, const char *); *s; s++)
				put(*s);
			break;
		case 'u':
			put_number(va_arg(args, unsigned int), 10);
			break;
		default:
			put_number(va_arg(args, uint64_t), 16);
		}
	}
	va_end(args);
}

void shutdown(void)
{
	sbi_call(SBI_EXT_SRST, 0, 0, 0);
	for (;;)
		asm volatile("wfi");
}
