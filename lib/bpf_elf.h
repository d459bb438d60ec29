/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A strict reader of eBPF object files (ELF64, little-endian, ET_REL, EM_BPF).
 * bpf_elf_open() checks the whole file once; everything else only reads what
 * has been checked and cannot go wrong. Freestanding, allocates nothing: the
 * kernel's loader (load_ex.c), the user library (libbpf) and the build's tool
 * (bpfskel) share it. System V gABI ch. 4; relocations as LLVM's BPF back end
 * makes them.
 */
#ifndef LIB_BPF_ELF_H
#define LIB_BPF_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BPF_ELF_MAX_SECTIONS 512u
#define BPF_ELF_NONE 0xffffffffu /* no such section or symbol */

/* Section types and flags */
#define ELF_SHT_NULL 0u
#define ELF_SHT_PROGBITS 1u
#define ELF_SHT_SYMTAB 2u
#define ELF_SHT_STRTAB 3u
#define ELF_SHT_RELA 4u
#define ELF_SHT_NOBITS 8u
#define ELF_SHT_REL 9u
#define ELF_SHF_WRITE 1u
#define ELF_SHF_ALLOC 2u
#define ELF_SHF_EXECINSTR 4u

/* Symbols */
#define ELF_SHN_UNDEF 0u
#define ELF_SHN_ABS 0xfff1u
#define ELF_SHN_COMMON 0xfff2u
#define ELF_STT_NOTYPE 0u
#define ELF_STT_OBJECT 1u
#define ELF_STT_FUNC 2u
#define ELF_STT_SECTION 3u
#define ELF_STB_LOCAL 0u
#define ELF_STB_GLOBAL 1u
#define ELF_STB_WEAK 2u

/* Relocation types */
#define R_BPF_NONE 0u
#define R_BPF_64_64 1u /* a wide load: address of a symbol */
#define R_BPF_64_ABS64 2u
#define R_BPF_64_ABS32 3u
#define R_BPF_64_NODYLD32 4u
#define R_BPF_64_32 10u /* a call (in debug sections of older LLVM: 32-bit data) */

/* An open object. `data` belongs to the caller, must stay as it is, and need not be aligned. */
struct bpf_elf {
	const uint8_t *data;
	size_t size;
	uint64_t shoff;
	uint32_t nr_sections;
	uint32_t shstrndx;
	uint32_t symtab; /* section index, or BPF_ELF_NONE */
	uint32_t nr_symbols;
};

struct bpf_elf_section {
	const char *name; /* NUL-terminated, inside data */
	uint32_t type, link, info;
	uint64_t flags, size, entsize;
	const uint8_t *data; /* NULL for NOBITS and empty ones */
};

struct bpf_elf_symbol {
	const char *name; /* of a section symbol: the section's name */
	uint8_t type, bind;
	uint32_t section; /* index, ELF_SHN_UNDEF, ELF_SHN_ABS or ELF_SHN_COMMON */
	uint64_t value, size;
};

struct bpf_elf_reloc {
	uint64_t offset; /* in the section it applies to */
	uint32_t type, symbol;
};

/* Check all of the file. 0, or -EINVAL with *why (static text, if why is not NULL). */
int bpf_elf_open(struct bpf_elf *elf, const void *data, size_t size, const char **why);

/* Section i; one without name, type and bytes where there is none (a symbol's may be ELF_SHN_ABS). */
struct bpf_elf_section bpf_elf_section(const struct bpf_elf *elf, uint32_t i);
/* i < nr_symbols, i < number of entries: the caller's duty */
struct bpf_elf_symbol bpf_elf_symbol(const struct bpf_elf *elf, uint32_t i);
struct bpf_elf_reloc bpf_elf_reloc(const struct bpf_elf_section *rel, uint32_t i);
uint32_t bpf_elf_reloc_count(const struct bpf_elf_section *rel);

/* First section of that name and type (ELF_SHT_NULL: any type), or BPF_ELF_NONE. */
uint32_t bpf_elf_find_section(const struct bpf_elf *elf, const char *name, uint32_t type);
/* First relocation section that applies to section `target`, at or after `from`, or BPF_ELF_NONE. */
uint32_t bpf_elf_find_reloc(const struct bpf_elf *elf, uint32_t target, uint32_t from);
/* First symbol of that name, or BPF_ELF_NONE. */
uint32_t bpf_elf_find_symbol(const struct bpf_elf *elf, const char *name);

#endif
