/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is a blob of bytes BTF? Header and sections, each type by itself; what types
 * refer to is btf_graph.c's. As Linux checks what programs bring along; Linux also asks whether members fit into their
 * structures to the bit, which matters to nobody here. Sliced: nothing takes long, whatever the bytes are.
 */
#include "btf.h"

#include "uapi/errno.h"

#include <stddef.h>

#define SLICE 16u	   /* types or members looked at in one step: each may have a name of NAME_MAX */
#define NAME_MAX 511u	   /* as Linux's symbols */
#define HDR_MAX 4096u	   /* bytes of header */
#define STR_MAX 0xffffffu  /* bytes of strings, as in Linux */
#define TYPES_MAX 0xfffffu /* as in Linux */

static const char *const kind_names[NR_BTF_KINDS] = {
	"UNKNOWN", "INT",      "PTR",  "ARRAY",	     "STRUCT", "UNION",	  "ENUM",  "FWD",      "TYPEDEF",  "VOLATILE",
	"CONST",   "RESTRICT", "FUNC", "FUNC_PROTO", "VAR",    "DATASEC", "FLOAT", "DECL_TAG", "TYPE_TAG", "ENUM64",
};

/* Bytes behind struct btf_type: fixed, and for each of vlen */
static const struct {
	uint8_t fixed, each;
} trailers[NR_BTF_KINDS] = {
	[BTF_KIND_INT] = {4, 0},      [BTF_KIND_ARRAY] = {sizeof(struct btf_array), 0},
	[BTF_KIND_STRUCT] = {0, 12},  [BTF_KIND_UNION] = {0, 12},
	[BTF_KIND_ENUM] = {0, 8},     [BTF_KIND_FUNC_PROTO] = {0, sizeof(struct btf_param)},
	[BTF_KIND_VAR] = {4, 0},      [BTF_KIND_DATASEC] = {0, sizeof(struct btf_var_secinfo)},
	[BTF_KIND_DECL_TAG] = {4, 0}, [BTF_KIND_ENUM64] = {0, 12},
};

_Static_assert(sizeof(struct btf_member) == 12 && sizeof(struct btf_type) == 12, "as above");

static int refuse(struct ebpf_btf_check *check, const char *reason)
{
	ebpf_vlog_printf(check->log, "%s\n", reason);
	return -EINVAL;
}

static const struct btf_type *type_at(const struct ebpf_btf *btf, uint32_t pos)
{
	return (const struct btf_type *)(const void *)(btf->types + pos);
}

/* "[3] STRUCT task Invalid name" */
int ebpf_btf_refuse_type(struct ebpf_btf_check *check, uint32_t id, const struct btf_type *type, const char *reason)
{
	const char *name = ebpf_btf_string(check->btf, type->name_off);

	ebpf_vlog_printf(check->log, "[%u] %s %s %s\n", id,
			 ebpf_btf_kind(type) < NR_BTF_KINDS ? kind_names[ebpf_btf_kind(type)] : "UNKNOWN",
			 name && *name ? name : "(anon)", reason);
	return -EINVAL;
}

/* ------------------------------------------------------------------------ header */

/* One section behind the other, all of the rest: gaps could hide anything. NULL: fine */
static const char *check_sections(const struct btf_header *header, uint64_t room)
{
	bool types_first = header->type_off <= header->str_off;
	uint64_t types_end = (uint64_t)header->type_off + header->type_len,
		 strings_end = (uint64_t)header->str_off + header->str_len;
	uint64_t first = types_first ? header->type_off : header->str_off,
		 first_end = types_first ? types_end : strings_end,
		 second = types_first ? header->str_off : header->type_off,
		 second_end = types_first ? strings_end : types_end;

	if (header->type_off % 4)
		return "Unaligned type_off";
	if (!header->type_len || header->type_len % 4)
		return "No type found";
	if (second < first_end)
		return "Section overlap found";
	if (second_end > room)
		return "Total section length too long";
	if (first || second > first_end || second_end < room)
		return "Unsupported section found";
	return NULL;
}

static const char *check_header_fields(const struct ebpf_btf *btf, const struct btf_header *header)
{
	if (header->magic != BTF_MAGIC)
		return "Invalid magic";
	if (header->version != BTF_VERSION)
		return "Unsupported version";
	if (header->flags)
		return "Unsupported flags";
	if (header->hdr_len < sizeof(*header) || header->hdr_len > btf->size || header->hdr_len % 4 ||
	    header->hdr_len > HDR_MAX)
		return "Invalid hdr_len";
	for (uint32_t i = sizeof(*header); i < header->hdr_len; i++)
		if (btf->data[i])
			return "Unsupported btf_header";
	return check_sections(header, btf->size - header->hdr_len);
}

static int check_header(struct ebpf_btf_check *check)
{
	struct ebpf_btf *btf = check->btf;
	const struct btf_header *header = (const struct btf_header *)(const void *)btf->data;
	const char *reason = btf->size < sizeof(*header) ? "hdr_len not found" : check_header_fields(btf, header);

	if (reason)
		return refuse(check, reason);
	btf->types = btf->data + header->hdr_len + header->type_off;
	btf->strings = (const char *)btf->data + header->hdr_len + header->str_off;
	if (!header->str_len || header->str_len > STR_MAX || btf->strings[0] || btf->strings[header->str_len - 1])
		return refuse(check, "Invalid string section");
	btf->str_len = header->str_len;
	check->last = header->type_len;
	/* Room for as many as there can be */
	btf->at = ebpf_alloc(btf->obj.account, (header->type_len / sizeof(struct btf_type) + 1) * sizeof(*btf->at));
	if (!btf->at)
		return -ENOMEM;
	btf->at[0] = 0;
	return 0;
}

/* -------------------------------------------------------------- types, one by one */

static bool name_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
	       (!first && c >= '0' && c <= '9');
}

static bool is_identifier(const struct ebpf_btf *btf, uint32_t offset)
{
	const char *name = ebpf_btf_string(btf, offset);
	uint32_t n = 0;

	if (!name || !*name)
		return false;
	while (n <= NAME_MAX && name[n] && name_char(name[n], n == 0))
		n++;
	return !name[n];
}

/* Of a section: anything that can be printed */
static bool is_section_name(const struct ebpf_btf *btf, uint32_t offset)
{
	const char *name = ebpf_btf_string(btf, offset);
	uint32_t n = 0;

	if (!name || !*name)
		return false;
	while (n <= NAME_MAX && name[n] >= ' ' && name[n] <= '~')
		n++;
	return !name[n];
}

enum naming { NAMELESS, NAMED, MAY_BE_NAMED, SECTION, ANY_NAME };

static bool name_ok(const struct ebpf_btf *btf, uint32_t offset, enum naming naming)
{
	const char *name = ebpf_btf_string(btf, offset);

	if (!name)
		return false;
	switch (naming) {
	case NAMELESS:
		return !offset;
	case NAMED:
		return is_identifier(btf, offset);
	case MAY_BE_NAMED:
		return !offset || is_identifier(btf, offset);
	case SECTION:
		return is_section_name(btf, offset);
	default:
		return *name;
	}
}

static enum naming naming_of(uint32_t kind)
{
	switch (kind) {
	case BTF_KIND_PTR:
	case BTF_KIND_ARRAY:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC_PROTO:
		return NAMELESS;
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
		return NAMED;
	case BTF_KIND_DATASEC:
		return SECTION;
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_INT: /* "long unsigned int" */
	case BTF_KIND_FLOAT:
		return ANY_NAME;
	}
	return MAY_BE_NAMED;
}

static const char *check_int(const struct btf_type *type)
{
	uint32_t word = *(const uint32_t *)(const void *)(type + 1), bits = BTF_INT_BITS(word);
	uint32_t encoding = BTF_INT_ENCODING(word);

	if (word & 0xf000ff00)
		return "Invalid int_data";
	if (bits > 128 || bits + BTF_INT_OFFSET(word) > 128)
		return "nr_bits exceeds 128";
	if ((bits + BTF_INT_OFFSET(word) + 7) / 8 > type->size)
		return "nr_bits exceeds type_size";
	if (encoding && encoding != BTF_INT_SIGNED && encoding != BTF_INT_CHAR && encoding != BTF_INT_BOOL)
		return "Unsupported encoding";
	return NULL;
}

static bool is_power_of_2(uint32_t n)
{
	return n && !(n & (n - 1));
}

/* What the kind says of info, size and the words behind; members come later. NULL: fine */
static const char *check_kind(const struct btf_type *type)
{
	const uint32_t *words = (const uint32_t *)(const void *)(type + 1);
	uint32_t kind = ebpf_btf_kind(type), vlen = BTF_INFO_VLEN(type->info);
	bool kflag = BTF_INFO_KFLAG(type->info);

	if (!trailers[kind].each && kind != BTF_KIND_FUNC && vlen)
		return "vlen != 0";
	if (kflag && kind != BTF_KIND_STRUCT && kind != BTF_KIND_UNION && kind != BTF_KIND_FWD &&
	    kind != BTF_KIND_ENUM && kind != BTF_KIND_ENUM64 && kind != BTF_KIND_DECL_TAG && kind != BTF_KIND_TYPE_TAG)
		return "Invalid btf_info kind_flag";
	switch (kind) {
	case BTF_KIND_INT:
		return check_int(type);
	case BTF_KIND_ARRAY:
		if (type->size)
			return "size != 0";
		return words[0] && words[1] ? NULL : "Invalid elem";
	case BTF_KIND_FWD:
		return type->type ? "type != 0" : NULL;
	case BTF_KIND_FUNC:
		return vlen > BTF_FUNC_GLOBAL ? "Invalid func linkage" : NULL;
	case BTF_KIND_VAR:
		return words[0] > 1 ? "Linkage not supported" : type->type ? NULL : "Invalid type_id";
	case BTF_KIND_DATASEC:
		return type->size ? NULL : "Invalid size";
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return type->size <= 8 && is_power_of_2(type->size) ? NULL : "Unexpected size";
	case BTF_KIND_FLOAT:
		return type->size == 12 || (type->size >= 2 && type->size <= 16 && is_power_of_2(type->size))
			       ? NULL
			       : "Invalid type_size";
	case BTF_KIND_DECL_TAG:
		return (int32_t)words[0] < -1 ? "Invalid component_idx" : NULL;
	}
	return NULL;
}

static uint32_t record_size(const struct btf_type *type)
{
	uint32_t kind = ebpf_btf_kind(type);

	return (uint32_t)sizeof(*type) + trailers[kind].fixed + trailers[kind].each * BTF_INFO_VLEN(type->info);
}

static const char *check_struct_member(struct ebpf_btf_check *check, const struct btf_type *type, uint32_t n)
{
	const struct btf_member *member = (const struct btf_member *)(const void *)(type + 1) + n;
	uint32_t offset = BTF_INFO_KFLAG(type->info) ? member->offset & 0xffffff : member->offset;
	bool is_union = ebpf_btf_kind(type) == BTF_KIND_UNION;

	if (!name_ok(check->btf, member->name_off, MAY_BE_NAMED))
		return "Invalid member name";
	if (!member->type)
		return "Invalid type_id";
	if ((is_union && offset) ||
	    (n && offset < (member[-1].offset & (BTF_INFO_KFLAG(type->info) ? 0xffffffu : UINT32_MAX))))
		return "Invalid member bits_offset";
	if ((offset + 7ull) / 8 > type->size)
		return "Member bits_offset exceeds its struct size";
	return NULL;
}

static const char *check_variable(const struct btf_type *type, uint32_t n)
{
	const struct btf_var_secinfo *var = (const struct btf_var_secinfo *)(const void *)(type + 1) + n;

	if (!var->type)
		return "Invalid type_id";
	if (n && var->offset < var[-1].offset + (uint64_t)var[-1].size)
		return "Invalid offset";
	if (!var->size || var->size > type->size)
		return "Invalid size";
	if ((uint64_t)var->offset + var->size > type->size)
		return "Invalid offset+size";
	return NULL;
}

/* Number n of what is behind a type */
static const char *check_member(struct ebpf_btf_check *check, const struct btf_type *type, uint32_t n)
{
	const uint32_t *words = (const uint32_t *)(const void *)(type + 1);

	switch (ebpf_btf_kind(type)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return check_struct_member(check, type, n);
	case BTF_KIND_ENUM:
		return name_ok(check->btf, words[2 * n], NAMED) ? NULL : "Invalid name";
	case BTF_KIND_ENUM64:
		return name_ok(check->btf, words[3 * n], NAMED) ? NULL : "Invalid name";
	case BTF_KIND_FUNC_PROTO:
		return name_ok(check->btf, words[2 * n], MAY_BE_NAMED) ? NULL : "Invalid arg";
	case BTF_KIND_DATASEC:
		return check_variable(type, n);
	}
	return NULL;
}

static int begin_type(struct ebpf_btf_check *check, const struct btf_type *type)
{
	struct ebpf_btf *btf = check->btf;
	uint32_t left = check->last - check->pos, id = btf->nr_types + 1;
	const char *reason;

	if (left < sizeof(*type))
		return refuse(check, "meta_left is smaller than a type");
	if (type->info & BTF_INFO_UNUSED)
		return ebpf_btf_refuse_type(check, id, type, "Invalid btf_info");
	if (ebpf_btf_kind(type) >= NR_BTF_KINDS || ebpf_btf_kind(type) == BTF_KIND_UNKN)
		return ebpf_btf_refuse_type(check, id, type, "Invalid kind");
	if (record_size(type) > left)
		return ebpf_btf_refuse_type(check, id, type, "meta_left is smaller than meta_needed");
	if (id > TYPES_MAX)
		return refuse(check, "Too many types");
	reason = check_kind(type);
	if (!reason && !name_ok(btf, type->name_off, naming_of(ebpf_btf_kind(type))))
		reason = "Invalid name";
	return reason ? ebpf_btf_refuse_type(check, id, type, reason) : 0;
}

static int check_meta(struct ebpf_btf_check *check)
{
	struct ebpf_btf *btf = check->btf;

	for (uint32_t n = 0; n < SLICE && check->pos < check->last; n++) {
		const struct btf_type *type = type_at(btf, check->pos);
		bool whole = false;

		if (!check->member) {
			int err = begin_type(check, type);

			if (err)
				return err;
		}
		whole = !trailers[ebpf_btf_kind(type)].each || check->member == BTF_INFO_VLEN(type->info);
		if (!whole) {
			const char *reason = check_member(check, type, check->member++);

			if (reason)
				return ebpf_btf_refuse_type(check, btf->nr_types + 1, type, reason);
			whole = check->member == BTF_INFO_VLEN(type->info);
		}
		if (whole) {
			btf->at[++btf->nr_types] = check->pos;
			check->pos += record_size(type);
			check->member = 0;
		}
	}
	return check->pos < check->last ? -ERESTART : 0;
}

/* ----------------------------------------------------------------------- driving */

int ebpf_btf_check_step(struct ebpf_btf_check *check)
{
	static int (*const phases[EBPF_BTF_VALID])(struct ebpf_btf_check *) = {
		[EBPF_BTF_HEADER] = check_header,
		[EBPF_BTF_META] = check_meta,
		[EBPF_BTF_REFS] = ebpf_btf_check_refs,
		[EBPF_BTF_POINTERS] = ebpf_btf_check_loops,
		[EBPF_BTF_CONTAINERS] = ebpf_btf_check_loops,
	};
	int err = phases[check->phase](check);

	if (err)
		return err;
	check->pos = 0;
	if (check->phase < EBPF_BTF_POINTERS)
		check->member = 0;
	return ++check->phase == EBPF_BTF_VALID ? 0 : -ERESTART;
}

void ebpf_btf_check_end(struct ebpf_btf_check *check)
{
	ebpf_free(check->seen);
	check->seen = NULL;
}
