/* SPDX-License-Identifier: BSD-2-Clause */
/* bpftool map: elements, as bytes in hexadecimal. */
#include "bpftool.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int info_of(int fd, struct bpf_map_info *info)
{
	__u32 len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	if (bpf_obj_get_info_by_fd(fd, info, &len))
		return complain("BPF_OBJ_GET_INFO_BY_FD: %s", strerror(errno));
	return 0;
}

static void put_bytes(const uint8_t *bytes, __u32 n)
{
	for (__u32 i = 0; i < n; i++)
		printf(json ? "%s\"0x%02x\"" : "%s%02x", i ? json ? "," : " " : "", bytes[i]);
}

/* Values of maps with one for each hart come as that many, each rounded up to 8 bytes. */
static bool is_percpu(unsigned int type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static __u32 stride(const struct bpf_map_info *info)
{
	return (info->value_size + 7) & ~7u;
}

static int nr_values(const struct bpf_map_info *info)
{
	int harts = is_percpu(info->type) ? libbpf_num_possible_cpus() : 1;

	return harts > 0 ? harts : 1;
}

static void put_percpu(const struct bpf_map_info *info, const uint8_t *value)
{
	fputs(json ? "],\"values\":[" : "\n", stdout);
	for (int i = 0; i < nr_values(info); i++) {
		printf(json ? "%s{\"cpu\":%d,\"value\":[" : "%svalue (CPU %02d): ", json && i ? "," : "", i);
		put_bytes(value + (size_t)i * stride(info), info->value_size);
		fputs(json ? "]}" : "\n", stdout);
	}
	if (json)
		fputs("]}", stdout);
}

static void put_elem(const struct bpf_map_info *info, const uint8_t *key, const uint8_t *value)
{
	fputs(json ? "{\"key\":[" : "key: ", stdout);
	put_bytes(key, info->key_size);
	if (is_percpu(info->type)) {
		put_percpu(info, value);
		return;
	}
	fputs(json ? "],\"value\":[" : "  value: ", stdout);
	put_bytes(value, info->value_size);
	fputs(json ? "]}" : "\n", stdout);
}

/* `word` and size bytes behind it; "hex" may stand between. 0, or 1 with the reason printed. */
static int parse_bytes(char ***argv, const char *word, uint8_t *bytes, __u32 size)
{
	int base = 0;

	if (!**argv || strcmp(**argv, word) != 0)
		return complain("'%s' and its bytes are missing", word);
	(*argv)++;
	if (**argv && !strcmp(**argv, "hex")) {
		base = 16;
		(*argv)++;
	}
	for (__u32 i = 0; i < size; i++, (*argv)++) {
		char *end;
		unsigned long byte = **argv ? strtoul(**argv, &end, base) : 256;

		if (byte > 255 || *end)
			return complain("%s: %u bytes are needed, separated by spaces", word, size);
		bytes[i] = (uint8_t)byte;
	}
	return 0;
}

static int dump(int fd, const struct bpf_map_info *info, uint8_t *key, uint8_t *value)
{
	uint8_t *next = calloc(1, info->key_size), *prev = NULL;
	unsigned int n = 0;
	int err;

	if (!next)
		return complain("no memory");
	if (json)
		putchar('[');
	while (!(err = bpf_map_get_next_key(fd, prev, next))) {
		memcpy(key, next, info->key_size);
		prev = key;
		if (bpf_map_lookup_elem(fd, key, value))
			continue; /* gone since */
		if (json && n)
			putchar(',');
		put_elem(info, key, value);
		n++;
	}
	free(next);
	if (json)
		puts("]");
	else
		printf("Found %u element%s\n", n, n == 1 ? "" : "s");
	return err == -ENOENT ? 0 : complain("BPF_MAP_GET_NEXT_KEY: %s", strerror(-err));
}

static int one(const char *what, int fd, const struct bpf_map_info *info, uint8_t *key, uint8_t *value, char **argv)
{
	int err;

	if (parse_bytes(&argv, "key", key, info->key_size))
		return 1;
	if (!strcmp(what, "lookup")) {
		err = bpf_map_lookup_elem(fd, key, value);
		if (!err) {
			put_elem(info, key, value);
			if (json)
				putchar('\n');
		}
	} else if (!strcmp(what, "delete")) {
		err = bpf_map_delete_elem(fd, key);
	} else {
		if (parse_bytes(&argv, "value", value, info->value_size))
			return 1;
		for (int i = 1; i < nr_values(info); i++) /* the same for every hart, as bpftool does it */
			memcpy(value + (size_t)i * stride(info), value, info->value_size);
		err = bpf_map_update_elem(fd, key, value, BPF_ANY);
	}
	return err ? complain("map %s: %s", what, strerror(-err)) : 0;
}

int do_map(char **argv)
{
	static const char *const words[] = {"dump", "lookup", "update", "delete"};
	const char *what = argv[0];
	struct bpf_map_info info;
	uint8_t *key, *value;
	int fd, code = 0;
	size_t i = 0;

	while (i < 4 && strcmp(what, words[i]) != 0)
		i++;
	if (i == 4)
		return complain("map %s: there are list, show, dump, lookup, update, delete, pin", what);
	argv++;
	fd = object_fd(&kind_map, &argv);
	if (fd < 0 || info_of(fd, &info))
		return 1;
	key = calloc(1, info.key_size + 1u);
	value = calloc((size_t)nr_values(&info), stride(&info) + 8u);
	if (!key || !value)
		code = complain("no memory");
	else
		code = i ? one(what, fd, &info, key, value, argv) : dump(fd, &info, key, value);
	free(key);
	free(value);
	return code;
}
