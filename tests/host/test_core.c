/* SPDX-License-Identifier: BSD-2-Clause */
/* CO-RE (sdk/lib/libbpf_core.c): what a program's own types become against a kernel's that look different. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../sdk/lib/libbpf_btf.c"
#include "../../sdk/lib/libbpf_core.c"

#include "btf_builder.h"

#define KFLAG (1u << 31)
#define BITS(bits, at) ((bits) << 24 | (at))
#define SIGNED_INT (1u << 24)

static struct btf_builder local, kernel;
static uint8_t local_bytes[4096], kernel_bytes[4096];
static struct core_answer answer;

static int setup(void **state)
{
	(void)state;
	put_begin(&local);
	put_begin(&kernel);
	return 0;
}

/* Ask; the result of core_answer(). */
static int ask(uint32_t kind, uint32_t type, const char *access)
{
	struct core_relo relo = {.kind = kind, .type_id = type, .access = access};
	struct btf *l = btf_parse(local_bytes, put_finish(&local, local_bytes));
	struct btf *k = btf_parse(kernel_bytes, put_finish(&kernel, kernel_bytes));
	int err;

	assert_non_null(l);
	assert_non_null(k);
	err = core_answer(l, k, &relo, &answer);
	btf_free(l);
	btf_free(k);
	return err;
}

static void assert_answer(uint32_t kind, uint32_t type, const char *access, uint64_t value)
{
	assert_int_equal(ask(kind, type, access), 0);
	assert_false(answer.missing);
	assert_int_equal(answer.new_value, value);
}

static void assert_missing(uint32_t kind, uint32_t type, const char *access)
{
	assert_int_equal(ask(kind, type, access), 0);
	assert_true(answer.missing);
}

static uint32_t put_named_int(struct btf_builder *b, uint32_t size, uint32_t encoding)
{
	uint32_t id = put_type(b, "number", BTF_KIND_INT, 0, size);

	put_word(b, encoding | size * 8);
	return id;
}

/* The kernel has put what the program knows as a and b into an anonymous union in an anonymous structure. */
static void test_core_anonymous_members(void **state)
{
	uint32_t s, u, in;

	(void)state;
	s = put_type(&local, "thing___old", BTF_KIND_STRUCT, 2, 8);
	put_member(&local, "a", 1, 0);
	put_member(&local, "b", 1, 32);
	u = put_type(&kernel, "", BTF_KIND_UNION, 1, 4);
	put_member(&kernel, "b", 1, 0);
	in = put_type(&kernel, "", BTF_KIND_STRUCT, 2, 12);
	put_member(&kernel, "pad", 1, 0);
	put_member(&kernel, "", u, 64);
	put_type(&kernel, "thing", BTF_KIND_STRUCT, 2, 32);
	put_member(&kernel, "", in, 128);
	put_member(&kernel, "a", 1, 96);
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "0:0", 12);
	assert_int_equal(answer.old_value, 0);
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "0:1", 24);
	assert_int_equal(answer.old_value, 4);
	assert_true(answer.check_old);
	assert_string_equal(answer.what, "struct thing___old.b");
	assert_answer(CORE_FIELD_EXISTS, s, "0:1", 1);
	/* the next element of an array of them */
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "2:0", 2 * 32 + 12);
}

static void test_core_arrays(void **state)
{
	uint32_t s, row;

	(void)state;
	row = put_type(&local, "row", BTF_KIND_STRUCT, 1, 4);
	put_member(&local, "x", 1, 0);
	{
		uint32_t rows = put_array(&local, row, 16), flexible = put_array(&local, 1, 0);

		s = put_type(&local, "table", BTF_KIND_STRUCT, 2, 64);
		put_member(&local, "rows", rows, 0);
		put_member(&local, "more", flexible, 512);
	}
	{
		uint32_t krow, rows, flexible;

		krow = put_type(&kernel, "row", BTF_KIND_STRUCT, 2, 16);
		put_member(&kernel, "y", 1, 0);
		put_member(&kernel, "x", 1, 64);
		rows = put_array(&kernel, krow, 8);
		flexible = put_array(&kernel, 1, 0);
		put_type(&kernel, "table", BTF_KIND_STRUCT, 2, 128);
		put_member(&kernel, "rows", rows, 0);
		put_member(&kernel, "more", flexible, 1024);
	}
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "0:0:3:0", 3 * 16 + 8);
	assert_string_equal(answer.what, "struct table.rows[3].x");
	assert_missing(CORE_FIELD_BYTE_OFFSET, s, "0:0:8:0"); /* the kernel has eight of them */
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "0:1:5", 128 + 20);
	assert_answer(CORE_FIELD_BYTE_SIZE, s, "0:0", 128);
}

static void test_core_bit_fields(void **state)
{
	uint32_t s, n;

	(void)state;
	n = put_named_int(&local, 4, 0);
	s = put_type(&local, "flags", BTF_KIND_STRUCT, 1 | KFLAG, 4);
	put_member(&local, "mode", n, BITS(3u, 2));
	n = put_named_int(&kernel, 4, SIGNED_INT);
	put_type(&kernel, "flags", BTF_KIND_STRUCT, 1 | KFLAG, 8);
	put_member(&kernel, "mode", n, BITS(5u, 41));
	/* bits 41 to 45: in the second word, bits 9 to 13 of it */
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "0:0", 4);
	assert_false(answer.check_old);
	assert_answer(CORE_FIELD_BYTE_SIZE, s, "0:0", 4);
	assert_answer(CORE_FIELD_LSHIFT_U64, s, "0:0", 64 - 14);
	assert_answer(CORE_FIELD_RSHIFT_U64, s, "0:0", 64 - 5);
	assert_answer(CORE_FIELD_SIGNED, s, "0:0", 1);
	assert_int_equal(answer.old_value, 0);
	/* across the end of a word it takes a wider load */
	kernel.types[kernel.types_size - 4] = 30;
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "0:0", 0);
	assert_answer(CORE_FIELD_BYTE_SIZE, s, "0:0", 8);
	assert_answer(CORE_FIELD_LSHIFT_U64, s, "0:0", 64 - 35);
}

/* A plain number may be wider or narrower; anything else must be of the same sort. */
static void test_core_compatible_members(void **state)
{
	uint32_t s, wide, p;

	(void)state;
	s = put_type(&local, "s", BTF_KIND_STRUCT, 1, 4);
	put_member(&local, "v", 1, 0);
	wide = put_named_int(&kernel, 8, 0);
	put_type(&kernel, "s", BTF_KIND_STRUCT, 1, 16);
	put_member(&kernel, "v", wide, 64);
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "0:0", 8);
	assert_int_equal(answer.old_size, 4);
	assert_int_equal(answer.size, 8);
	put_begin(&kernel);
	p = put_ptr(&kernel, 1);
	put_type(&kernel, "s", BTF_KIND_STRUCT, 1, 8);
	put_member(&kernel, "v", p, 0);
	assert_missing(CORE_FIELD_BYTE_OFFSET, s, "0:0");
	assert_answer(CORE_FIELD_EXISTS, s, "0:0", 0);
}

static void test_core_types(void **state)
{
	uint32_t s, t, u;

	(void)state;
	s = put_type(&local, "s___v2", BTF_KIND_STRUCT, 1, 4);
	put_member(&local, "v", 1, 0);
	t = put_type(&local, "t", BTF_KIND_TYPEDEF, 0, s);
	u = put_type(&local, "u", BTF_KIND_UNION, 0, 4);
	put_type(&kernel, "s", BTF_KIND_STRUCT, 1, 24);
	put_member(&kernel, "other", 1, 0);
	put_type(&kernel, "s", BTF_KIND_UNION, 0, 48); /* another kind: not meant */
	assert_answer(CORE_TYPE_EXISTS, s, "0", 1);
	assert_answer(CORE_TYPE_SIZE, s, "0", 24);
	assert_answer(CORE_TYPE_ID_LOCAL, s, "0", s);
	assert_answer(CORE_TYPE_ID_TARGET, s, "0", 2);
	assert_answer(CORE_TYPE_MATCHES, s, "0", 0); /* it has no member v */
	assert_answer(CORE_TYPE_EXISTS, t, "0", 0);  /* a typedef is found by its own name */
	assert_answer(CORE_TYPE_EXISTS, u, "0", 0);
	assert_answer(CORE_TYPE_SIZE, u, "0", 0);
}

static void test_core_enumerators(void **state)
{
	uint32_t e, e64;

	(void)state;
	e = put_type(&local, "state", BTF_KIND_ENUM, 2, 4);
	put_word(&local, put_string(&local, "RUNNING"));
	put_word(&local, 1);
	put_word(&local, put_string(&local, "GONE___x"));
	put_word(&local, 2);
	e64 = put_type(&kernel, "state", BTF_KIND_ENUM64, 1 | KFLAG, 8);
	put_word(&kernel, put_string(&kernel, "RUNNING"));
	put_word(&kernel, 0xfffffffe);
	put_word(&kernel, 0xffffffff);
	assert_int_equal(e64, 2);
	assert_answer(CORE_ENUMVAL_VALUE, e, "0", (uint64_t)-2);
	assert_answer(CORE_ENUMVAL_EXISTS, e, "0", 1);
	assert_answer(CORE_ENUMVAL_EXISTS, e, "1", 0);
	assert_missing(CORE_ENUMVAL_VALUE, e, "1");
	assert_string_equal(answer.what, "enum state GONE___x");
	assert_answer(CORE_TYPE_MATCHES, e, "0", 0);
}

/* Two structures of one name: fine as long as they agree, or only one has the field. */
static void test_core_ambiguous(void **state)
{
	uint32_t s;

	(void)state;
	s = put_type(&local, "s", BTF_KIND_STRUCT, 2, 8);
	put_member(&local, "v", 1, 0);
	put_member(&local, "w", 1, 32);
	put_type(&kernel, "s", BTF_KIND_STRUCT, 2, 16);
	put_member(&kernel, "v", 1, 32);
	put_member(&kernel, "w", 1, 64);
	put_type(&kernel, "s", BTF_KIND_STRUCT, 1, 16);
	put_member(&kernel, "v", 1, 32);
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "0:0", 4);
	assert_answer(CORE_FIELD_BYTE_OFFSET, s, "0:1", 8);
	kernel.types[kernel.types_size - 4] = 64;
	assert_int_equal(ask(CORE_FIELD_BYTE_OFFSET, s, "0:0"), -EINVAL);
	assert_string_equal(answer.what, "struct s.v");
}

static void test_core_questions_that_are_none(void **state)
{
	static const char *const bad[] = {
		"",	      ":",
		"0:",	      "x",
		"0:9",	      "0:0:0",
		"0:-1",	      "0 0",
		"4294967296", "0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0"};
	uint32_t s, e, loop;

	(void)state;
	s = put_type(&local, "s", BTF_KIND_STRUCT, 1, 4);
	put_member(&local, "v", 1, 0);
	e = put_type(&local, "e", BTF_KIND_ENUM, 0, 4);
	loop = put_type(&local, "t", BTF_KIND_TYPEDEF, 0, local.count + 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ask(CORE_FIELD_BYTE_OFFSET, s, bad[i]), -EINVAL);
	assert_int_equal(ask(CORE_FIELD_BYTE_OFFSET, 99, "0:0"), -EINVAL);
	assert_int_equal(ask(CORE_FIELD_BYTE_OFFSET, 0, "0"), -EINVAL);
	assert_int_equal(ask(CORE_KINDS, s, "0:0"), -EINVAL);
	assert_int_equal(ask(CORE_ENUMVAL_VALUE, e, "0"), -EINVAL);
	assert_int_equal(ask(CORE_ENUMVAL_VALUE, s, "0"), -EINVAL);
	assert_int_equal(ask(CORE_FIELD_BYTE_OFFSET, loop, "0:0"), -EINVAL);
	assert_int_equal(ask(CORE_TYPE_SIZE, loop, "0"), -EINVAL);
	assert_int_equal(ask(CORE_FIELD_BYTE_OFFSET, s, "2147483647:0"), -EINVAL); /* too far away */
}

#define T(name) cmocka_unit_test_setup(test_core_##name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(anonymous_members),
		T(arrays),
		T(bit_fields),
		T(compatible_members),
		T(types),
		T(enumerators),
		T(ambiguous),
		T(questions_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
