/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables walked in software, and copying through them. Nothing an address
 * space says is trusted: not the root, not a PTE, not a length. Whatever is
 * read or written was allowed by ebpf_plat_phys_ok() with its full length a
 * moment before; whether the kernel changes its tables meanwhile does not matter.
 *
 *  63  62  61 60  54 53            10 9 8  7   6   5   4   3   2   1   0
 * | N | PBMT | rsvd |      PPN       | RSW | D | A | G | U | X | W | R | V |
 *
 * Priv v1.12 sec. 4.3.2 (the algorithm), 4.4-4.6 (Sv39, Sv48, Sv57), chapter 5 (Svnapot).
 */
#include "walk.h"

#include "mem.h"
#include "uapi/errno.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1u << PAGE_SHIFT)
#define LEVEL_BITS 9

#define SATP_MODE_SHIFT 60
#define SATP_PPN (((uint64_t)1 << 44) - 1)
#define SATP_BARE 0
#define SATP_SV39 8 /* the next ones are Sv48 and Sv57 */
#define SATP_SV57 10
#define SV39_LEVELS 3

#define PTE_V (1u << 0)
#define PTE_R (1u << 1)
#define PTE_W (1u << 2)
#define PTE_X (1u << 3)
#define PTE_U (1u << 4)
#define PTE_A (1u << 6)
#define PTE_D (1u << 7)
#define PTE_N ((uint64_t)1 << 63)
#define PTE_PPN_SHIFT 10
#define PTE_PPN_MASK (((uint64_t)1 << 44) - 1)
#define NAPOT_BITS 4 /* 64 KiB = 16 pages, the only size there is */

static uint64_t ppn_of(uint64_t pte)
{
	return pte >> PTE_PPN_SHIFT & PTE_PPN_MASK;
}

/* Are the bits above the virtual address's width copies of its highest one? */
static bool canonical(uint64_t va, unsigned int width)
{
	return (uint64_t)((int64_t)(va << (64 - width)) >> (64 - width)) == va;
}

static bool allowed(uint64_t pte, uint32_t mode, uint32_t access)
{
	if (mode != (pte & PTE_U ? EBPF_AS_USER : EBPF_AS_KERNEL))
		return false;
	return (!(access & EBPF_ACCESS_READ) || (pte & PTE_R)) && (!(access & EBPF_ACCESS_WRITE) || (pte & PTE_W)) &&
	       (!(access & EBPF_ACCESS_EXEC) || (pte & PTE_X));
}

/* Level 0 with N set: ppn[3:0] = 1000 says 64 KiB, whose low page number bits are the address's. */
static int napot_leaf(uint64_t pte, uint64_t va, unsigned int level, uint64_t *pa, uint64_t *left)
{
	const uint64_t mask = ((uint64_t)1 << (PAGE_SHIFT + NAPOT_BITS)) - 1;

	if (level != 0 || (ppn_of(pte) & ((1u << NAPOT_BITS) - 1)) != 1u << (NAPOT_BITS - 1))
		return -EFAULT;
	*pa = (ppn_of(pte) << PAGE_SHIFT & ~mask) | (va & mask);
	*left = mask + 1 - (va & mask);
	return 0;
}

static int leaf(uint64_t pte, uint64_t va, unsigned int level, uint64_t *pa, uint64_t *left)
{
	const uint64_t mask = ((uint64_t)1 << (PAGE_SHIFT + LEVEL_BITS * level)) - 1;

	if (pte & PTE_N)
		return napot_leaf(pte, va, level, pa, left);
	if (ppn_of(pte) << PAGE_SHIFT & mask)
		return -EFAULT; /* misaligned superpage */
	*pa = (ppn_of(pte) << PAGE_SHIFT) | (va & mask);
	*left = mask + 1 - (va & mask);
	return 0;
}

/* The walk proper. *pa is where the tables point: nobody has asked yet whether that may be accessed. */
static int translate(const struct ebpf_as *as, uint64_t va, uint32_t access, uint64_t *pa, uint64_t *left)
{
	unsigned int mode = (unsigned int)(as->satp >> SATP_MODE_SHIFT), level;
	uint64_t table = (as->satp & SATP_PPN) << PAGE_SHIFT;

	if (mode == SATP_BARE && as->mode == EBPF_AS_KERNEL) {
		*pa = va;
		*left = PAGE_SIZE - (va & (PAGE_SIZE - 1));
		return 0;
	}
	if (mode < SATP_SV39 || mode > SATP_SV57)
		return -EFAULT;
	level = mode - SATP_SV39 + SV39_LEVELS;
	if (!canonical(va, PAGE_SHIFT + LEVEL_BITS * level))
		return -EFAULT;

	while (level--) {
		uint64_t at = table + (va >> (PAGE_SHIFT + LEVEL_BITS * level) & ((1u << LEVEL_BITS) - 1)) * 8, pte;

		if (!ebpf_plat_phys_ok(at, sizeof(pte), EBPF_ACCESS_READ))
			return -EFAULT;
		ebpf_plat_phys_read(&pte, at, sizeof(pte));
		if (!(pte & PTE_V) || (pte & (PTE_R | PTE_W)) == PTE_W)
			return -EFAULT; /* W without R is reserved */
		if (pte & (PTE_R | PTE_X))
			return allowed(pte, as->mode, access) ? leaf(pte, va, level, pa, left) : -EFAULT;
		if (pte & (PTE_N | PTE_D | PTE_A | PTE_U))
			return -EFAULT; /* reserved in a pointer to the next level */
		table = ppn_of(pte) << PAGE_SHIFT;
	}
	return -EFAULT; /* a pointer where only a leaf can be */
}

int ebpf_walk(const struct ebpf_as *as, uint64_t va, uint32_t access, uint64_t *pa, uint64_t *left)
{
	uint64_t at, bytes;

	if (translate(as, va, access, &at, &bytes) || !ebpf_plat_phys_ok(at, 1, access))
		return -EFAULT;
	*pa = at;
	*left = bytes;
	return 0;
}

/* The longest piece of [va, va + len) in one page: where it is, its length, and that it may be accessed. */
static int piece(const struct ebpf_as *as, uint64_t va, uint64_t len, uint32_t access, uint64_t *pa, uint64_t *size)
{
	if (translate(as, va, access, pa, size))
		return -EFAULT;
	if (*size > len)
		*size = len;
	return ebpf_plat_phys_ok(*pa, *size, access) ? 0 : -EFAULT;
}

/* A range that does not wrap and is not too long. Its last byte may be the last of the address space. */
static bool sane(uint64_t va, uint64_t len)
{
	return len <= EBPF_MAX_COPY && (len == 0 || va + (len - 1) >= va);
}

int ebpf_copy_from(const struct ebpf_as *as, void *dst, uint64_t va, uint64_t len)
{
	char *to = dst;
	uint64_t pa, size;

	if (!sane(va, len))
		return -EFAULT;
	for (; len; to += size, va += size, len -= size) {
		if (piece(as, va, len, EBPF_ACCESS_READ, &pa, &size))
			return -EFAULT;
		ebpf_plat_phys_read(to, pa, size);
	}
	return 0;
}

int ebpf_check_range(const struct ebpf_as *as, uint64_t va, uint64_t len, uint32_t access)
{
	uint64_t pa, size;

	if (!sane(va, len))
		return -EFAULT;
	for (; len; va += size, len -= size)
		if (piece(as, va, len, access, &pa, &size))
			return -EFAULT;
	return 0;
}

int ebpf_copy_to(const struct ebpf_as *as, uint64_t va, const void *src, uint64_t len)
{
	const char *from = src;
	uint64_t pa, size;

	if (len > PAGE_SIZE - (va & (PAGE_SIZE - 1)) && ebpf_check_range(as, va, len, EBPF_ACCESS_WRITE))
		return -EFAULT;
	/* Walked again, not remembered: the tables may have changed, and every byte written needs its permission. */
	for (; len; from += size, va += size, len -= size) {
		if (piece(as, va, len, EBPF_ACCESS_WRITE, &pa, &size))
			return -EFAULT;
		ebpf_plat_phys_write(pa, from, size);
	}
	return 0;
}

int64_t ebpf_copy_string(const struct ebpf_as *as, char *dst, uint64_t va, uint64_t size)
{
	uint64_t done = 0, pa, left;
	char chunk[64];

	if (size == 0)
		return -E2BIG;
	while (done < size) {
		uint64_t want = size - done < sizeof(chunk) ? size - done : sizeof(chunk);

		if (va + done < va || piece(as, va + done, want, EBPF_ACCESS_READ, &pa, &left))
			return -EFAULT;
		ebpf_plat_phys_read(chunk, pa, left);
		for (uint64_t i = 0; i < left; i++) {
			dst[done++] = chunk[i];
			if (!chunk[i])
				return (int64_t)done;
		}
	}
	dst[size - 1] = 0;
	return -E2BIG;
}
