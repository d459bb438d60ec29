/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF (Linux Documentation/bpf/btf.rst) as libbpf's files see it: types by id,
 * checked once when they are parsed. Nothing here allocates but btf_parse().
 * Id 0 is void. What is handed out points into the bytes that were parsed.
 */
#ifndef SDK_LIBBPF_BTF_H
#define SDK_LIBBPF_BTF_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

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

struct btf;

/* A type's fixed part, copied out */
struct btf_type {
	const char *name;
	__u32 kind, vlen;
	bool kflag;
	__u32 size; /* or the id of the type it refers to */
	const __u8 *more;
};

struct btf_member {
	const char *name;
	__u32 type;
	__u32 bit_offset;
	__u32 bits; /* of a bit field, else 0 */
};

struct btf_array {
	__u32 type, index_type, nr;
};

/* NULL: not well-formed, or no memory. Copies nothing: data stays. */
struct btf *btf_parse(const void *data, size_t size);
void btf_free(struct btf *btf);

__u32 btf_nr_types(const struct btf *btf); /* ids 1 .. that */
bool btf_get(const struct btf *btf, __u32 id, struct btf_type *t);
const char *btf_string(const struct btf *btf, __u32 offset); /* "" if it lies outside */
/* Through typedefs and qualifiers: the type's id behind them, 0 if there is none. */
__u32 btf_resolve(const struct btf *btf, __u32 id, struct btf_type *t);
long btf_sizeof(const struct btf *btf, __u32 id); /* bytes, or -1 */

/* Parts of a type; i < vlen is the caller's duty */
struct btf_member btf_member(const struct btf *btf, const struct btf_type *t, __u32 i);
struct btf_array btf_array(const struct btf_type *t);
const char *btf_enumerator(const struct btf *btf, const struct btf_type *t, __u32 i, __u64 *value);
bool btf_is_signed(const struct btf_type *t);	   /* of integers and enumerations */
__u32 btf_word(const struct btf_type *t, __u32 i); /* the i-th word behind the fixed part */

static inline bool btf_is_composite(const struct btf_type *t)
{
	return t->kind == BTF_KIND_STRUCT || t->kind == BTF_KIND_UNION;
}

static inline bool btf_is_enum(const struct btf_type *t)
{
	return t->kind == BTF_KIND_ENUM || t->kind == BTF_KIND_ENUM64;
}

#endif
