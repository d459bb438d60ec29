/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF, the format of types: numbers and layouts are Linux's. A blob is a header,
 * and behind it a section of types and one of strings. A type is a struct
 * btf_type and what its kind puts behind that (btf_check.c).
 */
#ifndef EBPF_UAPI_BTF_H
#define EBPF_UAPI_BTF_H

#include <stdint.h>

#define BTF_MAGIC 0xeb9f
#define BTF_VERSION 1

struct btf_header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t hdr_len;
	uint32_t type_off, type_len; /* sections: bytes from the end of the header */
	uint32_t str_off, str_len;
};

struct btf_type {
	uint32_t name_off;
	uint32_t info; /* bits 0-15 vlen, 24-28 kind, 31 kind_flag */
	union {
		uint32_t size;
		uint32_t type;
	};
};

#define BTF_INFO_VLEN(info) ((info)&0xffff)
#define BTF_INFO_KIND(info) (((info) >> 24) & 0x1f)
#define BTF_INFO_KFLAG(info) ((info) >> 31)
#define BTF_INFO_UNUSED 0x60ff0000u

enum {
	BTF_KIND_UNKN,
	BTF_KIND_INT,
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
	NR_BTF_KINDS,
};

/* Behind BTF_KIND_INT: one word */
#define BTF_INT_ENCODING(word) (((word)&0x0f000000) >> 24)
#define BTF_INT_OFFSET(word) (((word)&0x00ff0000) >> 16)
#define BTF_INT_BITS(word) ((word)&0x000000ff)
#define BTF_INT_SIGNED 1u
#define BTF_INT_CHAR 2u
#define BTF_INT_BOOL 4u

struct btf_array {
	uint32_t type;
	uint32_t index_type;
	uint32_t nelems;
};

struct btf_member {
	uint32_t name_off;
	uint32_t type;
	uint32_t offset; /* in bits; with kind_flag: bits 0-23 offset, 24-31 size of a bit field */
};

struct btf_param {
	uint32_t name_off;
	uint32_t type;
};

struct btf_var_secinfo {
	uint32_t type;
	uint32_t offset;
	uint32_t size;
};

enum { BTF_FUNC_STATIC, BTF_FUNC_GLOBAL, BTF_FUNC_EXTERN };

/* BPF_PROG_LOAD: what of a program's instructions is which function, which line. May be followed by more bytes, 0. */
struct bpf_func_info {
	uint32_t insn_off;
	uint32_t type_id;
};

struct bpf_line_info {
	uint32_t insn_off;
	uint32_t file_name_off;
	uint32_t line_off;
	uint32_t line_col;
};

#define BPF_LINE_INFO_LINE_NUM(line_col) ((line_col) >> 10)
#define BPF_LINE_INFO_LINE_COL(line_col) ((line_col)&0x3ff)

/* BPF_OBJ_GET_INFO_BY_FD */
struct bpf_btf_info {
	uint64_t btf;	   /* in: where the blob goes */
	uint32_t btf_size; /* in: room there; out: its size */
	uint32_t id;
	uint64_t name; /* programs' BTF has none */
	uint32_t name_len;
	uint32_t kernel_btf; /* 0 */
};

#endif
