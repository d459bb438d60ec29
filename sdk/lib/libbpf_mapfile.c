/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's maps, found in the object file: those of section .maps, and one for each data section. */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DATA_SECTION (16u << 20)

static struct bpf_map *add_map(struct bpf_object *obj, const char *name, __u32 section)
{
	struct bpf_map *maps = realloc(obj->maps, (obj->nr_maps + 1) * sizeof(*maps)), *map;

	if (!maps)
		return NULL;
	obj->maps = maps;
	map = &maps[obj->nr_maps];
	*map = (struct bpf_map){.obj = obj, .name = strdup(name), .section = section, .fd = -1, .inner_fd = -1};
	if (!map->name)
		return NULL;
	obj->nr_maps++;
	return map;
}

static bool is_section(const char *name, const char *section)
{
	size_t n = strlen(section);

	return !strncmp(name, section, n) && (name[n] == 0 || name[n] == '.');
}

struct bpf_map *libbpf_add_data_map(struct bpf_object *obj, const char *name, __u32 section, bool rodata,
				    const void *data, size_t size)
{
	struct bpf_map *map = add_map(obj, name, section);

	if (!map)
		return NULL;
	map->internal = true;
	map->rodata = rodata;
	map->type = BPF_MAP_TYPE_ARRAY;
	map->key_size = sizeof(int);
	map->value_size = (__u32)size;
	map->max_entries = 1;
	map->flags = rodata ? BPF_F_RDONLY_PROG : 0;
	map->data = calloc((size + 7) / 8, 8);
	if (map->data && data)
		memcpy(map->data, data, size);
	return map->data ? map : NULL;
}

static int collect_data_section(struct bpf_object *obj, __u32 index, const struct bpf_elf_section *sec)
{
	bool rodata = is_section(sec->name, ".rodata");

	if (!sec->size || !(rodata || is_section(sec->name, ".data") || is_section(sec->name, ".bss")))
		return 0;
	if (sec->size > MAX_DATA_SECTION) {
		pr_warn("%s: section '%s' has more than %u bytes\n", obj->name, sec->name, MAX_DATA_SECTION);
		return -E2BIG;
	}
	return libbpf_add_data_map(obj, sec->name, index, rodata, sec->data, sec->size) ? 0 : -ENOMEM;
}

static int collect_btf_map(struct bpf_object *obj, const struct bpf_elf_symbol *sym)
{
	struct bpf_map *map;
	int err;

	if (!obj->btf) {
		pr_warn("%s: no BTF, so no map definitions (compile with -g)\n", obj->name);
		return -ENOENT;
	}
	map = add_map(obj, sym->name, sym->section);
	if (!map)
		return -ENOMEM;
	map->offset = sym->value;
	map->def_size = sym->size;
	err = btf_map_definition(obj->btf, map);
	if (err == -ENOENT)
		pr_warn("map '%s': not described in BTF\n", map->name);
	return err || !map->pinning ? err : libbpf_default_pin_path(map);
}

int libbpf_collect_maps(struct bpf_object *obj)
{
	__u32 maps = bpf_elf_find_section(&obj->elf, ".maps", ELF_SHT_PROGBITS);
	int err = 0;

	for (__u32 i = 1; !err && maps != BPF_ELF_NONE && i < obj->elf.nr_symbols; i++) {
		struct bpf_elf_symbol sym = bpf_elf_symbol(&obj->elf, i);

		if (sym.section == maps && sym.type == ELF_STT_OBJECT)
			err = collect_btf_map(obj, &sym);
	}
	for (__u32 i = 1; !err && i < obj->elf.nr_sections; i++) {
		struct bpf_elf_section sec = bpf_elf_section(&obj->elf, i);

		if (sec.flags & ELF_SHF_ALLOC && !(sec.flags & ELF_SHF_EXECINSTR))
			err = collect_data_section(obj, i, &sec);
	}
	return err ? err : libbpf_collect_kconfig(obj);
}

static void free_map(struct bpf_map *map)
{
	if (map->fd >= 0)
		sdk_close(map->fd);
	free(map->name);
	free(map->data);
	free(map->pin_path);
}

void libbpf_free_maps(struct bpf_object *obj)
{
	for (__u32 i = 0; i < obj->nr_maps; i++) {
		if (obj->maps[i].inner)
			free_map(obj->maps[i].inner);
		free(obj->maps[i].inner);
		free_map(&obj->maps[i]);
	}
	free(obj->maps);
}

struct bpf_map *libbpf_map_of(const struct bpf_object *obj, __u32 section, __u64 offset)
{
	for (__u32 i = 0; i < obj->nr_maps; i++) {
		struct bpf_map *map = &obj->maps[i];

		if (map->section == section && (map->internal || map->offset == offset))
			return map;
	}
	return NULL;
}
