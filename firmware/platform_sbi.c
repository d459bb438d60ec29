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
	if (!seam_is_ram(pa, len) || seam_is_arena(pa, len))
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

#define WINDOW 64 /* bytes that one change to S-mode's rights serves */

/* Accesses as S-mode with translation off. No other memory access may come between the CSR writes. */
#define AS_SMODE(insns, outputs, ...)                                                                                  \
	do {                                                                                                           \
		unsigned long satp_, mstatus_ = smode_mstatus();                                                       \
		asm volatile("csrrw %[satp], satp, zero\n"                                                             \
			     "csrrw %[mstatus], mstatus, %[mstatus]\n" insns "csrw mstatus, %[mstatus]\n"              \
			     "csrw satp, %[satp]"                                                                      \
			     : [satp] "=&r"(satp_), [mstatus] "+&r"(mstatus_)outputs:__VA_ARGS__                       \
			     : "memory");                                                                              \
	} while (0)
#define COMMA(...) , __VA_ARGS__
#define EIGHT(insn)                                                                                                    \
	insn " %[w0], 0(%[pa])\n" insn " %[w1], 8(%[pa])\n" insn " %[w2], 16(%[pa])\n" insn " %[w3], 24(%[pa])\n" insn \
	     " %[w4], 32(%[pa])\n" insn " %[w5], 40(%[pa])\n" insn " %[w6], 48(%[pa])\n" insn " %[w7], 56(%[pa])\n"
#define EIGHT_WORDS(how)                                                                                               \
	[w0] how(w[0]), [w1] how(w[1]), [w2] how(w[2]), [w3] how(w[3]), [w4] how(w[4]), [w5] how(w[5]),                \
		[w6] how(w[6]), [w7] how(w[7])
#define LOAD_AS_SMODE(insn) AS_SMODE(insn " %[value], 0(%[pa])\n", COMMA([value] "=&r"(*w)), [pa] "r"(pa))
#define STORE_AS_SMODE(insn) AS_SMODE(insn " %[value], 0(%[pa])\n", , [value] "r"(*w), [pa] "r"(pa))

static void load_as_smode(u64 *w, u64 pa, size_t size)
{
	switch (size) {
	case WINDOW:
		AS_SMODE(EIGHT("ld"), COMMA(EIGHT_WORDS("=&r")), [pa] "r"(pa));
		break;
	case 8:
		LOAD_AS_SMODE("ld");
		break;
	case 4:
		LOAD_AS_SMODE("lwu");
		break;
	case 2:
		LOAD_AS_SMODE("lhu");
		break;
	default:
		LOAD_AS_SMODE("lbu");
	}
}

static void store_as_smode(const u64 *w, u64 pa, size_t size)
{
	switch (size) {
	case WINDOW:
		AS_SMODE(EIGHT("sd"), , EIGHT_WORDS("r"), [pa] "r"(pa));
		break;
	case 8:
		STORE_AS_SMODE("sd");
		break;
	case 4:
		STORE_AS_SMODE("sw");
		break;
	case 2:
		STORE_AS_SMODE("sh");
		break;
	default:
		STORE_AS_SMODE("sb");
	}
}

/* The largest single access at this place: 8, 4, 2 or 1 bytes. */
static size_t unit(u64 pa, uintptr_t other, size_t len)
{
	size_t size = 8;

	while (size > 1 && (((pa | other) & (size - 1)) || size > len))
		size >>= 1;
	return size;
}

static size_t window(u64 pa, size_t len)
{
	return !(pa & 7) && len >= WINDOW ? WINDOW : unit(pa, 0, len);
}

static void copy_unit(void *dst, const void *src, size_t size)
{
	if (size == 8)
		*(volatile u64 *)dst = *(const volatile u64 *)src;
	else if (size == 4)
		*(volatile u32 *)dst = *(const volatile u32 *)src;
	else if (size == 2)
		*(volatile u16 *)dst = *(const volatile u16 *)src;
	else
		*(volatile u8 *)dst = *(const volatile u8 *)src;
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

/* What M-mode may access itself. */
static void copy(void *dst, const void *src, size_t len)
{
	size_t size = copy_words(dst, src, len), left = len - size;
	const char *s = (const char *)src + size;
	char *d = (char *)dst + size;

	for (; left; left -= size, s += size, d += size) {
		size = unit((uintptr_t)s, (uintptr_t)d, left);
		copy_unit(d, s, size);
	}
}

static __attribute__((noinline)) void read_as_smode(char *dst, u64 pa, size_t len)
{
	u64 words[WINDOW / 8];
	size_t size;

	for (; len; len -= size, pa += size, dst += size) {
		size = window(pa, len);
		if (size == WINDOW && !((uintptr_t)dst & 7)) {
			load_as_smode((u64 *)dst, pa, WINDOW);
			continue;
		}
		load_as_smode(words, pa, size);
		copy(dst, words, size);
	}
}

static __attribute__((noinline)) void write_as_smode(u64 pa, const char *src, size_t len)
{
	u64 words[WINDOW / 8] = {0};
	size_t size;

	for (; len; len -= size, pa += size, src += size) {
		size = window(pa, len);
		if (size == WINDOW && !((uintptr_t)src & 7)) {
			store_as_smode((const u64 *)src, pa, WINDOW);
			continue;
		}
		copy(words, src, size);
		store_as_smode(words, pa, size);
	}
}

void ebpf_plat_phys_read(void *dst, uint64_t pa, size_t len)
{
	if (smepmp) {
		read_as_smode(dst, pa, len);
		return;
	}
	/* what a hit reads: page-table entries, the task area's count */
	if (len == 8 && !((pa | (uintptr_t)dst) & 7))
		copy_unit(dst, (const void *)pa, 8);
	else if (len == 4 && !((pa | (uintptr_t)dst) & 3))
		copy_unit(dst, (const void *)pa, 4);
	else
		copy(dst, (const void *)pa, len);
}

void ebpf_plat_phys_write(uint64_t pa, const void *src, size_t len)
{
	if (smepmp)
		write_as_smode(pa, src, len);
	else
		copy((void *)pa, src, len);
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
