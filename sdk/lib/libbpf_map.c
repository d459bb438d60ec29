/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's maps: found in the object file, created at load, and their element functions. */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdio.h>
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
	*map = (struct bpf_map){.obj = obj, .name = strdup(name), .section = section, .fd = -1};
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

static int collect_data_section(struct bpf_object *obj, __u32 index, const struct bpf_elf_section *sec)
{
	bool rodata = is_section(sec->name, ".rodata");
	struct bpf_map *map;

	if (!sec->size || !(rodata || is_section(sec->name, ".data") || is_section(sec->name, ".bss")))
		return 0;
	if (sec->size > MAX_DATA_SECTION) {
		pr_warn("%s: section '%s' has more than %u bytes\n", obj->name, sec->name, MAX_DATA_SECTION);
		return -E2BIG;
	}
	map = add_map(obj, sec->name, index);
	if (!map)
		return -ENOMEM;
	map->internal = true;
	map->rodata = rodata;
	map->type = BPF_MAP_TYPE_ARRAY;
	map->key_size = sizeof(int);
	map->value_size = (__u32)sec->size;
	map->max_entries = 1;
	map->flags = rodata ? BPF_F_RDONLY_PROG : 0;
	map->data = calloc(1, sec->size);
	if (!map->data)
		return -ENOMEM;
	if (sec->data)
		memcpy(map->data, sec->data, sec->size);
	return 0;
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
	err = btf_map_definition(obj->btf, map);
	if (err == -ENOENT)
		pr_warn("map '%s': not described in BTF\n", map->name);
	return err;
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
	return err;
}

/* A data section's map gets the object's name in front, as far as 15 bytes reach. */
static void kernel_name(const struct bpf_map *map, char name[BPF_OBJ_NAME_LEN])
{
	int rest = (int)BPF_OBJ_NAME_LEN - 1 - (int)strlen(map->name);

	if (map->internal)
		snprintf(name, BPF_OBJ_NAME_LEN, "%.*s%s", rest > 0 ? rest : 0, map->obj->name, map->name);
	else
		snprintf(name, BPF_OBJ_NAME_LEN, "%s", map->name);
}

static int fill_data_map(struct bpf_map *map)
{
	int zero = 0, err = bpf_map_update_elem(map->fd, &zero, map->data, BPF_ANY);

	if (err) {
		pr_warn("map '%s': cannot set its contents: %s\n", map->name, strerror(-err));
		return err;
	}
	if (!map->rodata)
		return 0;
	/* Freezing keeps user space from writing, too. A kernel without it still keeps programs from it. */
	err = bpf_map_freeze(map->fd);
	if (err)
		pr_debug("map '%s': not frozen: %s\n", map->name, strerror(-err));
	return 0;
}

int libbpf_create_maps(struct bpf_object *obj)
{
	for (__u32 i = 0; i < obj->nr_maps; i++) {
		struct bpf_map *map = &obj->maps[i];
		LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = map->flags);
		char name[BPF_OBJ_NAME_LEN];
		int err;

		kernel_name(map, name);
		map->fd = bpf_map_create(map->type, name, map->key_size, map->value_size, map->max_entries, &opts);
		if (map->fd < 0) {
			err = map->fd;
			map->fd = -1;
			pr_warn("map '%s': cannot create (type %d, key %u, value %u, entries %u, flags 0x%x): %s\n",
				map->name, map->type, map->key_size, map->value_size, map->max_entries, map->flags,
				strerror(-err));
			return err;
		}
		err = map->internal ? fill_data_map(map) : 0;
		if (err)
			return err;
	}
	return 0;
}

void libbpf_free_maps(struct bpf_object *obj)
{
	for (__u32 i = 0; i < obj->nr_maps; i++) {
		if (obj->maps[i].fd >= 0)
			sdk_close(obj->maps[i].fd);
		free(obj->maps[i].name);
		free(obj->maps[i].data);
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

int bpf_map__fd(const struct bpf_map *map)
{
	return map ? map->fd : libbpf_err(-EINVAL);
}

const char *bpf_map__name(const struct bpf_map *map)
{
	return map ? map->name : NULL;
}

enum bpf_map_type bpf_map__type(const struct bpf_map *map)
{
	return map->type;
}

__u32 bpf_map__key_size(const struct bpf_map *map)
{
	return map->key_size;
}

__u32 bpf_map__value_size(const struct bpf_map *map)
{
	return map->value_size;
}

__u32 bpf_map__max_entries(const struct bpf_map *map)
{
	return map->max_entries;
}

__u32 bpf_map__map_flags(const struct bpf_map *map)
{
	return map->flags;
}

bool bpf_map__is_internal(const struct bpf_map *map)
{
	return map->internal;
}

int bpf_map__set_max_entries(struct bpf_map *map, __u32 max_entries)
{
	if (map->fd >= 0)
		return libbpf_err(-EBUSY);
	map->max_entries = max_entries;
	return 0;
}

int bpf_map__set_value_size(struct bpf_map *map, __u32 size)
{
	if (map->fd >= 0 || map->internal)
		return libbpf_err(-EBUSY);
	map->value_size = size;
	return 0;
}

void *bpf_map__initial_value(struct bpf_map *map, size_t *size)
{
	if (!map->data)
		return NULL;
	*size = map->value_size;
	return map->data;
}

int bpf_map__set_initial_value(struct bpf_map *map, const void *data, size_t size)
{
	if (map->fd >= 0)
		return libbpf_err(-EBUSY);
	if (!map->data || size != map->value_size)
		return libbpf_err(-EINVAL);
	memcpy(map->data, data, size);
	return 0;
}

/* The sizes a caller believes in must be the map's: a mistake here would overrun a buffer. */
static int check_elem(const struct bpf_map *map, size_t key_sz, const size_t *value_sz)
{
	if (map->fd < 0)
		return -ENOENT;
	if (key_sz == map->key_size && (!value_sz || *value_sz == map->value_size))
		return 0;
	pr_warn("map '%s': key has %u bytes and value %u, not what the call says\n", map->name, map->key_size,
		map->value_size);
	return -EINVAL;
}

int bpf_map__lookup_elem(const struct bpf_map *map, const void *key, size_t key_sz, void *value, size_t value_sz,
			 __u64 flags)
{
	int err = check_elem(map, key_sz, &value_sz);

	return err ? libbpf_err(err) : bpf_map_lookup_elem_flags(map->fd, key, value, flags);
}

int bpf_map__update_elem(const struct bpf_map *map, const void *key, size_t key_sz, const void *value, size_t value_sz,
			 __u64 flags)
{
	int err = check_elem(map, key_sz, &value_sz);

	return err ? libbpf_err(err) : bpf_map_update_elem(map->fd, key, value, flags);
}

int bpf_map__delete_elem(const struct bpf_map *map, const void *key, size_t key_sz, __u64 flags)
{
	int err = flags ? -EINVAL : check_elem(map, key_sz, NULL);

	return err ? libbpf_err(err) : bpf_map_delete_elem(map->fd, key);
}

int bpf_map__get_next_key(const struct bpf_map *map, const void *cur_key, void *next_key, size_t key_sz)
{
	int err = check_elem(map, key_sz, NULL);

	return err ? libbpf_err(err) : bpf_map_get_next_key(map->fd, cur_key, next_key);
}
