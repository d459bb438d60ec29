/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading eBPF object files: bpf_elf_open() accepts a file only if every header,
 * name, symbol and relocation lies inside it and no two parts overlap; the
 * accessors behind it check nothing again. All fields are copied out of the
 * bytes, so alignment does not matter. What the sections mean is up to the
 * caller.
 */
#include "bpf_elf.h"
#include "uapi/errno.h"

#define EHDR_SIZE 64u
#define SHDR_SIZE 64u
#define SYM_SIZE 24u
#define REL_SIZE 16u
#define ELF_ET_REL 1u
#define ELF_EM_BPF 247u

/* A section header as it lies in the file */
struct shdr {
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t addralign, entsize;
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static bool str_eq(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* Does [offset, offset + size) lie in a space of `limit` bytes? No wrap-around. */
static bool inside(uint64_t offset, uint64_t size, uint64_t limit)
{
	return offset <= limit && size <= limit - offset;
}

static struct shdr read_shdr(const struct bpf_elf *elf, uint32_t i)
{
	const uint8_t *p = elf->data + elf->shoff + (uint64_t)i * SHDR_SIZE;

	return (struct shdr){
		.name = get32(p),
		.type = get32(p + 4),
		.flags = get64(p + 8),
		.addr = get64(p + 16),
		.offset = get64(p + 24),
		.size = get64(p + 32),
		.link = get32(p + 40),
		.info = get32(p + 44),
		.addralign = get64(p + 48),
		.entsize = get64(p + 56),
	};
}

/* Bytes of the section in the file; NOBITS has none. */
static uint64_t file_size(const struct shdr *sh)
{
	return sh->type == ELF_SHT_NULL || sh->type == ELF_SHT_NOBITS ? 0 : sh->size;
}

/* Is there a NUL-terminated string at `offset` of string table `strtab` (which ends in NUL)? */
static bool name_ok(const struct shdr *strtab, uint32_t offset)
{
	return offset < strtab->size;
}

static const char *check_header(struct bpf_elf *elf)
{
	static const uint8_t ident[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
	const uint8_t *p = elf->data;

	if (elf->size < EHDR_SIZE)
		return "shorter than an ELF header";
	for (unsigned int i = 0; i < 4; i++)
		if (p[i] != ident[i])
			return "not an ELF file";
	if (p[4] != ident[4] || p[5] != ident[5])
		return "not a 64-bit little-endian ELF file";
	if (p[6] != ident[6] || get32(p + 20) != 1)
		return "unknown ELF version";
	if (get16(p + 16) != ELF_ET_REL)
		return "not a relocatable object (was it linked?)";
	if (get16(p + 18) != ELF_EM_BPF)
		return "not an eBPF object (compile with clang -target bpf)";
	if (get16(p + 52) != EHDR_SIZE || get16(p + 58) != SHDR_SIZE)
		return "odd ELF header sizes";

	elf->shoff = get64(p + 40);
	elf->nr_sections = get16(p + 60);
	elf->shstrndx = get16(p + 62);
	if (elf->nr_sections < 1 || elf->nr_sections > BPF_ELF_MAX_SECTIONS)
		return "no sections, or too many";
	if (elf->shoff < EHDR_SIZE || !inside(elf->shoff, (uint64_t)elf->nr_sections * SHDR_SIZE, elf->size))
		return "section headers outside the file";
	if (elf->shstrndx >= elf->nr_sections)
		return "section names missing";
	return NULL;
}

/* What every section must keep, whatever its type */
static const char *check_section(const struct bpf_elf *elf, const struct shdr *sh)
{
	struct shdr names = read_shdr(elf, elf->shstrndx);
	uint64_t size = file_size(sh);

	if (!name_ok(&names, sh->name))
		return "a section name outside the string table";
	if (sh->addralign & (sh->addralign - 1))
		return "a section alignment that is no power of two";
	if (sh->type == ELF_SHT_NOBITS && sh->size > UINT32_MAX)
		return "a section larger than 4 GiB";
	if (!size)
		return NULL;
	if (!inside(sh->offset, size, elf->size))
		return "a section outside the file (is it cut short?)";
	if (sh->offset < EHDR_SIZE)
		return "a section over the ELF header";
	if (sh->offset < elf->shoff + (uint64_t)elf->nr_sections * SHDR_SIZE && elf->shoff < sh->offset + size)
		return "a section over the section headers";
	return NULL;
}

static const char *check_strtab(const struct bpf_elf *elf, const struct shdr *sh)
{
	if (!sh->size || elf->data[sh->offset + sh->size - 1] != 0)
		return "a string table that does not end in NUL";
	return NULL;
}

static const char *check_overlap(const struct bpf_elf *elf)
{
	for (uint32_t i = 1; i < elf->nr_sections; i++) {
		struct shdr a = read_shdr(elf, i);

		if (!file_size(&a))
			continue;
		for (uint32_t j = i + 1; j < elf->nr_sections; j++) {
			struct shdr b = read_shdr(elf, j);

			if (file_size(&b) && a.offset < b.offset + b.size && b.offset < a.offset + a.size)
				return "overlapping sections";
		}
	}
	return NULL;
}

static const char *check_symbol(const struct bpf_elf *elf, uint32_t i, const struct shdr *strtab)
{
	struct shdr symtab = read_shdr(elf, elf->symtab), home;
	const uint8_t *p = elf->data + symtab.offset + (uint64_t)i * SYM_SIZE;
	uint32_t section = get16(p + 6);
	uint64_t value = get64(p + 8), size = get64(p + 16);

	if (!name_ok(strtab, get32(p)))
		return "a symbol name outside the string table";
	if (section == ELF_SHN_UNDEF || section == ELF_SHN_ABS || section == ELF_SHN_COMMON)
		return (p[4] & 0xf) == ELF_STT_SECTION ? "a section symbol without section" : NULL;
	if (section >= elf->nr_sections)
		return "a symbol of a section that does not exist";
	home = read_shdr(elf, section);
	if (!inside(value, size, home.size))
		return "a symbol outside its section";
	return NULL;
}

static const char *check_symtab(struct bpf_elf *elf, uint32_t index, const struct shdr *sh)
{
	struct shdr strtab;

	if (elf->symtab != BPF_ELF_NONE)
		return "two symbol tables";
	if (sh->entsize != SYM_SIZE || sh->size % SYM_SIZE || sh->size / SYM_SIZE > UINT32_MAX)
		return "an odd symbol table";
	if (sh->link >= elf->nr_sections)
		return "a symbol table without names";
	strtab = read_shdr(elf, sh->link);
	if (strtab.type != ELF_SHT_STRTAB)
		return "a symbol table without names";
	elf->symtab = index;
	elf->nr_symbols = (uint32_t)(sh->size / SYM_SIZE);
	for (uint32_t i = 0; i < elf->nr_symbols; i++) {
		const char *why = check_symbol(elf, i, &strtab);

		if (why)
			return why;
	}
	return NULL;
}

/* Bytes a relocation touches. Data kinds cover debug sections too, where old LLVM uses types 1 and 10. */
static uint64_t reloc_width(uint32_t type, bool code)
{
	switch (type) {
	case R_BPF_64_64:
		return code ? 16 : 8;
	case R_BPF_64_ABS64:
		return 8;
	case R_BPF_64_32:
		return code ? 8 : 4;
	case R_BPF_NONE:
		return 0;
	default:
		return 4;
	}
}

static const char *check_rel(const struct bpf_elf *elf, const struct shdr *sh)
{
	struct shdr target;
	bool code;

	if (sh->entsize != REL_SIZE || sh->size % REL_SIZE || sh->size / REL_SIZE > UINT32_MAX)
		return "an odd relocation section";
	if (elf->symtab == BPF_ELF_NONE || sh->link != elf->symtab)
		return "relocations without symbol table";
	if (sh->info == 0 || sh->info >= elf->nr_sections)
		return "relocations for a section that does not exist";
	target = read_shdr(elf, sh->info);
	if (target.type != ELF_SHT_PROGBITS)
		return "relocations for a section without contents";
	code = target.flags & ELF_SHF_EXECINSTR;

	for (uint64_t at = sh->offset; at < sh->offset + sh->size; at += REL_SIZE) {
		uint64_t offset = get64(elf->data + at), info = get64(elf->data + at + 8);

		if (info >> 32 >= elf->nr_symbols)
			return "a relocation with a symbol that does not exist";
		if (!inside(offset, reloc_width((uint32_t)info, code), target.size))
			return "a relocation outside its section";
		if (code && offset % 8)
			return "a relocation inside an instruction";
	}
	return NULL;
}

static const char *check_all(struct bpf_elf *elf)
{
	const char *why = check_header(elf);
	struct shdr sh;

	if (why)
		return why;
	sh = read_shdr(elf, elf->shstrndx);
	if (sh.type != ELF_SHT_STRTAB)
		return "section names missing";
	if (read_shdr(elf, 0).type != ELF_SHT_NULL)
		return "section 0 is not empty";

	/* In this order: ranges, then strings, then what refers to strings, then what refers to symbols. */
	for (uint32_t i = 1; !why && i < elf->nr_sections; i++) {
		sh = read_shdr(elf, i);
		why = check_section(elf, &sh);
		if (!why && sh.type == ELF_SHT_STRTAB)
			why = check_strtab(elf, &sh);
		if (!why && sh.type == ELF_SHT_RELA)
			why = "relocations with addends, which eBPF objects do not have";
		if (!why && sh.flags & ELF_SHF_EXECINSTR && (sh.type != ELF_SHT_PROGBITS || sh.size % 8))
			why = "code that is not whole instructions";
	}
	if (!why)
		why = check_overlap(elf);
	for (uint32_t i = 1; !why && i < elf->nr_sections; i++) {
		sh = read_shdr(elf, i);
		if (sh.type == ELF_SHT_SYMTAB)
			why = check_symtab(elf, i, &sh);
	}
	for (uint32_t i = 1; !why && i < elf->nr_sections; i++) {
		sh = read_shdr(elf, i);
		if (sh.type == ELF_SHT_REL)
			why = check_rel(elf, &sh);
	}
	return why;
}

int bpf_elf_open(struct bpf_elf *elf, const void *data, size_t size, const char **why)
{
	const char *reason;

	*elf = (struct bpf_elf){.data = data, .size = size, .symtab = BPF_ELF_NONE};
	reason = check_all(elf);
	if (why)
		*why = reason;
	return reason ? -EINVAL : 0;
}

struct bpf_elf_section bpf_elf_section(const struct bpf_elf *elf, uint32_t i)
{
	struct shdr names, sh;

	if (i >= elf->nr_sections)
		return (struct bpf_elf_section){.name = ""};
	names = read_shdr(elf, elf->shstrndx);
	sh = read_shdr(elf, i);
	return (struct bpf_elf_section){
		.name = i ? (const char *)elf->data + names.offset + sh.name : "",
		.type = sh.type,
		.link = sh.link,
		.info = sh.info,
		.flags = sh.flags,
		.size = i ? sh.size : 0,
		.entsize = sh.entsize,
		.data = i && file_size(&sh) ? elf->data + sh.offset : NULL,
	};
}

struct bpf_elf_symbol bpf_elf_symbol(const struct bpf_elf *elf, uint32_t i)
{
	struct shdr symtab = read_shdr(elf, elf->symtab), strtab = read_shdr(elf, symtab.link);
	const uint8_t *p = elf->data + symtab.offset + (uint64_t)i * SYM_SIZE;
	struct bpf_elf_symbol sym = {
		.name = (const char *)elf->data + strtab.offset + get32(p),
		.type = p[4] & 0xf,
		.bind = p[4] >> 4,
		.section = get16(p + 6),
		.value = get64(p + 8),
		.size = get64(p + 16),
	};

	if (sym.type == ELF_STT_SECTION && !sym.name[0])
		sym.name = bpf_elf_section(elf, sym.section).name;
	return sym;
}

struct bpf_elf_reloc bpf_elf_reloc(const struct bpf_elf_section *rel, uint32_t i)
{
	const uint8_t *p = rel->data + (uint64_t)i * REL_SIZE;

	return (struct bpf_elf_reloc){.offset = get64(p), .type = get32(p + 8), .symbol = get32(p + 12)};
}

uint32_t bpf_elf_reloc_count(const struct bpf_elf_section *rel)
{
	return (uint32_t)(rel->size / REL_SIZE);
}

uint32_t bpf_elf_find_section(const struct bpf_elf *elf, const char *name, uint32_t type)
{
	for (uint32_t i = 1; i < elf->nr_sections; i++) {
		struct bpf_elf_section sec = bpf_elf_section(elf, i);

		if ((type == ELF_SHT_NULL || sec.type == type) && str_eq(sec.name, name))
			return i;
	}
	return BPF_ELF_NONE;
}

uint32_t bpf_elf_find_reloc(const struct bpf_elf *elf, uint32_t target, uint32_t from)
{
	for (uint32_t i = from; i < elf->nr_sections; i++) {
		struct shdr sh = read_shdr(elf, i);

		if (i && sh.type == ELF_SHT_REL && sh.info == target)
			return i;
	}
	return BPF_ELF_NONE;
}

uint32_t bpf_elf_find_symbol(const struct bpf_elf *elf, const char *name)
{
	for (uint32_t i = 1; i < elf->nr_symbols; i++)
		if (str_eq(bpf_elf_symbol(elf, i).name, name))
			return i;
	return BPF_ELF_NONE;
}
