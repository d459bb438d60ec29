/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loader behind BPF_PROG_LOAD_EX: what it makes of good objects, what it
 * refuses, that nothing is left behind, and that no damaged object gets it to read
 * or write where it should not (under ASan).
 */
#include "../../lib/bpf_elf.c"
#include "../../lib/load_ex.c"

#include "elf_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define NEWFD 77
#define TMPFD 42

/* The kernel around the loader */
static struct {
	int live_allocs, fail_alloc; /* fail_alloc: the n-th allocation, 0 never */
	int open_fds, fail_fd;
	int calls, fail_call; /* of bpf */
	int commands[8];
	uint64_t unreadable; /* copy_in fails from this address on, if not 0 */
	struct bpf_insn insns[64];
	uint32_t insn_cnt, fd_array[64], fd_array_cnt, map_value[64], map_value_size;
	union bpf_attr create, load;
	char license[16];
} k;

void *load_ex_alloc(size_t size)
{
	if (k.fail_alloc && --k.fail_alloc == 0)
		return NULL;
	k.live_allocs++;
	return malloc(size);
}

void load_ex_free(void *ptr)
{
	k.live_allocs--;
	free(ptr);
}

int load_ex_copy_in(void *dst, uint64_t src, size_t size)
{
	if (!src || (k.unreadable && src + size > k.unreadable))
		return -EFAULT;
	memcpy(dst, (const void *)(uintptr_t)src, size);
	return 0;
}

int load_ex_get_fd(void)
{
	if (k.fail_fd)
		return -EMFILE;
	k.open_fds++;
	return TMPFD;
}

void load_ex_put_fd(int fd)
{
	assert_int_equal(fd, TMPFD);
	k.open_fds--;
}

int64_t load_ex_bpf(uint32_t cmd, union bpf_attr *attr, int newfd)
{
	assert_true(k.calls < 8);
	k.commands[k.calls++] = (int)cmd;
	if (k.fail_call == k.calls)
		return -EPERM;
	switch (cmd) {
	case BPF_MAP_CREATE:
		assert_int_equal(newfd, TMPFD);
		k.create = *attr;
		return newfd;
	case BPF_MAP_UPDATE_ELEM:
		assert_int_equal(attr->map_fd, TMPFD);
		assert_int_equal(*(uint32_t *)(uintptr_t)attr->key, 0);
		k.map_value_size = k.create.value_size;
		memcpy(k.map_value, (void *)(uintptr_t)attr->value, k.map_value_size);
		return 0;
	case BPF_PROG_LOAD:
		assert_int_equal(newfd, NEWFD);
		k.load = *attr;
		k.insn_cnt = attr->insn_cnt;
		if (k.insn_cnt <= 64)
			memcpy(k.insns, (void *)(uintptr_t)attr->insns, k.insn_cnt * sizeof(struct bpf_insn));
		k.fd_array_cnt = attr->fd_array_cnt;
		if (k.fd_array_cnt)
			memcpy(k.fd_array, (void *)(uintptr_t)attr->fd_array, k.fd_array_cnt * 4);
		strcpy(k.license, (char *)(uintptr_t)attr->license);
		return newfd;
	default:
		fail_msg("command %u", cmd);
		return -EINVAL;
	}
}

/* The object under test */
static struct elf_builder b;
static uint32_t text, sym_foo, sym_map;
static uint8_t *object;
static size_t object_size;
static struct ebpf_rcore_map_entry maps[80];
static uint32_t nr_maps;

static struct bpf_insn wide(int32_t imm)
{
	return (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .imm = imm};
}

/* r1 = &map_fd; r1 = *(u32 *)r1; call 8; r0 = 1; exit */
static void begin_object(void)
{
	struct bpf_insn insns[] = {
		wide(0),
		{0},
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 1, .src_reg = 1},
		{.code = BPF_JMP | BPF_CALL, .imm = 8},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1},
		{.code = BPF_JMP | BPF_EXIT},
	};

	elf_begin(&b);
	text = elf_section(&b, ".text", 1, 6, insns, sizeof(insns));
	sym_foo = elf_symbol(&b, "foo", 1, 2, (uint16_t)text, 0, sizeof(insns));
	sym_map = elf_symbol(&b, "map_fd", 1, 0, 0, 0, 0);
}

static void add_map(const char *name, uint32_t fd)
{
	maps[nr_maps++] = (struct ebpf_rcore_map_entry){.name = (uint64_t)(uintptr_t)name, .fd = fd};
}

static void finish_object(void)
{
	free(object);
	object = elf_finish(&b, &object_size);
}

static int64_t load_bytes(const void *elf, size_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.ex_elf = (uint64_t)(uintptr_t)elf;
	attr.ex_elf_size = (uint32_t)size;
	attr.ex_map_array = nr_maps ? (uint64_t)(uintptr_t)maps : 0xdead; /* not to be read without maps */
	attr.ex_map_array_len = nr_maps;
	return load_ex(&attr, NEWFD);
}

/* Load the finished object; whatever happens, nothing may be left. */
static int64_t load_object(void)
{
	int64_t ret;

	finish_object();
	ret = load_bytes(object, object_size);
	assert_int_equal(k.live_allocs, 0);
	assert_int_equal(k.open_fds, 0);
	return ret;
}

/* It must be refused before the first object is made. */
static void assert_refused(int err)
{
	assert_int_equal(load_object(), err);
	assert_int_equal(k.calls, 0);
}

static int setup(void **state)
{
	(void)state;
	memset(&k, 0, sizeof(k));
	memset(maps, 0, sizeof(maps));
	nr_maps = 0;
	begin_object();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(object);
	object = NULL;
	return 0;
}

static void with_map(void)
{
	elf_reloc(&b, text, 0, R_BPF_64_64, sym_map);
	add_map("map_fd", 5);
}

static void test_load_ex_without_maps(void **state)
{
	(void)state;
	/* an undefined symbol nobody refers to does no harm: its wide load stays a constant 0 */
	assert_int_equal(load_object(), NEWFD);
	assert_int_equal(k.calls, 1);
	assert_int_equal(k.load.prog_type, BPF_PROG_TYPE_KPROBE);
	assert_int_equal(k.load.prog_flags, EBPF_F_RCORE_ABI);
	assert_int_equal(k.load.fd_array_cnt, 0);
	assert_string_equal(k.license, "GPL");
	assert_string_equal(k.load.prog_name, "foo");
	assert_int_equal(k.insn_cnt, 6);
	assert_memory_equal(k.insns, b.part[text].data, 48);
}

static void test_load_ex_with_map(void **state)
{
	static const int commands[] = {BPF_MAP_CREATE, BPF_MAP_UPDATE_ELEM, BPF_PROG_LOAD};

	(void)state;
	with_map();
	assert_int_equal(load_object(), NEWFD);
	assert_int_equal(k.calls, 3);
	assert_memory_equal(k.commands, commands, sizeof(commands));
	assert_int_equal(k.create.map_type, BPF_MAP_TYPE_ARRAY);
	assert_int_equal(k.create.key_size, 4);
	assert_int_equal(k.create.value_size, 4);
	assert_int_equal(k.create.max_entries, 1);
	assert_int_equal(k.create.map_flags, BPF_F_RDONLY_PROG);
	assert_int_equal(k.map_value[0], 5);
	assert_int_equal(k.fd_array_cnt, 1);
	assert_int_equal(k.fd_array[0], 5);
	assert_int_equal(k.insns[0].src_reg, BPF_PSEUDO_MAP_VALUE);
	assert_int_equal(k.insns[0].imm, TMPFD);
	assert_int_equal(k.insns[1].imm, 0);
	assert_memory_equal(k.insns + 2, b.part[text].data + 16, 32);
}

static void test_load_ex_two_maps(void **state)
{
	struct bpf_insn more[] = {wide(0), {0}};
	uint32_t other;

	(void)state;
	elf_append(&b.part[text], more, sizeof(more));
	other = elf_symbol(&b, "other_fd", 1, 0, 0, 0, 0);
	with_map();
	add_map("other_fd", 9);
	elf_reloc(&b, text, 48, R_BPF_64_64, other);
	assert_int_equal(load_object(), NEWFD);
	assert_int_equal(k.map_value_size, 8);
	assert_int_equal(k.map_value[0], 5);
	assert_int_equal(k.map_value[1], 9);
	assert_int_equal(k.insns[1].imm, 0);
	assert_int_equal(k.insns[6].imm, TMPFD);
	assert_int_equal(k.insns[7].imm, 4);
}

static void test_load_ex_unused_entry(void **state)
{
	(void)state;
	add_map("map_fd", 5); /* the symbol exists, no code refers to it */
	assert_int_equal(load_object(), NEWFD);
	assert_int_equal(k.calls, 1);
	assert_int_equal(k.fd_array_cnt, 1);
}

static void test_load_ex_call(void **state)
{
	struct bpf_insn more[] = {
		{.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = -1},
		{.code = BPF_JMP | BPF_EXIT},
	};

	(void)state;
	elf_append(&b.part[text], more, sizeof(more));
	elf_reloc(&b, text, 48, R_BPF_64_32, sym_foo);
	assert_int_equal(load_object(), NEWFD);
	assert_int_equal(k.insns[6].imm, -7); /* slot 0, from slot 7 */
}

static void test_load_ex_debug_relocs_ignored(void **state)
{
	uint8_t info[32] = {0};
	uint32_t debug;

	(void)state;
	with_map();
	debug = elf_section(&b, ".debug_info", 1, 0, info, sizeof(info));
	elf_reloc(&b, debug, 8, R_BPF_64_64, sym_map); /* as old LLVM does */
	elf_reloc(&b, debug, 28, R_BPF_64_32, sym_map);
	assert_int_equal(load_object(), NEWFD);
}

static void test_load_ex_long_name(void **state)
{
	(void)state;
	elf_symbol(&b, "a_function_with_a_long_name", 1, 2, (uint16_t)text, 0, 8);
	b.part[b.symtab].data[24] = 0; /* foo loses its name, and its kind */
	b.part[b.symtab].data[28] = 0;
	assert_int_equal(load_object(), NEWFD);
	assert_string_equal(k.load.prog_name, "a_function_with");
}

static void test_load_ex_entry_without_symbol(void **state)
{
	(void)state;
	with_map();
	add_map("nobody", 6);
	assert_refused(-EINVAL);
}

static void test_load_ex_symbol_without_entry(void **state)
{
	(void)state;
	elf_reloc(&b, text, 0, R_BPF_64_64, sym_map);
	assert_refused(-EINVAL);
}

static void test_load_ex_same_entry_twice(void **state)
{
	(void)state;
	with_map();
	add_map("map_fd", 6);
	assert_refused(-EINVAL);
}

static void test_load_ex_entry_of_defined_symbol(void **state)
{
	(void)state;
	add_map("foo", 5);
	assert_refused(-EINVAL);
}

static void test_load_ex_data_reference(void **state)
{
	uint32_t rodata = elf_section(&b, ".rodata", 1, 2, "text", 5);
	uint32_t sym = elf_symbol(&b, "fmt", 0, 1, (uint16_t)rodata, 0, 5);

	(void)state;
	elf_reloc(&b, text, 0, R_BPF_64_64, sym);
	assert_refused(-EINVAL);
}

static void test_load_ex_addend(void **state)
{
	(void)state;
	with_map();
	b.part[text].data[4] = 4; /* imm of the wide load */
	assert_refused(-EINVAL);
}

static void test_load_ex_relocated_twice(void **state)
{
	(void)state;
	with_map();
	elf_reloc(&b, text, 0, R_BPF_64_64, sym_map);
	assert_refused(-EINVAL);
}

static void test_load_ex_reloc_of_other_insn(void **state)
{
	(void)state;
	elf_reloc(&b, text, 16, R_BPF_64_64, sym_map);
	add_map("map_fd", 5);
	assert_refused(-EINVAL);
}

static void test_load_ex_reloc_at_end(void **state)
{
	struct bpf_insn half = wide(0);

	(void)state;
	elf_append(&b.part[text], &half, sizeof(half));
	elf_reloc(&b, text, 48, R_BPF_64_64, sym_map);
	add_map("map_fd", 5);
	assert_refused(-EINVAL);
}

static void test_load_ex_unknown_reloc(void **state)
{
	(void)state;
	elf_reloc(&b, text, 0, 3, sym_map);
	add_map("map_fd", 5);
	assert_refused(-EINVAL);
}

static void test_load_ex_reference_by_hand(void **state)
{
	(void)state;
	b.part[text].data[1] |= BPF_PSEUDO_MAP_FD << 4;
	assert_refused(-EINVAL);
}

static void test_load_ex_call_outside(void **state)
{
	struct bpf_insn call = {.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = 99};

	(void)state;
	elf_append(&b.part[text], &call, sizeof(call));
	elf_reloc(&b, text, 48, R_BPF_64_32, sym_foo);
	assert_refused(-EINVAL);
}

static void test_load_ex_call_of_undefined(void **state)
{
	struct bpf_insn call = {.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = -1};

	(void)state;
	elf_append(&b.part[text], &call, sizeof(call));
	elf_reloc(&b, text, 48, R_BPF_64_32, sym_map);
	assert_refused(-EINVAL);
}

static void test_load_ex_no_text(void **state)
{
	(void)state;
	b.part[b.strtab].data[b.part[text].name] = 'x';
	assert_refused(-EINVAL);
}

static void test_load_ex_empty_text(void **state)
{
	(void)state;
	elf_begin(&b);
	elf_section(&b, ".text", 1, 6, "", 0);
	assert_refused(-EINVAL);
}

static void test_load_ex_text_not_code(void **state)
{
	(void)state;
	b.part[text].flags = 2;
	assert_refused(-EINVAL);
}

static void test_load_ex_half_insn(void **state)
{
	(void)state;
	b.part[text].size -= 4;
	assert_refused(-EINVAL);
}

static void test_load_ex_wrong_machine(void **state)
{
	(void)state;
	b.machine = 243;
	assert_refused(-EINVAL);
}

static void test_load_ex_wrong_class(void **state)
{
	(void)state;
	b.class = 1;
	assert_refused(-EINVAL);
}

static void test_load_ex_big_endian(void **state)
{
	(void)state;
	b.order = 2;
	assert_refused(-EINVAL);
}

static void test_load_ex_executable(void **state)
{
	(void)state;
	b.type = 2;
	assert_refused(-EINVAL);
}

static void test_load_ex_rela(void **state)
{
	(void)state;
	with_map();
	b.part[b.nr_parts - 1].type = 4;
	assert_refused(-EINVAL);
}

static void test_load_ex_overlap(void **state)
{
	uint64_t shoff, offset;

	(void)state;
	finish_object();
	memcpy(&shoff, object + 40, 8);
	memcpy(&offset, object + shoff + 64 + 24, 8); /* .strtab's place for .text, too */
	memcpy(object + shoff + text * 64 + 24, &offset, 8);
	assert_int_equal(load_bytes(object, object_size), -EINVAL);
	assert_int_equal(k.calls, 0);
}

static void test_load_ex_sizes(void **state)
{
	(void)state;
	finish_object();
	assert_int_equal(load_bytes(object, 0), -EINVAL);
	assert_int_equal(load_bytes(object, LOAD_EX_MAX_ELF + 1), -E2BIG);
	nr_maps = LOAD_EX_MAX_MAPS + 1;
	assert_int_equal(load_bytes(object, object_size), -E2BIG);
	assert_int_equal(k.calls, 0);
	assert_int_equal(k.live_allocs, 0);
}

static void test_load_ex_unreadable(void **state)
{
	union bpf_attr attr;

	(void)state;
	with_map();
	finish_object();
	assert_int_equal(load_bytes(NULL, object_size), -EFAULT);
	maps[0].name = 0;
	assert_int_equal(load_bytes(object, object_size), -EFAULT);
	memset(&attr, 0, sizeof(attr));
	attr.ex_elf = (uint64_t)(uintptr_t)object;
	attr.ex_elf_size = (uint32_t)object_size;
	attr.ex_map_array_len = 1;
	attr.ex_map_array = 0;
	assert_int_equal(load_ex(&attr, NEWFD), -EFAULT);
	assert_int_equal(k.live_allocs, 0);
	assert_int_equal(k.calls, 0);
}

static void test_load_ex_names(void **state)
{
	static char longest[LOAD_EX_MAX_NAME + 1];

	(void)state;
	with_map();
	finish_object();
	maps[0].name = (uint64_t)(uintptr_t) "";
	assert_int_equal(load_bytes(object, object_size), -EINVAL);
	memset(longest, 'a', LOAD_EX_MAX_NAME);
	maps[0].name = (uint64_t)(uintptr_t)longest;
	assert_int_equal(load_bytes(object, object_size), -E2BIG);
	assert_int_equal(k.live_allocs, 0);
	assert_int_equal(k.calls, 0);
}

static void test_load_ex_each_allocation_fails(void **state)
{
	int n = 1;

	(void)state;
	with_map();
	finish_object();
	for (;; n++) {
		int64_t ret;

		memset(&k, 0, sizeof(k));
		k.fail_alloc = n;
		ret = load_bytes(object, object_size);
		assert_int_equal(k.live_allocs, 0);
		assert_int_equal(k.open_fds, 0);
		if (ret == NEWFD)
			break;
		assert_int_equal(ret, -ENOMEM);
		assert_int_equal(k.calls, 0);
	}
	assert_true(n > 3);
}

static void test_load_ex_each_call_fails(void **state)
{
	(void)state;
	with_map();
	finish_object();
	for (int n = 1; n <= 3; n++) {
		memset(&k, 0, sizeof(k));
		k.fail_call = n;
		assert_int_equal(load_bytes(object, object_size), -EPERM);
		assert_int_equal(k.calls, n);
		assert_int_equal(k.live_allocs, 0);
		assert_int_equal(k.open_fds, 0);
	}
	memset(&k, 0, sizeof(k));
	k.fail_fd = 1;
	assert_int_equal(load_bytes(object, object_size), -EMFILE);
	assert_int_equal(k.calls, 0);
	assert_int_equal(k.live_allocs, 0);
}

static void test_load_ex_every_truncation(void **state)
{
	(void)state;
	with_map();
	finish_object();
	for (size_t size = 1; size < object_size; size++) {
		uint8_t *cut = malloc(size); /* so that ASan sees the end */

		memcpy(cut, object, size);
		assert_int_equal(load_bytes(cut, size), -EINVAL);
		free(cut);
		assert_int_equal(k.calls, 0);
		assert_int_equal(k.live_allocs, 0);
	}
}

/* A damaged object loads or is refused; either way the books balance and references are only ours. */
static void check_damaged(const uint8_t *bytes)
{
	int64_t ret;

	memset(&k, 0, sizeof(k));
	ret = load_bytes(bytes, object_size);
	assert_int_equal(k.live_allocs, 0);
	assert_int_equal(k.open_fds, 0);
	if (ret != NEWFD) {
		assert_int_equal(ret, -EINVAL);
		assert_int_equal(k.calls, 0);
		return;
	}
	for (uint32_t i = 0; i < k.insn_cnt; i++) {
		if (k.insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (k.insns[i].src_reg)
			assert_int_equal(k.insns[i].imm, TMPFD);
		i++;
	}
}

static void test_load_ex_every_byte_damaged(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};

	(void)state;
	with_map();
	finish_object();
	for (size_t at = 0; at < object_size; at++) {
		uint8_t old = object[at];

		for (size_t v = 0; v < sizeof(values); v++) {
			object[at] = values[v];
			check_damaged(object);
		}
		for (int bit = 0; bit < 8; bit++) {
			object[at] = old ^ (uint8_t)(1 << bit);
			check_damaged(object);
		}
		object[at] = old;
	}
	assert_int_equal(load_bytes(object, object_size), NEWFD);
}

static void test_load_ex_random_damage(void **state)
{
	uint64_t seed = 1;

	(void)state;
	with_map();
	finish_object();
	for (int round = 0; round < 20000; round++) {
		uint8_t *bytes = malloc(object_size);

		memcpy(bytes, object, object_size);
		for (uint32_t n = 1 + elf_random(&seed) % 4; n; n--)
			bytes[elf_random(&seed) % object_size] = (uint8_t)elf_random(&seed);
		check_damaged(bytes);
		free(bytes);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(test_load_ex_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_maps),
		T(with_map),
		T(two_maps),
		T(unused_entry),
		T(call),
		T(debug_relocs_ignored),
		T(long_name),
		T(entry_without_symbol),
		T(symbol_without_entry),
		T(same_entry_twice),
		T(entry_of_defined_symbol),
		T(data_reference),
		T(addend),
		T(relocated_twice),
		T(reloc_of_other_insn),
		T(reloc_at_end),
		T(unknown_reloc),
		T(reference_by_hand),
		T(call_outside),
		T(call_of_undefined),
		T(no_text),
		T(empty_text),
		T(text_not_code),
		T(half_insn),
		T(wrong_machine),
		T(wrong_class),
		T(big_endian),
		T(executable),
		T(rela),
		T(overlap),
		T(sizes),
		T(unreadable),
		T(names),
		T(each_allocation_fails),
		T(each_call_fails),
		T(every_truncation),
		T(every_byte_damaged),
		T(random_damage),
	};

	return cmocka_run_group_tests_name("load_ex", tests, NULL, NULL);
}
