/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of a map's keys and values, told at its making. What Linux looks for
 * in a value is looked for here: a struct bpf_spin_lock makes BPF_F_LOCK possible
 * for bpf(2), and with it, a timer or a work queue in the values programs at
 * probes are refused the map, in Linux's words.
 */
#include "map.h"

#define MEMBERS 4096u /* of a value's type, looked at in one go */

static bool is_type_of_size(const struct ebpf_btf *btf, uint32_t id, uint32_t size)
{
	uint64_t bytes;

	return !id || (ebpf_btf_size(btf, id, &bytes) && bytes == size);
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static int note_lock(struct ebpf_map *map, uint32_t bits)
{
	if (map->has_lock)
		return -E2BIG; /* as Linux: one at most */
	if (map->type != BPF_MAP_TYPE_HASH && map->type != BPF_MAP_TYPE_ARRAY)
		return -EOPNOTSUPP;
	if (bits % 32 || bits / 8 + EBPF_MAP_LOCK_SIZE > map->value_size)
		return -EINVAL;
	map->has_lock = true;
	map->lock_off = bits / 8;
	map->not_for_programs = "tracing progs cannot use bpf_spin_lock yet";
	return 0;
}

static int note_member(struct ebpf_map *map, const struct ebpf_btf *btf, const struct btf_member *member)
{
	const struct btf_type *type = ebpf_btf_type(btf, ebpf_btf_plain(btf, member->type));
	const char *name = type && ebpf_btf_kind(type) == BTF_KIND_STRUCT ? ebpf_btf_string(btf, type->name_off) : NULL;

	if (!name)
		return 0;
	if (same(name, "bpf_spin_lock"))
		return note_lock(map, member->offset);
	if (same(name, "bpf_timer"))
		map->not_for_programs = "tracing progs cannot use bpf_timer yet";
	else if (same(name, "bpf_wq"))
		map->not_for_programs = "tracing progs cannot use bpf_wq yet";
	else if (same(name, "bpf_list_head") || same(name, "bpf_rb_root"))
		map->not_for_programs = "tracing progs cannot use bpf_{list_head,rb_root} yet";
	return 0;
}

static int note_members(struct ebpf_map *map, const struct ebpf_btf *btf, uint32_t value_id)
{
	const struct btf_type *type = ebpf_btf_type(btf, ebpf_btf_plain(btf, value_id));
	const struct btf_member *members;
	uint32_t n;
	int err = 0;

	if (!type || ebpf_btf_kind(type) != BTF_KIND_STRUCT)
		return 0;
	members = (const struct btf_member *)(const void *)(type + 1);
	n = BTF_INFO_VLEN(type->info);
	if (n > MEMBERS)
		return -E2BIG;
	for (uint32_t i = 0; !err && i < n; i++)
		err = note_member(map, btf, &members[i]);
	return err;
}

int ebpf_map_set_types(struct ebpf_map *map, struct ebpf_btf *btf, uint32_t key_id, uint32_t value_id)
{
	int err;

	if (!is_type_of_size(btf, key_id, map->key_size) || !is_type_of_size(btf, value_id, map->value_size))
		return -EINVAL;
	err = note_members(map, btf, value_id);
	if (err)
		return err;
	ebpf_obj_hold(&btf->obj);
	map->btf = btf;
	map->btf_key_id = key_id;
	map->btf_value_id = value_id;
	return 0;
}
