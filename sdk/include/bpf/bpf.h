/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf(2), one function a command, under libbpf's names (1.x). Descriptors or 0
 * on success; -errno on failure, with errno set as well.
 */
#ifndef SDK_LIBBPF_BPF_H
#define SDK_LIBBPF_BPF_H

#include "libbpf_common.h"
#include "uapi/bpf.h"

struct bpf_map_create_opts {
	size_t sz;
	__u32 btf_fd;
	__u32 btf_key_type_id;
	__u32 btf_value_type_id;
	__u32 btf_vmlinux_value_type_id;
	__u32 inner_map_fd;
	__u32 map_flags;
	__u64 map_extra;
	__u32 numa_node;
	__u32 map_ifindex;
};

int bpf_map_create(enum bpf_map_type map_type, const char *map_name, __u32 key_size, __u32 value_size,
		   __u32 max_entries, const struct bpf_map_create_opts *opts);

struct bpf_prog_load_opts {
	size_t sz;
	int attempts; /* not used: -ERESTART is dealt with by the kernel */
	enum bpf_attach_type expected_attach_type;
	__u32 prog_btf_fd;
	__u32 prog_flags;
	__u32 prog_ifindex;
	__u32 kern_version;
	__u32 attach_btf_id;
	__u32 attach_prog_fd;
	__u32 attach_btf_obj_fd;
	const int *fd_array;
	const void *func_info;
	__u32 func_info_cnt;
	__u32 func_info_rec_size;
	const void *line_info;
	__u32 line_info_cnt;
	__u32 line_info_rec_size;
	__u32 log_level;
	__u32 log_size;
	char *log_buf;
	__u32 log_true_size; /* out */
	__u32 fd_array_cnt;
};

int bpf_prog_load(enum bpf_prog_type prog_type, const char *prog_name, const char *license,
		  const struct bpf_insn *insns, size_t insn_cnt, struct bpf_prog_load_opts *opts);

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags);
int bpf_map_lookup_elem(int fd, const void *key, void *value);
int bpf_map_lookup_elem_flags(int fd, const void *key, void *value, __u64 flags);
int bpf_map_lookup_and_delete_elem(int fd, const void *key, void *value);
int bpf_map_lookup_and_delete_elem_flags(int fd, const void *key, void *value, __u64 flags);
int bpf_map_delete_elem(int fd, const void *key);
int bpf_map_get_next_key(int fd, const void *key, void *next_key); /* key NULL: the first one */
int bpf_map_freeze(int fd);

struct bpf_map_batch_opts {
	size_t sz;
	__u64 elem_flags;
	__u64 flags;
};

/*
 * Many elements by one call: *count of them, and what was done of that afterwards, also with an error. A walk begins
 * with in_batch NULL and goes on from what out_batch was set to (4 bytes for hash tables and arrays, else a key); at
 * the end -ENOENT.
 */
int bpf_map_lookup_batch(int fd, void *in_batch, void *out_batch, void *keys, void *values, __u32 *count,
			 const struct bpf_map_batch_opts *opts);
int bpf_map_lookup_and_delete_batch(int fd, void *in_batch, void *out_batch, void *keys, void *values, __u32 *count,
				    const struct bpf_map_batch_opts *opts);
int bpf_map_update_batch(int fd, const void *keys, const void *values, __u32 *count,
			 const struct bpf_map_batch_opts *opts);
int bpf_map_delete_batch(int fd, const void *keys, __u32 *count, const struct bpf_map_batch_opts *opts);

struct bpf_link_create_opts {
	size_t sz;
	__u32 flags;
	struct {
		__u32 flags; /* BPF_F_KPROBE_MULTI_RETURN */
		__u32 cnt;
		const char **syms; /* names, or ... */
		const unsigned long *addrs;
		const __u64 *cookies;
	} kprobe_multi;
};

int bpf_link_create(int prog_fd, int target_fd, enum bpf_attach_type attach_type,
		    const struct bpf_link_create_opts *opts);
int bpf_link_detach(int link_fd);

/* Objects under names: see <bpf/libbpf.h>. The last is what unlink() of such a path is on Linux. */
int bpf_obj_pin(int fd, const char *pathname);
int bpf_obj_get(const char *pathname);
int bpf_obj_unpin(const char *pathname);

/* One run on a context of the caller's (struct ebpf_pt_regs, or as much of it as ctx_size_in says). */
struct bpf_test_run_opts {
	size_t sz;
	const void *data_in;
	void *data_out;
	__u32 data_size_in;
	__u32 data_size_out;
	const void *ctx_in;
	void *ctx_out;
	__u32 ctx_size_in;
	__u32 ctx_size_out;
	__u32 retval; /* out */
	int repeat;
	__u32 duration; /* out: ns */
	__u32 flags;
	__u32 cpu;
	__u32 batch_size;
};

int bpf_prog_test_run_opts(int prog_fd, struct bpf_test_run_opts *opts);

struct bpf_prog_bind_opts {
	size_t sz;
	__u32 flags;
};

int bpf_prog_bind_map(int prog_fd, int map_fd, const struct bpf_prog_bind_opts *opts);

struct bpf_btf_load_opts {
	size_t sz;
	char *log_buf;
	__u32 log_level;
	__u32 log_size;
	__u32 log_true_size; /* out */
};

int bpf_btf_load(const void *btf_data, size_t btf_size, struct bpf_btf_load_opts *opts);

/* All objects of the machine by number: the next one above start_id (-ENOENT: none), a descriptor for one. */
int bpf_prog_get_next_id(__u32 start_id, __u32 *next_id);
int bpf_map_get_next_id(__u32 start_id, __u32 *next_id);
int bpf_link_get_next_id(__u32 start_id, __u32 *next_id);
int bpf_btf_get_next_id(__u32 start_id, __u32 *next_id);
int bpf_prog_get_fd_by_id(__u32 id);
int bpf_map_get_fd_by_id(__u32 id);
int bpf_link_get_fd_by_id(__u32 id);
int bpf_btf_get_fd_by_id(__u32 id);
/* info: struct bpf_prog_info, bpf_map_info or bpf_link_info, what is asked for filled in */
int bpf_obj_get_info_by_fd(int bpf_fd, void *info, __u32 *info_len);

#endif
