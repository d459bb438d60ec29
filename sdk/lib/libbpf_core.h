/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CO-RE (Linux include/uapi/linux/bpf.h, enum bpf_core_relo_kind): what a program
 * asks about a type, answered from the types of the running kernel.
 */
#ifndef SDK_LIBBPF_CORE_H
#define SDK_LIBBPF_CORE_H

#include "libbpf_btf.h"

enum core_kind {
	CORE_FIELD_BYTE_OFFSET,
	CORE_FIELD_BYTE_SIZE,
	CORE_FIELD_EXISTS,
	CORE_FIELD_SIGNED,
	CORE_FIELD_LSHIFT_U64,
	CORE_FIELD_RSHIFT_U64,
	CORE_TYPE_ID_LOCAL,
	CORE_TYPE_ID_TARGET,
	CORE_TYPE_EXISTS,
	CORE_TYPE_SIZE,
	CORE_ENUMVAL_EXISTS,
	CORE_ENUMVAL_VALUE,
	CORE_TYPE_MATCHES,
	CORE_KINDS,
};

/* One question: a type of the object's BTF, and "0:1:2": which element, member of it, member of that ... */
struct core_relo {
	__u32 kind;
	__u32 type_id;
	const char *access;
};

struct core_answer {
	__u64 old_value; /* as the compiler saw it */
	__u64 new_value;
	bool missing;	      /* the kernel has no such thing: the instruction must not be executed */
	__u32 old_size, size; /* bytes of the field that a load or store reaches, if both are known and plain; else 0 */
	bool check_old;	      /* the instruction must hold old_value */
	char what[96];	      /* "struct proc.pid", for messages */
};

/* 0, or -EINVAL: no question that can be answered; answer->what is set then, too. */
int core_answer(const struct btf *local, const struct btf *kernel, const struct core_relo *relo,
		struct core_answer *answer);

#endif
