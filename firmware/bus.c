// SPDX-License-Identifier: BSD-2-Clause
/*
 * The bus of emulated instructions: what a probed load, store, AMO, CSR or FP
 * instruction touches, touched with the rights of the interrupted S-mode
 * context. Memory goes through mstatus.MPRV (Priv v1.12 sec. 3.1.6.3), so
 * translation, U/SUM/MXR, PMP and MMIO behave as they would for the instruction
 * itself; a fault comes back as a value through OpenSBI's expected-trap vector.
 */
#include "seam.h" /* first: OpenSBI makes bool a type */
#include "ebpf/kprobe.h"

#include <sbi/riscv_asm.h>
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_csr_detect.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_timer.h>
#include <sbi/sbi_trap.h>
#include <sbi/sbi_unpriv.h>

void seam_fp_get(unsigned long reg, u64 *value); /* trap_entry.S */
void seam_fp_put(unsigned long reg, const u64 *value);

/* With Smdbltrp a trap inside M-mode needs MDT clear; without it the bit does not exist. */
static void allow_nested_trap(void)
{
	csr_clear(CSR_MSTATUS, MSTATUS_MDT);
}

static bool trapped(const struct sbi_trap_info *info, struct rv_trap *trap)
{
	if (!info->cause)
		return false;
	trap->taken = true;
	trap->cause = info->cause;
	trap->tval = info->tval;
	return true;
}

static u64 load_aligned(u64 va, unsigned int size, struct sbi_trap_info *info)
{
	switch (size) {
	case 1:
		return sbi_load_u8((const u8 *)va, info);
	case 2:
		return sbi_load_u16((const u16 *)va, info);
	case 4:
		return (u32)sbi_load_u32((const u32 *)va, info);
	default:
		return sbi_load_u64((const u64 *)va, info);
	}
}

static bool bus_load(u64 va, unsigned int size, u64 *value, struct rv_trap *trap)
{
	struct sbi_trap_info info;
	unsigned int i;
	u64 result;

	allow_nested_trap();
	result = load_aligned(va, size, &info);
	if (info.cause == CAUSE_MISALIGNED_LOAD)
		for (i = 0, result = 0, info.cause = 0; i < size && !info.cause; i++)
			result |= load_aligned(va + i, 1, &info) << (8 * i);
	if (trapped(&info, trap))
		return false;
	*value = result;
	return true;
}

static void store_aligned(u64 va, unsigned int size, u64 value, struct sbi_trap_info *info)
{
	switch (size) {
	case 1:
		sbi_store_u8((u8 *)va, value, info);
		break;
	case 2:
		sbi_store_u16((u16 *)va, value, info);
		break;
	case 4:
		sbi_store_u32((u32 *)va, value, info);
		break;
	default:
		sbi_store_u64((u64 *)va, value, info);
	}
}

static bool bus_store(u64 va, unsigned int size, u64 value, struct rv_trap *trap)
{
	struct sbi_trap_info info;
	unsigned int i;

	allow_nested_trap();
	store_aligned(va, size, value, &info);
	if (info.cause == CAUSE_MISALIGNED_STORE)
		for (i = 0, info.cause = 0; i < size && !info.cause; i++)
			store_aligned(va + i, 1, value >> (8 * i), &info);
	return !trapped(&info, trap);
}

/* The sequence of sbi_unpriv.c for one AMO: a3 = trap info, a4 = its temporary. */
#define AMO(name)                                                                                                      \
	asm volatile("add %[tinfo], %[taddr], zero\n"                                                                  \
		     "csrrw %[mtvec], mtvec, %[mtvec]\n"                                                               \
		     "csrrs %[mstatus], mstatus, %[mprv]\n"                                                            \
		     ".option push\n"                                                                                  \
		     ".option norvc\n" name " %[old], %[operand], (%[va])\n"                                           \
		     ".option pop\n"                                                                                   \
		     "csrw mstatus, %[mstatus]\n"                                                                      \
		     "csrw mtvec, %[mtvec]"                                                                            \
		     : [mstatus] "=&r"(mstatus), [mtvec] "+&r"(mtvec), [tinfo] "+&r"(tinfo), [old] "=&r"(result)       \
		     : [va] "r"(va), [operand] "r"(operand), [mprv] "r"(MSTATUS_MPRV), [taddr] "r"(&info)              \
		     : "a4", "memory")

#define AMO_CASE(funct5, name)                                                                                         \
	case (funct5) << 1:                                                                                            \
		AMO(name ".w.aqrl");                                                                                   \
		break;                                                                                                 \
	case (funct5) << 1 | 1:                                                                                        \
		AMO(name ".d.aqrl");                                                                                   \
		break

static bool bus_amo(u32 raw, u64 va, u64 operand, u64 *old, struct rv_trap *trap)
{
	struct sbi_trap_info info = {0};
	register unsigned long tinfo asm("a3") = 0;
	unsigned long mstatus, mtvec = (unsigned long)sbi_hart_expected_trap, result = 0;

	allow_nested_trap();
	switch ((raw >> 27) << 1 | ((raw >> 12) & 1)) {
		AMO_CASE(0x00, "amoadd");
		AMO_CASE(0x01, "amoswap");
		AMO_CASE(0x04, "amoxor");
		AMO_CASE(0x08, "amoor");
		AMO_CASE(0x0c, "amoand");
		AMO_CASE(0x10, "amomin");
		AMO_CASE(0x14, "amomax");
		AMO_CASE(0x18, "amominu");
		AMO_CASE(0x1c, "amomaxu");
	default:
		info.cause = CAUSE_ILLEGAL_INSTRUCTION;
		info.tval = raw;
	}
	if (trapped(&info, trap))
		return false;
	*old = result;
	return true;
}

static bool fp_on(void)
{
	return csr_read(CSR_MSTATUS) & MSTATUS_FS;
}

static u64 fp_read(unsigned int reg)
{
	u64 value;

	seam_fp_get(reg & 31, &value);
	return value;
}

static void fp_write(unsigned int reg, u64 value)
{
	seam_fp_put(reg & 31, &value);
}

#define CSR_CASE(name, number)                                                                                         \
	case number:                                                                                                   \
		if (write)                                                                                             \
			csr_write_allowed(number, &info, *value);                                                      \
		else                                                                                                   \
			*value = csr_read_allowed(number, &info);                                                      \
		break;

/* Read or write one CSR that the decoder lets through. False: the hart lacks it. */
static bool csr_access(u32 number, bool write, u64 *value)
{
	const unsigned long where_from = csr_read(CSR_MSTATUS) & (MSTATUS_MPP | MSTATUS_MPIE);
	struct sbi_trap_info info = {0};

	allow_nested_trap();
	switch (number) {
		RV_CSR_LIST(CSR_CASE)
	default:
		return false;
	}
	if (info.cause) { /* a trap inside M-mode forgets where the outer one came from */
		csr_clear(CSR_MSTATUS, MSTATUS_MPP | MSTATUS_MPIE);
		csr_set(CSR_MSTATUS, where_from);
	}
	if (info.cause && number == CSR_TIME && !write) { /* many harts leave it to the firmware */
		*value = sbi_timer_value();
		return true;
	}
	return !info.cause;
}

/* Zicsr, unprivileged spec 20191213 ch. 9: funct3 1/5 write, 2/6 set, 3/7 clear; set and clear of x0 or 0 only read. */
static bool bus_csr(u32 raw, u64 operand, u64 *old, struct rv_trap *trap)
{
	u32 number = raw >> 20, funct3 = (raw >> 12) & 3;
	bool writes = funct3 == 1 || ((raw >> 15) & 31);
	u64 value, next;

	if ((number >> 10 == 3 && writes) || !csr_access(number, false, &value))
		goto illegal;
	next = funct3 == 1 ? operand : funct3 == 2 ? value | operand : value & ~operand;
	if (writes && !csr_access(number, true, &next))
		goto illegal;
	*old = value;
	return true;
illegal:
	*trap = (struct rv_trap){.taken = true, .cause = CAUSE_ILLEGAL_INSTRUCTION, .tval = raw};
	return false;
}

static void bus_fence(u32 raw)
{
	(void)raw; /* the strongest of them */
	asm volatile("fence iorw, iorw\n\tfence.i" ::: "memory");
}

const struct rv_bus ebpf_plat_bus = {
	.load = bus_load,
	.store = bus_store,
	.amo = bus_amo,
	.fp_read = fp_read,
	.fp_write = fp_write,
	.fp_on = fp_on,
	.csr = bus_csr,
	.fence = bus_fence,
};
