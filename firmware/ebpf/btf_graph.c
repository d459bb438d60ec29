/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What BTF's types refer to: types that exist and make sense there, and no type
 * that contains itself. After btf_check.c has found each by itself to be in order.
 */
#include "btf.h"

#include "uapi/errno.h"

#include <stddef.h>

#define SLICE 64u /* references looked at in one step */

/* ------------------------------------------------------------------- references */

/* The n-th type a type refers to; UINT32_MAX: there are no more. */
static uint32_t reference(const struct btf_type *type, uint32_t n)
{
	const uint32_t *words = (const uint32_t *)(const void *)(type + 1);
	uint32_t vlen = BTF_INFO_VLEN(type->info);

	switch (ebpf_btf_kind(type)) {
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FWD:
	case BTF_KIND_FLOAT:
		return UINT32_MAX;
	case BTF_KIND_ARRAY:
		return n < 2 ? words[n] : UINT32_MAX;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n < vlen ? words[3 * n + 1] : UINT32_MAX;
	case BTF_KIND_DATASEC:
		return n < vlen ? words[3 * n] : UINT32_MAX;
	case BTF_KIND_FUNC_PROTO:
		return n == vlen ? type->type : n < vlen ? words[2 * n + 1] : UINT32_MAX;
	}
	return n == 0 ? type->type : UINT32_MAX;
}

/* Which kinds may be referred to by a kind, as far as somebody relies on it */
static const char *check_target(const struct ebpf_btf *btf, const struct btf_type *type, uint32_t to)
{
	const struct btf_type *target = ebpf_btf_type(btf, to);
	uint32_t kind = target ? ebpf_btf_kind(target) : BTF_KIND_UNKN;

	if (to > btf->nr_types)
		return "Invalid type_id";
	switch (ebpf_btf_kind(type)) {
	case BTF_KIND_FUNC:
		return kind == BTF_KIND_FUNC_PROTO ? NULL : "Invalid func_proto";
	case BTF_KIND_DATASEC:
		return kind == BTF_KIND_VAR ? NULL : "Not a VAR kind member";
	case BTF_KIND_DECL_TAG:
		return target ? NULL : "Invalid type";
	case BTF_KIND_PTR:
		return kind == BTF_KIND_VAR || kind == BTF_KIND_DATASEC ? "Invalid type_id" : NULL;
	}
	if (kind == BTF_KIND_FUNC || kind == BTF_KIND_VAR || kind == BTF_KIND_DATASEC || kind == BTF_KIND_DECL_TAG)
		return "Invalid type_id";
	return NULL;
}

int ebpf_btf_check_refs(struct ebpf_btf_check *check)
{
	for (uint32_t n = 0; n < SLICE && check->pos < check->btf->nr_types; n++) {
		const struct btf_type *type = ebpf_btf_type(check->btf, check->pos + 1);
		uint32_t to = reference(type, check->member++);
		const char *reason;

		if (to == UINT32_MAX) {
			check->pos++;
			check->member = 0;
			continue;
		}
		reason = check_target(check->btf, type, to);
		if (reason)
			return ebpf_btf_refuse_type(check, check->pos + 1, type, reason);
	}
	return check->pos < check->btf->nr_types ? -ERESTART : 0;
}

/* ------------------------------------------------------------------------- loops */

/*
 * A pointer may lead back to the structure it is in, so loops are looked for
 * twice, as in Linux: among pointers and what only qualifies, and among things that
 * contain others and what only qualifies.
 */
static bool followed(uint32_t kind, uint32_t phase)
{
	if (ebpf_btf_is_modifier(kind))
		return true;
	if (phase == EBPF_BTF_POINTERS)
		return kind == BTF_KIND_PTR;
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ARRAY;
}

static int enter(struct ebpf_btf_check *check, uint32_t id)
{
	const struct btf_type *type = ebpf_btf_type(check->btf, id);
	uint8_t begun = (uint8_t)(check->phase == EBPF_BTF_POINTERS ? 1 : 4), done = (uint8_t)(begun * 2);

	if (!type || !followed(ebpf_btf_kind(type), check->phase) || (check->seen[id] & done))
		return 0;
	if (check->seen[id] & begun)
		return ebpf_btf_refuse_type(check, id, type, "Loop detected");
	if (check->depth == EBPF_BTF_DEPTH) {
		ebpf_btf_refuse_type(check, id, type, "Exceeded max resolving depth");
		return -E2BIG;
	}
	check->seen[id] |= begun;
	check->stack[check->depth].id = id;
	check->stack[check->depth++].member = 0;
	return 0;
}

/* Go on from the innermost type that is not done. */
static int deeper(struct ebpf_btf_check *check)
{
	uint32_t top = check->depth - 1, id = check->stack[top].id;
	uint32_t to = reference(ebpf_btf_type(check->btf, id), check->stack[top].member++);

	if (to != UINT32_MAX)
		return enter(check, to);
	check->seen[id] |= check->phase == EBPF_BTF_POINTERS ? 2 : 8;
	check->depth--;
	return 0;
}

int ebpf_btf_check_loops(struct ebpf_btf_check *check)
{
	struct ebpf_btf *btf = check->btf;
	int err = 0;

	if (!check->seen) {
		check->seen = ebpf_alloc(btf->obj.account, btf->nr_types + 1);
		if (!check->seen)
			return -ENOMEM;
		check->member = 0; /* ids whose mark is cleared */
	}
	for (uint32_t n = 0; n < 16 * SLICE && check->member <= btf->nr_types; n++)
		check->seen[check->member++] = 0;
	if (check->member <= btf->nr_types)
		return -ERESTART;
	for (uint32_t n = 0; !err && n < SLICE && (check->depth || check->pos < btf->nr_types); n++)
		err = check->depth ? deeper(check) : enter(check, ++check->pos);
	if (err)
		return err;
	return check->depth || check->pos < btf->nr_types ? -ERESTART : 0;
}
