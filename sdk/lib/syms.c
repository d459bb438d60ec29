/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of a user program, from the symbol table of its file: programs
 * here are linked statically, so an address in the process is one in the file.
 * The file is not trusted: each offset is checked against its size.
 */
#include "../include/trace_helpers.h"
#include "read_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHT_SYMTAB 2
#define STT_FUNC 2

/* ELF64 (System V gABI ch. 4), as far as it is needed */
struct elf_header {
	unsigned char ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_section {
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t align, entsize;
};
struct elf_symbol {
	uint32_t name;
	uint8_t info, other;
	uint16_t shndx;
	uint64_t value, size;
};

struct syms {
	struct sym *syms;
	size_t count;
	char *file; /* what the names point into */
};

static int compare(const void *a, const void *b)
{
	const struct sym *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Copies what is at an offset; false: it is not in the file. */
static bool get(const char *file, size_t size, uint64_t offset, void *to, size_t len)
{
	if (offset > size || len > size - offset)
		return false;
	memcpy(to, file + offset, len);
	return true;
}

static bool find_symtab(const char *file, size_t size, struct elf_section *symtab, struct elf_section *strtab)
{
	struct elf_header h;

	if (!get(file, size, 0, &h, sizeof(h)) || memcmp(h.ident, "\177ELF\2\1", 6) || h.shentsize != sizeof(*symtab))
		return false;
	for (unsigned int i = 0; i < h.shnum; i++)
		if (get(file, size, h.shoff + i * sizeof(*symtab), symtab, sizeof(*symtab)) &&
		    symtab->type == SHT_SYMTAB)
			return symtab->link < h.shnum && symtab->size <= size &&
			       get(file, size, h.shoff + symtab->link * sizeof(*strtab), strtab, sizeof(*strtab)) &&
			       strtab->offset < size && strtab->size <= size - strtab->offset;
	return false;
}

/* The functions of the table; names are those that end inside of theirs. 0, or an errno */
static int read_symbols(struct syms *syms, size_t size)
{
	struct elf_section symtab, strtab;
	struct elf_symbol s;

	if (!find_symtab(syms->file, size, &symtab, &strtab))
		return EINVAL;
	syms->syms = calloc(symtab.size / sizeof(s) + 1, sizeof(*syms->syms));
	if (!syms->syms)
		return ENOMEM;
	for (uint64_t at = 0; at + sizeof(s) <= symtab.size; at += sizeof(s)) {
		const char *name = syms->file + strtab.offset;

		if (!get(syms->file, size, symtab.offset + at, &s, sizeof(s)))
			return EINVAL;
		if ((s.info & 15) != STT_FUNC || s.name >= strtab.size ||
		    !memchr(name + s.name, 0, strtab.size - s.name))
			continue;
		syms->syms[syms->count++] = (struct sym){.name = name + s.name, .start = s.value, .size = s.size};
	}
	return 0;
}

struct syms *syms__load_file(const char *fname)
{
	struct syms *syms = calloc(1, sizeof(*syms));
	size_t size;
	int err;

	if (!syms) {
		errno = ENOMEM;
		return NULL;
	}
	syms->file = sdk_read_file(fname, &size);
	err = syms->file ? read_symbols(syms, size) : errno;
	if (err) {
		syms__free(syms);
		errno = err;
		return NULL;
	}
	qsort(syms->syms, syms->count, sizeof(*syms->syms), compare);
	return syms;
}

void syms__free(struct syms *syms)
{
	if (!syms)
		return;
	free(syms->syms);
	free(syms->file);
	free(syms);
}

const struct sym *syms__map_addr(const struct syms *syms, unsigned long addr)
{
	size_t lo = 0, hi = syms->count;

	while (lo < hi) { /* the first symbol above addr */
		size_t mid = (lo + hi) / 2;

		if (syms->syms[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &syms->syms[lo - 1] : NULL;
}
