/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpfskel: what it writes for good objects of both styles, and that every other
 * file gives one line of reason and no output.
 */
#define BPFSKEL_NO_MAIN
#include "../../lib/bpf_elf.c"
#include "../../sdk/tool/bpfskel.c"

#include "elf_builder.h"

#include <setjmp.h>
#include <cmocka.h>

static struct elf_builder b;
static uint8_t *object;
static size_t object_size;
static char *out, *err;
static size_t out_size, err_size;

static const uint8_t wide_exit[24] = {0x18, [16] = 0x95};

/* Run the tool on bytes; its two streams go to out and err. */
static int run(const char *name, int rcore, const void *bytes, size_t size)
{
	FILE *o, *e;
	int ret;

	free(out);
	free(err);
	o = open_memstream(&out, &out_size);
	e = open_memstream(&err, &err_size);
	ret = bpfskel(o, name, rcore, bytes, size, e);
	fclose(o);
	fclose(e);
	return ret;
}

static void assert_accepted(const char *name, int rcore)
{
	free(object);
	object = elf_finish(&b, &object_size);
	assert_int_equal(run(name, rcore, object, object_size), 0);
	assert_int_equal(err_size, 0);
}

/* Refused: nothing written, one line that says why. */
static void check_refusal(void)
{
	assert_int_equal(out_size, 0);
	assert_true(err_size > 0);
	assert_ptr_equal(strchr(err, '\n'), err + err_size - 1);
	assert_int_equal(strncmp(err, "bpfskel: ", 9), 0);
}

static void assert_refused(const char *name, int rcore, const char *reason)
{
	free(object);
	object = elf_finish(&b, &object_size);
	assert_int_equal(run(name, rcore, object, object_size), -1);
	check_refusal();
	if (!strstr(err, reason))
		fail_msg("\"%s\" is not in: %s", reason, err);
}

static void begin_rcore(void)
{
	uint32_t text, sym;

	elf_begin(&b);
	text = elf_section(&b, ".text", 1, 6, wide_exit, sizeof(wide_exit));
	elf_symbol(&b, "prog", 1, 2, (uint16_t)text, 0, sizeof(wide_exit));
	sym = elf_symbol(&b, "map_fd", 1, 0, 0, 0, 0);
	elf_reloc(&b, text, 0, R_BPF_64_64, sym);
}

/* One program, one map, some data */
static void begin_linux(void)
{
	uint32_t code, maps, sym;

	elf_begin(&b);
	elf_section(&b, ".text", 1, 6, "", 0);
	code = elf_section(&b, "kprobe/f", 1, 6, wide_exit, sizeof(wide_exit));
	maps = elf_section(&b, ".maps", 1, 3, "\0\0\0\0\0\0\0\0", 8);
	elf_section(&b, ".bss", 8, 3, NULL, 16);
	elf_section(&b, ".BTF", 1, 0, "btf", 4);
	elf_symbol(&b, "on_f", 1, 2, (uint16_t)code, 0, sizeof(wide_exit));
	sym = elf_symbol(&b, "counts", 1, 1, (uint16_t)maps, 0, 8);
	elf_reloc(&b, code, 0, R_BPF_64_64, sym);
}

static void test_skel_rcore(void **state)
{
	char size[64];

	(void)state;
	begin_rcore();
	assert_accepted("thing", 1);
	snprintf(size, sizeof(size), "thing_elf[%zu]", object_size);
	assert_non_null(strstr(out, size));
	assert_non_null(strstr(out, "thing_nr_maps = 1"));
	assert_non_null(strstr(out, "\"map_fd\""));
}

/* Every byte is there, in order. */
static void test_skel_bytes(void **state)
{
	char *p;

	(void)state;
	begin_rcore();
	assert_accepted("thing", 1);
	p = strchr(out, '{') + 1;
	for (size_t i = 0; i < object_size; i++) {
		assert_int_equal(strtol(p, &p, 10), object[i]);
		assert_int_equal(*p++, ',');
	}
	assert_memory_equal(p, "\n};", 3);
}

static void test_skel_linux(void **state)
{
	(void)state;
	begin_linux();
	assert_accepted("thing", 0);
	assert_non_null(strstr(out, "struct bpf_map *counts;"));
	assert_non_null(strstr(out, "struct bpf_map *bss;"));
	assert_non_null(strstr(out, "struct bpf_program *on_f;"));
	assert_non_null(strstr(out, "struct bpf_link *on_f;"));
	assert_non_null(strstr(out, "s->maps[0].name = \"counts\""));
	assert_non_null(strstr(out, "s->maps[1].name = \".bss\""));
	assert_non_null(strstr(out, "struct thing *thing__open_and_load(void)"));
	assert_non_null(strstr(out, "thing__attach"));
	assert_non_null(strstr(out, "thing__destroy"));
}

static void test_skel_bad_name(void **state)
{
	static const char *const names[] = {"", "9lives", "a-b", "a b", "x;y", "\"", "*/"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		begin_rcore();
		assert_refused(names[i], 1, "is no C identifier");
	}
}

static void test_skel_bad_symbol_name(void **state)
{
	(void)state;
	begin_linux();
	elf_symbol(&b, "x; system(\"y\")", 1, 1, 5, 0, 8); /* in .maps */
	assert_refused("thing", 0, "a map with a name that is no C identifier");
}

static void test_skel_same_name_twice(void **state)
{
	(void)state;
	begin_linux();
	elf_symbol(&b, "counts", 1, 1, 5, 0, 8);
	assert_refused("thing", 0, "two of the same name: counts");
}

static void test_skel_rcore_without_code(void **state)
{
	(void)state;
	begin_linux();
	assert_refused("thing", 1, ".text is empty");
}

static void test_skel_rcore_data(void **state)
{
	uint32_t rodata, sym;

	(void)state;
	begin_rcore();
	b.part[b.nr_parts - 1].size = 0; /* drop map_fd's relocation */
	rodata = elf_section(&b, ".rodata", 1, 2, "text", 5);
	sym = elf_symbol(&b, "text", 0, 1, (uint16_t)rodata, 0, 5);
	elf_reloc(&b, 3, 0, R_BPF_64_64, sym);
	assert_refused("thing", 1, "no data sections");
}

static void test_skel_linux_without_program(void **state)
{
	(void)state;
	elf_begin(&b);
	elf_section(&b, ".text", 1, 6, wide_exit, sizeof(wide_exit));
	assert_refused("thing", 0, "no program");
}

static void test_skel_linux_extern(void **state)
{
	(void)state;
	begin_linux();
	elf_symbol(&b, "jiffies", 1, 0, 0, 0, 0);
	assert_refused("thing", 0, "jiffies is declared but defined nowhere");
}

static void test_skel_linux_without_btf(void **state)
{
	(void)state;
	begin_linux();
	b.part[b.strtab].data[b.part[7].name + 1] = 'x'; /* .BTF becomes .xTF */
	assert_refused("thing", 0, "compile with -g");
}

static void test_skel_old_maps(void **state)
{
	(void)state;
	begin_linux();
	elf_section(&b, "maps", 1, 3, "\0\0\0\0", 4);
	assert_refused("thing", 0, "BTF-defined maps");
}

static void test_skel_other_machine(void **state)
{
	(void)state;
	begin_rcore();
	b.machine = 62;
	assert_refused("thing", 1, "not an eBPF object");
}

static void test_skel_linked(void **state)
{
	(void)state;
	begin_rcore();
	b.type = 2;
	assert_refused("thing", 1, "not a relocatable object");
}

/* Either style, either outcome, but one of the two: C, or a reason. */
static void check_any(const void *bytes, size_t size)
{
	for (int rcore = 0; rcore < 2; rcore++) {
		if (run("thing", rcore, bytes, size))
			check_refusal();
		else
			assert_int_equal(err_size, 0);
	}
}

static void begin_style(int linux_style)
{
	if (linux_style)
		begin_linux();
	else
		begin_rcore();
	free(object);
	object = elf_finish(&b, &object_size);
}

static void test_skel_every_truncation(void **state)
{
	(void)state;
	for (int style = 0; style < 2; style++) {
		begin_style(style);
		for (size_t size = 0; size < object_size; size++) {
			uint8_t *cut = malloc(size + !size);

			memcpy(cut, object, size);
			assert_int_equal(run("thing", !style, cut, size), -1);
			check_refusal();
			free(cut);
		}
	}
}

static void test_skel_every_byte_damaged(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

	(void)state;
	for (int style = 0; style < 2; style++) {
		begin_style(style);
		for (size_t at = 0; at < object_size; at++) {
			uint8_t old = object[at];

			for (size_t v = 0; v < sizeof(values); v++) {
				object[at] = values[v];
				check_any(object, object_size);
			}
			object[at] = old;
		}
	}
}

static void test_skel_random_damage(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		begin_style(round & 1);
		for (uint32_t n = 1 + elf_random(&seed) % 4; n; n--)
			object[elf_random(&seed) % object_size] = (uint8_t)elf_random(&seed);
		check_any(object, object_size);
	}
}

static int teardown(void **state)
{
	(void)state;
	free(object);
	free(out);
	free(err);
	object = NULL;
	out = err = NULL;
	return 0;
}

#define T(name) cmocka_unit_test_teardown(test_skel_##name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rcore),
		T(bytes),
		T(linux),
		T(bad_name),
		T(bad_symbol_name),
		T(same_name_twice),
		T(rcore_without_code),
		T(rcore_data),
		T(linux_without_program),
		T(linux_extern),
		T(linux_without_btf),
		T(old_maps),
		T(other_machine),
		T(linked),
		T(every_truncation),
		T(every_byte_damaged),
		T(random_damage),
	};

	return cmocka_run_group_tests_name("skel", tests, NULL, NULL);
}
