/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builds BTF in memory, for tests of whatever reads it. Nothing is checked, so wrong BTF can be built as well.
 * Who includes it has the kinds from elsewhere: sdk/lib/libbpf_btf.h or uapi/btf.h.
 */
#ifndef BTF_BUILDER_H
#define BTF_BUILDER_H

#include <stdint.h>
#include <string.h>

struct btf_builder {
	uint8_t types[2048], strings[1024];
	uint32_t types_size, strings_size, count;
};

static inline uint32_t put_string(struct btf_builder *b, const char *s)
{
	uint32_t at = b->strings_size;

	if (!*s)
		return 0;
	strcpy((char *)b->strings + at, s);
	b->strings_size += (uint32_t)strlen(s) + 1;
	return at;
}

static inline void put_word(struct btf_builder *b, uint32_t v)
{
	memcpy(b->types + b->types_size, &v, 4);
	b->types_size += 4;
}

/* The id of the type. vlen: with 1 << 31 as well, its kflag */
static inline uint32_t put_type(struct btf_builder *b, const char *name, uint32_t kind, uint32_t vlen, uint32_t size)
{
	put_word(b, put_string(b, name));
	put_word(b, kind << 24 | vlen);
	put_word(b, size);
	return ++b->count;
}

static inline uint32_t put_int(struct btf_builder *b, uint32_t size)
{
	uint32_t id = put_type(b, "int", BTF_KIND_INT, 0, size);

	put_word(b, size * 8);
	return id;
}

static inline uint32_t put_array(struct btf_builder *b, uint32_t type, uint32_t n)
{
	uint32_t id = put_type(b, "", BTF_KIND_ARRAY, 0, 0);

	put_word(b, type);
	put_word(b, 1);
	put_word(b, n);
	return id;
}

static inline uint32_t put_ptr(struct btf_builder *b, uint32_t to)
{
	return put_type(b, "", BTF_KIND_PTR, 0, to);
}

/* Behind a structure's put_type(), one for each member */
static inline void put_member(struct btf_builder *b, const char *name, uint32_t type, uint32_t bit_offset)
{
	put_word(b, put_string(b, name));
	put_word(b, type);
	put_word(b, bit_offset);
}

static inline void put_begin(struct btf_builder *b)
{
	memset(b, 0, sizeof(*b));
	b->strings_size = 1;
	put_int(b, 4); /* id 1 */
}

/* Bytes stored in out */
static inline size_t put_finish(const struct btf_builder *b, uint8_t *out)
{
	uint32_t header[6] = {0xeb9f | 1 << 16, 24, 0, b->types_size, b->types_size, b->strings_size};

	memcpy(out, header, sizeof(header));
	memcpy(out + 24, b->types, b->types_size);
	memcpy(out + 24 + b->types_size, b->strings, b->strings_size);
	return 24 + b->types_size + b->strings_size;
}

#endif
