/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI calls: sbi.h. */
#include "sbi.h"
#include "kvm.h"
#include "printk.h"
#include "riscv.h"

/* Legacy calls (SBI v2.0 ch. 5), for firmware without DBCN */
#define SBI_LEGACY_PUTCHAR 1
#define SBI_LEGACY_GETCHAR 2

static bool have_dbcn;

struct sbiret sbi_call(uint64_t ext, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
		       uint64_t a5)
{
	register uint64_t r0 __asm__("a0") = a0;
	register uint64_t r1 __asm__("a1") = a1;
	register uint64_t r2 __asm__("a2") = a2;
	register uint64_t r3 __asm__("a3") = a3;
	register uint64_t r4 __asm__("a4") = a4;
	register uint64_t r5 __asm__("a5") = a5;
	register uint64_t r6 __asm__("a6") = fid;
	register uint64_t r7 __asm__("a7") = ext;

	__asm__ volatile("ecall"
			 : "+r"(r0), "+r"(r1)
			 : "r"(r2), "r"(r3), "r"(r4), "r"(r5), "r"(r6), "r"(r7)
			 : "memory");
	return (struct sbiret){.error = (long)r0, .value = (long)r1};
}

long sbi_probe_extension(uint64_t ext)
{
	struct sbiret ret = sbi_call(0x10, 3, ext, 0, 0, 0, 0, 0);

	return ret.error ? 0 : ret.value;
}

void sbi_init(void)
{
	have_dbcn = sbi_probe_extension(SBI_EXT_DBCN) != 0;
}

void sbi_set_timer(uint64_t when)
{
	sbi_call(SBI_EXT_TIME, 0, when, 0, 0, 0, 0, 0);
}

void sbi_send_ipi(uint64_t hartid)
{
	sbi_call(SBI_EXT_IPI, 0, 1, hartid, 0, 0, 0, 0);
}

void sbi_remote_sfence_vma(uint64_t hartid, uint64_t va, uint64_t size)
{
	sbi_call(SBI_EXT_RFENCE, 1, 1, hartid, va, size, 0, 0);
}

long sbi_hart_start(uint64_t hartid, uint64_t start_pa, uint64_t opaque)
{
	return sbi_call(SBI_EXT_HSM, 0, hartid, start_pa, opaque, 0, 0, 0).error;
}

void sbi_shutdown(bool failure)
{
	sbi_call(SBI_EXT_SRST, 0, 0, failure, 0, 0, 0, 0);
	interrupts_disable();
	printk(LOG_ERROR, "no power-off on this machine, halted with status %d\n", failure);
	for (;;) /* firmware without SRST, or without a device for it: this is as far as it goes */
		__asm__ volatile("wfi");
}

void sbi_restart(void)
{
	sbi_call(SBI_EXT_SRST, 0, 1, 0, 0, 0, 0, 0); /* cold reboot */
	printk(LOG_ERROR, "this machine cannot start itself again\n");
}

void sbi_console_write(const char *text, size_t len)
{
	struct sbiret ret;

	while (len && have_dbcn) {
		ret = sbi_call(SBI_EXT_DBCN, 0, len, kernel_virt_to_phys(text), 0, 0, 0, 0);
		if (ret.error)
			break;
		text += ret.value;
		len -= (size_t)ret.value;
	}
	for (; len; len--)
		sbi_call(SBI_LEGACY_PUTCHAR, 0, (unsigned char)*text++, 0, 0, 0, 0, 0);
}

int sbi_console_getchar(void)
{
	static unsigned char byte;
	struct sbiret ret;

	if (!have_dbcn)
		return (int)sbi_call(SBI_LEGACY_GETCHAR, 0, 0, 0, 0, 0, 0, 0).error;
	ret = sbi_call(SBI_EXT_DBCN, 1, 1, kernel_virt_to_phys(&byte), 0, 0, 0, 0);
	return ret.error == 0 && ret.value == 1 ? byte : -1;
}
