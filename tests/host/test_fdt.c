/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's device tree reader on a good tree, and on the same tree cut short
 * and damaged at every byte: it may answer anything, but must not read outside
 * of the blob (ASan) nor go on for ever.
 */
#include "../../kernel/fdt.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define HEADER 40
#define BLOB_MAX 1024

struct blob {
	uint8_t bytes[BLOB_MAX];
	uint32_t len;
	char strings[256];
	uint32_t strings_len;
};

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void word(struct blob *b, uint32_t v)
{
	put32(b->bytes + b->len, v);
	b->len += 4;
}

static void padded(struct blob *b, const void *data, uint32_t n)
{
	memcpy(b->bytes + b->len, data, n);
	b->len += (n + 3) & ~3u;
}

static void begin(struct blob *b, const char *name)
{
	word(b, FDT_BEGIN_NODE);
	padded(b, name, (uint32_t)strlen(name) + 1);
}

static void prop(struct blob *b, const char *name, const void *data, uint32_t n)
{
	word(b, FDT_PROP);
	word(b, n);
	word(b, b->strings_len);
	padded(b, data, n);
	memcpy(b->strings + b->strings_len, name, strlen(name) + 1);
	b->strings_len += (uint32_t)strlen(name) + 1;
}

/* / { memory@80000000 { reg; }; soc { serial@10000000 { compatible (two); reg; status; }; }; cpus {}; } */
static void build(struct blob *b)
{
	static const uint8_t reg[16] = {0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0};
	static const uint8_t two[4] = {0, 0, 0, 2}, uart[16] = {0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
	uint32_t structs;

	memset(b, 0, sizeof(*b));
	b->len = HEADER + 32; /* one reservation and the end */
	b->bytes[HEADER + 3] = 1;
	b->bytes[HEADER + 15] = 8;
	structs = b->len;
	begin(b, "");
	prop(b, "#address-cells", two, 4);
	prop(b, "#size-cells", two, 4);
	begin(b, "memory@80000000");
	prop(b, "reg", reg, 16);
	word(b, FDT_NOP);
	word(b, FDT_END_NODE);
	begin(b, "soc");
	prop(b, "#address-cells", two, 4);
	prop(b, "#size-cells", two, 4);
	begin(b, "serial@10000000");
	prop(b, "compatible", "vendor,one\0ns16550a", 20);
	prop(b, "reg", uart, 16);
	prop(b, "status", "disabled", 9);
	word(b, FDT_END_NODE);
	word(b, FDT_END_NODE);
	begin(b, "cpus");
	word(b, FDT_END_NODE);
	word(b, FDT_END_NODE);
	word(b, 9); /* FDT_END */
	put32(b->bytes, FDT_MAGIC);
	put32(b->bytes + OFF_STRUCTS, structs);
	put32(b->bytes + OFF_STRUCTS_SIZE, b->len - structs);
	put32(b->bytes + OFF_STRINGS, b->len);
	put32(b->bytes + OFF_STRINGS_SIZE, b->strings_len);
	put32(b->bytes + OFF_RESERVATIONS, HEADER);
	put32(b->bytes + 20, 17);
	put32(b->bytes + OFF_LAST_COMPATIBLE, 16);
	padded(b, b->strings, b->strings_len);
	put32(b->bytes + OFF_TOTALSIZE, b->len);
}

static void test_fdt_reads(void **state)
{
	uint64_t addr, size, value;
	struct blob b;
	struct fdt fdt;
	int soc, serial;

	(void)state;
	build(&b);
	assert_int_equal(fdt_open(&fdt, b.bytes), 0);
	soc = fdt_child(&fdt, FDT_ROOT, "soc");
	serial = fdt_child(&fdt, soc, "serial");
	assert_true(fdt_reg(&fdt, FDT_ROOT, fdt_child(&fdt, FDT_ROOT, "memory"), 0, &addr, &size));
	assert_int_equal(addr, 0x80000000);
	assert_int_equal(size, 0x10000000);
	assert_false(fdt_reg(&fdt, FDT_ROOT, fdt_child(&fdt, FDT_ROOT, "memory"), 1, &addr, &size));
	assert_true(fdt_has_string(&fdt, serial, "compatible", "ns16550a"));
	assert_false(fdt_has_string(&fdt, serial, "compatible", "ns16550"));
	assert_false(fdt_enabled(&fdt, serial));
	assert_true(fdt_enabled(&fdt, soc));
	assert_string_equal(fdt_name(&fdt, serial), "serial@10000000");
	assert_true(fdt_number(&fdt, FDT_ROOT, "#size-cells", &value));
	assert_int_equal(value, 2);
	assert_null(fdt_string(&fdt, soc, "status"));
	assert_int_equal(fdt_child(&fdt, soc, "cpus"), -1);
	assert_true(fdt_child(&fdt, FDT_ROOT, "cpus") > 0);
	assert_true(fdt_reservation(&fdt, 0, &addr, &size));
	assert_int_equal(size, 8);
	assert_false(fdt_reservation(&fdt, 1, &addr, &size));
}

/* Look at everything there is, from a copy of exactly as many bytes as the header claims. */
static void read_all(const struct blob *b)
{
	uint32_t claimed = be32(b->bytes + OFF_TOTALSIZE), len, steps = 0;
	size_t room = claimed > HEADER && claimed < BLOB_MAX ? claimed : BLOB_MAX;
	uint8_t *exact = malloc(room);
	uint64_t addr, size, value;
	int node = FDT_ROOT, depth = 0;
	struct fdt fdt;

	assert_non_null(exact);
	memcpy(exact, b->bytes, room);
	if (fdt_open(&fdt, exact) == 0 && fdt.size <= room) {
		for (; node >= 0; node = fdt_next_node(&fdt, node, &depth)) {
			assert_true(++steps < BLOB_MAX);
			fdt_string(&fdt, node, "status");
			fdt_number(&fdt, node, "reg", &value);
			fdt_reg(&fdt, FDT_ROOT, node, 0, &addr, &size);
			fdt_has_string(&fdt, node, "compatible", "x");
			fdt_prop(&fdt, node, "nothing", &len);
			(void)strlen(fdt_name(&fdt, node));
			fdt_child(&fdt, node, "serial");
		}
		for (uint32_t i = 0; fdt_reservation(&fdt, i, &addr, &size); i++)
			assert_true(i < BLOB_MAX);
	}
	free(exact);
}

static void test_fdt_cut_short(void **state)
{
	struct blob b;

	(void)state;
	for (uint32_t n = 0; n < 600; n++) {
		build(&b);
		if (n > b.len)
			break;
		put32(b.bytes + OFF_TOTALSIZE, n);
		read_all(&b);
		put32(b.bytes + OFF_TOTALSIZE, b.len);
		put32(b.bytes + OFF_STRUCTS_SIZE, n & ~3u);
		read_all(&b);
		put32(b.bytes + OFF_STRINGS_SIZE, n);
		read_all(&b);
	}
}

static void test_fdt_damaged(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x09, 0x7f, 0x80, 0xff};
	struct blob b;

	(void)state;
	build(&b);
	for (uint32_t i = 0; i < b.len; i++) {
		for (size_t v = 0; v < sizeof(values); v++) {
			build(&b);
			b.bytes[i] = values[v];
			read_all(&b);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fdt_reads),
		cmocka_unit_test(test_fdt_cut_short),
		cmocka_unit_test(test_fdt_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
