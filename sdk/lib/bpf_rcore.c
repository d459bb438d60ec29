/* SPDX-License-Identifier: BSD-2-Clause */
/* The rCore tutorial's bpf(2) wrappers, <bpf.h>. */
#include "syscall.h"

#include <bpf.h>
#include <stdio.h>

_Static_assert(sizeof(struct bpf_map_fd_entry) == sizeof(struct ebpf_rcore_map_entry), "rCore ABI");

int sys_bpf(int cmd, union bpf_attr *attr, size_t size)
{
	printf("cmd = %d\n", cmd);
	return (int)syscall3(SYS_bpf, cmd, (long)attr, (long)size);
}

int bpf_create_map(enum bpf_map_type map_type, uint32_t key_size, uint32_t value_size, uint32_t max_entries)
{
	union bpf_attr attr = {
		.map_type = map_type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
	};

	return sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

static int elem(int cmd, int fd, const void *key, const void *value, uint64_t flags)
{
	union bpf_attr attr = {
		.map_fd = (uint32_t)fd,
		.key = (uint64_t)key,
		.value = (uint64_t)value,
		.flags = flags,
	};

	return sys_bpf(cmd, &attr, sizeof(attr));
}

int bpf_lookup_elem(int fd, const void *key, void *value)
{
	return elem(BPF_MAP_LOOKUP_ELEM, fd, key, value, 0);
}

int bpf_update_elem(int fd, const void *key, const void *value, uint64_t flags)
{
	return elem(BPF_MAP_UPDATE_ELEM, fd, key, value, flags);
}

int bpf_delete_elem(int fd, const void *key)
{
	return elem(BPF_MAP_DELETE_ELEM, fd, key, NULL, 0);
}

int bpf_get_next_key(int fd, const void *key, void *next_key)
{
	return elem(BPF_MAP_GET_NEXT_KEY, fd, key, next_key, 0);
}

int bpf_prog_load_ex(const void *prog, uint32_t prog_size, const struct bpf_map_fd_entry *map_array,
		     uint32_t map_array_len)
{
	union bpf_attr attr = {
		.ex_elf = (uint64_t)prog,
		.ex_elf_size = prog_size,
		.ex_map_array_len = map_array_len,
		.ex_map_array = (uint64_t)map_array,
	};

	return sys_bpf(BPF_PROG_LOAD_EX, &attr, sizeof(attr));
}

int bpf_prog_attach(const char *target, uint32_t str_len, int prog_fd)
{
	union bpf_attr attr = {
		.rc_target = (uint64_t)target,
		.rc_str_len = str_len,
		.rc_prog_fd = (uint32_t)prog_fd,
	};

	return sys_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr));
}

int bpf_prog_detach(int prog_fd)
{
	union bpf_attr attr = {.rc_prog_fd = (uint32_t)prog_fd};

	return sys_bpf(BPF_PROG_DETACH, &attr, sizeof(attr));
}
