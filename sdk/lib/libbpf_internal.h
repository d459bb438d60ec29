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
	__u32 key_size, value_size, max_entries, flags, numa_node;
	__u32 btf_key, btf_value; /* type ids, 0 if sizes were given */
	int fd;			  /* -1 until created */
	bool reused;		  /* the descriptor is of a map that was there */
	bool no_create;		  /* set_autocreate(false) */

	/* Pinned under a name */
	__u32 pinning; /* LIBBPF_PIN_* of the definition */
	char *pin_path;
	bool pinned;

	/* A map of maps, or of programs */
	struct bpf_map *inner; /* what inner maps must look like, or NULL */
	int inner_fd;	       /* of one that user space made, instead; or -1 */
	bool is_inner;
	bool has_slots;	    /* __array(values, ...) */
	__u32 slots_offset; /* bytes from the definition's start to its values */

	/* Where the object file refers to it */
	__u32 section;
	__u64 offset, def_size; /* in .maps */

	/* A data section's map */
	bool internal;
	bool rodata;
	/* Initial value, value_size bytes and what is missing to whole words; once loaded, the process's copy */
	void *data;
	struct {
		__u64 *mine, *seen, *fresh; /* words: data, or NULL; what map and copy had in common; just read */
		bool warned;
		struct bpf_map *next;
	} live; /* libbpf_live.c */
};

/* Records of .BTF.ext, by instruction of the program */
struct bpf_info {
	void *records;
	__u32 nr, size; /* of one record */
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
	struct bpf_info func_info, line_info;
};

struct bpf_object {
	char *name;
	void *file; /* private copy; elf points into it */
	struct bpf_elf elf;
	struct btf *btf; /* NULL if the file has none */
	int btf_fd;	 /* of the kernel's copy, or -1 */
	char license[64];
	bool loaded;
	char *kernel_btf; /* file of the kernel's types, NULL: the usual one */
	char *pin_root;	  /* NULL: the usual one */
	char **missing;	  /* what CO-RE did not find in the kernel's types, by number */
	unsigned long nr_missing;
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

/*
 * A map definition of section .maps, by its variable's name, into map->type,
 * sizes, entries and flags. 0, -ENOENT (no such variable), or -errno, explained.
 */
int btf_map_definition(const struct btf *btf, struct bpf_map *map);

/* The object's types to the kernel: obj->btf_fd, -1 if it does not take them. */
void libbpf_load_btf(struct bpf_object *obj);

/* A stretch of a section that has been copied into a program */
struct bpf_piece {
	__u32 section;
	__u32 first; /* slot in the section */
	__u32 count;
	__u32 at; /* slot in the program */
};

/* prog->func_info and line_info, for a program of those pieces. 0 or -ENOMEM */
int libbpf_collect_info(struct bpf_program *prog, const struct bpf_piece *pieces, __u32 nr_pieces);

/* Tables of .BTF.ext */
enum ext_table {
	EXT_FUNC_INFO,
	EXT_LINE_INFO,
	EXT_CORE_RELO,
};

struct ext_record {
	__u32 section; /* of the object file, PROGBITS */
	__u32 insn_offset;
	__u32 size;
	const __u8 *data; /* size bytes, the first four are insn_offset */
};

typedef int (*ext_record_fn)(void *ctx, const struct ext_record *r);
/* fn for each record; its result, if not 0, ends it. 0 if there is no such table; -EINVAL: damaged. */
int libbpf_ext_each(const struct bpf_object *obj, enum ext_table which, __u32 min_size, ext_record_fn fn, void *ctx);

/* CO-RE: the running kernel's numbers into the object's instructions. 0, or -errno, explained. */
int libbpf_apply_core(struct bpf_object *obj);
#define CORE_POISON 0xbad2310u /* calls of this number and above: of what the kernel does not have */
/* What the program needed, by the log of a load that was refused; NULL if that was not the reason. */
const char *libbpf_core_missing(const struct bpf_object *obj, const char *log);

/*
 * Data sections after load (libbpf_live.c): from start on, sync brings the process's copy and the map together; of all
 * maps, for it is called where nobody knows which. start: 0 or -ENOMEM; nothing to do for constants. stop before close.
 */
int libbpf_live_start(struct bpf_map *map);
void libbpf_live_stop(struct bpf_map *map);
void libbpf_live_sync(void);

/* Names of pinned maps: of LIBBPF_PIN_BY_NAME; the map that has it already (-ENOENT: none). */
int libbpf_default_pin_path(struct bpf_map *map);
int libbpf_reuse_pinned(struct bpf_map *map);

int libbpf_collect_maps(struct bpf_object *obj);
/* A map for data of the program, of that section; copies them. NULL: no memory. */
struct bpf_map *libbpf_add_data_map(struct bpf_object *obj, const char *name, __u32 section, bool rodata,
				    const void *data, size_t size);

/* Extern variables: of .kconfig become a map of a section that no file has, of .ksyms numbers in the instruction. */
#define KCONFIG_SECTION 0xfffffffeu
int libbpf_collect_kconfig(struct bpf_object *obj);
int libbpf_resolve_extern(const struct bpf_program *prog, struct bpf_insn *insn, const char *name);

int libbpf_create_maps(struct bpf_object *obj);
int libbpf_fill_slots(struct bpf_object *obj, bool programs); /* of maps of maps, or of maps of programs */
void libbpf_free_maps(struct bpf_object *obj);
/* The map a symbol refers to: of .maps at that offset, or of a data section. NULL if none. */
struct bpf_map *libbpf_map_of(const struct bpf_object *obj, __u32 section, __u64 offset);

/* Build prog->insns: its own code, the functions it calls behind it, references resolved. */
int libbpf_relocate(struct bpf_program *prog);
int libbpf_load_program(struct bpf_program *prog);

#endif
