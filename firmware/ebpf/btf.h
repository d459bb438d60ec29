/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF objects: types of a program and its maps, as BPF_BTF_LOAD brought them.
 * They are for people: source lines and names in logs, printing of maps. The
 * firmware decides nothing by them but whether a loader may use callbacks.
 *
 * The blob is kept as it came, validated once (btf_check.c), never changed: whoever
 * has a type id or a string's offset that was checked may follow it without more.
 */
#ifndef EBPF_BTF_H
#define EBPF_BTF_H

#include "obj.h"
#include "uapi/btf.h"
#include "vlog.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_btf {
	struct ebpf_obj obj; /* first */
	uint32_t size;	     /* bytes of data */
	uint8_t *data;	     /* the blob */
	/* Set by the check */
	const uint8_t *types;
	const char *strings;
	uint32_t str_len;
	uint32_t nr_types; /* ids 1 .. nr_types; 0 is void */
	uint32_t *at;	   /* [id]: where in `types` it is */
};

/* Room for `size` bytes, contents undefined; one reference. NULL without memory. */
struct ebpf_btf *ebpf_btf_new(uint32_t size, struct ebpf_account *account);

/* ------------------------------------------------------- validation, in slices */

#define EBPF_BTF_DEPTH 32u /* types within types, as in Linux */

enum ebpf_btf_phase {
	EBPF_BTF_HEADER,
	EBPF_BTF_META, /* types one by one */
	EBPF_BTF_REFS,
	EBPF_BTF_POINTERS,   /* loops among them */
	EBPF_BTF_CONTAINERS, /* and among what contains others */
	EBPF_BTF_VALID,
};

struct ebpf_btf_check {
	struct ebpf_btf *btf;
	struct ebpf_vlog *log; /* gets the reason, in Linux's words where it has some */
	uint32_t phase, pos, member, last;
	uint8_t *seen; /* [id]: where loops are looked for */
	struct {
		uint32_t id, member;
	} stack[EBPF_BTF_DEPTH];
	uint32_t depth;
};

/* One bounded part. 0: valid, -ERESTART: call again, -EINVAL, -E2BIG, -ENOMEM with the reason in the log. */
int ebpf_btf_check_step(struct ebpf_btf_check *check);
void ebpf_btf_check_end(struct ebpf_btf_check *check); /* frees what it had; always to be called */

/* Among btf_check.c and btf_graph.c */
int ebpf_btf_check_refs(struct ebpf_btf_check *check);
int ebpf_btf_check_loops(struct ebpf_btf_check *check);
/* "[3] STRUCT task Invalid name" into the log; -EINVAL */
int ebpf_btf_refuse_type(struct ebpf_btf_check *check, uint32_t id, const struct btf_type *type, const char *reason);

/* ------------------------------------------------------------ of a valid one */

/* The type, or NULL: void, or no such id. */
const struct btf_type *ebpf_btf_type(const struct ebpf_btf *btf, uint32_t id);
/* The string; NULL if there is none at that offset. */
const char *ebpf_btf_string(const struct ebpf_btf *btf, uint32_t offset);
/* Through typedefs and qualifiers; 0: void */
uint32_t ebpf_btf_plain(const struct ebpf_btf *btf, uint32_t id);
/* Bytes of a value of the type; false if it has no size. */
bool ebpf_btf_size(const struct ebpf_btf *btf, uint32_t id, uint64_t *size);

static inline uint32_t ebpf_btf_kind(const struct btf_type *type)
{
	return BTF_INFO_KIND(type->info);
}

static inline bool ebpf_btf_is_modifier(uint32_t kind)
{
	return kind == BTF_KIND_TYPEDEF || kind == BTF_KIND_VOLATILE || kind == BTF_KIND_CONST ||
	       kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPE_TAG;
}

#endif
