/* SPDX-License-Identifier: BSD-2-Clause */
/* bpftool: what its files share. */
#ifndef BPFTOOL_H
#define BPFTOOL_H

#include <bpf/bpf.h>
#include <stdbool.h>

extern bool json;

/* Print "bpftool: ..." and return 1, the exit code. */
int complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Objects by number. `next` and `get_fd` are one of bpf_*_get_next_id and _get_fd_by_id; `cmd` is what to
 * call the first one in an error.
 */
struct kind {
	const char *name;
	int (*next)(__u32 start_id, __u32 *next_id);
	int (*get_fd)(__u32 id);
	int (*show)(int fd, bool first);	    /* one line, or one JSON object */
	bool (*is_named)(int fd, const char *name); /* NULL: they have no names */
};

extern const struct kind kind_prog, kind_map, kind_link, kind_btf;

int list(const struct kind *kind);
/* "id N", "name NAME" or "pinned PATH" at *argv, moved behind it: a descriptor, or -1 with the reason printed. */
int object_fd(const struct kind *kind, char ***argv);

/* The types behind a descriptor, which the caller frees; NULL with errno set. */
void *btf_bytes(int fd, size_t *size);

/* Subcommands; argv begins behind their name. Exit codes. */
int do_prog(char **argv);
int do_map(char **argv);
int do_btf(char **argv);
int do_feature(void);

const char *map_type_name(unsigned int type);

#endif
