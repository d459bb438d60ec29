/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map definitions of section .maps: libbpf's macros put what they say into types.
 * __uint(name, N) is a pointer to an array of N ints, __type(name, T) a pointer to
 * T, __array(values, T) an array of pointers to T: to definitions of inner maps, or
 * to programs. What stands in those slots at first are the section's relocations.
 */
#include "libbpf_btf.h"
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* __uint(name, N): a pointer to an array of N. */
static bool member_uint(const struct btf *btf, __u32 id, __u32 *value)
{
	struct btf_type t;

	if (!btf_resolve(btf, id, &t) || t.kind != BTF_KIND_PTR)
		return false;
	if (!btf_resolve(btf, t.size, &t) || t.kind != BTF_KIND_ARRAY)
		return false;
	*value = btf_array(&t).nr;
	return true;
}

/* __type(name, T): a pointer to T; its size, and its id. */
static bool member_type(const struct btf *btf, __u32 id, __u32 *value, __u32 *type_id)
{
	struct btf_type t;
	long size;

	if (!btf_resolve(btf, id, &t) || t.kind != BTF_KIND_PTR)
		return false;
	size = btf_sizeof(btf, t.size);
	if (size <= 0)
		return false;
	*value = (__u32)size;
	*type_id = t.size;
	return true;
}

static int map_struct(const struct btf *btf, struct bpf_map *map, __u32 type_id);

static int bad_member(const struct bpf_map *map, const char *name, int err)
{
	if (err == -EOPNOTSUPP)
		pr_warn("map '%s': unknown field '%s'\n", map->name, name);
	else
		pr_warn("map '%s': cannot make sense of '%s' (use __uint(), __type() and __array())\n", map->name,
			name);
	return err;
}

/* __array(values, T): T is the definition of an inner map, or a program's prototype. */
static int map_values(const struct btf *btf, struct bpf_map *map, const struct btf_member *m)
{
	struct btf_type t;
	__u32 def;

	if (map->has_slots || !btf_resolve(btf, m->type, &t) || t.kind != BTF_KIND_ARRAY ||
	    !btf_resolve(btf, btf_array(&t).type, &t) || t.kind != BTF_KIND_PTR)
		return bad_member(map, "values", -EINVAL);
	map->has_slots = true;
	map->slots_offset = m->bit_offset / 8;
	map->value_size = sizeof(__u32);
	def = t.size;
	if (!btf_resolve(btf, def, &t))
		return bad_member(map, "values", -EINVAL);
	if (t.kind == BTF_KIND_FUNC_PROTO)
		return 0;
	map->inner = calloc(1, sizeof(*map->inner));
	if (!map->inner)
		return -ENOMEM;
	*map->inner = (struct bpf_map){.obj = map->obj, .name = strdup(map->name), .is_inner = true, .fd = -1};
	return map->inner->name ? map_struct(btf, map->inner, def) : -ENOMEM;
}

static int map_number(const struct btf *btf, struct bpf_map *map, const struct btf_member *m)
{
	static const struct {
		const char *name;
		size_t offset;
	} numbers[] = {
		{"max_entries", offsetof(struct bpf_map, max_entries)},
		{"map_flags", offsetof(struct bpf_map, flags)},
		{"key_size", offsetof(struct bpf_map, key_size)},
		{"value_size", offsetof(struct bpf_map, value_size)},
		{"numa_node", offsetof(struct bpf_map, numa_node)},
		{"pinning", offsetof(struct bpf_map, pinning)},
	};
	__u32 value = 0;

	if (!member_uint(btf, m->type, &value))
		return bad_member(map, m->name, -EINVAL);
	if (!strcmp(m->name, "type")) {
		map->type = (enum bpf_map_type)value;
		return 0;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(m->name, numbers[i].name) != 0)
			continue;
		memcpy((char *)map + numbers[i].offset, &value, sizeof(value));
		return 0;
	}
	return bad_member(map, m->name, -EOPNOTSUPP);
}

static int map_member(const struct btf *btf, struct bpf_map *map, const struct btf_member *m)
{
	bool ok;

	if (!strcmp(m->name, "key"))
		ok = member_type(btf, m->type, &map->key_size, &map->btf_key);
	else if (!strcmp(m->name, "value"))
		ok = member_type(btf, m->type, &map->value_size, &map->btf_value);
	else if (!strcmp(m->name, "values") && !map->is_inner)
		return map_values(btf, map, m);
	else
		return map_number(btf, map, m);
	return ok ? 0 : bad_member(map, m->name, -EINVAL);
}

static int map_struct(const struct btf *btf, struct bpf_map *map, __u32 type_id)
{
	struct btf_type t;

	if (!btf_resolve(btf, type_id, &t) || t.kind != BTF_KIND_STRUCT) {
		pr_warn("map '%s': its definition is not a struct\n", map->name);
		return -EINVAL;
	}
	for (__u32 i = 0; i < t.vlen; i++) {
		struct btf_member m = btf_member(btf, &t, i);
		int err = map_member(btf, map, &m);

		if (err)
			return err;
	}
	if (!map->type) {
		pr_warn("map '%s': no type given\n", map->name);
		return -EINVAL;
	}
	if (map->pinning > LIBBPF_PIN_BY_NAME || (map->is_inner && map->pinning)) {
		pr_warn("map '%s': pinning %u is not known\n", map->name, map->pinning);
		return -EINVAL;
	}
	return 0;
}

int btf_map_definition(const struct btf *btf, struct bpf_map *map)
{
	struct btf_type t;

	for (__u32 id = 1; btf_get(btf, id, &t); id++)
		if (t.kind == BTF_KIND_VAR && !strcmp(t.name, map->name))
			return map_struct(btf, map, t.size);
	return -ENOENT;
}
