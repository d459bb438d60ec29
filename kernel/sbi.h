/* SPDX-License-Identifier: BSD-2-Clause */
/* The SBI calls the kernel makes: SBI v2.0. */
#ifndef KERNEL_SBI_H
#define KERNEL_SBI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sbiret {
	long error;
	long value;
};

#define SBI_EXT_TIME 0x54494d45
#define SBI_EXT_IPI 0x735049
#define SBI_EXT_RFENCE 0x52464e43
#define SBI_EXT_HSM 0x48534d
#define SBI_EXT_SRST 0x53525354
#define SBI_EXT_DBCN 0x4442434e

struct sbiret sbi_call(uint64_t ext, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
		       uint64_t a5);

void sbi_init(void);
long sbi_probe_extension(uint64_t ext); /* 0 = not there */
void sbi_set_timer(uint64_t when);
void sbi_send_ipi(uint64_t hartid);
void sbi_remote_sfence_vma(uint64_t hartid, uint64_t va, uint64_t size);
/* 0 or an SBI error. The hart begins at `start_pa` with a1 = opaque, translation off. */
long sbi_hart_start(uint64_t hartid, uint64_t start_pa, uint64_t opaque);
__attribute__((noreturn)) void sbi_shutdown(bool failure);
void sbi_restart(void); /* comes back if the machine cannot */

/* Console of the firmware: text at a physical address, input without waiting (-1: none). */
void sbi_console_write(const char *text, size_t len);
int sbi_console_getchar(void);

#endif
