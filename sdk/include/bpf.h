/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf(2) as the rCore tutorial's user library offers it. Every call prints
 * "cmd = N" before it is made, as that library does. They return what the
 * kernel returned: >= 0, or a negative number.
 * <bpf/bpf.h> has the calls under libbpf's names, without the print.
 */
#ifndef _BPF_H
#define _BPF_H

#include "uapi/bpf.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* One map of a program: the name of its extern variable, and the map's descriptor. */
struct bpf_map_fd_entry {
	const char *name;
	uint32_t fd;
};

int sys_bpf(int cmd, union bpf_attr *attr, size_t size);

int bpf_create_map(enum bpf_map_type map_type, uint32_t key_size, uint32_t value_size, uint32_t max_entries);
int bpf_lookup_elem(int fd, const void *key, void *value);
int bpf_update_elem(int fd, const void *key, const void *value, uint64_t flags);
int bpf_delete_elem(int fd, const void *key);
int bpf_get_next_key(int fd, const void *key, void *next_key);

/* prog: a whole ELF object whose .text is the program. A descriptor, or negative. */
int bpf_prog_load_ex(const void *prog, uint32_t prog_size, const struct bpf_map_fd_entry *map_array,
		     uint32_t map_array_len);
/* target: "kprobe$NAME", "kretprobe@entry$NAME" or "kretprobe@exit$NAME", str_len bytes */
int bpf_prog_attach(const char *target, uint32_t str_len, int prog_fd);
int bpf_prog_detach(int prog_fd); /* also gives the descriptor back */

#endif
