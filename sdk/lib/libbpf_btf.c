/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much BTF as map definitions need (Linux Documentation/bpf/btf.rst): the
 * types of a .BTF section, checked once, and the encoding of libbpf's __uint()
 * and __type() macros: a member whose type is a pointer to an array of N ints
 * says N, one whose type is a pointer says the type behind it.
 */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BTF_MAGIC 0xeb9f
#define BTF_HEADER_SIZE 24u
#define MAX_DEPTH 32 /* of typedefs and arrays: a longer chain is a loop */

enum {
	BTF_KIND_INT = 1,
	BTF_KIND_PTR,
	BTF_KIND_ARRAY,
	BTF_KIND_STRUCT,
	BTF_KIND_UNION,
	BTF_KIND_ENUM,
	BTF_KIND_FWD,
	BTF_KIND_TYPEDEF,
	BTF_KIND_VOLATILE,
	BTF_KIND_CONST,
	BTF_KIND_RESTRICT,
	BTF_KIND_FUNC,
	BTF_KIND_FUNC_PROTO,
	BTF_KIND_VAR,
	BTF_KIND_DATASEC,
	BTF_KIND_FLOAT,
	BTF_KIND_DECL_TAG,
	BTF_KIND_TYPE_TAG,
	BTF_KIND_ENUM64,
};

struct btf {
	const __u8 *types;
	__u32 types_size;
	const char *strings;
	__u32 strings_size;
	__u32 nr_types;
	__u32 *offset; /* of type id 1.. in types */
};

/* A type's fixed part, copied out */
struct type {
	const char *name;
	__u32 kind, vlen;
	__u32 size; /* or the type it refers to */
	const __u8 *more;
};

static __u32 get32(const __u8 *p)
{
	__u32 v;

	memcpy(&v, p, sizeof(v)); /* the object is little-endian, and so is RISC-V */
	return v;
}

/* Bytes after a type's fixed 12, or -1 for an unknown kind. */
static long extra_size(__u32 kind, __u32 vlen)
{
	switch (kind) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return 12;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return 12l * vlen;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return 8l * vlen;
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	default:
		return -1;
	}
}

static struct type raw_type(const struct btf *btf, __u32 offset)
{
	const __u8 *p = btf->types + offset;
	__u32 name = get32(p), info = get32(p + 4);

	return (struct type){
		.name = name < btf->strings_size ? btf->strings + name : "",
		.kind = info >> 24 & 0x1f,
		.vlen = info & 0xffff,
		.size = get32(p + 8),
		.more = p + 12,
	};
}

static bool get_type(const struct btf *btf, __u32 id, struct type *t)
{
	if (!id || id > btf->nr_types)
		return false;
	*t = raw_type(btf, btf->offset[id]);
	return true;
}

/* Count the types and, in a second pass, note where each begins. */
static bool index_types(struct btf *btf)
{
	__u32 at = 0;

	btf->nr_types = 0;
	while (at < btf->types_size) {
		struct type t;
		long more;

		if (btf->types_size - at < 12)
			return false;
		t = raw_type(btf, at);
		more = extra_size(t.kind, t.vlen);
		if (more < 0 || more > (long)(btf->types_size - at - 12))
			return false;
		btf->nr_types++;
		if (btf->offset)
			btf->offset[btf->nr_types] = at;
		at += 12 + (__u32)more;
	}
	return true;
}

struct btf *btf_parse(const void *data, size_t size)
{
	const __u8 *p = data;
	__u32 header, type_off, type_len, str_off, str_len;
	struct btf *btf;
	size_t body;

	if (size < BTF_HEADER_SIZE || (get32(p) & 0xffffff) != (BTF_MAGIC | 1 << 16))
		return NULL;
	header = get32(p + 4);
	if (header < BTF_HEADER_SIZE || header > size)
		return NULL;
	type_off = get32(p + 8);
	type_len = get32(p + 12);
	str_off = get32(p + 16);
	str_len = get32(p + 20);
	body = size - header;
	if (type_off > body || type_len > body - type_off || str_off > body || str_len > body - str_off || !str_len)
		return NULL;
	if (p[header + str_off + str_len - 1])
		return NULL;

	btf = calloc(1, sizeof(*btf));
	if (!btf)
		return NULL;
	btf->types = p + header + type_off;
	btf->types_size = type_len;
	btf->strings = (const char *)p + header + str_off;
	btf->strings_size = str_len;
	if (index_types(btf))
		btf->offset = calloc((size_t)btf->nr_types + 1, sizeof(*btf->offset));
	if (!btf->offset || !index_types(btf)) {
		btf_free(btf);
		return NULL;
	}
	return btf;
}

void btf_free(struct btf *btf)
{
	if (btf)
		free(btf->offset);
	free(btf);
}

/* Through typedefs and qualifiers. */
static bool skip_modifiers(const struct btf *btf, __u32 id, struct type *t)
{
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		if (!get_type(btf, id, t))
			return false;
		switch (t->kind) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = t->size;
			break;
		default:
			return true;
		}
	}
	return false;
}

/* sizeof(type), or -1 */
static long size_of(const struct btf *btf, __u32 id)
{
	struct type t;
	long count = 1;

	for (int depth = 0; depth < MAX_DEPTH && skip_modifiers(btf, id, &t); depth++) {
		switch (t.kind) {
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
			return __builtin_mul_overflow(count, (long)t.size, &count) || count > INT32_MAX ? -1 : count;
		case BTF_KIND_PTR:
			return __builtin_mul_overflow(count, 8l, &count) || count > INT32_MAX ? -1 : count;
		case BTF_KIND_ARRAY:
			if (__builtin_mul_overflow(count, (long)get32(t.more + 8), &count))
				return -1;
			id = get32(t.more);
			break;
		default:
			return -1;
		}
	}
	return -1;
}

/* __uint(name, N): a pointer to an array of N. */
static bool member_uint(const struct btf *btf, __u32 id, __u32 *value)
{
	struct type t;

	if (!skip_modifiers(btf, id, &t) || t.kind != BTF_KIND_PTR)
		return false;
	if (!skip_modifiers(btf, t.size, &t) || t.kind != BTF_KIND_ARRAY)
		return false;
	*value = get32(t.more + 8);
	return true;
}

/* __type(name, T): a pointer to T; its size. */
static bool member_size(const struct btf *btf, __u32 id, __u32 *value)
{
	struct type t;
	long size;

	if (!skip_modifiers(btf, id, &t) || t.kind != BTF_KIND_PTR)
		return false;
	size = size_of(btf, t.size);
	if (size <= 0)
		return false;
	*value = (__u32)size;
	return true;
}

static int map_member(const struct btf *btf, struct bpf_map *map, const char *name, __u32 id)
{
	__u32 value = 0;
	bool ok;

	if (!strcmp(name, "values") || !strcmp(name, "pinning")) {
		pr_warn("map '%s': '%s' is not supported yet\n", map->name, name);
		return -EOPNOTSUPP;
	}
	if (!strcmp(name, "key") || !strcmp(name, "value"))
		ok = member_size(btf, id, &value);
	else
		ok = member_uint(btf, id, &value);
	if (!ok) {
		pr_warn("map '%s': cannot make sense of '%s' (use __uint() and __type())\n", map->name, name);
		return -EINVAL;
	}
	if (!strcmp(name, "type"))
		map->type = (enum bpf_map_type)value;
	else if (!strcmp(name, "max_entries"))
		map->max_entries = value;
	else if (!strcmp(name, "map_flags"))
		map->flags = value;
	else if (!strcmp(name, "key_size") || !strcmp(name, "key"))
		map->key_size = value;
	else if (!strcmp(name, "value_size") || !strcmp(name, "value"))
		map->value_size = value;
	else {
		pr_warn("map '%s': unknown field '%s'\n", map->name, name);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int map_struct(const struct btf *btf, struct bpf_map *map, __u32 var_type)
{
	struct type t;

	if (!skip_modifiers(btf, var_type, &t) || t.kind != BTF_KIND_STRUCT) {
		pr_warn("map '%s': its definition is not a struct\n", map->name);
		return -EINVAL;
	}
	for (__u32 i = 0; i < t.vlen; i++) {
		const __u8 *member = t.more + 12 * i;
		__u32 name = get32(member);
		int err = map_member(btf, map, name < btf->strings_size ? btf->strings + name : "", get32(member + 4));

		if (err)
			return err;
	}
	if (!map->type) {
		pr_warn("map '%s': no type given\n", map->name);
		return -EINVAL;
	}
	return 0;
}

int btf_map_definition(const struct btf *btf, struct bpf_map *map)
{
	struct type t;

	for (__u32 id = 1; get_type(btf, id, &t); id++)
		if (t.kind == BTF_KIND_VAR && !strcmp(t.name, map->name))
			return map_struct(btf, map, t.size);
	return -ENOENT;
}
