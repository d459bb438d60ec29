/* SPDX-License-Identifier: BSD-2-Clause */
/* bpftool: lists of programs, maps and links. */
#include "bpftool.h"
#include "uapi/btf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trace_helpers.h>
#include <unistd.h>

#define MAX_IDS 64
#define MAX_ADDRS 1024

static const char *const map_types[] = {
	[BPF_MAP_TYPE_HASH] = "hash",
	[BPF_MAP_TYPE_ARRAY] = "array",
	[BPF_MAP_TYPE_PROG_ARRAY] = "prog_array",
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = "perf_event_array",
	[BPF_MAP_TYPE_PERCPU_HASH] = "percpu_hash",
	[BPF_MAP_TYPE_PERCPU_ARRAY] = "percpu_array",
	[BPF_MAP_TYPE_STACK_TRACE] = "stack_trace",
	[BPF_MAP_TYPE_CGROUP_ARRAY] = "cgroup_array",
	[BPF_MAP_TYPE_LRU_HASH] = "lru_hash",
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = "lru_percpu_hash",
	[BPF_MAP_TYPE_LPM_TRIE] = "lpm_trie",
	[BPF_MAP_TYPE_ARRAY_OF_MAPS] = "array_of_maps",
	[BPF_MAP_TYPE_HASH_OF_MAPS] = "hash_of_maps",
	[BPF_MAP_TYPE_QUEUE] = "queue",
	[BPF_MAP_TYPE_STACK] = "stack",
	[BPF_MAP_TYPE_RINGBUF] = "ringbuf",
	[BPF_MAP_TYPE_BLOOM_FILTER] = "bloom_filter",
};

const char *map_type_name(unsigned int type)
{
	return type < sizeof(map_types) / sizeof(map_types[0]) ? map_types[type] : NULL;
}

static int show_prog(int fd, bool first)
{
	__u32 ids[MAX_IDS], len = sizeof(struct bpf_prog_info);
	struct bpf_prog_info info = {.nr_map_ids = MAX_IDS, .map_ids = (uint64_t)(uintptr_t)ids};

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -1;
	if (json)
		printf("%s{\"id\":%u,\"type\":\"kprobe\",\"name\":\"%.16s\",\"gpl_compatible\":%s,\"run_cnt\":%lu,"
		       "\"bytes_xlated\":%u,\"map_ids\":[",
		       first ? "" : ",", info.id, info.name, info.gpl_compatible & 1 ? "true" : "false", info.run_cnt,
		       info.xlated_prog_len);
	else
		printf("%u: kprobe  name %.16s%s\n\tloaded_at %lu.%06lu  run_cnt %lu  xlated %uB%s", info.id, info.name,
		       info.gpl_compatible & 1 ? "  gpl" : "", info.load_time / 1000000000,
		       info.load_time / 1000 % 1000000, info.run_cnt, info.xlated_prog_len,
		       info.nr_map_ids ? "  map_ids " : "");
	for (__u32 i = 0; i < info.nr_map_ids && i < MAX_IDS; i++)
		printf("%s%u", i ? "," : "", ids[i]);
	if (json)
		fputc(']', stdout);
	if (info.btf_id)
		printf(json ? ",\"btf_id\":%u" : "  btf_id %u", info.btf_id);
	fputs(json ? "}" : "\n", stdout);
	return 0;
}

static int show_map(int fd, bool first)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -1;
	if (json)
		printf("%s{\"id\":%u,\"type\":\"%s\",\"name\":\"%.16s\",\"flags\":%u,\"bytes_key\":%u,\"bytes_value\":%"
		       "u,"
		       "\"max_entries\":%u}",
		       first ? "" : ",", info.id, map_type_name(info.type), info.name, info.map_flags, info.key_size,
		       info.value_size, info.max_entries);
	else
		printf("%u: %s  name %.16s  flags 0x%x\n\tkey %uB  value %uB  max_entries %u\n", info.id,
		       map_type_name(info.type), info.name, info.map_flags, info.key_size, info.value_size,
		       info.max_entries);
	return 0;
}

static int show_link(int fd, bool first)
{
	static uint64_t addrs[MAX_ADDRS];
	struct bpf_link_info info = {.kprobe_multi = {.addrs = (uint64_t)(uintptr_t)addrs, .count = MAX_ADDRS}};
	struct ksyms *ksyms = ksyms__load();
	__u32 len = sizeof(info);
	bool at_return;

	if (bpf_obj_get_info_by_fd(fd, &info, &len)) {
		ksyms__free(ksyms);
		return -1;
	}
	at_return = info.kprobe_multi.flags & BPF_F_KPROBE_MULTI_RETURN;
	printf(json ? "%s{\"id\":%u,\"type\":\"kprobe_multi\",\"prog_id\":%u,\"retprobe\":%s,\"func_cnt\":%u"
		    : "%s%u: kprobe_multi  prog %u%s  func_cnt %u",
	       json && !first ? "," : "", info.id, info.prog_id,
	       json ? (at_return ? "true" : "false") : (at_return ? "  retprobe" : ""), info.kprobe_multi.count);
	if (json || info.kprobe_multi.missed)
		printf(json ? ",\"missed\":%lu" : "  missed %lu", info.kprobe_multi.missed);
	fputs(json ? ",\"funcs\":[" : "\n", stdout);
	for (__u32 i = 0; i < info.kprobe_multi.count && i < MAX_ADDRS; i++) {
		const struct ksym *sym = ksyms ? ksyms__map_addr(ksyms, addrs[i]) : NULL;

		printf(json ? "%s{\"addr\":%lu,\"func\":\"%s+0x%lx\"}" : "%s\t%016lx %s+0x%lx\n", json && i ? "," : "",
		       addrs[i], sym ? sym->name : "?", addrs[i] - (sym ? sym->addr : 0));
	}
	if (json)
		fputs("]}", stdout);
	ksyms__free(ksyms);
	return 0;
}

static bool prog_is_named(int fd, const char *name)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && !strncmp(info.name, name, sizeof(info.name));
}

static bool map_is_named(int fd, const char *name)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && !strncmp(info.name, name, sizeof(info.name));
}

static int show_btf(int fd, bool first)
{
	struct bpf_btf_info info = {0};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -1;
	printf(json ? "%s{\"id\":%u,\"size\":%u}" : "%s%u: size %uB\n", json && !first ? "," : "", info.id,
	       info.btf_size);
	return 0;
}

const struct kind kind_btf = {"BTF", bpf_btf_get_next_id, bpf_btf_get_fd_by_id, show_btf, NULL};
const struct kind kind_prog = {"PROG", bpf_prog_get_next_id, bpf_prog_get_fd_by_id, show_prog, prog_is_named};
const struct kind kind_map = {"MAP", bpf_map_get_next_id, bpf_map_get_fd_by_id, show_map, map_is_named};
const struct kind kind_link = {"LINK", bpf_link_get_next_id, bpf_link_get_fd_by_id, show_link, NULL};

int list(const struct kind *kind)
{
	bool first = true;
	__u32 id = 0;
	int err;

	while (!(err = kind->next(id, &id))) {
		int fd = kind->get_fd(id);

		if (fd < 0 && fd != -ENOENT) /* it may have gone since */
			return complain("BPF_%s_GET_FD_BY_ID: %s", kind->name, strerror(-fd));
		if (fd < 0)
			continue;
		if (first && json)
			putchar('[');
		if (kind->show(fd, first))
			return complain("BPF_OBJ_GET_INFO_BY_FD: %s", strerror(errno));
		first = false;
		close(fd);
	}
	if (err == -EINVAL)
		return complain("the firmware does not offer BPF_%s_GET_NEXT_ID", kind->name);
	if (err != -ENOENT)
		return complain("BPF_%s_GET_NEXT_ID: %s", kind->name, strerror(-err));
	if (json)
		puts(first ? "[]" : "]");
	return 0;
}

static int fd_of_name(const struct kind *kind, const char *name)
{
	__u32 id = 0;

	if (!kind->is_named)
		return -EINVAL;
	while (!kind->next(id, &id)) {
		int fd = kind->get_fd(id);

		if (fd >= 0 && kind->is_named(fd, name))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -ENOENT;
}

int object_fd(const struct kind *kind, char ***argv)
{
	const char *how = (*argv)[0], *what = how ? (*argv)[1] : NULL;
	int fd;

	if (!what)
		return complain("'id NUMBER', 'name NAME' or 'pinned PATH' is missing"), -1;
	if (!strcmp(how, "id"))
		fd = kind->get_fd((__u32)atoi(what));
	else if (!strcmp(how, "name"))
		fd = fd_of_name(kind, what);
	else if (!strcmp(how, "pinned"))
		fd = bpf_obj_get(what);
	else
		return complain("'%s': there are 'id NUMBER', 'name NAME', 'pinned PATH'", how), -1;
	if (fd < 0)
		complain("%s %s: %s", how, what, strerror(-fd));
	*argv += 2;
	return fd < 0 ? -1 : fd;
}

void *btf_bytes(int fd, size_t *size)
{
	struct bpf_btf_info info = {0};
	__u32 len = sizeof(info);
	void *bytes;
	int err = bpf_obj_get_info_by_fd(fd, &info, &len);

	*size = info.btf_size;
	bytes = err ? NULL : malloc(*size);
	if (!bytes)
		return NULL;
	memset(&info, 0, sizeof(info));
	info.btf = (uint64_t)(uintptr_t)bytes;
	info.btf_size = (__u32)*size;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (!err)
		return bytes;
	free(bytes);
	errno = -err;
	return NULL;
}
