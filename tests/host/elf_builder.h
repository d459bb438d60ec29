/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builds eBPF object files in memory, for tests of whatever reads them: add
 * sections, symbols and relocations in any order, then elf_finish(). Nothing is
 * checked, so wrong files can be built as easily as right ones.
 */
#ifndef ELF_BUILDER_H
#define ELF_BUILDER_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ELF_MAX 24

struct elf_part {
	uint32_t name, type, link, info;
	uint64_t flags, entsize, size;
	uint8_t data[4096];
};

struct elf_builder {
	uint16_t type, machine;
	uint8_t class, order;
	uint32_t nr_parts; /* index 0 is the null section */
	struct elf_part part[ELF_MAX];
	uint32_t strtab, symtab; /* their indices */
	uint32_t nr_symbols;
};

static inline void elf_append(struct elf_part *part, const void *data, size_t size)
{
	assert(part->size + size <= sizeof(part->data));
	memcpy(part->data + part->size, data, size);
	part->size += size;
}

static inline uint32_t elf_string(struct elf_builder *b, const char *s)
{
	uint32_t at = (uint32_t)b->part[b->strtab].size;

	elf_append(&b->part[b->strtab], s, strlen(s) + 1);
	return at;
}

/* A section; type as in ELF (1 PROGBITS, 8 NOBITS, 9 REL ...), flags (2 alloc, 4 code). Its index. */
static inline uint32_t elf_section(struct elf_builder *b, const char *name, uint32_t type, uint64_t flags,
				   const void *data, size_t size)
{
	struct elf_part *part = &b->part[b->nr_parts];

	assert(b->nr_parts < ELF_MAX);
	memset(part, 0, sizeof(*part));
	part->name = elf_string(b, name);
	part->type = type;
	part->flags = flags;
	if (data)
		elf_append(part, data, size);
	else
		part->size = size; /* NOBITS */
	return b->nr_parts++;
}

static inline uint32_t elf_symbol(struct elf_builder *b, const char *name, uint8_t bind, uint8_t type, uint16_t section,
				  uint64_t value, uint64_t size)
{
	uint8_t sym[24] = {0};
	uint32_t at = name ? elf_string(b, name) : 0;

	memcpy(sym, &at, 4);
	sym[4] = (uint8_t)(bind << 4 | type);
	memcpy(sym + 6, &section, 2);
	memcpy(sym + 8, &value, 8);
	memcpy(sym + 16, &size, 8);
	elf_append(&b->part[b->symtab], sym, sizeof(sym));
	return b->nr_symbols++;
}

static inline void elf_begin(struct elf_builder *b)
{
	memset(b, 0, sizeof(*b));
	b->type = 1;
	b->machine = 247;
	b->class = 2;
	b->order = 1;
	b->nr_parts = 1;
	b->strtab = 1;
	b->part[1].size = 1; /* the empty name */
	b->nr_parts = 2;
	b->part[1].type = 3;
	b->part[1].name = elf_string(b, ".strtab");
	b->symtab = 2;
	elf_section(b, ".symtab", 2, 0, "", 0);
	b->part[2].entsize = 24;
	b->part[2].link = b->strtab;
	elf_symbol(b, NULL, 0, 0, 0, 0, 0);
}

/* One relocation of section target, in a relocation section made at first need. */
static inline void elf_reloc(struct elf_builder *b, uint32_t target, uint64_t offset, uint32_t type, uint32_t symbol)
{
	uint64_t entry[2] = {offset, (uint64_t)symbol << 32 | type};
	uint32_t i = 1;

	while (i < b->nr_parts && !(b->part[i].type == 9 && b->part[i].info == target))
		i++;
	if (i == b->nr_parts) {
		elf_section(b, ".rel", 9, 0, "", 0);
		b->part[i].info = target;
		b->part[i].link = b->symtab;
		b->part[i].entsize = 16;
	}
	elf_append(&b->part[i], entry, sizeof(entry));
}

static inline void elf_put(uint8_t *p, uint64_t value, size_t size)
{
	memcpy(p, &value, size);
}

/* The file: header, sections at multiples of 8, section headers. To be freed. */
static inline uint8_t *elf_finish(const struct elf_builder *b, size_t *size)
{
	uint64_t at = 64, offset[ELF_MAX];
	uint8_t *file;

	for (uint32_t i = 1; i < b->nr_parts; i++) {
		offset[i] = at;
		if (b->part[i].type != 8)
			at += (b->part[i].size + 7) & ~7ull;
	}
	*size = at + b->nr_parts * 64ull;
	file = calloc(1, *size);
	assert(file);
	memcpy(file,
	       "\x7f"
	       "ELF",
	       4);
	file[4] = b->class;
	file[5] = b->order;
	file[6] = 1;
	elf_put(file + 16, b->type, 2);
	elf_put(file + 18, b->machine, 2);
	elf_put(file + 20, 1, 4);
	elf_put(file + 40, at, 8);
	elf_put(file + 52, 64, 2);
	elf_put(file + 58, 64, 2);
	elf_put(file + 60, b->nr_parts, 2);
	elf_put(file + 62, b->strtab, 2);
	for (uint32_t i = 1; i < b->nr_parts; i++) {
		const struct elf_part *part = &b->part[i];
		uint8_t *sh = file + at + i * 64ull;

		if (part->type != 8)
			memcpy(file + offset[i], part->data, part->size);
		elf_put(sh, part->name, 4);
		elf_put(sh + 4, part->type, 4);
		elf_put(sh + 8, part->flags, 8);
		elf_put(sh + 24, offset[i], 8);
		elf_put(sh + 32, part->size, 8);
		elf_put(sh + 40, part->link, 4);
		elf_put(sh + 44, part->info, 4);
		elf_put(sh + 48, 8, 8);
		elf_put(sh + 56, part->entsize, 8);
	}
	return file;
}

/* A small generator, so that a failing random case can be repeated. */
static inline uint32_t elf_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

#endif
