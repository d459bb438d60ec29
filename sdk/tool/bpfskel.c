/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpfskel: makes X.skel.h from an eBPF object file, so that X.c needs no bytes
 * pasted and no length typed.
 *
 *	bpfskel NAME OBJECT >NAME.skel.h		libbpf's skeleton: NAME__open(), ...
 *	bpfskel --rcore NAME OBJECT >NAME.skel.h	for bpf_prog_load_ex(): NAME_elf, NAME_maps
 *
 * The object is checked first (bpf_elf.c, then what each style needs); a bad one
 * gives one line on stderr and exit status 1. Nothing of it is executed or
 * interpreted, and every name that becomes C has been checked to be one.
 */
#include "../../lib/bpf_elf.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAMES 256
#define MAX_OBJECT (16u << 20)

struct names {
	unsigned int count;
	const char *name[MAX_NAMES];
};

struct skel {
	const char *name; /* of the skeleton */
	struct bpf_elf elf;
	struct names maps, progs; /* point into the object or into literals */
	char error[256];
};

int bpfskel(FILE *out, const char *name, int rcore, const void *data, size_t size, FILE *err);

/* Keep the first reason; always -1. */
__attribute__((format(printf, 2, 3))) static int fail(struct skel *s, const char *fmt, ...)
{
	va_list ap;

	if (s->error[0])
		return -1;
	va_start(ap, fmt);
	vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	return -1;
}

static int is_identifier(const char *name)
{
	size_t n = 0;

	if (!isalpha((unsigned char)name[0]) && name[0] != '_')
		return 0;
	while (isalnum((unsigned char)name[n]) || name[n] == '_')
		n++;
	return !name[n] && n <= 128;
}

static int add_name(struct skel *s, struct names *names, const char *what, const char *name)
{
	if (!is_identifier(name))
		return fail(s, "%s with a name that is no C identifier", what);
	for (unsigned int i = 0; i < names->count; i++)
		if (!strcmp(names->name[i], name))
			return fail(s, "two of the same name: %s", name);
	if (names->count == MAX_NAMES)
		return fail(s, "more than %d of: %s", MAX_NAMES, what);
	names->name[names->count++] = name;
	return 0;
}

/* Every relocation of an executable section is of a kind the loaders know. */
static int check_code_relocs(struct skel *s, uint32_t section, const char *name)
{
	uint32_t at = bpf_elf_find_reloc(&s->elf, section, 1);

	for (; at != BPF_ELF_NONE; at = bpf_elf_find_reloc(&s->elf, section, at + 1)) {
		struct bpf_elf_section rel = bpf_elf_section(&s->elf, at);

		for (uint32_t i = 0; i < bpf_elf_reloc_count(&rel); i++) {
			struct bpf_elf_reloc r = bpf_elf_reloc(&rel, i);

			if (r.type != R_BPF_64_64 && r.type != R_BPF_64_32)
				return fail(s, "relocation type %u in section %s", r.type, name);
		}
	}
	return 0;
}

/* rCore: what .text refers to is a map variable or a function beside it. */
static int check_rcore_reloc(struct skel *s, uint32_t text, const struct bpf_elf_reloc *r)
{
	struct bpf_elf_symbol sym = bpf_elf_symbol(&s->elf, r->symbol);

	if (r->type == R_BPF_64_32)
		return sym.section == text ? 0 : fail(s, "call to %s, which is not in .text", sym.name);
	if (sym.section != ELF_SHN_UNDEF)
		return fail(
			s, "reference to %s: rCore objects have no data sections, keep strings and tables on the stack",
			sym.name);
	for (unsigned int i = 0; i < s->maps.count; i++)
		if (!strcmp(s->maps.name[i], sym.name))
			return 0;
	return add_name(s, &s->maps, "a map variable", sym.name);
}

static int collect_rcore(struct skel *s)
{
	uint32_t text = bpf_elf_find_section(&s->elf, ".text", ELF_SHT_PROGBITS), at;
	struct bpf_elf_section sec;

	if (text == BPF_ELF_NONE || s->elf.symtab == BPF_ELF_NONE)
		return fail(s, "no .text section");
	sec = bpf_elf_section(&s->elf, text);
	if (!sec.size || !(sec.flags & ELF_SHF_EXECINSTR))
		return fail(s, ".text is empty (a SEC() puts functions elsewhere: that is Linux style, NAME.bpf.c)");
	if (check_code_relocs(s, text, ".text"))
		return -1;
	for (at = bpf_elf_find_reloc(&s->elf, text, 1); at != BPF_ELF_NONE;
	     at = bpf_elf_find_reloc(&s->elf, text, at + 1)) {
		struct bpf_elf_section rel = bpf_elf_section(&s->elf, at);

		for (uint32_t i = 0; i < bpf_elf_reloc_count(&rel); i++) {
			struct bpf_elf_reloc r = bpf_elf_reloc(&rel, i);

			if (check_rcore_reloc(s, text, &r))
				return -1;
		}
	}
	return 0;
}

/* The data sections that libbpf turns into maps, and the member names of its skeletons for them */
static const char *internal_map(const char *section)
{
	static const char *const names[][2] = {
		{".rodata", "rodata"},
		{".data", "data"},
		{".bss", "bss"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(section, names[i][0]))
			return names[i][1];
	return NULL;
}

static int collect_symbol(struct skel *s, const struct bpf_elf_symbol *sym)
{
	struct bpf_elf_section sec;

	if (sym->section == ELF_SHN_UNDEF)
		return sym->name[0]
			       ? fail(s, "%s is declared but defined nowhere (externs are not supported)", sym->name)
			       : 0;
	if (sym->section == ELF_SHN_ABS || sym->section == ELF_SHN_COMMON)
		return 0;
	sec = bpf_elf_section(&s->elf, sym->section);
	if (sym->type == ELF_STT_OBJECT && !strcmp(sec.name, ".maps"))
		return add_name(s, &s->maps, "a map", sym->name);
	if (sym->type != ELF_STT_FUNC || sym->bind == ELF_STB_LOCAL || !(sec.flags & ELF_SHF_EXECINSTR))
		return 0;
	if (sym->value % 8 || sym->size % 8 || !sym->size)
		return fail(s, "function %s is not whole instructions", sym->name);
	return !strcmp(sec.name, ".text") ? 0 : add_name(s, &s->progs, "a program", sym->name);
}

static int collect_linux(struct skel *s)
{
	for (uint32_t i = 1; i < s->elf.nr_symbols; i++) {
		struct bpf_elf_symbol sym = bpf_elf_symbol(&s->elf, i);

		if (collect_symbol(s, &sym))
			return -1;
	}
	for (uint32_t i = 1; i < s->elf.nr_sections; i++) {
		struct bpf_elf_section sec = bpf_elf_section(&s->elf, i);

		if (sec.flags & ELF_SHF_EXECINSTR && check_code_relocs(s, i, sec.name))
			return -1;
		if (!strcmp(sec.name, "maps"))
			return fail(s, "SEC(\"maps\") is not supported by libbpf 1.0 and later: use BTF-defined maps, "
				       "SEC(\".maps\")");
		if (sec.size && internal_map(sec.name) && add_name(s, &s->maps, "a section", internal_map(sec.name)))
			return -1;
	}
	if (!s->progs.count)
		return fail(s, "no program: give a function a SEC(\"kprobe/...\")");
	if (s->maps.count && bpf_elf_find_section(&s->elf, ".BTF", ELF_SHT_PROGBITS) == BPF_ELF_NONE)
		return fail(s, "no .BTF section (compile with -g)");
	return 0;
}

/* --- Output --- */

static void emit_bytes(FILE *out, const char *name, const uint8_t *data, size_t size)
{
	fprintf(out, "static const unsigned char %s_elf[%zu] __attribute__((aligned(8), unused)) = {", name, size);
	for (size_t i = 0; i < size; i++)
		fprintf(out, "%s%u,", i % 24 ? "" : "\n\t", data[i]);
	fprintf(out, "\n};\n\n");
}

static void emit_rcore(FILE *out, const struct skel *s)
{
	fprintf(out, "/* What the program names as `extern int`: bpf_prog_load_ex() wants a map for each, in any "
		     "order. */\n");
	fprintf(out, "enum { %s_nr_maps = %u };\n", s->name, s->maps.count);
	fprintf(out, "static const char *const %s_maps[%s_nr_maps + 1] __attribute__((unused)) = {", s->name, s->name);
	for (unsigned int i = 0; i < s->maps.count; i++)
		fprintf(out, " \"%s\",", s->maps.name[i]);
	fprintf(out, " (const char *)0 };\n");
}

static void emit_members(FILE *out, const char *type, const struct names *names, const char *group)
{
	if (!names->count)
		return;
	fprintf(out, "\tstruct {\n");
	for (unsigned int i = 0; i < names->count; i++)
		fprintf(out, "\t\tstruct %s *%s;\n", type, names->name[i]);
	fprintf(out, "\t} %s;\n", group);
}

/* Is this map's name the section's own? Then libbpf knows it as that section. */
static const char *map_name(const char *name)
{
	return !strcmp(name, "rodata") ? ".rodata"
	       : !strcmp(name, "data") ? ".data"
	       : !strcmp(name, "bss")  ? ".bss"
				       : name;
}

static void emit_open(FILE *out, const struct skel *s)
{
	const char *n = s->name;

	fprintf(out, "static inline int %s__create_skeleton(struct %s *obj)\n{\n", n, n);
	fprintf(out, "\tstruct bpf_object_skeleton *s = (struct bpf_object_skeleton *)calloc(1, sizeof(*s));\n\n");
	fprintf(out, "\tif (!s)\n\t\treturn -ENOMEM;\n\tobj->skeleton = s;\n");
	fprintf(out, "\ts->sz = sizeof(*s);\n\ts->name = \"%s\";\n\ts->obj = &obj->obj;\n", n);
	fprintf(out, "\ts->data = %s_elf;\n\ts->data_sz = sizeof(%s_elf);\n", n, n);
	if (s->maps.count) {
		fprintf(out, "\ts->map_skel_sz = sizeof(*s->maps);\n");
		fprintf(out, "\ts->maps = (struct bpf_map_skeleton *)calloc(%u, sizeof(*s->maps));\n", s->maps.count);
		fprintf(out, "\tif (!s->maps)\n\t\treturn -ENOMEM;\n\ts->map_cnt = %u;\n", s->maps.count);
	}
	for (unsigned int i = 0; i < s->maps.count; i++)
		fprintf(out, "\ts->maps[%u].name = \"%s\";\n\ts->maps[%u].map = &obj->maps.%s;\n", i,
			map_name(s->maps.name[i]), i, s->maps.name[i]);
	fprintf(out, "\ts->prog_skel_sz = sizeof(*s->progs);\n");
	fprintf(out, "\ts->progs = (struct bpf_prog_skeleton *)calloc(%u, sizeof(*s->progs));\n", s->progs.count);
	fprintf(out, "\tif (!s->progs)\n\t\treturn -ENOMEM;\n\ts->prog_cnt = %u;\n", s->progs.count);
	for (unsigned int i = 0; i < s->progs.count; i++)
		fprintf(out,
			"\ts->progs[%u].name = \"%s\";\n\ts->progs[%u].prog = &obj->progs.%s;\n"
			"\ts->progs[%u].link = &obj->links.%s;\n",
			i, s->progs.name[i], i, s->progs.name[i], i, s->progs.name[i]);
	fprintf(out, "\treturn 0;\n}\n\n");

	fprintf(out, "static inline void %s__destroy(struct %s *obj)\n{\n", n, n);
	fprintf(out, "\tif (!obj)\n\t\treturn;\n\tbpf_object__destroy_skeleton(obj->skeleton);\n\tfree(obj);\n}\n\n");

	fprintf(out, "static inline struct %s *%s__open_opts(const struct bpf_object_open_opts *opts)\n{\n", n, n);
	fprintf(out, "\tstruct %s *obj = (struct %s *)calloc(1, sizeof(*obj));\n\tint err;\n\n", n, n);
	fprintf(out, "\tif (!obj) {\n\t\terrno = ENOMEM;\n\t\treturn NULL;\n\t}\n");
	fprintf(out, "\terr = %s__create_skeleton(obj);\n", n);
	fprintf(out, "\tif (!err)\n\t\terr = bpf_object__open_skeleton(obj->skeleton, opts);\n");
	fprintf(out, "\tif (err) {\n\t\t%s__destroy(obj);\n\t\terrno = -err;\n\t\treturn NULL;\n\t}\n", n);
	fprintf(out, "\treturn obj;\n}\n\n");
}

static void emit_linux(FILE *out, const struct skel *s)
{
	const char *n = s->name;

	fprintf(out, "#include <bpf/libbpf.h>\n#include <errno.h>\n#include <stdlib.h>\n\n");
	fprintf(out, "struct %s {\n\tstruct bpf_object_skeleton *skeleton;\n\tstruct bpf_object *obj;\n", n);
	emit_members(out, "bpf_map", &s->maps, "maps");
	emit_members(out, "bpf_program", &s->progs, "progs");
	emit_members(out, "bpf_link", &s->progs, "links");
	fprintf(out, "};\n\n");
	emit_open(out, s);

	fprintf(out, "static inline struct %s *%s__open(void)\n{\n\treturn %s__open_opts(NULL);\n}\n\n", n, n, n);
	fprintf(out, "static inline int %s__load(struct %s *obj)\n{\n", n, n);
	fprintf(out, "\treturn bpf_object__load_skeleton(obj->skeleton);\n}\n\n");
	fprintf(out, "static inline struct %s *%s__open_and_load(void)\n{\n", n, n);
	fprintf(out, "\tstruct %s *obj = %s__open();\n\tint err;\n\n\tif (!obj)\n\t\treturn NULL;\n", n, n);
	fprintf(out, "\terr = %s__load(obj);\n", n);
	fprintf(out, "\tif (err) {\n\t\t%s__destroy(obj);\n\t\terrno = -err;\n\t\treturn NULL;\n\t}\n", n);
	fprintf(out, "\treturn obj;\n}\n\n");
	fprintf(out, "static inline int %s__attach(struct %s *obj)\n{\n", n, n);
	fprintf(out, "\treturn bpf_object__attach_skeleton(obj->skeleton);\n}\n\n");
	fprintf(out, "static inline void %s__detach(struct %s *obj)\n{\n", n, n);
	fprintf(out, "\tbpf_object__detach_skeleton(obj->skeleton);\n}\n\n");
	fprintf(out, "static inline const void *%s__elf_bytes(size_t *sz)\n{\n", n);
	fprintf(out, "\t*sz = sizeof(%s_elf);\n\treturn %s_elf;\n}\n", n, n);
}

int bpfskel(FILE *out, const char *name, int rcore, const void *data, size_t size, FILE *err)
{
	struct skel s = {.name = name};
	const char *why;

	if (!is_identifier(name))
		fail(&s, "\"%s\" is no C identifier", name);
	else if (bpf_elf_open(&s.elf, data, size, &why))
		fail(&s, "%s", why);
	else if (rcore)
		collect_rcore(&s);
	else
		collect_linux(&s);
	if (s.error[0]) {
		fprintf(err, "bpfskel: %s: %s\n", name, s.error);
		return -1;
	}

	fprintf(out, "/* Made by bpfskel from an eBPF object file. Do not edit. */\n");
	fprintf(out, "#ifndef %s_SKEL_H\n#define %s_SKEL_H\n\n", name, name);
	emit_bytes(out, name, data, size);
	if (rcore)
		emit_rcore(out, &s);
	else
		emit_linux(out, &s);
	fprintf(out, "\n#endif\n");
	return 0;
}

#ifndef BPFSKEL_NO_MAIN
static void *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *data = malloc(MAX_OBJECT + 1);

	if (!f || !data) {
		perror(path);
		exit(1);
	}
	*size = fread(data, 1, MAX_OBJECT + 1, f);
	if (ferror(f) || *size > MAX_OBJECT) {
		fprintf(stderr, "bpfskel: %s: cannot be read, or is larger than %u bytes\n", path, MAX_OBJECT);
		exit(1);
	}
	fclose(f);
	return data;
}

int main(int argc, char **argv)
{
	int rcore = argc > 1 && !strcmp(argv[1], "--rcore"), failed;
	size_t size;
	void *data;

	if (argc != 3 + rcore || argv[1 + rcore][0] == '-') {
		fprintf(stderr, "usage: bpfskel [--rcore] NAME OBJECT >NAME.skel.h\n");
		return 2;
	}
	data = read_file(argv[2 + rcore], &size);
	failed = bpfskel(stdout, argv[1 + rcore], rcore, data, size, stderr);
	free(data);
	return failed || fflush(stdout) ? 1 : 0;
}
#endif
