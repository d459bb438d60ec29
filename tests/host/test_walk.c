/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables built by hand in fake physical memory: every mode, every way a
 * table can be wrong or hostile, and copies whose pages lie apart.
 */
#include "platform_host.h"
#include "uapi/errno.h"
#include "walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define RAM 0x80000000u
#define RAM_SIZE (4u << 20)
#define RDONLY 0x90000000u /* memory S-mode may only read */
#define SECRET 0xa0000000u /* memory that exists and is not S-mode's (never added) */
#define HIGH 0x00fffffff0000000u

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };

#define N (1ull << 63)

static uint8_t *ram, *rdonly;
static uint64_t next_page;
static struct ebpf_as user, kernel;
static unsigned int levels;

static int setup(void **state)
{
	(void)state;
	host_reset();
	ram = aligned_alloc(4096, RAM_SIZE);
	rdonly = aligned_alloc(4096, 4096);
	memset(ram, 0, RAM_SIZE);
	memset(rdonly, 'r', 4096);
	host_phys_add(RAM, ram, RAM_SIZE, EBPF_ACCESS_READ | EBPF_ACCESS_WRITE | EBPF_ACCESS_EXEC);
	host_phys_add(RDONLY, rdonly, 4096, EBPF_ACCESS_READ);
	next_page = RAM;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(ram);
	free(rdonly);
	return 0;
}

static uint64_t new_page(void)
{
	uint64_t pa = next_page;

	next_page += 4096;
	assert_true(next_page <= RAM + RAM_SIZE);
	return pa;
}

static uint64_t *at(uint64_t pa)
{
	uint64_t *p = host_phys_ptr(pa, 8);

	assert_non_null(p);
	return p;
}

static void use_mode(unsigned int mode)
{
	levels = mode - 8 + 3;
	user.satp = (uint64_t)mode << 60 | 0xabcull << 44 /* ASID */ | new_page() >> 12;
	user.mode = EBPF_AS_USER;
	kernel = user;
	kernel.mode = EBPF_AS_KERNEL;
}

/* Where the PTE of va at `level` is; tables on the way are made. */
static uint64_t pte_of(uint64_t va, unsigned int level)
{
	uint64_t table = user.satp << 20 >> 8;

	for (unsigned int l = levels - 1;; l--) {
		uint64_t pte = table + (va >> (12 + 9 * l) & 511) * 8;

		if (l == level)
			return pte;
		if (!*at(pte))
			*at(pte) = new_page() >> 2 | V;
		table = *at(pte) >> 10 << 12;
	}
}

static void map(uint64_t va, unsigned int level, uint64_t pa, uint64_t bits)
{
	*at(pte_of(va, level)) = pa >> 2 | V | bits;
}

static void assert_walk(const struct ebpf_as *as, uint64_t va, uint32_t access, uint64_t pa, uint64_t left)
{
	uint64_t got_pa = 1, got_left = 1;

	assert_int_equal(ebpf_walk(as, va, access, &got_pa, &got_left), 0);
	assert_int_equal(got_pa, pa);
	assert_int_equal(got_left, left);
}

static void assert_fault(const struct ebpf_as *as, uint64_t va, uint32_t access)
{
	uint64_t pa = 123, left = 456;
	char byte = 'x';

	assert_int_equal(ebpf_walk(as, va, access, &pa, &left), -EFAULT);
	assert_int_equal(pa, 123);
	assert_int_equal(left, 456);
	assert_int_equal(ebpf_check_range(as, va, 1, access), -EFAULT);
	if (access == EBPF_ACCESS_READ)
		assert_int_equal(ebpf_copy_from(as, &byte, va, 1), -EFAULT);
	if (access == EBPF_ACCESS_WRITE)
		assert_int_equal(ebpf_copy_to(as, va, &byte, 1), -EFAULT);
	assert_int_equal(byte, 'x');
}

static void test_walk_bare(void **state)
{
	struct ebpf_as as = {.satp = 0, .mode = EBPF_AS_KERNEL};

	(void)state;
	assert_walk(&as, RAM, EBPF_ACCESS_READ, RAM, 4096);
	assert_walk(&as, RAM + 4095, EBPF_ACCESS_WRITE, RAM + 4095, 1);
	assert_walk(&as, RDONLY, EBPF_ACCESS_READ, RDONLY, 4096);
	assert_fault(&as, RDONLY, EBPF_ACCESS_WRITE);
	assert_fault(&as, 0, EBPF_ACCESS_READ);
	assert_fault(&as, SECRET, EBPF_ACCESS_READ);
	assert_fault(&as, UINT64_MAX, EBPF_ACCESS_READ);
	as.mode = EBPF_AS_USER;
	assert_fault(&as, RAM, EBPF_ACCESS_READ);
	as.mode = 0;
	assert_fault(&as, RAM, EBPF_ACCESS_READ);
	as.mode = EBPF_AS_KERNEL | EBPF_AS_USER;
	assert_fault(&as, RAM, EBPF_ACCESS_READ);
}

static void test_walk_unknown_modes(void **state)
{
	struct ebpf_as as = {.mode = EBPF_AS_KERNEL};

	(void)state;
	for (uint64_t mode = 1; mode < 16; mode++) {
		if (mode >= 8 && mode <= 10)
			continue;
		as.satp = mode << 60 | RAM >> 12;
		assert_fault(&as, RAM, EBPF_ACCESS_READ);
	}
}

/* Every level of every mode as a leaf, at both ends of both halves of the address space. */
static void test_walk_all_levels(void **state)
{
	(void)state;
	for (unsigned int mode = 8; mode <= 10; mode++) {
		unsigned int width = 12 + 9 * (mode - 8 + 3);

		for (unsigned int level = 0; level < mode - 8 + 3; level++) {
			uint64_t size = 1ull << (12 + 9 * level);
			uint64_t vas[] = {0, (1ull << (width - 1)) - size, -(1ull << (width - 1)), -size,
					  0x5555555000ull & ((1ull << (width - 1)) - 1) & -size};

			for (int i = 0; i < 5; i++) {
				/* the page must be aligned to its size: put it where RAM is, look at the part in RAM */
				uint64_t pa = RAM & -size, offset = RAM - pa;

				next_page = RAM + 4096;
				memset(ram, 0, 64 * 4096);
				use_mode(mode);
				map(vas[i], level, pa, R | W | U | A | D | G);
				assert_walk(&user, vas[i] + offset, EBPF_ACCESS_READ, RAM, size - offset);
				assert_walk(&user, vas[i] + offset + 4095, EBPF_ACCESS_WRITE, RAM + 4095,
					    size - offset - 4095);
				assert_fault(&kernel, vas[i] + offset, EBPF_ACCESS_READ);
				if (offset + RAM_SIZE < size) /* in the page, not in RAM */
					assert_fault(&user, vas[i] + offset + RAM_SIZE, EBPF_ACCESS_READ);
				if (offset)
					assert_fault(&user, vas[i] + offset - 1, EBPF_ACCESS_READ);
			}
		}
	}
}

static void test_walk_canonical(void **state)
{
	(void)state;
	for (unsigned int mode = 8; mode <= 10; mode++) {
		unsigned int width = 12 + 9 * (mode - 8 + 3);

		next_page = RAM;
		memset(ram, 0, 64 * 4096);
		use_mode(mode);
		map(0, 0, RAM, R | U);
		map(-(1ull << (width - 1)), 0, RAM, R | U);
		assert_walk(&user, 0, EBPF_ACCESS_READ, RAM, 4096);
		for (unsigned int bit = width; bit < 64; bit++) {
			assert_fault(&user, 1ull << bit, EBPF_ACCESS_READ);
			assert_fault(&user, -(1ull << (width - 1)) ^ 1ull << bit, EBPF_ACCESS_READ);
		}
		/* the first address of the upper half with the upper bits clear */
		assert_fault(&user, 1ull << (width - 1), EBPF_ACCESS_READ);
		assert_walk(&user, -(1ull << (width - 1)), EBPF_ACCESS_READ, RAM, 4096);
	}
}

/* All 256 combinations of the low bits in a leaf or pointer, both kinds of caller, all accesses. */
static void test_walk_permissions(void **state)
{
	uint64_t page, table;

	(void)state;
	use_mode(8);
	page = new_page();
	table = new_page();
	*at(table) = page >> 2 | V | R | W | X | U; /* what a level-1 pointer would find */
	for (uint64_t bits = 0; bits < 256; bits++) {
		bool leaf = bits & (R | X);
		uint64_t target = leaf ? page : table;

		*at(pte_of(0x40201000, 0)) = page >> 2 | bits;
		for (uint32_t access = 1; access < 8; access++) {
			bool ok = (bits & V) && leaf && !((bits & W) && !(bits & R));

			ok = ok && (!(access & EBPF_ACCESS_READ) || (bits & R)) &&
			     (!(access & EBPF_ACCESS_WRITE) || (bits & W)) &&
			     (!(access & EBPF_ACCESS_EXEC) || (bits & X));
			if (ok && (bits & U)) {
				assert_walk(&user, 0x40201000, access, target, 4096);
				assert_fault(&kernel, 0x40201000, access);
			} else if (ok) {
				assert_walk(&kernel, 0x40201000, access, target, 4096);
				assert_fault(&user, 0x40201000, access);
			} else {
				assert_fault(&user, 0x40201000, access);
				assert_fault(&kernel, 0x40201000, access);
			}
		}
	}
	/* as a pointer at level 1: only V, and what is not looked at (G) */
	for (uint64_t bits = 0; bits < 256; bits++) {
		if (bits & (R | X))
			continue;
		*at(pte_of(0x40400000, 1)) = table >> 2 | bits;
		if ((bits & ~(uint64_t)G) == V)
			assert_walk(&user, 0x40400000, EBPF_ACCESS_READ, page, 4096);
		else
			assert_fault(&user, 0x40400000, EBPF_ACCESS_READ);
	}
}

/* PBMT, reserved and RSW bits change nothing: PPN is 53:10 only. */
static void test_walk_upper_bits(void **state)
{
	uint64_t page, pte;

	(void)state;
	use_mode(8);
	page = new_page();
	map(0x1000, 0, page, R | U);
	pte = pte_of(0x1000, 0);
	for (unsigned int bit = 54; bit < 63; bit++) {
		*at(pte) = page >> 2 | V | R | U | 1ull << bit;
		assert_walk(&user, 0x1000, EBPF_ACCESS_READ, page, 4096);
	}
	*at(pte) = page >> 2 | V | R | U | 3ull << 8;
	assert_walk(&user, 0x1000, EBPF_ACCESS_READ, page, 4096);
	for (unsigned int bit = 32; bit < 54; bit++) {
		*at(pte) = page >> 2 | V | R | U | 1ull << bit;
		assert_fault(&user, 0x1000, EBPF_ACCESS_READ); /* somewhere without memory */
	}
}

static void test_walk_misaligned_superpages(void **state)
{
	(void)state;
	use_mode(10);
	for (unsigned int level = 1; level < 5; level++)
		for (unsigned int bit = 12; bit < 12 + 9 * level; bit++) {
			map(0, level, (RAM & -(1ull << (12 + 9 * level))) | 1ull << bit, R | U);
			assert_fault(&user, 0, EBPF_ACCESS_READ);
			assert_fault(&user, RAM & ((1ull << (12 + 9 * level)) - 1), EBPF_ACCESS_READ);
			*at(pte_of(0, level)) = 0;
		}
}

static void test_walk_napot(void **state)
{
	uint64_t block = RAM + 0x100000, va = 0x7fff0000;

	(void)state;
	use_mode(9);
	for (uint64_t i = 0; i < 16; i++)
		map(va + i * 4096, 0, block | 0x8000, R | U | N);
	for (uint64_t offset = 0; offset < 0x10000; offset += 0x3ff)
		assert_walk(&user, va + offset, EBPF_ACCESS_READ, block + offset, 0x10000 - offset);
	for (uint64_t low = 0; low < 16; low++)
		if (low != 8) { /* reserved encodings */
			map(va, 0, block | low << 12, R | U | N);
			assert_fault(&user, va, EBPF_ACCESS_READ);
		}
	/* not in superpages, not in pointers */
	map(0x200000, 1, RAM | 0x8000, R | U | N);
	assert_fault(&user, 0x200000, EBPF_ACCESS_READ);
	map(0x400000, 1, RAM & ~0x1fffffull, R | U | N);
	assert_fault(&user, 0x400000, EBPF_ACCESS_READ);
	map(0x600000, 0, RAM, R | U);
	assert_walk(&user, 0x600000, EBPF_ACCESS_READ, RAM, 4096);
	*at(pte_of(0x600000, 1)) |= N;
	assert_fault(&user, 0x600000, EBPF_ACCESS_READ);
}

/* A table address outside S-mode's RAM is never read: the host platform would abort the test. */
static void test_walk_hostile_tables(void **state)
{
	static const uint64_t places[] = {SECRET, 0, 0x02000000, HIGH, RAM + RAM_SIZE, ((1ull << 44) - 1) << 12};
	struct ebpf_as as = {.mode = EBPF_AS_USER};

	(void)state;
	for (unsigned int mode = 8; mode <= 10; mode++)
		for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
			next_page = RAM;
			memset(ram, 0, 64 * 4096);
			as.satp = (uint64_t)mode << 60 | places[i] >> 12;
			assert_fault(&as, 0, EBPF_ACCESS_READ);
			use_mode(mode);
			for (unsigned int level = 0; level < levels; level++) {
				uint64_t pte = pte_of(0x1000, level), was = *at(pte);

				*at(pte) = places[i] >> 2 | V;
				assert_fault(&user, 0x1000, EBPF_ACCESS_READ);
				*at(pte) = places[i] >> 2 | V | R | W | U;
				assert_fault(&user, 0x1000, EBPF_ACCESS_READ);
				assert_fault(&user, 0x1000, EBPF_ACCESS_WRITE);
				*at(pte) = was;
			}
		}
}

/* The root points at itself: a walk ends after as many levels as the mode has. */
static void test_walk_self_reference(void **state)
{
	(void)state;
	for (unsigned int mode = 8; mode <= 10; mode++) {
		uint64_t root;

		next_page = RAM;
		use_mode(mode);
		root = user.satp << 20 >> 8;
		for (unsigned int i = 0; i < 512; i++)
			*at(root + 8 * i) = root >> 2 | V;
		assert_fault(&user, 0, EBPF_ACCESS_READ);
		assert_fault(&user, 0x123456000, EBPF_ACCESS_READ);
		/* with one leaf in it, the tables show themselves as pages: lawful, and S-mode's own memory */
		*at(root) = root >> 2 | V;
		*at(root + 8) = (RAM & ~0x3fffffffull) >> 2 | V | R | U;
		assert_walk(&user, 0x1000, EBPF_ACCESS_READ, RAM & ~0xfffull, 4096);
	}
}

/* A table in memory that may be read but not written is fine; data in it only to read. */
static void test_walk_readonly_memory(void **state)
{
	(void)state;
	use_mode(8);
	map(0x1000, 0, RDONLY, R | W | U);
	assert_walk(&user, 0x1000, EBPF_ACCESS_READ, RDONLY, 4096);
	assert_fault(&user, 0x1000, EBPF_ACCESS_WRITE);
	assert_fault(&user, 0x1000, EBPF_ACCESS_READ | EBPF_ACCESS_WRITE);
	memset(rdonly, 0, 4096);
	((uint64_t *)(void *)rdonly)[3] = RAM >> 2 | V | R | U;
	*at(pte_of(0x200000, 1)) = RDONLY >> 2 | V;
	assert_walk(&user, 0x203000, EBPF_ACCESS_READ, RAM, 4096);
}

/* Eight pages in a row whose memory lies in reverse order with gaps; the ninth is missing, the tenth read-only. */
#define FIRST 0x10000u
static uint64_t frames[8];

static void map_scattered(void)
{
	use_mode(8);
	for (unsigned int i = 0; i < 8; i++) {
		frames[7 - i] = new_page();
		new_page();
	}
	for (unsigned int i = 0; i < 8; i++)
		map(FIRST + 4096 * i, 0, frames[i], R | W | U);
	map(FIRST + 9 * 4096, 0, new_page(), R | U);
}

static uint8_t *byte_at(uint64_t va)
{
	return (uint8_t *)at(frames[(va - FIRST) / 4096]) + va % 4096;
}

static void test_copy_across_pages(void **state)
{
	static uint8_t src[8 * 4096], dst[8 * 4096 + 16];
	static const uint32_t offsets[] = {0, 1, 7, 8, 4088, 4093, 4095, 4096, 5000};
	static const uint32_t sizes[] = {0, 1, 2, 7, 8, 9, 100, 4095, 4096, 4097, 8192, 20000};

	(void)state;
	map_scattered();
	for (unsigned int i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t o = 0; o < sizeof(offsets) / sizeof(*offsets); o++)
		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			uint64_t va = FIRST + offsets[o];

			for (unsigned int i = 0; i < 8; i++)
				memset(at(frames[i]), 0xcc, 4096);
			assert_int_equal(ebpf_copy_to(&user, va, src, sizes[s]), 0);
			for (uint64_t i = FIRST; i < FIRST + 8 * 4096; i++)
				assert_int_equal(*byte_at(i), i >= va && i < va + sizes[s] ? src[i - va] : 0xcc);
			memset(dst, 0xdd, sizeof(dst));
			assert_int_equal(ebpf_copy_from(&user, dst, va, sizes[s]), 0);
			assert_memory_equal(dst, src, sizes[s]);
			assert_int_equal(dst[sizes[s]], 0xdd);
		}
}

static void test_copy_bad_ends(void **state)
{
	static uint8_t buf[16 * 4096];

	(void)state;
	map_scattered();
	for (uint64_t len = 1; len < 3 * 4096; len += 511) {
		uint64_t va = FIRST + 8 * 4096 - len + 1; /* one byte too many at the end */

		assert_int_equal(ebpf_copy_from(&user, buf, va, len), -EFAULT);
		assert_int_equal(ebpf_check_range(&user, va, len, EBPF_ACCESS_READ), -EFAULT);
		assert_int_equal(ebpf_check_range(&user, va, len - 1, EBPF_ACCESS_WRITE), 0);
		/* nothing is written if not all can be */
		for (unsigned int i = 0; i < 8; i++)
			memset(at(frames[i]), 0xcc, 4096);
		memset(buf, 1, sizeof(buf));
		assert_int_equal(ebpf_copy_to(&user, va, buf, len), -EFAULT);
		for (uint64_t i = FIRST; i < FIRST + 8 * 4096; i++)
			assert_int_equal(*byte_at(i), 0xcc);
	}
	/* begins before the first page; begins in the hole; ends in the read-only page */
	assert_int_equal(ebpf_copy_from(&user, buf, FIRST - 1, 2), -EFAULT);
	assert_int_equal(ebpf_copy_to(&user, FIRST + 8 * 4096, buf, 1), -EFAULT);
	assert_int_equal(ebpf_copy_from(&user, buf, FIRST + 9 * 4096, 4096), 0);
	assert_int_equal(ebpf_copy_to(&user, FIRST + 9 * 4096, buf, 1), -EFAULT);
	map(FIRST + 8 * 4096, 0, frames[0], R | W | U);
	assert_int_equal(ebpf_copy_to(&user, FIRST + 9 * 4096 - 5, buf, 6), -EFAULT);
	assert_int_equal(ebpf_copy_to(&user, FIRST + 9 * 4096 - 5, buf, 5), 0);
}

static void test_copy_wrap_and_length(void **state)
{
	uint8_t buf[64] = {0};

	(void)state;
	use_mode(8);
	map(-4096ull, 0, new_page(), R | W | U);
	map(0, 0, new_page(), R | W | U);
	assert_int_equal(ebpf_copy_from(&user, buf, -16ull, 16), 0); /* up to the very end */
	assert_int_equal(ebpf_copy_to(&user, -16ull, buf, 16), 0);
	assert_int_equal(ebpf_copy_from(&user, buf, -16ull, 17), -EFAULT);
	assert_int_equal(ebpf_copy_to(&user, -16ull, buf, 17), -EFAULT);
	assert_int_equal(ebpf_check_range(&user, -16ull, 17, EBPF_ACCESS_READ), -EFAULT);
	assert_int_equal(ebpf_copy_string(&user, (char *)buf, -1ull, 1), 1);
	assert_int_equal(ebpf_copy_from(&user, buf, 0, UINT64_MAX), -EFAULT);
	assert_int_equal(ebpf_copy_to(&user, 0, buf, UINT64_MAX), -EFAULT);
	assert_int_equal(ebpf_copy_to(&user, 0, buf, EBPF_MAX_COPY + 1), -EFAULT);
	assert_int_equal(ebpf_check_range(&user, 0, EBPF_MAX_COPY + 1, EBPF_ACCESS_READ), -EFAULT);
	assert_int_equal(ebpf_copy_from(&user, NULL, 0xdead0000dead0000, 0), 0);
	assert_int_equal(ebpf_copy_to(&user, 0xdead0000dead0000, NULL, 0), 0);
}

/* A superpage larger than the RAM behind it: the part that is RAM, and not a byte more. */
static void test_copy_superpage_ends_with_ram(void **state)
{
	static uint8_t buf[8192];

	(void)state;
	use_mode(8);
	map(0x40000000, 2, RAM, R | W | U);
	assert_int_equal(ebpf_copy_from(&user, buf, 0x40000000 + RAM_SIZE - 8192, 8192), 0);
	assert_int_equal(ebpf_copy_from(&user, buf, 0x40000000 + RAM_SIZE - 8191, 8192), -EFAULT);
	assert_int_equal(ebpf_copy_to(&user, 0x40000000 + RAM_SIZE - 8191, buf, 8192), -EFAULT);
	assert_int_equal(ebpf_copy_to(&user, 0x40000000 + RAM_SIZE - 8, buf, 16), -EFAULT);
}

static void put_string(uint64_t va, const char *text)
{
	do
		*byte_at(va++) = (uint8_t)*text;
	while (*text++);
}

static void test_copy_string(void **state)
{
	char dst[300];

	(void)state;
	map_scattered();
	for (unsigned int i = 0; i < 8; i++)
		memset(at(frames[i]), 'z', 4096);
	for (uint64_t va = FIRST + 4096 - 80; va < FIRST + 4096 + 5; va++) {
		put_string(va, "hello, across the page end");
		memset(dst, '?', sizeof(dst));
		assert_int_equal(ebpf_copy_string(&user, dst, va, sizeof(dst)), 27);
		assert_string_equal(dst, "hello, across the page end");
		assert_int_equal(dst[27], '?'); /* nothing behind the NUL is touched */
		assert_int_equal(ebpf_copy_string(&user, dst, va, 27), 27);
		memset(dst, '?', sizeof(dst));
		assert_int_equal(ebpf_copy_string(&user, dst, va, 26), -E2BIG);
		assert_string_equal(dst, "hello, across the page en");
		assert_int_equal(dst[26], '?');
		assert_int_equal(ebpf_copy_string(&user, dst, va, 1), -E2BIG);
		assert_string_equal(dst, "");
		assert_int_equal(ebpf_copy_string(&user, dst, va, 0), -E2BIG);
		*byte_at(va + 26) = 'z';
	}
	/* ends exactly at the end of the last page; runs into the hole; too long comes before the hole */
	put_string(FIRST + 8 * 4096 - 4, "end");
	assert_int_equal(ebpf_copy_string(&user, dst, FIRST + 8 * 4096 - 4, sizeof(dst)), 4);
	assert_string_equal(dst, "end");
	*byte_at(FIRST + 8 * 4096 - 1) = '!';
	assert_int_equal(ebpf_copy_string(&user, dst, FIRST + 8 * 4096 - 4, sizeof(dst)), -EFAULT);
	assert_int_equal(ebpf_copy_string(&user, dst, FIRST + 8 * 4096 - 4, 4), -E2BIG);
	assert_string_equal(dst, "end");
	assert_int_equal(ebpf_copy_string(&user, dst, FIRST + 8 * 4096, 4), -EFAULT);
	assert_int_equal(ebpf_copy_string(&kernel, dst, FIRST, 4), -EFAULT);
	/* nothing ends at the top of the address space but wraps */
	map(-4096ull, 0, frames[0], R | W | U);
	map(0, 0, new_page(), R | U);
	memset(at(frames[0]), 'z', 4096);
	assert_int_equal(ebpf_copy_string(&user, dst, -3ull, sizeof(dst)), -EFAULT);
	assert_int_equal(ebpf_copy_string(&user, dst, -3ull, 3), -E2BIG);
}

/* Random tables of random bits: whatever is in them, a walk ends and reads only S-mode's memory. */
static void test_walk_random_tables(void **state)
{
	uint64_t seed = 4711, hits = 0;

	(void)state;
	for (unsigned int round = 0; round < 300; round++) {
		struct ebpf_as as;

		for (unsigned int i = 0; i < 16 * 512; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			/* mostly plausible: pages of RAM, sane bits; sometimes anything */
			((uint64_t *)(void *)ram)[i] =
				seed % 13 == 0 ? seed
					       : ((RAM >> 12) + (seed >> 50) % 16) << 10 | V |
							 (seed >> 40) % 2 * (R | W | U | (seed >> 33) % 256);
		}
		as.satp = (8 + seed % 3) << 60 | ((RAM >> 12) + (seed >> 30) % 16);
		for (unsigned int i = 0; i < 200; i++) {
			uint64_t pa, left, va;

			seed = seed * 6364136223846793005u + 1442695040888963407u;
			va = (uint64_t)((int64_t)seed >> 26);
			as.mode = 1 + (uint32_t)(seed & 1);
			if (!ebpf_walk(&as, va, 1 + (seed >> 5) % 7, &pa, &left)) {
				hits++;
				assert_in_range(pa, RAM, RAM + RAM_SIZE - 1);
				assert_true(left > 0);
			}
		}
	}
	assert_true(hits > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_walk_bare, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_unknown_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_all_levels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_canonical, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_permissions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_upper_bits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_misaligned_superpages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_napot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_hostile_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_self_reference, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_readonly_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copy_across_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copy_bad_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copy_wrap_and_length, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copy_superpage_ends_with_ram, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copy_string, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_random_tables, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
