/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's objects: opening a file in memory, loading all of it, closing. */
#include "libbpf_btf.h"
#include "libbpf_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print_stderr(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, ap);
}

static libbpf_print_fn_t print_fn = print_stderr;

libbpf_print_fn_t libbpf_set_print(libbpf_print_fn_t fn)
{
	libbpf_print_fn_t old = print_fn;

	print_fn = fn;
	return old;
}

void libbpf_print(enum libbpf_print_level level, const char *fmt, ...)
{
	char line[512] = "libbpf: ";
	va_list ap;

	if (!print_fn)
		return;
	/* one call a message, so that it comes out in one piece */
	snprintf(line, sizeof(line), "libbpf: %s", fmt);
	va_start(ap, fmt);
	print_fn(level, line, ap);
	va_end(ap);
}

int libbpf_strerror(int err, char *buf, size_t size)
{
	if (!buf || !size)
		return libbpf_err(-EINVAL);
	snprintf(buf, size, "%s", strerror(err < 0 ? -err : err));
	return 0;
}

__u32 libbpf_major_version(void)
{
	return LIBBPF_MAJOR_VERSION;
}

__u32 libbpf_minor_version(void)
{
	return LIBBPF_MINOR_VERSION;
}

const char *libbpf_version_string(void)
{
	return "v1.1";
}

int libbpf_set_strict_mode(enum libbpf_strict_mode mode)
{
	(void)mode; /* as strict as it gets already */
	return 0;
}

long libbpf_get_error(const void *p)
{
	return p ? 0 : -errno;
}

static int add_program(struct bpf_object *obj, const struct bpf_elf_symbol *sym, const char *section)
{
	struct bpf_program *progs = realloc(obj->progs, (obj->nr_progs + 1) * sizeof(*progs)), *prog;

	if (!progs)
		return -ENOMEM;
	obj->progs = progs;
	prog = &progs[obj->nr_progs];
	*prog = (struct bpf_program){
		.obj = obj,
		.name = strdup(sym->name),
		.section_name = strdup(section + (section[0] == '?')), /* "?kprobe/f": only if somebody asks for it */
		.section = sym->section,
		.offset = sym->value,
		.own_insns = (__u32)(sym->size / 8),
		.autoload = section[0] != '?',
		.autoattach = true,
		.fd = -1,
	};
	obj->nr_progs++;
	return prog->name && prog->section_name ? 0 : -ENOMEM;
}

static int collect_programs(struct bpf_object *obj)
{
	for (__u32 i = 1; i < obj->elf.nr_symbols; i++) {
		struct bpf_elf_symbol sym = bpf_elf_symbol(&obj->elf, i);
		struct bpf_elf_section sec;
		int err;

		if (sym.type != ELF_STT_FUNC || sym.bind == ELF_STB_LOCAL || !sym.section ||
		    sym.section >= obj->elf.nr_sections)
			continue;
		sec = bpf_elf_section(&obj->elf, sym.section);
		if (!(sec.flags & ELF_SHF_EXECINSTR) || !strcmp(sec.name, ".text"))
			continue;
		if (!sym.size || sym.size % 8 || sym.value % 8) {
			pr_warn("%s: function '%s' is not whole instructions\n", obj->name, sym.name);
			return -EINVAL;
		}
		err = add_program(obj, &sym, sec.name);
		if (err)
			return err;
	}
	if (!obj->nr_progs && !obj->nr_maps) {
		pr_warn("%s: neither programs nor maps in it\n", obj->name);
		return -ENOENT;
	}
	return 0;
}

static int collect_license(struct bpf_object *obj)
{
	__u32 index = bpf_elf_find_section(&obj->elf, "license", ELF_SHT_PROGBITS);
	struct bpf_elf_section sec;

	if (index == BPF_ELF_NONE)
		return 0;
	sec = bpf_elf_section(&obj->elf, index);
	if (!sec.size)
		return 0;
	memcpy(obj->license, sec.data, sec.size < sizeof(obj->license) ? sec.size : sizeof(obj->license) - 1);
	return 0;
}

static int open_object(struct bpf_object *obj, const void *buf, size_t size)
{
	const char *why;
	__u32 btf;
	int err;

	obj->file = malloc(size ? size : 1);
	if (!obj->file)
		return -ENOMEM;
	memcpy(obj->file, buf, size);
	if (bpf_elf_open(&obj->elf, obj->file, size, &why)) {
		pr_warn("%s: %s\n", obj->name, why);
		return -EINVAL;
	}
	if (obj->elf.symtab == BPF_ELF_NONE) {
		pr_warn("%s: no symbol table\n", obj->name);
		return -EINVAL;
	}
	btf = bpf_elf_find_section(&obj->elf, ".BTF", ELF_SHT_PROGBITS);
	if (btf != BPF_ELF_NONE) {
		struct bpf_elf_section sec = bpf_elf_section(&obj->elf, btf);

		obj->btf = btf_parse(sec.data, sec.size);
		if (!obj->btf) {
			pr_warn("%s: its BTF is damaged\n", obj->name);
			return -EINVAL;
		}
	}
	err = collect_license(obj);
	if (!err)
		err = libbpf_collect_maps(obj);
	return err ? err : collect_programs(obj);
}

static int set_paths(struct bpf_object *obj, const struct bpf_object_open_opts *opts)
{
	if (opts && opts->btf_custom_path) {
		obj->kernel_btf = strdup(opts->btf_custom_path);
		if (!obj->kernel_btf)
			return -ENOMEM;
	}
	if (opts && opts->pin_root_path) {
		obj->pin_root = strdup(opts->pin_root_path);
		if (!obj->pin_root)
			return -ENOMEM;
	}
	return 0;
}

struct bpf_object *bpf_object__open_mem(const void *buf, size_t size, const struct bpf_object_open_opts *opts)
{
	const char *name = opts && opts->object_name ? opts->object_name : "object";
	struct bpf_object *obj;
	int err;

	if (!buf || !size)
		return libbpf_err_ptr(-EINVAL);
	obj = calloc(1, sizeof(*obj));
	if (!obj)
		return libbpf_err_ptr(-ENOMEM);
	obj->btf_fd = -1;
	obj->name = strdup(name);
	err = obj->name ? set_paths(obj, opts) : -ENOMEM;
	if (!err)
		err = open_object(obj, buf, size);
	if (err) {
		if (err == -ENOMEM)
			pr_warn("%s: out of memory\n", name);
		bpf_object__close(obj);
		return libbpf_err_ptr(err);
	}
	return obj;
}

/* Descriptors of programs and maps go; the object can be looked at, but not loaded again. */
static void unload(struct bpf_object *obj)
{
	for (__u32 i = 0; i < obj->nr_progs; i++) {
		if (obj->progs[i].fd >= 0)
			sdk_close(obj->progs[i].fd);
		obj->progs[i].fd = -1;
	}
	for (__u32 i = 0; i < obj->nr_maps; i++) {
		libbpf_live_stop(&obj->maps[i]);
		if (obj->maps[i].fd >= 0)
			sdk_close(obj->maps[i].fd);
		obj->maps[i].fd = -1;
	}
	if (obj->btf_fd >= 0)
		sdk_close(obj->btf_fd);
	obj->btf_fd = -1;
}

int bpf_object__load(struct bpf_object *obj)
{
	int err;

	if (!obj)
		return libbpf_err(-EINVAL);
	if (obj->loaded) {
		pr_warn("%s: load can't be attempted twice\n", obj->name);
		return libbpf_err(-EINVAL);
	}
	obj->loaded = true;
	err = libbpf_apply_core(obj);
	libbpf_load_btf(obj);
	if (!err)
		err = libbpf_create_maps(obj);
	for (__u32 i = 0; !err && i < obj->nr_progs; i++) {
		struct bpf_program *prog = &obj->progs[i];

		if (!prog->autoload)
			continue;
		err = libbpf_relocate(prog);
		if (!err)
			err = libbpf_load_program(prog);
	}
	if (!err)
		err = libbpf_fill_slots(obj, true);
	if (err) {
		unload(obj);
		pr_warn("failed to load object '%s': %s\n", obj->name, strerror(-err));
	}
	return libbpf_err(err);
}

void bpf_object__close(struct bpf_object *obj)
{
	if (!obj)
		return;
	unload(obj);
	for (__u32 i = 0; i < obj->nr_progs; i++) {
		free(obj->progs[i].name);
		free(obj->progs[i].section_name);
		free(obj->progs[i].insns);
		free(obj->progs[i].func_info.records);
		free(obj->progs[i].line_info.records);
	}
	free(obj->progs);
	libbpf_free_maps(obj);
	btf_free(obj->btf);
	for (unsigned long i = 0; i < obj->nr_missing; i++)
		free(obj->missing[i]);
	free(obj->missing);
	free(obj->kernel_btf);
	free(obj->pin_root);
	free(obj->file);
	free(obj->name);
	free(obj);
}

const char *bpf_object__name(const struct bpf_object *obj)
{
	return obj ? obj->name : NULL;
}

struct bpf_program *bpf_object__find_program_by_name(const struct bpf_object *obj, const char *name)
{
	for (__u32 i = 0; i < obj->nr_progs; i++)
		if (!strcmp(obj->progs[i].name, name))
			return &obj->progs[i];
	return libbpf_err_ptr(-ENOENT);
}

/* ".bss", and as libbpf names it for the kernel and for skeletons: the object's name, cut off, before it. */
static bool map_is_named(const struct bpf_map *map, const char *name)
{
	const char *dot = strchr(name, '.');

	if (map->internal && dot && !strncmp(name, map->obj->name, (size_t)(dot - name)))
		name = dot;
	return !strcmp(map->name, name);
}

struct bpf_map *bpf_object__find_map_by_name(const struct bpf_object *obj, const char *name)
{
	for (__u32 i = 0; i < obj->nr_maps; i++)
		if (map_is_named(&obj->maps[i], name))
			return &obj->maps[i];
	return libbpf_err_ptr(-ENOENT);
}

int bpf_object__find_map_fd_by_name(const struct bpf_object *obj, const char *name)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(obj, name);

	return map ? map->fd : -ENOENT;
}

struct bpf_program *bpf_object__next_program(const struct bpf_object *obj, struct bpf_program *prog)
{
	struct bpf_program *next = prog ? prog + 1 : obj->progs;

	return next && next < obj->progs + obj->nr_progs ? next : NULL;
}

struct bpf_map *bpf_object__next_map(const struct bpf_object *obj, const struct bpf_map *map)
{
	struct bpf_map *next = map ? &obj->maps[map - obj->maps + 1] : obj->maps;

	return next && next < obj->maps + obj->nr_maps ? next : NULL;
}
