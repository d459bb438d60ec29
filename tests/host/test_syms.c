/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbols of user programs (sdk/lib/syms.c), from files that are as they should be and from others. */
#include "../../sdk/lib/syms.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define NAMES "\0main\0helper\0data"

static struct {
	struct elf_header header;
	struct elf_section sections[3];
	struct elf_symbol symbols[4];
	char names[sizeof(NAMES)];
} image;
static size_t image_size;

/* syms.c reads its file by this: a copy of its own, so that ASan knows its end. */
void *sdk_read_file(const char *path, size_t *size)
{
	char *copy = path ? malloc(image_size + 1) : NULL;

	if (!copy) {
		errno = ENOENT;
		return NULL;
	}
	memcpy(copy, &image, image_size);
	copy[image_size] = 0;
	*size = image_size;
	return copy;
}

static int make_image(void **state)
{
	(void)state;
	memset(&image, 0, sizeof(image));
	memcpy(image.header.ident, "\177ELF\2\1", 6);
	image.header.shoff = sizeof(image.header);
	image.header.shentsize = sizeof(image.sections[0]);
	image.header.shnum = 3;
	image.sections[1] = (struct elf_section){.type = SHT_SYMTAB,
						 .offset = (size_t)((char *)image.symbols - (char *)&image),
						 .size = sizeof(image.symbols),
						 .link = 2};
	image.sections[2] =
		(struct elf_section){.offset = (size_t)(image.names - (char *)&image), .size = sizeof(NAMES)};
	image.symbols[1] = (struct elf_symbol){.name = 6, .info = STT_FUNC, .value = 0x2000, .size = 16};
	image.symbols[2] = (struct elf_symbol){.name = 1, .info = STT_FUNC | 16, .value = 0x1000, .size = 16};
	image.symbols[3] = (struct elf_symbol){.name = 13, .info = 1, .value = 0x1800, .size = 16};
	memcpy(image.names, NAMES, sizeof(NAMES));
	image_size = sizeof(image);
	return 0;
}

static void test_syms_addresses(void **state)
{
	struct syms *syms = syms__load_file("program");

	(void)state;
	assert_non_null(syms);
	assert_null(syms__map_addr(syms, 0xfff));
	assert_string_equal(syms__map_addr(syms, 0x1000)->name, "main");
	assert_string_equal(syms__map_addr(syms, 0x1fff)->name, "main");
	assert_string_equal(syms__map_addr(syms, 0x2004)->name, "helper");
	syms__free(syms);
}

static void test_syms_no_file(void **state)
{
	(void)state;
	assert_null(syms__load_file(NULL));
	assert_int_equal(errno, ENOENT);
	syms__free(NULL);
}

static void test_syms_stripped(void **state)
{
	(void)state;
	image.sections[1].type = 1;
	assert_null(syms__load_file("program"));
	assert_int_equal(errno, EINVAL);
}

/* Cut off anywhere: refused, or only names and addresses that are in the file. */
static void test_syms_cut_off(void **state)
{
	(void)state;
	for (image_size = 0; image_size < sizeof(image); image_size++) {
		struct syms *syms = syms__load_file("program");

		if (!syms)
			assert_int_equal(errno, EINVAL);
		syms__free(syms);
	}
}

/* Each byte of header and sections damaged. */
static void test_syms_damaged(void **state)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};

	(void)state;
	for (size_t at = 0; at < (size_t)(image.names - (char *)&image); at++)
		for (size_t v = 0; v < sizeof(values); v++) {
			struct syms *syms;

			make_image(NULL);
			((uint8_t *)&image)[at] = values[v];
			syms = syms__load_file("program");
			for (uint64_t addr = 0; syms && addr < 0x3000; addr += 0x800) {
				const struct sym *sym = syms__map_addr(syms, addr);

				assert_true(!sym || strlen(sym->name) < sizeof(NAMES));
			}
			syms__free(syms);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_syms_addresses, make_image),
		cmocka_unit_test_setup(test_syms_no_file, make_image),
		cmocka_unit_test_setup(test_syms_stripped, make_image),
		cmocka_unit_test_setup(test_syms_cut_off, make_image),
		cmocka_unit_test_setup(test_syms_damaged, make_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
