// SPDX-License-Identifier: BSD-2-Clause
/*
 * platform.h over OpenSBI: time, entropy, S-mode's memory. Harts are harts.c,
 * the emulated instruction's bus is bus.c.
 *
 * S-mode's memory is reached by physical address after it was checked against
 * RAM and the domain. With Smepmp M-mode has no access of its own to it, so
 * there each access is made as S-mode would (MPRV, MPP = S, satp = Bare): the
 * PMP itself then enforces what the check has found.
 */
#include "seam.h"
#include "ebpf/kprobe.h"
#include "ebpf/mem.h"
#include "ebpf/platform.h"
#include "ebpf/task.h"

#include <libfdt.h>
#include <sbi/riscv_asm.h>
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_domain.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_hartmask.h>
#include <sbi/sbi_platform.h>
#include <sbi/sbi_scratch.h>
#include <sbi/sbi_timer.h>

uint32_t ebpf_plat_rv_ext;

unsigned int ebpf_plat_hart(void)
{
	return current_hartindex();
}

unsigned int ebpf_plat_hart_count(void)
{
	return sbi_platform_thishart_ptr()->hart_count;
}

/* ticks * 1e9 / frequency without overflow for centuries of uptime */
uint64_t ebpf_plat_ktime_ns(void)
{
	const struct sbi_timer_device *timer = sbi_timer_get_device();
	u64 frequency = timer ? timer->timer_freq : 0, ticks = sbi_timer_value();

	if (!frequency)
		return 0;
	return ticks / frequency * 1000000000ULL + ticks % frequency * 1000000000ULL / frequency;
}

uint64_t ebpf_plat_insns(void)
{
	return csr_read(CSR_MINSTRET);
}

uint64_t ebpf_plat_satp(void)
{
	return csr_read(CSR_SATP);
}

static u64 pool; /* of entropy */

/*
 * The boot-time seed of the device tree, if any. Read now: the tree lies in
 * S-mode's memory, which may change it later and which M-mode cannot even read with Smepmp.
 */
void seam_entropy_init(const void *fdt)
{
	int len = 0, i, chosen = fdt_path_offset(fdt, "/chosen");
	const u8 *seed = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "rng-seed", &len);

	for (i = 0; seed && i < len; i++)
		pool = pool * 0x100000001b3ULL ^ seed[i];
}

/* The seed, stirred with the counters. */
uint64_t ebpf_plat_entropy(void)
{
	u64 x = pool ^ csr_read(CSR_MCYCLE) ^ sbi_timer_value() << 20 ^ csr_read(CSR_MINSTRET) << 40;

	/* splitmix64's finaliser */
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	pool = x ^ x >> 31;
	return pool;
}

bool ebpf_plat_phys_ok(uint64_t pa, uint64_t len, unsigned int access)
{
	const struct sbi_domain *dom = sbi_domain_thishart_ptr();
	unsigned long flags = 0;

	if (dom == &root && seam_is_open_ram(pa, len))
		return true;
	if (!seam_is_ram(pa, len))
		return false;
	if (access & EBPF_ACCESS_READ)
		flags |= SBI_DOMAIN_READ;
	if (access & EBPF_ACCESS_WRITE)
		flags |= SBI_DOMAIN_WRITE;
	if (access & EBPF_ACCESS_EXEC)
		flags |= SBI_DOMAIN_EXECUTE;
	return sbi_domain_check_addr_range(dom, pa, len, PRV_S, flags);
}

extern const u64 _fw_start[], _rodata_end[]; /* OpenSBI's linker script: text and constants, ours among them */

bool ebpf_plat_constant(unsigned int i, const u64 **words, u64 *count)
{
	*words = _fw_start;
	*count = _rodata_end - _fw_start;
	return i == 0;
}

bool ebpf_plat_canaries_ok(void)
{
	return seam_hart_stacks_ok();
}

/* Some hart has Smepmp: then all of them do it the way that works there. */
static bool smepmp;

void seam_platform_hart_init(void)
{
	if (sbi_hart_has_extension(sbi_scratch_thishart_ptr(), SBI_HART_EXT_SMEPMP))
		smepmp = true;
}

static unsigned long smode_mstatus(void)
{
	return (csr_read(CSR_MSTATUS) & ~(MSTATUS_MPP | MSTATUS_MPV)) | (PRV_S << MSTATUS_MPP_SHIFT) | MSTATUS_MPRV;
}

/* One access as S-mode with translation off. No other memory access may come between the CSR writes. */
#define AS_SMODE(insn, value_constraint)                                                                               \
	do {                                                                                                           \
		unsigned long satp_, mstatus_ = smode_mstatus();                                                       \
		asm volatile("csrrw %[satp], satp, zero\n"                                                             \
			     "csrrw %[mstatus], mstatus, %[mstatus]\n" insn " %[value], 0(%[pa])\n"                    \
			     "csrw mstatus, %[mstatus]\n"                                                              \
			     "csrw satp, %[satp]"                                                                      \
			     : [satp] "=&r"(satp_), [mstatus] "+&r"(mstatus_), [value] value_constraint(value)         \
			     : [pa] "r"(pa)                                                                            \
			     : "memory");                                                                              \
	} while (0)

static u64 load_as_smode(u64 pa, size_t size)
{
	u64 value = 0;

	if (size == 8)
		AS_SMODE("ld", "+&r");
	else if (size == 4)
		AS_SMODE("lwu", "+&r");
	else if (size == 2)
		AS_SMODE("lhu", "+&r");
	else
		AS_SMODE("lbu", "+&r");
	return value;
}

static void store_as_smode(u64 pa, size_t size, u64 value)
{
	if (size == 8)
		AS_SMODE("sd", "+&r");
	else if (size == 4)
		AS_SMODE("sw", "+&r");
	else if (size == 2)
		AS_SMODE("sh", "+&r");
	else
		AS_SMODE("sb", "+&r");
}

/* The largest single access at this place: 8, 4, 2 or 1 bytes. */
static size_t unit(u64 pa, uintptr_t other, size_t len)
{
	size_t size = 8;

	while (size > 1 && (((pa | other) & (size - 1)) || size > len))
		size >>= 1;
	return size;
}

static u64 load_unit(const void *p, size_t size)
{
	return size == 8   ? *(const volatile u64 *)p
	       : size == 4 ? *(const volatile u32 *)p
	       : size == 2 ? *(const volatile u16 *)p
			   : *(const volatile u8 *)p;
}

static void store_unit(void *p, size_t size, u64 value)
{
	if (size == 8)
		*(volatile u64 *)p = value;
	else if (size == 4)
		*(volatile u32 *)p = value;
	else if (size == 2)
		*(volatile u16 *)p = value;
	else
		*(volatile u8 *)p = value;
}

/* Whole words, as most of what is copied consists of them; returns how many bytes that were. */
static size_t copy_words(void *dst, const void *src, size_t len)
{
	size_t words = ((uintptr_t)dst | (uintptr_t)src) & 7 ? 0 : len / 8;
	const volatile u64 *s = src, *end = s + words;
	volatile u64 *d = dst;

	for (; end - s >= 4; s += 4, d += 4) {
		u64 a = s[0], b = s[1], c = s[2], e = s[3];

		d[0] = a;
		d[1] = b;
		d[2] = c;
		d[3] = e;
	}
	while (s < end)
		*d++ = *s++;
	return words * 8;
}

void ebpf_plat_phys_read(void *dst, uint64_t pa, size_t len)
{
	char *d = dst;
	size_t size;

	/* what a hit reads: page-table entries, the task area's count */
	if (!smepmp && !((pa | (uintptr_t)dst) & 7) && len == 8) {
		*(volatile u64 *)dst = *(const volatile u64 *)pa;
		return;
	}
	if (!smepmp && !((pa | (uintptr_t)dst) & 3) && len == 4) {
		*(volatile u32 *)dst = *(const volatile u32 *)pa;
		return;
	}
	size = smepmp ? 0 : copy_words(dst, (const void *)pa, len);
	d += size;
	pa += size;
	len -= size;
	for (; len; len -= size, pa += size, d += size) {
		size = unit(pa, (uintptr_t)d, len);
		store_unit(d, size, smepmp ? load_as_smode(pa, size) : load_unit((const void *)pa, size));
	}
}

void ebpf_plat_phys_write(uint64_t pa, const void *src, size_t len)
{
	size_t size = smepmp ? 0 : copy_words((void *)pa, src, len);
	const char *s = (const char *)src + size;

	pa += size;
	len -= size;
	for (; len; len -= size, pa += size, s += size) {
		size = unit(pa, (uintptr_t)s, len);
		if (smepmp)
			store_as_smode(pa, size, load_unit(s, size));
		else
			store_unit((void *)pa, size, load_unit(s, size));
	}
}

static u64 events;

u64 seam_events(void)
{
	return __atomic_load_n(&events, __ATOMIC_ACQUIRE);
}

void ebpf_plat_trace_wake(void)
{
	__atomic_fetch_add(&events, 1, __ATOMIC_RELEASE);
	if (ebpf_task_flags() & SBI_EBPF_TASK_TRACE_IRQ)
		csr_set(CSR_MIP, MIP_SSIP);
}
