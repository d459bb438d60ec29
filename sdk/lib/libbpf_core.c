/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CO-RE: from a question about the object's types to the answer of the kernel's.
 * Types correspond by kind and name, a `___flavour` at the end left out; members
 * by name, wherever anonymous structures put them. Of several types of one name,
 * all that have the field must agree.
 */
#include "libbpf_core.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STEPS 32
#define MAX_NESTING 16 /* of anonymous members */

/* A field, or type, or enumerator that was found */
struct spot {
	__u32 type;	  /* id of the field's type, or of the type */
	__u32 bit_offset; /* of the field */
	__u32 bits;	  /* of a bit field, else 0 */
	__u64 value;	  /* of the enumerator */
};

/* The way to a field, as far as names and elements say it */
struct step {
	const char *name; /* NULL: element `index` of an array */
	__u32 index;
	__u32 type; /* id of the member's type */
};

struct path {
	__u32 root, first; /* element of an array of the root type that it starts from */
	unsigned int nr;
	struct step step[MAX_STEPS];
};

/* Length of the name without its flavour */
static size_t essential(const char *name)
{
	const char *flavour = NULL;

	for (const char *p = strstr(name, "___"); p; p = strstr(p + 1, "___"))
		if (p != name && p[3])
			flavour = p;
	return flavour ? (size_t)(flavour - name) : strlen(name);
}

static bool same_name(const char *a, const char *b)
{
	size_t n = essential(a);

	return n == essential(b) && !memcmp(a, b, n);
}

static bool kinds_match(const struct btf_type *a, const struct btf_type *b)
{
	return a->kind == b->kind || (btf_is_enum(a) && btf_is_enum(b));
}

/* "0:1:2" into numbers; how many, 0 if it is something else. */
static unsigned int parse_access(const char *access, __u32 index[MAX_STEPS])
{
	unsigned int n = 0;

	while (n < MAX_STEPS) {
		char *end;
		unsigned long v = strtoul(access, &end, 10);

		if (end == access || v > INT32_MAX)
			return 0;
		index[n++] = (__u32)v;
		if (!*end)
			return n;
		if (*end != ':')
			return 0;
		access = end + 1;
	}
	return 0;
}

static bool add_offset(struct spot *spot, __u64 bits)
{
	if (bits > INT32_MAX - (__u64)spot->bit_offset)
		return false;
	spot->bit_offset += (__u32)bits;
	return true;
}

/* To element `index` of things of type `id`. */
static bool step_element(const struct btf *btf, struct spot *spot, __u32 id, __u32 index)
{
	long size = btf_sizeof(btf, id);

	spot->type = id;
	spot->bits = 0;
	return size >= 0 && add_offset(spot, (__u64)size * 8 * index);
}

static bool step_member(struct spot *spot, const struct btf_member *m)
{
	spot->type = m->type;
	spot->bits = m->bits;
	return add_offset(spot, m->bit_offset);
}

/* Follow the compiler's numbers through its own types; note the names on the way. */
static bool local_field(const struct btf *btf, __u32 root, const __u32 *index, unsigned int n, struct path *path,
			struct spot *spot)
{
	*spot = (struct spot){0};
	*path = (struct path){.root = root, .first = index[0]};
	if (!step_element(btf, spot, root, index[0]))
		return n == 1 && index[0] == 0; /* the size does not matter then */
	for (unsigned int i = 1; i < n; i++) {
		struct step *step = &path->step[path->nr];
		struct btf_type t;

		btf_resolve(btf, spot->type, &t);
		if (btf_is_composite(&t) && index[i] < t.vlen) {
			struct btf_member m = btf_member(btf, &t, index[i]);

			if (!step_member(spot, &m))
				return false;
			*step = (struct step){.name = m.name, .type = m.type};
			path->nr += m.name[0] != 0;
		} else if (t.kind == BTF_KIND_ARRAY) {
			if (!step_element(btf, spot, btf_array(&t).type, index[i]))
				return false;
			*step = (struct step){.index = index[i], .type = spot->type};
			path->nr++;
		} else {
			return false;
		}
	}
	return true;
}

/* May the kernel's member be what the program means by its member of that name? */
static bool fields_compatible(const struct btf *local, __u32 local_id, const struct btf *kernel, __u32 kernel_id)
{
	for (int depth = 0; depth < MAX_NESTING; depth++) {
		struct btf_type a, b;

		if (!btf_resolve(local, local_id, &a) || !btf_resolve(kernel, kernel_id, &b))
			return false;
		if (btf_is_composite(&a) && btf_is_composite(&b))
			return true;
		if (!kinds_match(&a, &b))
			return false;
		if (btf_is_enum(&a) || a.kind == BTF_KIND_FWD)
			return !a.name[0] || !b.name[0] || same_name(a.name, b.name);
		if (a.kind != BTF_KIND_ARRAY)
			return a.kind == BTF_KIND_PTR || a.kind == BTF_KIND_INT || a.kind == BTF_KIND_FLOAT;
		local_id = btf_array(&a).type;
		kernel_id = btf_array(&b).type;
	}
	return false;
}

/* The member of that name, in the type itself or in anonymous members of it. */
static bool kernel_member(const struct btf *local, const struct step *step, const struct btf *kernel, struct spot *spot,
			  int depth)
{
	struct spot start = *spot;
	struct btf_type t;

	if (depth == MAX_NESTING || !btf_resolve(kernel, start.type, &t) || !btf_is_composite(&t))
		return false;
	for (__u32 i = 0; i < t.vlen; i++) {
		struct btf_member m = btf_member(kernel, &t, i);

		*spot = start;
		if (!step_member(spot, &m))
			return false;
		if (!m.name[0] ? kernel_member(local, step, kernel, spot, depth + 1)
			       : !strcmp(m.name, step->name) && fields_compatible(local, step->type, kernel, m.type))
			return true;
	}
	return false;
}

static bool kernel_field(const struct btf *local, const struct path *path, const struct btf *kernel, __u32 root,
			 struct spot *spot)
{
	*spot = (struct spot){0};
	if (!step_element(kernel, spot, root, path->first))
		return path->nr == 0 && path->first == 0;
	for (unsigned int i = 0; i < path->nr; i++) {
		const struct step *step = &path->step[i];
		struct btf_array array;
		struct btf_type t;

		if (step->name) {
			if (!kernel_member(local, step, kernel, spot, 0))
				return false;
			continue;
		}
		if (!btf_resolve(kernel, spot->type, &t) || t.kind != BTF_KIND_ARRAY)
			return false;
		array = btf_array(&t);
		/* an array of no elements at the end of a structure has as many as one likes */
		if ((array.nr && step->index >= array.nr) || !step_element(kernel, spot, array.type, step->index))
			return false;
	}
	return true;
}

/* Does the kernel's type have all that the program's has? */
static bool type_matches(const struct btf *local, const struct btf_type *a, const struct btf *kernel, __u32 kernel_id)
{
	struct btf_type b;
	__u64 value, other;

	if (!btf_get(kernel, kernel_id, &b))
		return false;
	for (__u32 i = 0; btf_is_composite(a) && i < a->vlen; i++) {
		struct btf_member m = btf_member(local, a, i);
		struct step step = {.name = m.name, .type = m.type};
		struct spot spot = {.type = kernel_id};

		if (m.name[0] && !kernel_member(local, &step, kernel, &spot, 0))
			return false;
	}
	for (__u32 i = 0; btf_is_enum(a) && i < a->vlen; i++) {
		const char *name = btf_enumerator(local, a, i, &value);
		__u32 k = 0;

		while (k < b.vlen && !same_name(name, btf_enumerator(kernel, &b, k, &other)))
			k++;
		if (k == b.vlen)
			return false;
	}
	return true;
}

static bool kernel_enumerator(const char *name, const struct btf *kernel, __u32 id, struct spot *spot)
{
	struct btf_type t;

	btf_get(kernel, id, &t);
	spot->type = id;
	for (__u32 i = 0; i < t.vlen; i++)
		if (same_name(name, btf_enumerator(kernel, &t, i, &spot->value)))
			return true;
	return false;
}

/* Where a bit field is loaded from: the smallest aligned piece of its type's size or more that holds it. */
static void bit_field_load(const struct spot *spot, __u32 unit, __u32 *offset, __u32 *size)
{
	*size = unit;
	*offset = spot->bit_offset / 8 / unit * unit;
	while (spot->bit_offset + spot->bits - *offset * 8 > *size * 8 && *size < 8) {
		*size *= 2;
		*offset = spot->bit_offset / 8 / *size * *size;
	}
}

/* A number about a field; size: the bytes a plain load of it reads, 0 if it is none. */
static bool field_value(const struct btf *btf, enum core_kind kind, const struct spot *spot, __u64 *value, __u32 *size)
{
	__u32 offset = spot->bit_offset / 8, bits = spot->bits;
	long bytes = btf_sizeof(btf, spot->type);
	struct btf_type t;
	bool plain;

	if (!btf_resolve(btf, spot->type, &t) || bytes < 0 || spot->bits > 64)
		return false;
	plain = !bits && (t.kind == BTF_KIND_INT || t.kind == BTF_KIND_PTR || btf_is_enum(&t));
	*size = plain ? (__u32)bytes : 0;
	if (bits) {
		__u32 load;

		if (t.size != 1 && t.size != 2 && t.size != 4 && t.size != 8)
			return false;
		bit_field_load(spot, t.size, &offset, &load);
		bytes = load;
	} else {
		bits = (__u32)bytes * 8;
	}
	switch (kind) {
	case CORE_FIELD_BYTE_OFFSET:
		*value = offset;
		return true;
	case CORE_FIELD_BYTE_SIZE:
		*value = (__u64)bytes;
		return true;
	case CORE_FIELD_SIGNED:
		*value = btf_is_signed(&t);
		return true;
	case CORE_FIELD_LSHIFT_U64:
		*value = 64 - (spot->bit_offset + bits - offset * 8);
		return true;
	case CORE_FIELD_RSHIFT_U64:
		*value = 64 - bits;
		return true;
	default:
		return false;
	}
}

/* The number itself, from a spot that was found. */
static bool spot_value(const struct btf *btf, enum core_kind kind, const struct spot *spot, __u64 *value, __u32 *size)
{
	*size = 0;
	*value = 1;
	switch (kind) {
	case CORE_FIELD_EXISTS:
	case CORE_TYPE_EXISTS:
	case CORE_TYPE_MATCHES:
	case CORE_ENUMVAL_EXISTS:
		return true;
	case CORE_TYPE_ID_LOCAL:
	case CORE_TYPE_ID_TARGET:
		*value = spot->type;
		return true;
	case CORE_TYPE_SIZE:
		*value = (__u64)btf_sizeof(btf, spot->type);
		return (__s64)*value >= 0;
	case CORE_ENUMVAL_VALUE:
		*value = spot->value;
		return true;
	default:
		return field_value(btf, kind, spot, value, size);
	}
}

static bool is_field(enum core_kind kind)
{
	return kind <= CORE_FIELD_RSHIFT_U64;
}

static bool is_enumerator(enum core_kind kind)
{
	return kind == CORE_ENUMVAL_EXISTS || kind == CORE_ENUMVAL_VALUE;
}

/* A question, taken apart */
struct question {
	const struct btf *local, *kernel;
	enum core_kind kind;
	struct btf_type type; /* by which the kernel's types are looked for */
	struct path path;
	const char *enumerator;
};

static bool find_spot(const struct question *q, __u32 id, struct spot *spot)
{
	*spot = (struct spot){.type = id};
	if (is_field(q->kind))
		return kernel_field(q->local, &q->path, q->kernel, id, spot);
	if (is_enumerator(q->kind))
		return kernel_enumerator(q->enumerator, q->kernel, id, spot);
	return q->kind != CORE_TYPE_MATCHES || type_matches(q->local, &q->type, q->kernel, id);
}

/* Look at every type of the kernel that has the name. 0: found, 1: not there, -EINVAL: they disagree. */
static int ask_kernel(const struct question *q, __u64 *value, __u32 *size)
{
	struct btf_type t;
	bool found = false;
	struct spot spot;

	for (__u32 id = 1; btf_get(q->kernel, id, &t); id++) {
		__u64 v;
		__u32 s;

		if (!kinds_match(&q->type, &t) || !t.name[0] || !same_name(q->type.name, t.name) ||
		    !find_spot(q, id, &spot) || !spot_value(q->kernel, q->kind, &spot, &v, &s))
			continue;
		if (found && (v != *value || s != *size))
			return -EINVAL;
		*value = v;
		*size = s;
		found = true;
		if (q->kind == CORE_TYPE_ID_TARGET)
			break; /* any of them is as good as the others */
	}
	return !found;
}

static const char *kind_word(const struct btf_type *t)
{
	return t->kind == BTF_KIND_STRUCT  ? "struct "
	       : t->kind == BTF_KIND_UNION ? "union "
	       : btf_is_enum(t)		   ? "enum "
					   : "";
}

static void describe(const struct question *q, struct core_answer *answer)
{
	size_t n = (size_t)snprintf(answer->what, sizeof(answer->what), "%s%s", kind_word(&q->type), q->type.name);

	if (q->enumerator && n < sizeof(answer->what))
		snprintf(answer->what + n, sizeof(answer->what) - n, " %s", q->enumerator);
	for (unsigned int i = 0; i < q->path.nr && n < sizeof(answer->what); i++) {
		const struct step *step = &q->path.step[i];

		if (step->name)
			n += (size_t)snprintf(answer->what + n, sizeof(answer->what) - n, ".%s", step->name);
		else
			n += (size_t)snprintf(answer->what + n, sizeof(answer->what) - n, "[%u]", step->index);
	}
}

/* What the compiler saw, from its own types. */
static bool ask_local(struct question *q, const struct core_relo *relo, struct core_answer *answer)
{
	struct spot spot = {.type = relo->type_id};
	__u32 index[MAX_STEPS], id;
	unsigned int n = parse_access(relo->access, index);

	if (!n || relo->kind >= CORE_KINDS || !btf_get(q->local, relo->type_id, &q->type))
		return false;
	if (is_field(q->kind) || is_enumerator(q->kind)) {
		id = btf_resolve(q->local, relo->type_id, &q->type);
		if (!id)
			return false;
		spot.type = id;
	}
	if (is_field(q->kind) && !local_field(q->local, spot.type, index, n, &q->path, &spot))
		return false;
	if (is_enumerator(q->kind)) {
		if (n != 1 || !btf_is_enum(&q->type) || index[0] >= q->type.vlen)
			return false;
		q->enumerator = btf_enumerator(q->local, &q->type, index[0], &spot.value);
	}
	/* what is loaded for a bit field is the compiler's choice */
	answer->check_old = !spot.bits && (q->kind == CORE_FIELD_BYTE_OFFSET || q->kind == CORE_FIELD_BYTE_SIZE ||
					   q->kind == CORE_TYPE_SIZE || q->kind == CORE_ENUMVAL_VALUE);
	return spot_value(q->local, q->kind, &spot, &answer->old_value, &answer->old_size);
}

int core_answer(const struct btf *local, const struct btf *kernel, const struct core_relo *relo,
		struct core_answer *answer)
{
	struct question q = {.local = local, .kernel = kernel, .kind = (enum core_kind)relo->kind};
	bool asks_existence;
	int missing;

	*answer = (struct core_answer){.what = "?"};
	if (!ask_local(&q, relo, answer))
		return -EINVAL;
	describe(&q, answer);
	answer->new_value = answer->old_value;
	answer->size = answer->old_size;
	if (q.kind == CORE_TYPE_ID_LOCAL)
		return 0;
	missing = ask_kernel(&q, &answer->new_value, &answer->size);
	if (missing < 0)
		return missing;
	asks_existence = q.kind == CORE_FIELD_EXISTS || q.kind == CORE_TYPE_EXISTS || q.kind == CORE_TYPE_MATCHES ||
			 q.kind == CORE_ENUMVAL_EXISTS;
	/* an absent type's id or size is 0, as Linux has it: programs compare with that */
	if (missing && (asks_existence || q.kind == CORE_TYPE_ID_TARGET || q.kind == CORE_TYPE_SIZE))
		answer->new_value = 0;
	else
		answer->missing = missing;
	return 0;
}
