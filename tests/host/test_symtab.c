/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbol table: what is refused, names and offsets, addresses, large tables in slices, nothing lost on errors. */
#include "limits.h"
#include "platform_host.h"
#include "symtab.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define PA 0x80200000u

static uint8_t *mem;
static size_t all_free, mem_size = EBPF_MAX_SYMTAB + 4096;

struct sym {
	uint64_t addr;
	const char *name;
	uint32_t size;
};

static const struct sym kernel[] = {
	{0xffffffff80000000, "_start", 0x40},	   {0xffffffff80000040, "sys_open", 0x100},
	{0xffffffff80000140, "sys_openat", 0x100}, {0xffffffff80000180, "inner_label", 0x10},
	{0xffffffff80000300, "alias_a", 0x20},	   {0xffffffff80000300, "alias_b", 0},
	{0xffffffff80000400, "twice", 8},	   {0xffffffff80000500, "twice", 8},
	{0xffffffff80000600, "core::ops::add", 8}, {0xffffffff80000700, "a+b", 8},
	{0xffffffff80000800, "no_size", 0},	   {0xffffffff80000900, "last", 0},
};

#define NR_KERNEL (sizeof(kernel) / sizeof(*kernel))

static struct ebpf_symtab_header *header(void)
{
	return (struct ebpf_symtab_header *)(void *)mem;
}

static struct ebpf_symtab_entry *entries(void)
{
	return (struct ebpf_symtab_entry *)(void *)(mem + 16);
}

static char *strings(void)
{
	return (char *)mem + 16 + 16 * (size_t)header()->count;
}

static uint64_t build(const struct sym *syms, uint32_t count)
{
	char *s;
	uint32_t off = 0;

	*header() = (struct ebpf_symtab_header){EBPF_SYMTAB_MAGIC, EBPF_SYMTAB_VERSION, 16, count, 0};
	s = strings();
	for (uint32_t i = 0; i < count; i++) {
		entries()[i] = (struct ebpf_symtab_entry){syms[i].addr, off, syms[i].size};
		strcpy(s + off, syms[i].name);
		off += (uint32_t)strlen(syms[i].name) + 1;
	}
	header()->strings = off;
	return 16 + 16 * (uint64_t)count + off;
}

/* All slices of one table. */
static int set(uint64_t size)
{
	int err;

	do
		err = ebpf_symtab_set(PA, size);
	while (err == -ERESTART);
	return err;
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	host_arena_init(4u << 20);
	ebpf_symtab_init();
	all_free = ebpf_arena_free_bytes();
	ebpf_arena_fail(0, false);
	mem = aligned_alloc(4096, mem_size);
	memset(mem, 0, mem_size);
	host_phys_add(PA, mem, mem_size, EBPF_ACCESS_READ);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(ebpf_symtab_set(0, 0), 0);
	assert_int_equal(ebpf_arena_free_bytes(), all_free);
	free(mem);
	return 0;
}

static void assert_resolves(const char *target, uint64_t expect)
{
	uint64_t addr = 1;

	assert_int_equal(ebpf_symtab_resolve(target, &addr), 0);
	assert_int_equal(addr, expect);
}

static void assert_no(const char *target, int expect)
{
	uint64_t addr = 1;

	assert_int_equal(ebpf_symtab_resolve(target, &addr), expect);
	assert_int_equal(addr, 1);
}

static void assert_found(uint64_t addr, const char *name, uint64_t expect)
{
	uint64_t offset = 12345;
	const char *got = ebpf_symtab_find(addr, &offset);

	if (!name) {
		assert_null(got);
		assert_int_equal(offset, 12345);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, name);
	assert_int_equal(offset, expect);
}

static void test_symtab_none(void **state)
{
	(void)state;
	assert_no("sys_open", -ENOENT);
	assert_found(0xffffffff80000000, NULL, 0);
	assert_int_equal(ebpf_symtab_set(0, 0), 0);
	assert_int_equal(ebpf_symtab_set(PA, 0), 0);
}

static void test_symtab_names(void **state)
{
	char longest[EBPF_SYM_NAME_LEN + 10];

	(void)state;
	assert_int_equal(set(build(kernel, NR_KERNEL)), 0);
	memset(mem, 0xff, mem_size); /* it is a copy */
	for (size_t i = 0; i < NR_KERNEL; i++)
		if (i != 7)
			assert_resolves(kernel[i].name, kernel[i].addr);
	assert_resolves("twice", 0xffffffff80000400); /* the lower one */
	assert_no("", -ENOENT);
	assert_no("sys_ope", -ENOENT);
	assert_no("sys_openatx", -ENOENT);
	assert_no("SYS_OPEN", -ENOENT);
	assert_no(" sys_open", -ENOENT);
	assert_no("sys_open ", -ENOENT);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = 0;
	assert_no(longest, -ENOENT);
	longest[EBPF_SYM_NAME_LEN - 1] = 0;
	assert_no(longest, -ENOENT);
}

static void test_symtab_paths(void **state)
{
	(void)state;
	assert_int_equal(set(build(kernel, NR_KERNEL)), 0);
	assert_resolves("<linux_syscall::Syscall>::sys_openat", 0xffffffff80000140);
	assert_resolves("a::b::sys_openat", 0xffffffff80000140);
	assert_resolves("::sys_openat", 0xffffffff80000140);
	assert_resolves("<linux_syscall::Syscall>::sys_openat+0x10", 0xffffffff80000150);
	assert_resolves("core::ops::add", 0xffffffff80000600); /* exact comes first */
	assert_no("ops::add", -ENOENT);
	assert_no("sys_openat::", -ENOENT);
	assert_no("::", -ENOENT);
	assert_no(":", -ENOENT);
	assert_no(":sys_openat", -ENOENT);
	assert_no("a:sys_openat", -ENOENT);
	assert_no("sys_openat::nothing", -ENOENT);
}

static void test_symtab_offsets(void **state)
{
	(void)state;
	assert_int_equal(set(build(kernel, NR_KERNEL)), 0);
	assert_resolves("sys_open+0", 0xffffffff80000040);
	assert_resolves("sys_open+0x10", 0xffffffff80000050);
	assert_resolves("sys_open+16", 0xffffffff80000050);
	assert_resolves("sys_open+0Xfe", 0xffffffff8000013e);
	assert_resolves("sys_open+0xFF", 0xffffffff8000013f);
	assert_no("sys_open+0x100", -EINVAL);
	assert_no("sys_open+256", -EINVAL);
	assert_no("sys_open+0xffffffffffffffff", -EINVAL);
	assert_no("sys_open+0x10000000000000010", -EINVAL);
	assert_no("sys_open+18446744073709551632", -EINVAL);
	assert_no("sys_open+", -EINVAL);
	assert_no("sys_open+0x", -EINVAL);
	assert_no("sys_open+x", -EINVAL);
	assert_no("sys_open+1f", -EINVAL);
	assert_no("sys_open+0x1g", -EINVAL);
	assert_no("sys_open+-1", -EINVAL);
	for (const char *c = ":;<=>?@G[`g/"; *c; c++) {
		char target[] = "sys_open+0x?";

		target[11] = *c;
		assert_no(target, -EINVAL);
	}
	assert_no("sys_open+ 1", -EINVAL);
	assert_no("sys_open+1 ", -EINVAL);
	assert_no("sys_open+1+1", -ENOENT); /* no symbol "sys_open+1" */
	assert_no("nothing+1", -ENOENT);
	assert_no("+1", -ENOENT);
	assert_no("+", -EINVAL);
	assert_resolves("a+b", 0xffffffff80000700);
	assert_resolves("a+b+4", 0xffffffff80000704);
	assert_no("a+b+8", -EINVAL);
	/* without a size: to the next address; the last one has nothing but its first byte */
	assert_resolves("no_size+0xff", 0xffffffff800008ff);
	assert_no("no_size+0x100", -EINVAL);
	assert_resolves("alias_b+0xff", 0xffffffff800003ff);
	assert_resolves("last+0", 0xffffffff80000900);
	assert_no("last+1", -EINVAL);
}

static void test_symtab_addresses(void **state)
{
	(void)state;
	assert_int_equal(set(build(kernel, NR_KERNEL)), 0);
	assert_found(0, NULL, 0);
	assert_found(0xffffffff7fffffff, NULL, 0);
	assert_found(0xffffffff80000000, "_start", 0);
	assert_found(0xffffffff8000003f, "_start", 0x3f);
	assert_found(0xffffffff80000040, "sys_open", 0);
	assert_found(0xffffffff8000017f, "sys_openat", 0x3f);
	assert_found(0xffffffff80000180, "inner_label", 0);
	assert_found(0xffffffff8000018f, "inner_label", 0xf);
	assert_found(0xffffffff80000190, "sys_openat", 0x50); /* after the inner one */
	assert_found(0xffffffff8000023f, "sys_openat", 0xff);
	assert_found(0xffffffff80000240, NULL, 0);
	assert_found(0xffffffff80000300, "alias_b", 0);
	assert_found(0xffffffff800003ff, "alias_b", 0xff);
	assert_found(0xffffffff80000408, NULL, 0);
	assert_found(0xffffffff800008ff, "no_size", 0xff);
	assert_found(0xffffffff80000900, "last", 0);
	assert_found(0xffffffff80000901, NULL, 0);
	assert_found(UINT64_MAX, NULL, 0);
}

/* Each way to be wrong: its errno, and the table before stays as it was. */
static void assert_refused(uint64_t size, int expect)
{
	size_t before = ebpf_arena_free_bytes();

	assert_int_equal(set(size), expect);
	assert_int_equal(ebpf_arena_free_bytes(), before);
	assert_resolves("sys_open", 0xffffffff80000040);
}

static void test_symtab_refused(void **state)
{
	uint64_t size = build(kernel, NR_KERNEL);

	(void)state;
	assert_int_equal(set(size), 0);
	for (uint64_t bad = 1; bad < size; bad++) /* cut off anywhere */
		assert_refused(bad, -EINVAL);
	assert_refused(size + 1, -EINVAL);
	assert_refused(EBPF_MAX_SYMTAB + 1, -E2BIG);
	assert_refused(UINT64_MAX, -E2BIG);
	for (unsigned int bit = 0; bit < 128; bit++) { /* any header bit */
		mem[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_refused(size, -EINVAL);
		mem[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	strings()[header()->strings - 1] = 'x'; /* the last name does not end */
	assert_refused(size, -EINVAL);
	strings()[header()->strings - 1] = 0;
	entries()[3].name = header()->strings;
	assert_refused(size, -EINVAL);
	entries()[3].name = UINT32_MAX;
	assert_refused(size, -EINVAL);
	entries()[3].name = header()->strings - 1; /* an empty name is nobody's business */
	assert_int_equal(set(size), 0);
	build(kernel, NR_KERNEL);
	entries()[2].addr = entries()[1].addr - 1; /* order */
	assert_refused(size, -EINVAL);
	build(kernel, NR_KERNEL);
	entries()[11].addr = UINT64_MAX - 5; /* runs over the end */
	entries()[11].size = 7;
	assert_refused(size, -EINVAL);
	build(kernel, NR_KERNEL);
	assert_int_equal(ebpf_symtab_set(PA + mem_size - 16, size), -EFAULT);
	assert_int_equal(ebpf_symtab_set(0x1000, size), -EFAULT);
	assert_int_equal(ebpf_symtab_set(UINT64_MAX - 7, size), -EFAULT);
	assert_refused(16, -EINVAL);
	assert_int_equal(set(size), 0);
}

static void test_symtab_empty(void **state)
{
	(void)state;
	*header() = (struct ebpf_symtab_header){EBPF_SYMTAB_MAGIC, EBPF_SYMTAB_VERSION, 16, 0, 1};
	assert_int_equal(set(17), 0);
	assert_no("x", -ENOENT);
	assert_found(0, NULL, 0);
	header()->strings = 0;
	assert_int_equal(set(16), -EINVAL);
}

static void test_symtab_each_allocation_fails(void **state)
{
	uint64_t size = build(kernel, NR_KERNEL);

	(void)state;
	assert_int_equal(set(size), 0);
	for (uint64_t n = 1; n <= 3; n++) {
		ebpf_arena_fail(n, false);
		assert_refused(size, -ENOMEM);
	}
	ebpf_arena_fail(0, false);
	assert_int_equal(set(size), 0);
}

static uint32_t build_large(void)
{
	uint32_t count = 30000, off = 0;

	*header() = (struct ebpf_symtab_header){EBPF_SYMTAB_MAGIC, EBPF_SYMTAB_VERSION, 16, count, 0};
	for (uint32_t i = 0; i < count; i++) {
		entries()[i] = (struct ebpf_symtab_entry){0x80000000 + 16 * i, off, 16};
		off += (uint32_t)sprintf(strings() + off, "function_%u", i) + 1;
	}
	header()->strings = off;
	return 16 + 16 * count + off;
}

/* As large as it may be: many calls, the old table in use until the last; then everything is found. */
static void test_symtab_slices(void **state)
{
	unsigned int calls = 1;
	uint32_t size;
	int err;

	(void)state;
	assert_int_equal(set(build(kernel, NR_KERNEL)), 0);
	size = build_large();
	assert_in_range(size, EBPF_MAX_SYMTAB * 3 / 4, EBPF_MAX_SYMTAB);
	while ((err = ebpf_symtab_set(PA, size)) == -ERESTART) {
		calls++;
		assert_resolves("sys_open", 0xffffffff80000040);
	}
	assert_int_equal(err, 0);
	assert_in_range(calls, 30, 1000);
	assert_no("sys_open", -ENOENT);
	for (uint32_t i = 0; i < 30000; i++) {
		char name[32];

		sprintf(name, "function_%u", i);
		assert_resolves(name, 0x80000000 + 16 * i);
		assert_found(0x80000000 + 16 * i + 15, name, 15);
	}
}

/* Begun and not finished: other arguments, removal, or memory that is gone in between. */
static void test_symtab_interrupted(void **state)
{
	uint32_t size = build_large();

	(void)state;
	for (unsigned int calls = 1; calls < 40; calls += 7) {
		for (unsigned int i = 0; i < calls; i++)
			assert_int_equal(ebpf_symtab_set(PA, size), -ERESTART);
		assert_int_equal(ebpf_symtab_set(0, 0), 0);
		assert_int_equal(ebpf_arena_free_bytes(), all_free);
		for (unsigned int i = 0; i < calls; i++)
			assert_int_equal(ebpf_symtab_set(PA, size), -ERESTART);
		assert_int_equal(ebpf_symtab_set(PA, 20), -EINVAL);
		assert_int_equal(ebpf_arena_free_bytes(), all_free);
	}
	assert_int_equal(ebpf_symtab_set(PA, size), -ERESTART);
	assert_int_equal(ebpf_symtab_set(PA + 16, size), -EINVAL); /* the same size elsewhere is another table */
	assert_int_equal(ebpf_arena_free_bytes(), all_free);
	assert_int_equal(ebpf_symtab_set(PA, size), -ERESTART);
	host_reset(); /* no physical memory any more */
	assert_int_equal(set(size), -EFAULT);
	assert_int_equal(ebpf_arena_free_bytes(), all_free);
}

/* All symbols of one name; names longer than a target can be: neither is slow or wrong. */
static void test_symtab_hostile_names(void **state)
{
	uint32_t count = 60000;
	char name[EBPF_SYM_NAME_LEN];

	(void)state;
	*header() = (struct ebpf_symtab_header){EBPF_SYMTAB_MAGIC, EBPF_SYMTAB_VERSION, 16, count, 2};
	for (uint32_t i = 0; i < count; i++)
		entries()[i] = (struct ebpf_symtab_entry){0x80000000, 0, 0};
	memcpy(strings(), "a", 2);
	assert_int_equal(set(16 + 16 * (uint64_t)count + 2), 0);
	assert_resolves("a", 0x80000000);
	assert_found(0x80000000, "a", 0);

	*header() = (struct ebpf_symtab_header){EBPF_SYMTAB_MAGIC, EBPF_SYMTAB_VERSION, 16, 3, 601};
	memset(strings(), 'n', 600);
	strings()[600] = 0;
	for (uint32_t i = 0; i < 3; i++) /* 600, 256 and 255 characters */
		entries()[i] = (struct ebpf_symtab_entry){0x80000000 + 16 * i, i == 0 ? 0 : 343 + i, 16};
	assert_int_equal(set(16 + 48 + 601), 0);
	memset(name, 'n', sizeof(name));
	name[255] = 0;
	assert_resolves(name, 0x80000020);
	name[254] = 0;
	assert_no(name, -ENOENT);
	assert_found(0x80000001, strings(), 1);
}

/* Each name the beginning of the one before: none is taken for another. */
static void test_symtab_prefixes(void **state)
{
	char names[250][256];
	struct sym syms[250];

	(void)state;
	for (uint32_t i = 0; i < 250; i++) {
		memset(names[i], 'x', 250 - i);
		names[i][250 - i] = 0;
		syms[i] = (struct sym){0x1000 + 16 * i, names[i], 16};
	}
	assert_int_equal(set(build(syms, 250)), 0);
	for (uint32_t i = 0; i < 250; i++)
		assert_resolves(names[i], 0x1000 + 16 * i);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_symtab_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_offsets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_each_allocation_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_slices, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_interrupted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_hostile_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symtab_prefixes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
