/* SPDX-License-Identifier: BSD-2-Clause */
/* BTF types: see libbpf_btf.h. */
#include "libbpf_btf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BTF_MAGIC 0xeb9f
#define BTF_HEADER_SIZE 24u
#define BTF_INT_SIGNED (1u << 24)
#define MAX_DEPTH 32 /* of typedefs and arrays: a longer chain is a loop */

struct btf {
	const __u8 *types;
	__u32 types_size;
	const char *strings;
	__u32 strings_size;
	__u32 nr_types;
	__u32 *offset; /* of type id 1.. in types */
};

static __u32 get32(const __u8 *p)
{
	__u32 v;

	memcpy(&v, p, sizeof(v)); /* the object is little-endian, and so is RISC-V */
	return v;
}

const char *btf_string(const struct btf *btf, __u32 offset)
{
	return offset < btf->strings_size ? btf->strings + offset : "";
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

static struct btf_type raw_type(const struct btf *btf, __u32 offset)
{
	const __u8 *p = btf->types + offset;
	__u32 info = get32(p + 4);

	return (struct btf_type){
		.name = btf_string(btf, get32(p)),
		.kind = info >> 24 & 0x1f,
		.vlen = info & 0xffff,
		.kflag = info >> 31,
		.size = get32(p + 8),
		.more = p + 12,
	};
}

bool btf_get(const struct btf *btf, __u32 id, struct btf_type *t)
{
	if (!id || id > btf->nr_types)
		return false;
	*t = raw_type(btf, btf->offset[id]);
	return true;
}

__u32 btf_nr_types(const struct btf *btf)
{
	return btf->nr_types;
}

/* Count the types and, in a second pass, note where each begins. */
static bool index_types(struct btf *btf)
{
	__u32 at = 0;

	btf->nr_types = 0;
	while (at < btf->types_size) {
		struct btf_type t;
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

__u32 btf_resolve(const struct btf *btf, __u32 id, struct btf_type *t)
{
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		if (!btf_get(btf, id, t))
			return 0;
		switch (t->kind) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = t->size;
			break;
		default:
			return id;
		}
	}
	return 0;
}

long btf_sizeof(const struct btf *btf, __u32 id)
{
	struct btf_type t;
	long count = 1;

	for (int depth = 0; depth < MAX_DEPTH && btf_resolve(btf, id, &t); depth++) {
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
			if (__builtin_mul_overflow(count, (long)btf_array(&t).nr, &count))
				return -1;
			id = btf_array(&t).type;
			break;
		default:
			return -1;
		}
	}
	return -1;
}

__u32 btf_word(const struct btf_type *t, __u32 i)
{
	return get32(t->more + (size_t)4 * i);
}

struct btf_member btf_member(const struct btf *btf, const struct btf_type *t, __u32 i)
{
	__u32 at = 3 * i, offset = btf_word(t, at + 2);

	return (struct btf_member){
		.name = btf_string(btf, btf_word(t, at)),
		.type = btf_word(t, at + 1),
		.bit_offset = t->kflag ? offset & 0xffffff : offset,
		.bits = t->kflag ? offset >> 24 : 0,
	};
}

struct btf_array btf_array(const struct btf_type *t)
{
	return (struct btf_array){.type = btf_word(t, 0), .index_type = btf_word(t, 1), .nr = btf_word(t, 2)};
}

const char *btf_enumerator(const struct btf *btf, const struct btf_type *t, __u32 i, __u64 *value)
{
	if (t->kind == BTF_KIND_ENUM64) {
		*value = btf_word(t, 3 * i + 1) | (__u64)btf_word(t, 3 * i + 2) << 32;
		return btf_string(btf, btf_word(t, 3 * i));
	}
	*value = t->kflag ? (__u64)(__s32)btf_word(t, 2 * i + 1) : btf_word(t, 2 * i + 1);
	return btf_string(btf, btf_word(t, 2 * i));
}

bool btf_is_signed(const struct btf_type *t)
{
	return t->kind == BTF_KIND_INT ? (btf_word(t, 0) & BTF_INT_SIGNED) != 0 : btf_is_enum(t) && t->kflag;
}
