// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the harts are made of, read from each of them right before it enters
 * S-mode; no table of boards decides it. Sstc and Smepmp are what OpenSBI goes by:
 * the one it tries or finds in the device tree, the other it finds there only.
 */
#include "seam.h"
#include "ebpf/uapi/sbi_ebpf.h"

#include <sbi/riscv_asm.h>
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_scratch.h>
#if __has_include(<sbi/sbi_hart_pmp.h>)
#include <sbi/sbi_hart_pmp.h> /* from 1.8 on */
#endif

static const struct {
	unsigned long bit;
	const char *name;
} names[] = {
	{SBI_EBPF_HARTS_SV39, "Sv39"}, {SBI_EBPF_HARTS_SV48, "Sv48"},	  {SBI_EBPF_HARTS_SV57, "Sv57"},
	{SBI_EBPF_HARTS_SSTC, "Sstc"}, {SBI_EBPF_HARTS_SMEPMP, "Smepmp"}, {SBI_EBPF_HARTS_H, "H"},
	{SBI_EBPF_HARTS_V, "V"},
};

#define SATP_MODE_SHIFT 60

static unsigned long common = -1UL; /* to all harts that were here */

/* satp takes only modes that the hart has (Priv v1.12 sec. 4.1.11); M-mode is not translated by it. */
static unsigned long satp_modes(void)
{
	unsigned long before = csr_read(CSR_SATP), modes = 0, mode;

	for (mode = SATP_MODE_SV39; mode <= SATP_MODE_SV57; mode++) {
		csr_write(CSR_SATP, mode << SATP_MODE_SHIFT);
		if (csr_read(CSR_SATP) >> SATP_MODE_SHIFT == mode)
			modes |= 1UL << mode;
	}
	csr_write(CSR_SATP, before);
	return modes;
}

void seam_machine_hart_init(void)
{
	struct sbi_scratch *scratch = sbi_scratch_thishart_ptr();
	unsigned long has = satp_modes();

	if (sbi_hart_has_extension(scratch, SBI_HART_EXT_SMEPMP))
		has |= SBI_EBPF_HARTS_SMEPMP;
	if (sbi_hart_has_extension(scratch, SBI_HART_EXT_SSTC))
		has |= SBI_EBPF_HARTS_SSTC;
	if (misa_extension('H'))
		has |= SBI_EBPF_HARTS_H;
	if (misa_extension('V'))
		has |= SBI_EBPF_HARTS_V;
	__atomic_fetch_and(&common, has, __ATOMIC_RELAXED);
}

unsigned long seam_machine_harts_have(void)
{
	return __atomic_load_n(&common, __ATOMIC_RELAXED);
}

unsigned long seam_machine_pmp_grain(void)
{
	struct sbi_scratch *scratch = sbi_scratch_thishart_ptr();

	return sbi_hart_pmp_count(scratch) ? 1UL << sbi_hart_pmp_log2gran(scratch) : 0;
}

void seam_machine_print(void)
{
	unsigned long have = seam_machine_harts_have(), grain = seam_machine_pmp_grain();
	unsigned int i;

	sbi_printf("mbpf boot hart              : ");
	if (grain)
		sbi_printf("PMP grain %lu bytes", grain);
	else
		sbi_printf("no PMP");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (have & names[i].bit)
			sbi_printf(", %s", names[i].name);
	sbi_printf("\n");
}
