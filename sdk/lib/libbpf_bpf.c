/* SPDX-License-Identifier: BSD-2-Clause */
/* <bpf/bpf.h>: bpf(2) command by command. */
#include "libbpf_internal.h"

#include <errno.h>
#include <string.h>

static __u64 ptr(const void *p)
{
	return (__u64)(uintptr_t)p;
}

static void copy_name(char *dst, const char *name)
{
	size_t n = name ? strlen(name) : 0;

	memcpy(dst, name, n < BPF_OBJ_NAME_LEN ? n : BPF_OBJ_NAME_LEN - 1);
}

int libbpf_err(int err)
{
	if (err < 0)
		errno = -err;
	return err;
}

void *libbpf_err_ptr(int err)
{
	errno = -err;
	return NULL;
}

int bpf_map_create(enum bpf_map_type map_type, const char *map_name, __u32 key_size, __u32 value_size,
		   __u32 max_entries, const struct bpf_map_create_opts *opts)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = map_type;
	attr.key_size = key_size;
	attr.value_size = value_size;
	attr.max_entries = max_entries;
	if (map_name)
		copy_name(attr.map_name, map_name);
	if (opts) {
		attr.btf_fd = opts->btf_fd;
		attr.btf_key_type_id = opts->btf_key_type_id;
		attr.btf_value_type_id = opts->btf_value_type_id;
		attr.btf_vmlinux_value_type_id = opts->btf_vmlinux_value_type_id;
		attr.inner_map_fd = opts->inner_map_fd;
		attr.map_flags = opts->map_flags;
		attr.map_extra = opts->map_extra;
		attr.numa_node = opts->numa_node;
		attr.map_ifindex = opts->map_ifindex;
	}
	return libbpf_err(sdk_bpf(BPF_MAP_CREATE, &attr));
}

int bpf_prog_load(enum bpf_prog_type prog_type, const char *prog_name, const char *license,
		  const struct bpf_insn *insns, size_t insn_cnt, struct bpf_prog_load_opts *opts)
{
	union bpf_attr attr;
	int fd;

	if (insn_cnt > UINT32_MAX)
		return libbpf_err(-E2BIG);
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = prog_type;
	attr.insn_cnt = (__u32)insn_cnt;
	attr.insns = ptr(insns);
	attr.license = ptr(license);
	if (prog_name)
		copy_name(attr.prog_name, prog_name);
	if (opts) {
		attr.expected_attach_type = opts->expected_attach_type;
		attr.prog_btf_fd = opts->prog_btf_fd;
		attr.prog_flags = opts->prog_flags;
		attr.prog_ifindex = opts->prog_ifindex;
		attr.kern_version = opts->kern_version;
		attr.attach_btf_id = opts->attach_btf_id;
		attr.attach_prog_fd = opts->attach_prog_fd ? opts->attach_prog_fd : opts->attach_btf_obj_fd;
		attr.fd_array = ptr(opts->fd_array);
		attr.fd_array_cnt = opts->fd_array_cnt;
		attr.func_info = ptr(opts->func_info);
		attr.func_info_cnt = opts->func_info_cnt;
		attr.func_info_rec_size = opts->func_info_rec_size;
		attr.line_info = ptr(opts->line_info);
		attr.line_info_cnt = opts->line_info_cnt;
		attr.line_info_rec_size = opts->line_info_rec_size;
		attr.log_level = opts->log_level;
		attr.log_size = opts->log_size;
		attr.log_buf = ptr(opts->log_buf);
	}
	fd = sdk_bpf(BPF_PROG_LOAD, &attr);
	if (opts)
		opts->log_true_size = attr.log_true_size;
	return libbpf_err(fd);
}

static int elem(enum bpf_cmd cmd, int fd, const void *key, const void *value, __u64 flags)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (__u32)fd;
	attr.key = ptr(key);
	attr.value = ptr(value);
	attr.flags = flags;
	return libbpf_err(sdk_bpf(cmd, &attr));
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	return elem(BPF_MAP_UPDATE_ELEM, fd, key, value, flags);
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	return elem(BPF_MAP_LOOKUP_ELEM, fd, key, value, 0);
}

int bpf_map_lookup_elem_flags(int fd, const void *key, void *value, __u64 flags)
{
	return elem(BPF_MAP_LOOKUP_ELEM, fd, key, value, flags);
}

int bpf_map_lookup_and_delete_elem(int fd, const void *key, void *value)
{
	return elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, fd, key, value, 0);
}

int bpf_map_lookup_and_delete_elem_flags(int fd, const void *key, void *value, __u64 flags)
{
	return elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, fd, key, value, flags);
}

int bpf_map_delete_elem(int fd, const void *key)
{
	return elem(BPF_MAP_DELETE_ELEM, fd, key, NULL, 0);
}

int bpf_map_get_next_key(int fd, const void *key, void *next_key)
{
	return elem(BPF_MAP_GET_NEXT_KEY, fd, key, next_key, 0);
}

static int batch(enum bpf_cmd cmd, int fd, union bpf_attr *attr, __u32 *count, const struct bpf_map_batch_opts *opts)
{
	int err;

	attr->batch.map_fd = (__u32)fd;
	attr->batch.count = *count;
	attr->batch.elem_flags = opts ? opts->elem_flags : 0;
	attr->batch.flags = opts ? opts->flags : 0;
	err = sdk_bpf(cmd, attr);
	*count = attr->batch.count;
	return libbpf_err(err);
}

static int batch_walk(enum bpf_cmd cmd, int fd, const void *in, void *out, void *keys, void *values, __u32 *count,
		      const struct bpf_map_batch_opts *opts)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.batch.in_batch = ptr(in);
	attr.batch.out_batch = ptr(out);
	attr.batch.keys = ptr(keys);
	attr.batch.values = ptr(values);
	return batch(cmd, fd, &attr, count, opts);
}

int bpf_map_lookup_batch(int fd, void *in_batch, void *out_batch, void *keys, void *values, __u32 *count,
			 const struct bpf_map_batch_opts *opts)
{
	return batch_walk(BPF_MAP_LOOKUP_BATCH, fd, in_batch, out_batch, keys, values, count, opts);
}

int bpf_map_lookup_and_delete_batch(int fd, void *in_batch, void *out_batch, void *keys, void *values, __u32 *count,
				    const struct bpf_map_batch_opts *opts)
{
	return batch_walk(BPF_MAP_LOOKUP_AND_DELETE_BATCH, fd, in_batch, out_batch, keys, values, count, opts);
}

int bpf_map_update_batch(int fd, const void *keys, const void *values, __u32 *count,
			 const struct bpf_map_batch_opts *opts)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.batch.keys = ptr(keys);
	attr.batch.values = ptr(values);
	return batch(BPF_MAP_UPDATE_BATCH, fd, &attr, count, opts);
}

int bpf_map_delete_batch(int fd, const void *keys, __u32 *count, const struct bpf_map_batch_opts *opts)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.batch.keys = ptr(keys);
	return batch(BPF_MAP_DELETE_BATCH, fd, &attr, count, opts);
}

int libbpf_num_possible_cpus(void)
{
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.number.index = 17; /* SBI_EBPF_INFO_HARTS */
	err = sdk_bpf(EBPF_GET_INFO, &attr);
	return err < 0 ? libbpf_err(err) : (int)attr.number.value;
}

int bpf_map_freeze(int fd)
{
	return elem(BPF_MAP_FREEZE, fd, NULL, NULL, 0);
}

int bpf_link_create(int prog_fd, int target_fd, enum bpf_attach_type attach_type,
		    const struct bpf_link_create_opts *opts)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_prog_fd = (__u32)prog_fd;
	attr.link_target_fd = (__u32)target_fd;
	attr.link_attach_type = attach_type;
	if (opts) {
		attr.link_flags = opts->flags;
		attr.km_flags = opts->kprobe_multi.flags;
		attr.km_cnt = opts->kprobe_multi.cnt;
		attr.km_syms = ptr(opts->kprobe_multi.syms);
		attr.km_addrs = ptr(opts->kprobe_multi.addrs);
		attr.km_cookies = ptr(opts->kprobe_multi.cookies);
	}
	return libbpf_err(sdk_bpf(BPF_LINK_CREATE, &attr));
}

int bpf_link_detach(int link_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.detach_link_fd = (__u32)link_fd;
	return libbpf_err(sdk_bpf(BPF_LINK_DETACH, &attr));
}

static int get_next_id(enum bpf_cmd cmd, __u32 start_id, __u32 *next_id)
{
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.id.start_id = start_id;
	err = sdk_bpf(cmd, &attr);
	if (!err)
		*next_id = attr.id.next_id;
	return libbpf_err(err);
}

static int get_fd_by_id(enum bpf_cmd cmd, __u32 id)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.id.start_id = id;
	return libbpf_err(sdk_bpf(cmd, &attr));
}

int bpf_prog_get_next_id(__u32 start_id, __u32 *next_id)
{
	return get_next_id(BPF_PROG_GET_NEXT_ID, start_id, next_id);
}

int bpf_map_get_next_id(__u32 start_id, __u32 *next_id)
{
	return get_next_id(BPF_MAP_GET_NEXT_ID, start_id, next_id);
}

int bpf_link_get_next_id(__u32 start_id, __u32 *next_id)
{
	return get_next_id(BPF_LINK_GET_NEXT_ID, start_id, next_id);
}

int bpf_btf_get_next_id(__u32 start_id, __u32 *next_id)
{
	return get_next_id(BPF_BTF_GET_NEXT_ID, start_id, next_id);
}

int bpf_btf_get_fd_by_id(__u32 id)
{
	return get_fd_by_id(BPF_BTF_GET_FD_BY_ID, id);
}

int bpf_prog_get_fd_by_id(__u32 id)
{
	return get_fd_by_id(BPF_PROG_GET_FD_BY_ID, id);
}

int bpf_map_get_fd_by_id(__u32 id)
{
	return get_fd_by_id(BPF_MAP_GET_FD_BY_ID, id);
}

int bpf_link_get_fd_by_id(__u32 id)
{
	return get_fd_by_id(BPF_LINK_GET_FD_BY_ID, id);
}

int bpf_obj_get_info_by_fd(int bpf_fd, void *info, __u32 *info_len)
{
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (__u32)bpf_fd;
	attr.info.info_len = *info_len;
	attr.info.info = ptr(info);
	err = sdk_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
	if (!err)
		*info_len = attr.info.info_len;
	return libbpf_err(err);
}

int bpf_btf_load(const void *btf_data, size_t btf_size, struct bpf_btf_load_opts *opts)
{
	union bpf_attr attr;
	int fd;

	if (btf_size > UINT32_MAX)
		return libbpf_err(-E2BIG);
	memset(&attr, 0, sizeof(attr));
	attr.btf = ptr(btf_data);
	attr.btf_size = (__u32)btf_size;
	if (opts) {
		attr.btf_log_buf = ptr(opts->log_buf);
		attr.btf_log_size = opts->log_size;
		attr.btf_log_level = opts->log_level;
	}
	fd = sdk_bpf(BPF_BTF_LOAD, &attr);
	if (opts)
		opts->log_true_size = attr.btf_log_true_size;
	return libbpf_err(fd);
}

int bpf_prog_test_run_opts(int prog_fd, struct bpf_test_run_opts *opts)
{
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (__u32)prog_fd;
	attr.test.data_size_in = opts->data_size_in;
	attr.test.data_size_out = opts->data_size_out;
	attr.test.data_in = ptr(opts->data_in);
	attr.test.data_out = ptr(opts->data_out);
	attr.test.ctx_size_in = opts->ctx_size_in;
	attr.test.ctx_size_out = opts->ctx_size_out;
	attr.test.ctx_in = ptr(opts->ctx_in);
	attr.test.ctx_out = ptr(opts->ctx_out);
	attr.test.repeat = (__u32)opts->repeat;
	attr.test.flags = opts->flags;
	attr.test.cpu = opts->cpu;
	attr.test.batch_size = opts->batch_size;
	libbpf_live_sync();
	err = sdk_bpf(BPF_PROG_TEST_RUN, &attr);
	libbpf_live_sync();
	opts->retval = attr.test.retval;
	opts->duration = attr.test.duration;
	return libbpf_err(err);
}

int bpf_prog_bind_map(int prog_fd, int map_fd, const struct bpf_prog_bind_opts *opts)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.bind.prog_fd = (__u32)prog_fd;
	attr.bind.map_fd = (__u32)map_fd;
	attr.bind.flags = opts ? opts->flags : 0;
	return libbpf_err(sdk_bpf(BPF_PROG_BIND_MAP, &attr));
}
