/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's maps at load: found under their pinned name or created, filled, pinned. */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PAGE 4096u

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

static int cannot_create(const struct bpf_map *map, int err)
{
	pr_warn("map '%s': cannot create (type %d, key %u, value %u, entries %u, flags 0x%x): %s\n", map->name,
		map->type, map->key_size, map->value_size, map->max_entries, map->flags, strerror(-err));
	if (map->flags & BPF_F_MMAPABLE)
		pr_warn("map '%s': BPF_F_MMAPABLE: maps are the firmware's memory, no process can map them\n",
			map->name);
	return err;
}

/* As libbpf does for its users: a ring is whole pages and a power of two, an array of rings has one for each hart. */
static void adjust_size(struct bpf_map *map)
{
	__u32 size = PAGE;

	if (map->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY && !map->max_entries) {
		int harts = libbpf_num_possible_cpus();

		map->max_entries = harts > 0 ? (__u32)harts : 1;
	}
	if (map->type != BPF_MAP_TYPE_RINGBUF || !map->max_entries || map->max_entries > 1u << 31)
		return;
	while (size < map->max_entries)
		size *= 2;
	map->max_entries = size;
}

static int create_fd(struct bpf_map *map, const char *name, int inner_fd)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = map->flags, .numa_node = map->numa_node);

	opts.inner_map_fd = inner_fd < 0 ? 0 : (__u32)inner_fd;
	if (map->btf_key && map->btf_value && map->obj->btf_fd >= 0) {
		opts.btf_fd = (__u32)map->obj->btf_fd;
		opts.btf_key_type_id = map->btf_key;
		opts.btf_value_type_id = map->btf_value;
	}
	return bpf_map_create(map->type, name, map->key_size, map->value_size, map->max_entries, &opts);
}

/* A map of maps is told by an example what its maps look like. */
static int create_outer(struct bpf_map *map, const char *name)
{
	int fd, inner_fd = map->inner_fd;

	if (map->inner) {
		adjust_size(map->inner);
		inner_fd = create_fd(map->inner, "inner", -1);
		if (inner_fd < 0)
			return cannot_create(map->inner, inner_fd);
	}
	fd = create_fd(map, name, inner_fd);
	if (map->inner)
		sdk_close(inner_fd);
	return fd < 0 ? cannot_create(map, fd) : fd;
}

static int create_map(struct bpf_map *map)
{
	char name[BPF_OBJ_NAME_LEN];
	int fd;

	if (map->fd >= 0 || map->no_create)
		return 0; /* bpf_map__reuse_fd() */
	if (map->pin_path) {
		int err = libbpf_reuse_pinned(map);

		if (err != -ENOENT)
			return err;
	}
	adjust_size(map);
	kernel_name(map, name);
	fd = create_outer(map, name);
	if (fd < 0)
		return fd;
	map->fd = fd;
	fd = map->internal ? fill_data_map(map) : 0;
	return fd || !map->pin_path ? fd : bpf_map__pin(map, NULL);
}

/* What the relocation of a slot puts there: a map, or a program. Its descriptor, -EAGAIN: not this time. */
static int slot_fd(const struct bpf_map *map, const struct bpf_elf_symbol *sym, bool programs)
{
	const struct bpf_object *obj = map->obj;

	if ((map->inner == NULL) != programs)
		return -EAGAIN;
	if (!programs) {
		const struct bpf_map *target = libbpf_map_of(obj, sym->section, sym->value);

		return target && !target->internal && target->fd >= 0 ? target->fd : -EINVAL;
	}
	for (__u32 i = 0; i < obj->nr_progs; i++)
		if (obj->progs[i].section == sym->section && obj->progs[i].offset == sym->value)
			return obj->progs[i].autoload ? obj->progs[i].fd : -EAGAIN;
	return -EINVAL;
}

static int fill_slot(struct bpf_object *obj, __u32 section, const struct bpf_elf_reloc *rel, bool programs)
{
	struct bpf_elf_symbol sym = bpf_elf_symbol(&obj->elf, rel->symbol);

	for (__u32 i = 0; i < obj->nr_maps; i++) {
		const struct bpf_map *map = &obj->maps[i];
		__u64 at = rel->offset - map->offset - map->slots_offset;
		__u32 slot = (__u32)(at / 8);
		int fd, err;

		if (map->internal || !map->has_slots || map->section != section || map->reused ||
		    rel->offset < map->offset || rel->offset >= map->offset + map->def_size)
			continue;
		fd = slot_fd(map, &sym, programs);
		if (fd == -EAGAIN)
			return 0;
		err = fd < 0 || at % 8 ? -EINVAL : bpf_map_update_elem(map->fd, &slot, &fd, BPF_ANY);
		if (err)
			pr_warn("map '%s': cannot put '%s' into slot %u: %s\n", map->name, sym.name, slot,
				strerror(-err));
		return err;
	}
	return 0;
}

int libbpf_fill_slots(struct bpf_object *obj, bool programs)
{
	__u32 section = bpf_elf_find_section(&obj->elf, ".maps", ELF_SHT_PROGBITS);
	__u32 at = section == BPF_ELF_NONE ? section : bpf_elf_find_reloc(&obj->elf, section, 1);
	int err = 0;

	for (; !err && at != BPF_ELF_NONE; at = bpf_elf_find_reloc(&obj->elf, section, at + 1)) {
		struct bpf_elf_section rels = bpf_elf_section(&obj->elf, at);

		for (__u32 i = 0; !err && i < bpf_elf_reloc_count(&rels); i++) {
			struct bpf_elf_reloc rel = bpf_elf_reloc(&rels, i);

			err = fill_slot(obj, section, &rel, programs);
		}
	}
	return err;
}

int libbpf_create_maps(struct bpf_object *obj)
{
	int err = 0;

	for (__u32 i = 0; !err && i < obj->nr_maps; i++)
		err = create_map(&obj->maps[i]);
	return err ? err : libbpf_fill_slots(obj, false);
}
