/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside libbpf: what its files share. An object is opened (libbpf.c) into maps
 * (libbpf_map.c, with BTF read by libbpf_btf.c) and programs; loading creates
 * the maps, relocates the programs (libbpf_relo.c) and loads them
 * (libbpf_prog.c); libbpf_link.c attaches. libbpf_skel.c does it for skeletons.
 */
#ifndef SDK_LIBBPF_INTERNAL_H
#define SDK_LIBBPF_INTERNAL_H

#include "../../lib/bpf_elf.h"
#include "../include/bpf/bpf.h"
#include "../include/bpf/libbpf.h"

#include <stdbool.h>

struct btf;

struct bpf_map {
	struct bpf_object *obj;
	char *name;
	enum bpf_map_type type;
	__u32 key_size, value_size, max_entries, flags;
	int fd; /* -1 until created */

	/* Where the object file refers to it */
	__u32 section;
	__u64 offset; /* in .maps */

	/* A data section's map */
	bool internal;
	bool rodata;
	void *data; /* initial value, value_size bytes */
};

struct bpf_program {
	struct bpf_object *obj;
	char *name;
	char *section_name;
	__u32 section;
	__u64 offset;	 /* bytes in the section */
	__u32 own_insns; /* its own slots in the section, before functions are appended */
	bool autoload, autoattach;
	__u32 flags;
	int fd; /* -1 until loaded */

	struct bpf_insn *insns; /* relocated */
	__u32 insn_cnt;
};

struct bpf_object {
	char *name;
	void *file; /* private copy; elf points into it */
	struct bpf_elf elf;
	struct btf *btf; /* NULL if the file has none */
	char license[64];
	bool loaded;
	__u32 nr_maps, nr_progs;
	struct bpf_map *maps;
	struct bpf_program *progs;
};

/* Text for the user: "libbpf: ..." at level LIBBPF_WARN or _DEBUG. */
void libbpf_print(enum libbpf_print_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define pr_warn(...) libbpf_print(LIBBPF_WARN, __VA_ARGS__)
#define pr_debug(...) libbpf_print(LIBBPF_DEBUG, __VA_ARGS__)

/* Set errno and return -err, or NULL. */
int libbpf_err(int err); /* err: 0 or -errno */
void *libbpf_err_ptr(int err);

/* The system call, without errno. */
int sdk_bpf(enum bpf_cmd cmd, union bpf_attr *attr);
int sdk_close(int fd);

/* BTF: type ids are checked on parse, id 0 is void. */
struct btf *btf_parse(const void *data,
		      size_t size); /* NULL: not well-formed (or no memory). Copies nothing: data stays. */
void btf_free(struct btf *btf);
/*
 * A map definition of section .maps, by its variable's name, into map->type,
 * sizes, entries and flags. 0, -ENOENT (no such variable), or -errno, explained.
 */
int btf_map_definition(const struct btf *btf, struct bpf_map *map);

int libbpf_collect_maps(struct bpf_object *obj);
int libbpf_create_maps(struct bpf_object *obj);
void libbpf_free_maps(struct bpf_object *obj);
/* The map a symbol refers to: of .maps at that offset, or of a data section. NULL if none. */
struct bpf_map *libbpf_map_of(const struct bpf_object *obj, __u32 section, __u64 offset);

/* Build prog->insns: its own code, the functions it calls behind it, references resolved. */
int libbpf_relocate(struct bpf_program *prog);
int libbpf_load_program(struct bpf_program *prog);

#endif
