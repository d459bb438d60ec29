/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types, functions and source lines of an object, handed to the kernel: its log then
 * shows source lines, and maps know the types of their values. None of it is needed
 * to run, so what cannot be handed over is left out.
 *
 * The compiler leaves it to the loader to say where variables lie (sections of data
 * have size 0, offsets are 0, Linux Documentation/bpf/btf.rst 2.2.15).
 */
#include "libbpf_btf.h"
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VAR_GLOBAL 1u
#define VAR_EXTERN 2u
#define SECINFO_SIZE 12u /* of a variable in a section: type, offset, size */

static void put_word(const struct btf_type *t, long i, __u32 value)
{
	/* the object's file is a private copy (open_object) */
	memcpy((__u8 *)(uintptr_t)t->more + 4 * i, &value, sizeof(value));
}

/* Where a variable of that section lies; the section's symbols know. -1: they do not. */
static long offset_of(const struct bpf_object *obj, __u32 section, const char *name)
{
	for (__u32 i = 1; i < obj->elf.nr_symbols; i++) {
		struct bpf_elf_symbol sym = bpf_elf_symbol(&obj->elf, i);

		if (sym.section == section && sym.type == ELF_STT_OBJECT && !strcmp(sym.name, name))
			return (long)sym.value;
	}
	return -1;
}

static int compare_offsets(const void *a, const void *b)
{
	__u32 x, y;

	memcpy(&x, (const __u8 *)a + 4, sizeof(x));
	memcpy(&y, (const __u8 *)b + 4, sizeof(y));
	return x < y ? -1 : x > y;
}

/* One section's variables. Externs, which have no place, are laid out one behind the other. */
static int place_section(const struct bpf_object *obj, const struct btf_type *sec)
{
	__u32 index = bpf_elf_find_section(&obj->elf, sec->name, ELF_SHT_NULL), end = 0;
	bool is_extern = index == BPF_ELF_NONE;

	for (__u32 i = 0; i < sec->vlen; i++) {
		struct btf_type var;
		long offset, size;

		if (!btf_get(obj->btf, btf_word(sec, 3 * i), &var) || var.kind != BTF_KIND_VAR)
			return -EINVAL;
		if (btf_word(&var, 0) == VAR_EXTERN)
			put_word(&var, 0, VAR_GLOBAL);
		size = btf_sizeof(obj->btf, var.size);
		if (size <= 0)
			size = 4; /* a function's address, or an array without size */
		offset = is_extern ? (long)(end + 7) / 8 * 8 : offset_of(obj, index, var.name);
		if (offset < 0)
			return -ENOENT;
		put_word(sec, 3l * i + 1, (__u32)offset);
		put_word(sec, 3l * i + 2, (__u32)size);
		end = end > offset + size ? end : (__u32)(offset + size);
	}
	put_word(sec, -1, is_extern ? end : (__u32)bpf_elf_section(&obj->elf, index).size); /* the type's size */
	qsort((__u8 *)(uintptr_t)sec->more, sec->vlen, SECINFO_SIZE, compare_offsets);
	return 0;
}

void libbpf_load_btf(struct bpf_object *obj)
{
	__u32 index = bpf_elf_find_section(&obj->elf, ".BTF", ELF_SHT_PROGBITS);
	struct bpf_elf_section sec;
	struct btf_type t;
	int err = 0;

	if (!obj->btf || index == BPF_ELF_NONE)
		return;
	for (__u32 id = 1; !err && btf_get(obj->btf, id, &t); id++)
		if (t.kind == BTF_KIND_DATASEC)
			err = place_section(obj, &t);
	sec = bpf_elf_section(&obj->elf, index);
	if (!err)
		err = obj->btf_fd = bpf_btf_load(sec.data, sec.size, NULL);
	if (err < 0)
		pr_debug("%s: its types are not loaded: %s\n", obj->name, strerror(-err));
}

/* Records of one table that belong to the program, while they are collected */
struct collect {
	struct bpf_program *prog;
	const struct bpf_piece *piece;
	__u32 min_size, nr;
	__u8 *records;
	bool starts; /* the piece's first instruction has one */
};

static int collect_record(void *ctx, const struct ext_record *r)
{
	struct collect *c = ctx;
	__u32 slot = r->insn_offset / 8, at;
	__u8 *records;

	if (r->section != c->piece->section || slot < c->piece->first || slot - c->piece->first >= c->piece->count)
		return 0;
	records = realloc(c->records, (size_t)(c->nr + 1) * c->min_size);
	if (!records)
		return -ENOMEM;
	c->records = records;
	at = c->piece->at + slot - c->piece->first;
	c->starts |= slot == c->piece->first;
	memcpy(records + (size_t)c->nr * c->min_size, r->data, c->min_size);
	memcpy(records + (size_t)c->nr * c->min_size, &at, sizeof(at));
	c->nr++;
	return 0;
}

/* All records of a table, piece by piece; none if a piece does not begin with one, as the kernel wants it. */
static int collect(struct bpf_program *prog, const struct bpf_piece *pieces, __u32 nr_pieces, enum ext_table which,
		   __u32 size, struct bpf_info *info)
{
	struct collect c = {.prog = prog, .min_size = size};
	int err = 0;

	for (__u32 i = 0; !err && i < nr_pieces; i++) {
		c.piece = &pieces[i];
		c.starts = false;
		err = libbpf_ext_each(prog->obj, which, size, collect_record, &c);
		if (!err && !c.starts)
			err = -ENOENT;
	}
	if (err) {
		free(c.records);
		c = (struct collect){0};
	}
	free(info->records);
	*info = (struct bpf_info){.records = c.records, .nr = c.nr, .size = size};
	return err == -ENOMEM ? err : 0;
}

int libbpf_collect_info(struct bpf_program *prog, const struct bpf_piece *pieces, __u32 nr_pieces)
{
	int err;

	if (prog->obj->btf_fd < 0)
		return 0;
	err = collect(prog, pieces, nr_pieces, EXT_FUNC_INFO, 8, &prog->func_info);
	if (!err)
		err = collect(prog, pieces, nr_pieces, EXT_LINE_INFO, 16, &prog->line_info);
	return err;
}
