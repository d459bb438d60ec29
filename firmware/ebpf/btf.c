/* SPDX-License-Identifier: BSD-2-Clause */
/* BTF objects: their memory, and looking things up in one that btf_check.c has found valid. */
#include "btf.h"

#include <stddef.h>

static void btf_release(struct ebpf_obj *obj)
{
	struct ebpf_btf *btf = (struct ebpf_btf *)obj;

	ebpf_free(btf->data);
	ebpf_free(btf->at);
	ebpf_free(btf);
}

struct ebpf_btf *ebpf_btf_new(uint32_t size, struct ebpf_account *account)
{
	struct ebpf_btf *btf = ebpf_zalloc(account, sizeof(*btf));

	if (!btf)
		return NULL;
	btf->obj.refs = 1;
	btf->obj.type = EBPF_OBJ_BTF;
	btf->obj.account = account;
	btf->obj.release = btf_release;
	btf->size = size;
	btf->data = ebpf_alloc(account, size);
	if (!btf->data) {
		ebpf_obj_put(&btf->obj);
		return NULL;
	}
	return btf;
}

const struct btf_type *ebpf_btf_type(const struct ebpf_btf *btf, uint32_t id)
{
	if (!id || id > btf->nr_types)
		return NULL;
	return (const struct btf_type *)(const void *)(btf->types + btf->at[id]);
}

const char *ebpf_btf_string(const struct ebpf_btf *btf, uint32_t offset)
{
	return offset < btf->str_len ? btf->strings + offset : NULL;
}

uint32_t ebpf_btf_plain(const struct ebpf_btf *btf, uint32_t id)
{
	const struct btf_type *type;

	/* Chains end: btf_check.c has looked for loops and for long ones. */
	while ((type = ebpf_btf_type(btf, id)) && ebpf_btf_is_modifier(ebpf_btf_kind(type)))
		id = type->type;
	return id;
}

bool ebpf_btf_size(const struct ebpf_btf *btf, uint32_t id, uint64_t *size)
{
	uint64_t times = 1;

	for (;;) {
		const struct btf_type *type = ebpf_btf_type(btf, ebpf_btf_plain(btf, id));
		const struct btf_array *array;

		if (!type)
			return false;
		switch (ebpf_btf_kind(type)) {
		case BTF_KIND_PTR:
			*size = times * sizeof(uint64_t);
			return true;
		case BTF_KIND_INT:
		case BTF_KIND_FLOAT:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_DATASEC:
			return !__builtin_mul_overflow(times, (uint64_t)type->size, size);
		case BTF_KIND_VAR:
			id = type->type;
			continue;
		case BTF_KIND_ARRAY:
			array = (const struct btf_array *)(const void *)(type + 1);
			if (__builtin_mul_overflow(times, (uint64_t)array->nelems, &times))
				return false;
			id = array->type;
			continue;
		}
		return false;
	}
}
