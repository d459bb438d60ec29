/* SPDX-License-Identifier: BSD-2-Clause */
/* bpftool btf: types that have been loaded, and those of a file, by default the kernel's. */
#include "bpftool.h"
#include "sdk/lib/libbpf_btf.h"
#include "sdk/lib/read_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL_BTF "kernel.btf"

static const char *const kinds[] = {
	"VOID",	 "INT",	     "PTR",  "ARRAY",	   "STRUCT", "UNION",	"ENUM",	 "FWD",	     "TYPEDEF",	 "VOLATILE",
	"CONST", "RESTRICT", "FUNC", "FUNC_PROTO", "VAR",    "DATASEC", "FLOAT", "DECL_TAG", "TYPE_TAG", "ENUM64",
};

static const char *name_of(const char *name)
{
	return *name ? name : "(anon)";
}

static void put(const char *key, unsigned long value)
{
	printf(json ? ",\"%s\":%lu" : " %s=%lu", key, value);
}

static void put_members(const struct btf *btf, const struct btf_type *t)
{
	if (json)
		fputs(",\"members\":[", stdout);
	for (__u32 i = 0; i < t->vlen; i++) {
		struct btf_member m = btf_member(btf, t, i);

		printf(json ? "%s{\"name\":\"%s\"" : "%s\n\t'%s'", json && i ? "," : "", name_of(m.name));
		put("type_id", m.type);
		put("bits_offset", m.bit_offset);
		if (m.bits)
			put("bitfield_size", m.bits);
		if (json)
			putchar('}');
	}
	if (json)
		putchar(']');
}

static void put_values(const struct btf *btf, const struct btf_type *t)
{
	if (json)
		fputs(",\"values\":[", stdout);
	for (__u32 i = 0; i < t->vlen; i++) {
		__u64 value;
		const char *name = btf_enumerator(btf, t, i, &value);

		printf(json ? "%s{\"name\":\"%s\",\"val\":%ld}" : "%s\n\t'%s' val=%ld", json && i ? "," : "", name,
		       (long)value);
	}
	if (json)
		putchar(']');
}

static void put_type(const struct btf *btf, __u32 id)
{
	struct btf_type t;

	btf_get(btf, id, &t);
	printf(json ? "{\"id\":%u,\"kind\":\"%s\",\"name\":\"%s\"" : "[%u] %s '%s'", id, kinds[t.kind],
	       name_of(t.name));
	if (t.kind == BTF_KIND_ARRAY) {
		struct btf_array a = btf_array(&t);

		put("type_id", a.type);
		put("index_type_id", a.index_type);
		put("nr_elems", a.nr);
	} else if (t.kind == BTF_KIND_INT || btf_is_composite(&t) || btf_is_enum(&t) || t.kind == BTF_KIND_DATASEC ||
		   t.kind == BTF_KIND_FLOAT) {
		put("size", t.size);
	} else if (t.kind != BTF_KIND_FWD) {
		put(t.kind == BTF_KIND_FUNC_PROTO ? "ret_type_id" : "type_id", t.size);
	}
	if (t.vlen && t.kind != BTF_KIND_FUNC)
		put("vlen", t.vlen);
	if (btf_is_composite(&t))
		put_members(btf, &t);
	if (btf_is_enum(&t))
		put_values(btf, &t);
	fputs(json ? "}" : "\n", stdout);
}

/* bytes: freed here; NULL with errno set: there are none */
static int dump(const char *what, void *bytes, size_t size)
{
	struct btf *btf = bytes ? btf_parse(bytes, size) : NULL;

	if (!btf) {
		complain(bytes ? "%s is no BTF" : "%s: %s", what, strerror(errno));
		free(bytes);
		return 1;
	}
	if (json)
		fputs("{\"types\":[", stdout);
	for (__u32 id = 1; id <= btf_nr_types(btf); id++) {
		if (json && id > 1)
			putchar(',');
		put_type(btf, id);
	}
	if (json)
		puts("]}");
	btf_free(btf);
	free(bytes);
	return 0;
}

int do_btf(char **argv)
{
	size_t size = 0;
	void *bytes;
	int fd;

	if (!argv[0] || !strcmp(argv[0], "list"))
		return list(&kind_btf);
	if (strcmp(argv[0], "dump") != 0)
		return complain("btf %s: there are list, dump", argv[0]);
	argv++;
	if (!argv[0] || !strcmp(argv[0], "file")) {
		const char *path = argv[0] && argv[1] ? argv[1] : KERNEL_BTF;

		bytes = sdk_read_file(path, &size);
		return dump(path, bytes, size);
	}
	fd = object_fd(&kind_btf, &argv);
	if (fd < 0)
		return 1;
	bytes = btf_bytes(fd, &size);
	return dump("BPF_OBJ_GET_INFO_BY_FD", bytes, size);
}
