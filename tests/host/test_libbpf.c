/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libbpf of the user programs on the host, over a fake bpf(2): what is asked of
 * the kernel for a whole object, every refusal with its words, every failure
 * of kernel and memory with nothing left open, and damaged files under ASan.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "elf_builder.h"

/* The library's memory, counted, and made to fail at will */
static int live, fail_alloc;

static bool alloc_fails(void)
{
	return fail_alloc && --fail_alloc == 0;
}

static void *count_malloc(size_t n)
{
	void *p = alloc_fails() ? NULL : malloc(n);

	live += p != NULL;
	return p;
}

static void *count_calloc(size_t n, size_t size)
{
	void *p = alloc_fails() ? NULL : calloc(n, size);

	live += p != NULL;
	return p;
}

static void *count_realloc(void *old, size_t n)
{
	void *p = alloc_fails() ? NULL : realloc(old, n);

	live += p && !old;
	return p;
}

static char *count_strdup(const char *s)
{
	char *p = alloc_fails() ? NULL : strdup(s);

	live += p != NULL;
	return p;
}

static void count_free(void *p)
{
	live -= p != NULL;
	free(p);
}

#define malloc count_malloc
#define calloc count_calloc
#define realloc count_realloc
#define strdup count_strdup
#define free count_free
#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif
#define get32 elf_get32
#include "../../lib/bpf_elf.c"
#undef get32
#undef EINVAL
#define EINVAL 22
#include "../../sdk/lib/libbpf.c"
#define get32 btf_get32
#include "../../sdk/lib/libbpf_btf.c"
#include "btf_builder.h"
#undef get32
#include "../../sdk/lib/libbpf_mapdef.c"
#include "../../sdk/lib/libbpf_ext.c"
#include "../../sdk/lib/libbpf_core.c"
static const char *kernel_btf_file = "/nonexistent";
#define KERNEL_BTF kernel_btf_file
#include "../../sdk/lib/libbpf_core_apply.c"
#define elem bpf_elem
#include "../../sdk/lib/libbpf_bpf.c"
#define relocate_call libbpf_relocate_call
#include "../../sdk/lib/libbpf_map.c"
#include "../../sdk/lib/libbpf_mapfile.c"
#include "../../sdk/lib/libbpf_mapload.c"
#define info_of pin_info_of
#include "../../sdk/lib/libbpf_pin.c"
#define put_word btf_put_word
#include "../../sdk/lib/libbpf_btfload.c"
#undef put_word
#undef info_of
#include "../../sdk/lib/read_file.c"
#include "../../sdk/lib/libbpf_relo.c"
#include "../../sdk/lib/libbpf_prog.c"
static const char *kallsyms = "/nonexistent";
#define KALLSYMS kallsyms
#define compare ksyms_compare
#define parse ksyms_parse
#include "../../sdk/lib/ksyms.c"
#undef compare
#undef parse
#define find_section extern_find_section
#include "../../sdk/lib/libbpf_extern.c"
#undef find_section
#include "../../sdk/lib/libbpf_link.c"
void (*__at_wait)(void);
#include "../../sdk/lib/libbpf_skel.c"
#include "../../sdk/lib/libbpf_live.c"
#undef malloc
#undef calloc
#undef realloc
#undef strdup
#undef free

/* --- The kernel: descriptors 3.. --- */

#define MAX_FDS 64

static struct {
	int next_fd, open_fds;
	bool open[MAX_FDS];
	int calls, fail_call;
	int fail_errno;
	const char *log; /* what a refused load writes to its log buffer */
	union bpf_attr create[8], link;
	unsigned int nr_creates, nr_loads, nr_links;
	uint32_t value_size[MAX_FDS];
	char data[8][1024]; /* the last value written to a map, by descriptor */
	unsigned int nr_runs;
	bool frozen[MAX_FDS];
	struct {
		int map_fd;
		uint32_t key;
		int value;
	} slot[4]; /* updates of maps with values of 4 bytes */
	int nr_slots, nr_pins, nr_gets;
	char pin_name[64];
	union bpf_attr pinned;
	struct bpf_insn insns[512];
	unsigned int insn_cnt;
	char license[64], target[64], name[16];
} k;

static char said[8192]; /* what the library printed */

static int new_fd(void)
{
	int fd = k.next_fd++;

	assert_true(fd < MAX_FDS);
	k.open[fd] = true;
	k.open_fds++;
	return fd;
}

int sdk_close(int fd)
{
	assert_true(fd >= 3 && fd < MAX_FDS && k.open[fd]);
	k.open[fd] = false;
	k.open_fds--;
	if (fd == k.next_fd - 1)
		k.next_fd = fd;
	return 0;
}

static int load_call(const union bpf_attr *attr, bool fails)
{
	if (attr->log_level && k.log) {
		assert_true(strlen(k.log) < attr->log_size);
		strcpy((char *)(uintptr_t)attr->log_buf, k.log);
	}
	if (fails)
		return -k.fail_errno;
	k.nr_loads++;
	k.insn_cnt = attr->insn_cnt;
	if (k.insn_cnt <= 512)
		memcpy(k.insns, (void *)(uintptr_t)attr->insns, k.insn_cnt * sizeof(struct bpf_insn));
	snprintf(k.license, sizeof(k.license), "%s", (char *)(uintptr_t)attr->license);
	memcpy(k.name, attr->prog_name, sizeof(k.name));
	return new_fd();
}

/* A program of stores, as libbpf_live.c loads them: five instructions each, within the map's value */
static void fake_stores(void)
{
	static const uint32_t widths[] = {4, 2, 1, 8}; /* by BPF_SIZE() / 8 */

	assert_true(k.insn_cnt <= 512 && k.insn_cnt % 5 == 2);
	for (const struct bpf_insn *p = k.insns; p + 2 < k.insns + k.insn_cnt; p += 5) {
		uint64_t value = (uint32_t)p[2].imm | (uint64_t)(uint32_t)p[3].imm << 32;
		uint32_t size = widths[p[4].code >> 3 & 3], offset = (uint32_t)p[1].imm;

		assert_int_equal(p[0].src_reg, BPF_PSEUDO_MAP_VALUE);
		assert_int_equal(offset % size, 0);
		assert_true(offset + size <= k.value_size[p[0].imm]);
		memcpy(&k.data[p[0].imm % 8][offset], &value, size);
	}
	k.nr_runs++;
}

int sdk_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	bool fails = ++k.calls == k.fail_call || k.fail_call < 0;

	if (cmd == BPF_PROG_LOAD)
		return load_call(attr, fails);
	if (fails)
		return -k.fail_errno;
	switch (cmd) {
	case BPF_MAP_CREATE:
		k.create[k.nr_creates++ % 8] = *attr;
		k.value_size[k.next_fd % MAX_FDS] = attr->value_size;
		return new_fd();
	case BPF_MAP_UPDATE_ELEM:
		assert_true(k.open[attr->map_fd]);
		/* all of it must be there to be read */
		for (uint32_t i = 0; i < k.value_size[attr->map_fd]; i++)
			k.data[attr->map_fd % 8][i % 1024] = ((const char *)(uintptr_t)attr->value)[i];
		if (k.value_size[attr->map_fd] == 4) {
			k.slot[k.nr_slots % 4].map_fd = (int)attr->map_fd;
			memcpy(&k.slot[k.nr_slots % 4].key, (void *)(uintptr_t)attr->key, 4);
			memcpy(&k.slot[k.nr_slots++ % 4].value, (void *)(uintptr_t)attr->value, 4);
		}
		return 0;
	case BPF_MAP_LOOKUP_ELEM:
		assert_true(k.open[attr->map_fd]);
		assert_true(k.value_size[attr->map_fd] <= 1024);
		memcpy((void *)(uintptr_t)attr->value, k.data[attr->map_fd % 8], k.value_size[attr->map_fd]);
		return 0;
	case BPF_PROG_TEST_RUN:
		assert_true(k.open[attr->test.prog_fd]);
		fake_stores();
		return 0;
	case BPF_BTF_LOAD: /* one at a time, out of the way of the other descriptors */
		assert_false(k.open[MAX_FDS - 1]);
		k.open[MAX_FDS - 1] = true;
		k.open_fds++;
		return MAX_FDS - 1;
	case BPF_OBJ_PIN:
		assert_true(k.open[attr->pin.bpf_fd]);
		snprintf(k.pin_name, sizeof(k.pin_name), "%s", (char *)(uintptr_t)attr->pin.pathname);
		k.pinned = k.create[0];
		k.nr_pins++;
		return 0;
	case BPF_OBJ_GET:
		k.nr_gets++;
		return strcmp(k.pin_name, (char *)(uintptr_t)attr->pin.pathname) ? -ENOENT : new_fd();
	case BPF_OBJ_GET_INFO_BY_FD: {
		struct bpf_map_info *info = (void *)(uintptr_t)attr->info.info;

		assert_true(k.open[attr->info.bpf_fd]);
		info->type = k.pinned.map_type;
		info->key_size = k.pinned.key_size;
		info->value_size = k.pinned.value_size;
		info->max_entries = k.pinned.max_entries;
		return 0;
	}
	case BPF_MAP_FREEZE:
		k.frozen[attr->map_fd] = true;
		return 0;
	case BPF_LINK_CREATE:
		assert_true(k.open[attr->link_prog_fd]);
		k.link = *attr;
		k.nr_links++;
		snprintf(k.target, sizeof(k.target), "%s", *(const char **)(uintptr_t)attr->km_syms);
		return new_fd();
	default:
		return -EINVAL;
	}
}

static int record(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	size_t n = strlen(said);

	(void)level;
	vsnprintf(said + n, sizeof(said) - n, fmt, ap);
	return 0;
}

/* --- BTF of map definitions --- */

static struct btf_builder t;

static uint32_t put_uint(uint32_t n)
{
	return put_ptr(&t, put_array(&t, 1, n));
}

/* The variable of a map: members are pairs of name and type id. */
static void put_map(const char *name, uint32_t nr, const char *const *members, const uint32_t *types)
{
	uint32_t id = put_type(&t, "", BTF_KIND_STRUCT, nr, 8 * nr);

	for (uint32_t i = 0; i < nr; i++) {
		put_word(&t, put_string(&t, members[i]));
		put_word(&t, types[i]);
		put_word(&t, 64 * i);
	}
	put_type(&t, name, BTF_KIND_VAR, 0, id);
	put_word(&t, 1);
}

/* --- The object --- */

static struct elf_builder b;
static uint32_t maps_section, code, text, rodata, bss, sym_map, sym_text;
static uint8_t *object;
static size_t object_size;
static uint8_t btf_bytes[4096];
static uint32_t btf_section; /* its index */

#define WIDE(reg, value)                                                                                               \
	{.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = (reg), .imm = (value)},                                         \
	{                                                                                                              \
		0                                                                                                      \
	}
#define CALL(to)                                                                                                       \
	{                                                                                                              \
		.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (to)                                    \
	}
#define EXIT                                                                                                           \
	{                                                                                                              \
		.code = BPF_JMP | BPF_EXIT                                                                             \
	}

/*
 * kprobe/f: on_f refers to the map, to .rodata + 4, to .bss + 8, and calls a
 * static function of .text, which calls its neighbour without relocation.
 */
static void begin_code(void)
{
	static const struct bpf_insn on_f[] = {WIDE(1, 0), WIDE(2, 4), WIDE(3, 0), CALL(1), EXIT};
	static const struct bpf_insn subs[] = {EXIT, EXIT, CALL(-3), EXIT};
	uint32_t var;

	text = elf_section(&b, ".text", 1, 6, subs, sizeof(subs));
	code = elf_section(&b, "kprobe/f", 1, 6, on_f, sizeof(on_f));
	rodata = elf_section(&b, ".rodata", 1, 2, "abcdefgh", 8);
	bss = elf_section(&b, ".bss", 8, 3, NULL, 16);
	elf_symbol(&b, "leaf", 0, 2, (uint16_t)text, 0, 16);
	elf_symbol(&b, "sub", 0, 2, (uint16_t)text, 16, 16);
	sym_text = elf_symbol(&b, NULL, 0, 3, (uint16_t)text, 0, 0);
	elf_symbol(&b, "on_f", 1, 2, (uint16_t)code, 0, sizeof(on_f));
	elf_reloc(&b, code, 0, R_BPF_64_64, sym_map);
	elf_reloc(&b, code, 16, R_BPF_64_64, elf_symbol(&b, NULL, 0, 3, (uint16_t)rodata, 0, 0));
	var = elf_symbol(&b, "hits", 1, 1, (uint16_t)bss, 8, 8);
	elf_reloc(&b, code, 32, R_BPF_64_64, var);
	elf_reloc(&b, code, 48, R_BPF_64_32, sym_text);
}

static void begin_object(void)
{
	static const char *const members[] = {"type", "max_entries", "key", "value"};
	uint32_t u64_id, types[4];

	put_begin(&t);
	u64_id = put_int(&t, 8);
	types[0] = put_uint(BPF_MAP_TYPE_HASH);
	types[1] = put_uint(100);
	types[2] = put_ptr(&t, put_type(&t, "u32", BTF_KIND_TYPEDEF, 0, 1));
	types[3] = put_ptr(&t, put_type(&t, "", BTF_KIND_CONST, 0, put_array(&t, u64_id, 3)));
	put_map("counts", 4, members, types);

	elf_begin(&b);
	maps_section = elf_section(&b, ".maps", 1, 3, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	sym_map = elf_symbol(&b, "counts", 1, 1, (uint16_t)maps_section, 0, 8);
	elf_section(&b, "license", 1, 3, "GPL", 4);
	btf_section = elf_section(&b, ".BTF", 1, 0, "", 0);
	begin_code();
}

static void finish_object(void)
{
	b.part[btf_section].size = 0;
	elf_append(&b.part[btf_section], btf_bytes, put_finish(&t, btf_bytes));
	free(object);
	object = elf_finish(&b, &object_size);
}

static struct bpf_object *open_object_mem(void)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "test_object");

	return bpf_object__open_mem(object, object_size, &opts);
}

/* It must not open, or not load, and say why in these words. */
static void assert_refused(int err, const char *words)
{
	struct bpf_object *obj;
	int ret;

	finish_object();
	obj = open_object_mem();
	ret = obj ? bpf_object__load(obj) : -errno;
	assert_int_equal(ret, err);
	if (!strstr(said, words))
		fail_msg("\"%s\" is not in: %s", words, said);
	bpf_object__close(obj);
	assert_int_equal(k.open_fds, 0);
	assert_int_equal(live, 0);
}

static int setup(void **state)
{
	(void)state;
	memset(&k, 0, sizeof(k));
	k.next_fd = 3;
	k.fail_errno = EPERM;
	said[0] = 0;
	live = fail_alloc = 0;
	libbpf_set_print(record);
	begin_object();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(object);
	object = NULL;
	return 0;
}

static void test_libbpf_whole_object(void **state)
{
	struct bpf_object *obj;
	struct bpf_link *link;
	struct bpf_map *map;
	struct bpf_program *prog;

	(void)state;
	finish_object();
	obj = open_object_mem();
	assert_non_null(obj);
	map = bpf_object__find_map_by_name(obj, "counts");
	assert_non_null(map);
	assert_int_equal(bpf_map__type(map), BPF_MAP_TYPE_HASH);
	assert_int_equal(bpf_map__max_entries(map), 100);
	assert_int_equal(bpf_map__key_size(map), 4);
	assert_int_equal(bpf_map__value_size(map), 24);
	assert_int_equal(bpf_map__fd(map), -1);
	prog = bpf_object__find_program_by_name(obj, "on_f");
	assert_string_equal(bpf_program__section_name(prog), "kprobe/f");

	assert_int_equal(bpf_object__load(obj), 0);
	assert_string_equal(said, "");
	assert_int_equal(k.nr_creates, 3);
	assert_string_equal(k.create[0].map_name, "counts");
	assert_string_equal(k.create[1].map_name, "test_obj.rodata");
	assert_int_equal(k.create[1].map_flags, BPF_F_RDONLY_PROG);
	assert_string_equal(k.create[2].map_name, "test_object.bss");
	assert_int_equal(k.create[2].value_size, 16);
	assert_memory_equal(k.data[4], "abcd", 4);
	assert_true(k.frozen[4] && !k.frozen[5]);
	assert_string_equal(k.license, "GPL");
	assert_string_equal(k.name, "on_f");

	link = bpf_program__attach(prog);
	assert_non_null(link);
	assert_string_equal(k.target, "f");
	assert_int_equal(k.link.link_attach_type, BPF_TRACE_KPROBE_MULTI);
	assert_int_equal(k.link.km_flags, 0);
	assert_int_equal(k.link.km_cnt, 1);
	assert_int_equal(bpf_link__destroy(link), 0);
	bpf_object__close(obj);
	assert_int_equal(k.open_fds, 0);
	assert_int_equal(live, 0);
}

static void test_libbpf_relocations(void **state)
{
	/* on_f at 0 (8 slots), sub at 8 (2), leaf at 10 (2) */
	struct bpf_object *obj;

	(void)state;
	finish_object();
	obj = open_object_mem();
	assert_int_equal(bpf_object__load(obj), 0);
	assert_int_equal(k.insn_cnt, 12);
	assert_int_equal(k.insns[0].src_reg, BPF_PSEUDO_MAP_FD);
	assert_int_equal(k.insns[0].imm, 3);
	assert_int_equal(k.insns[1].imm, 0);
	assert_int_equal(k.insns[2].src_reg, BPF_PSEUDO_MAP_VALUE);
	assert_int_equal(k.insns[2].imm, 4);
	assert_int_equal(k.insns[3].imm, 4);
	assert_int_equal(k.insns[4].src_reg, BPF_PSEUDO_MAP_VALUE);
	assert_int_equal(k.insns[4].imm, 5);
	assert_int_equal(k.insns[5].imm, 8);
	assert_int_equal(k.insns[6].imm, 1); /* 8 from 7 */
	assert_int_equal(k.insns[8].imm, 1); /* 10 from 9 */
	bpf_object__close(obj);
}

static void test_libbpf_initial_value(void **state)
{
	struct bpf_object *obj;
	struct bpf_map *map;
	size_t size;

	(void)state;
	finish_object();
	obj = open_object_mem();
	map = bpf_object__find_map_by_name(obj, ".rodata");
	memcpy(bpf_map__initial_value(map, &size), "WXYZ", 4);
	assert_int_equal(size, 8);
	assert_int_equal(bpf_map__set_initial_value(map, "x", 1), -EINVAL);
	assert_int_equal(bpf_object__load(obj), 0);
	assert_memory_equal(k.data[4], "WXYZ", 4);
	assert_int_equal(bpf_map__set_initial_value(map, "12345678", 8), -EBUSY);
	bpf_object__close(obj);
}

static void test_libbpf_elem_sizes(void **state)
{
	struct bpf_object *obj;
	struct bpf_map *map;
	char key[4] = "", value[24] = "";

	(void)state;
	finish_object();
	obj = open_object_mem();
	map = bpf_object__find_map_by_name(obj, "counts");
	assert_int_equal(bpf_map__update_elem(map, key, 4, value, 24, 0), -ENOENT); /* not loaded */
	assert_int_equal(bpf_object__load(obj), 0);
	assert_int_equal(bpf_map__update_elem(map, key, 4, value, 24, 0), 0);
	assert_int_equal(bpf_map__update_elem(map, key, 4, value, 8, 0), -EINVAL);
	assert_int_equal(bpf_map__lookup_elem(map, key, 8, value, 24, 0), -EINVAL);
	assert_int_equal(bpf_map__delete_elem(map, key, 3, 0), -EINVAL);
	bpf_object__close(obj);
}

static void test_libbpf_attach_kinds(void **state)
{
	static const struct {
		const char *section, *target;
		bool ret;
	} cases[] = {
		{"kprobe/sys_openat+0x10", "sys_openat+0x10", false},
		{"kretprobe/sys_openat", "sys_openat", true},
		{"kprobe.multi/g", "g", false},
		{"kretprobe.multi/g", "g", true},
		{"ksyscall/openat", "sys_openat", false},
		{"kretsyscall/openat", "sys_openat", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bpf_object *obj;
		struct bpf_link *link;

		setup(state);
		b.part[code].name = elf_string(&b, cases[i].section);
		finish_object();
		obj = open_object_mem();
		assert_int_equal(bpf_object__load(obj), 0);
		link = bpf_program__attach(bpf_object__next_program(obj, NULL));
		assert_non_null(link);
		assert_string_equal(k.target, cases[i].target);
		assert_int_equal(k.link.km_flags, cases[i].ret ? BPF_F_KPROBE_MULTI_RETURN : 0);
		bpf_link__destroy(link);
		bpf_object__close(obj);
		assert_int_equal(live, 0);
	}
}

static void test_libbpf_attach_refused(void **state)
{
	static const char *const sections[] = {"kprobe", "kprobe/", "ksyscall/", "tracepoint/x", "xdp", "kprobes/f"};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct bpf_object *obj;
		int err;

		setup(state);
		b.part[code].name = elf_string(&b, sections[i]);
		finish_object();
		obj = open_object_mem();
		err = bpf_object__load(obj);
		assert_int_equal(err, i < 3 ? 0 : -EOPNOTSUPP);
		if (!err)
			assert_null(bpf_program__attach(bpf_object__next_program(obj, NULL)));
		assert_int_equal(errno, EOPNOTSUPP);
		assert_non_null(strstr(said, err ? "are not supported: there are kprobe" : "where to attach"));
		bpf_object__close(obj);
		assert_int_equal(live, 0);
	}
}

static void test_libbpf_glob(void **state)
{
	static const struct {
		const char *str, *pattern;
		bool fits;
	} cases[] = {
		{"sys_read", "sys_*", true},
		{"sys_", "sys_*", true},
		{"sys", "sys_*", false},
		{"sys_read", "*", true},
		{"sys_read", "*re?d", true},
		{"sys_reread", "*re?d", true},
		{"", "", true},
		{"", "**", true},
		{"a", "", false},
		{"abcabd", "*abd", true},
		{"abcabd", "*abc", false},
		{"ab", "a?b", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(glob_match(cases[i].str, cases[i].pattern), cases[i].fits);
}

/* Loads the object with a pattern as its section, against a list of functions. The link, or NULL with errno. */
static struct bpf_link *attach_pattern_to(void **state, const char *section, const char *list, struct bpf_object **obj)
{
	static char path[] = "/tmp/kallsyms.XXXXXX";
	struct bpf_link *link;
	int fd, err;

	setup(state);
	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, list, strlen(list)), strlen(list));
	close(fd);
	kallsyms = path;
	b.part[code].name = elf_string(&b, section);
	finish_object();
	*obj = open_object_mem();
	assert_int_equal(bpf_object__load(*obj), 0);
	link = bpf_program__attach(bpf_object__next_program(*obj, NULL));
	err = errno;
	unlink(path);
	kallsyms = "/nonexistent";
	errno = err;
	return link;
}

static void test_libbpf_attach_pattern(void **state)
{
	static const struct {
		const char *section, *list, *first;
		unsigned int cnt;
		int err;
	} cases[] = {
		{"kprobe.multi/sys_*", "10 T sys_b\n8 T sys_a\n20 T other\n", "sys_a", 2, 0},
		{"kretprobe.multi/*", "10 T x", "x", 1, 0},
		{"kprobe.multi/no*", "10 T x\n", NULL, 0, ENOENT},
		{"kprobe.multi/*", "", NULL, 0, EINVAL},
		{"kprobe.multi/*", "zz T x\n", NULL, 0, EINVAL},
		{"kprobe.multi/*", "10 T\n", NULL, 0, EINVAL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bpf_object *obj;
		struct bpf_link *link = attach_pattern_to(state, cases[i].section, cases[i].list, &obj);

		if (cases[i].err) {
			assert_null(link);
			assert_int_equal(errno, cases[i].err);
			assert_true(said[0]);
		} else {
			assert_non_null(link);
			assert_int_equal(k.link.km_cnt, cases[i].cnt);
			assert_string_equal(k.target, cases[i].first);
		}
		bpf_link__destroy(link);
		bpf_object__close(obj);
		assert_int_equal(live, 0);
	}
}

static void test_libbpf_attach_by_hand(void **state)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .offset = 16, .retprobe = false);
	struct bpf_object *obj;
	struct bpf_program *prog;
	struct bpf_link *link;

	(void)state;
	finish_object();
	obj = open_object_mem();
	prog = bpf_object__next_program(obj, NULL);
	assert_null(bpf_program__attach(prog)); /* before load */
	assert_int_equal(bpf_object__load(obj), 0);
	link = bpf_program__attach_kprobe_opts(prog, "g", &opts);
	assert_string_equal(k.target, "g+0x10");
	bpf_link__destroy(link);
	link = bpf_program__attach_kprobe(prog, true, "h");
	assert_string_equal(k.target, "h");
	assert_int_equal(k.link.km_flags, BPF_F_KPROBE_MULTI_RETURN);
	bpf_link__destroy(link);
	bpf_object__close(obj);
	assert_int_equal(k.open_fds, 0);
}

static void test_libbpf_load_twice(void **state)
{
	struct bpf_object *obj;

	(void)state;
	finish_object();
	obj = open_object_mem();
	assert_int_equal(bpf_object__load(obj), 0);
	assert_int_equal(bpf_object__load(obj), -EINVAL);
	bpf_object__close(obj);
	assert_int_equal(k.open_fds, 0);
}

static void test_libbpf_autoload(void **state)
{
	struct bpf_object *obj;

	(void)state;
	finish_object();
	obj = open_object_mem();
	bpf_program__set_autoload(bpf_object__next_program(obj, NULL), false);
	assert_int_equal(bpf_object__load(obj), 0);
	assert_int_equal(k.nr_loads, 0);
	bpf_object__close(obj);
}

static void test_libbpf_skeleton(void **state)
{
	struct bpf_object *obj = NULL;
	struct bpf_map *map = NULL;
	struct bpf_program *prog = NULL;
	struct bpf_link *link = NULL;
	void *bss_data = NULL;
	struct bpf_object_skeleton *s = count_calloc(1, sizeof(*s));

	(void)state;
	finish_object();
	*s = (struct bpf_object_skeleton){
		.sz = sizeof(*s),
		.name = "skel",
		.data = object,
		.data_sz = object_size,
		.obj = &obj,
		.map_cnt = 1,
		.map_skel_sz = sizeof(*s->maps),
		.maps = count_calloc(1, sizeof(*s->maps)),
		.prog_cnt = 1,
		.prog_skel_sz = sizeof(*s->progs),
		.progs = count_calloc(1, sizeof(*s->progs)),
	};
	s->maps[0] = (struct bpf_map_skeleton){.name = ".bss", .map = &map, .mmaped = &bss_data};
	s->progs[0] = (struct bpf_prog_skeleton){.name = "on_f", .prog = &prog, .link = &link};
	assert_int_equal(bpf_object__open_skeleton(s, NULL), 0);
	assert_non_null(bss_data);
	((char *)bss_data)[2] = 'x';
	assert_int_equal(bpf_object__load_skeleton(s), 0);
	assert_int_equal(k.data[bpf_map__fd(map) % 8][2], 'x');
	((char *)bss_data)[3] = 'y';
	assert_int_equal(bpf_object__attach_skeleton(s), 0);
	assert_non_null(link);
	assert_int_equal(k.data[bpf_map__fd(map) % 8][3], 'y'); /* before it is attached */
	k.data[bpf_map__fd(map) % 8][4] = 'z';
	bpf_object__detach_skeleton(s);
	assert_int_equal(((char *)bss_data)[4], 'z');
	assert_null(link);
	assert_int_equal(bpf_object__attach_skeleton(s), 0);
	bpf_object__destroy_skeleton(s);
	assert_int_equal(k.nr_links, 2);
	assert_int_equal(k.open_fds, 0);
	assert_int_equal(live, 0);
}

/* --- skel->bss after load --- */

/* The object with a .bss of that many bytes, loaded; what its map holds, and what the process sees of it. */
static struct bpf_object *load_live(size_t size, char **map, unsigned char **mine)
{
	struct bpf_object *obj;
	struct bpf_map *m;
	size_t got;

	b.part[bss].size = size;
	finish_object();
	obj = open_object_mem();
	m = obj ? bpf_object__find_map_by_name(obj, ".bss") : NULL;
	assert_non_null(m);
	*mine = bpf_map__initial_value(m, &got);
	assert_int_equal(got, size);
	assert_int_equal(bpf_object__load(obj), 0);
	assert_ptr_equal(bpf_map__initial_value(m, &got), *mine);
	*map = k.data[bpf_map__fd(m) % 8];
	assert_int_equal(k.nr_runs, 0);
	return obj;
}

static void close_live(struct bpf_object *obj)
{
	bpf_object__close(obj);
	assert_null(live_maps);
	libbpf_live_sync();
	assert_int_equal(k.open_fds, 0);
	assert_int_equal(live, 0);
}

static void test_libbpf_live_both_ways(void **state)
{
	unsigned char *mine;
	char *map;
	struct bpf_object *obj = load_live(16, &map, &mine);

	(void)state;
	map[3] = 7; /* a program's */
	mine[8] = 1;
	map[9] = 2; /* in one word */
	errno = 4711;
	libbpf_live_sync();
	assert_int_equal(errno, 4711);
	assert_int_equal(mine[3], 7);
	assert_int_equal(map[8], 1);
	assert_int_equal(mine[9], 2);
	assert_int_equal(k.nr_runs, 1);
	libbpf_live_sync();
	assert_int_equal(k.nr_runs, 1); /* nothing changed, nothing stored */
	mine[3] = 0;
	libbpf_live_sync();
	assert_int_equal(map[3], 0);
	close_live(obj);
}

/* Random stores of the process and of programs, in bytes of their own, in values of every size */
static void test_libbpf_live_random(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (size_t size = 16; size < 600; size += size < 40 ? 1 : 97) {
		unsigned char *mine, expect[600] = {0};
		struct bpf_object *obj;
		char *map;

		teardown(NULL);
		setup(NULL);
		obj = load_live(size, &map, &mine);
		for (int round = 0; round < 20; round++) {
			for (uint32_t n = elf_random(&seed) % (2 * size + 1); n; n--) {
				size_t at = elf_random(&seed) % size;
				unsigned char value = (unsigned char)elf_random(&seed);

				expect[at] = value;
				if (at / 8 % 2)
					mine[at] = value;
				else
					map[at] = (char)value;
			}
			libbpf_live_sync();
			assert_memory_equal(mine, expect, size);
			assert_memory_equal(map, expect, size);
		}
		close_live(obj);
	}
}

/* The process's words keep its values while they cannot be stored; it is said once. */
static void test_libbpf_live_refused(void **state)
{
	unsigned char *mine;
	char *map;
	struct bpf_object *obj = load_live(16, &map, &mine);

	(void)state;
	mine[0] = 5;
	map[8] = 6;
	for (int i = 0; i < 2; i++) {
		said[0] = 0;
		k.fail_call = k.calls + 1; /* the program is not loaded */
		libbpf_live_sync();
		assert_int_equal(strstr(said, "cannot be put into the map: Operation not permitted") != NULL, i == 0);
		assert_int_equal(mine[0], 5);
		assert_int_equal(mine[8], 6);
		assert_int_equal(map[0], 0);
	}
	k.fail_call = k.calls + 2; /* loaded, but not run */
	libbpf_live_sync();
	assert_int_equal(map[0], 0);
	libbpf_live_sync();
	assert_int_equal(map[0], 5);
	k.fail_call = k.calls + 1; /* the map is not read */
	libbpf_live_sync();
	assert_non_null(strstr(said, "map '.bss': cannot be read"));
	close_live(obj);
}

/* --- Refusals --- */

static void test_libbpf_extern(void **state)
{
	(void)state;
	elf_reloc(&b, code, 0, R_BPF_64_64, sym_map); /* makes no difference: the first one counts */
	b.part[b.symtab].data[24 * sym_map + 6] = 0;
	assert_refused(-EOPNOTSUPP, "extern 'counts' is not supported");
}

/* A symbol may say ELF_SHN_ABS, which is the number of no section. */
static void set_symbol_section(uint32_t sym, uint16_t section)
{
	memcpy(b.part[b.symtab].data + (size_t)24 * sym + 6, &section, sizeof(section));
}

static void test_libbpf_absolute_data(void **state)
{
	(void)state;
	set_symbol_section(sym_map, ELF_SHN_ABS);
	assert_refused(-EINVAL, "refers to 'counts', which is neither map nor data");
}

static void test_libbpf_absolute_function(void **state)
{
	(void)state;
	set_symbol_section(sym_text, ELF_SHN_ABS);
	b.part[b.symtab].data[24 * sym_text + 4] = ELF_STT_FUNC;
	elf_symbol(&b, "fixed", 1, ELF_STT_FUNC, ELF_SHN_ABS, 16, 16);
	assert_refused(-EINVAL, "calls a function that is in no section of code");
}

/* A variable of section .kconfig, and the section with two of them */
static uint32_t put_setting(const char *name, uint32_t type)
{
	uint32_t id = put_type(&t, name, BTF_KIND_VAR, 0, type);

	put_word(&t, 2);
	return id;
}

static void put_settings(uint32_t a, uint32_t c)
{
	put_type(&t, ".kconfig", BTF_KIND_DATASEC, 2, 0);
	for (uint32_t i = 0; i < 6; i++)
		put_word(&t, i == 0 ? a : i == 3 ? c : 0);
}

/* skel->kconfig is laid out by width, not as the variables come. */
static void test_libbpf_kconfig(void **state)
{
	struct bpf_object *obj;
	struct bpf_map *map;
	unsigned char *values;
	uint32_t narrow, wide;
	size_t size;

	(void)state;
	narrow = put_setting("LINUX_HAS_BPF_COOKIE", put_int(&t, 1));
	wide = put_setting("LINUX_KERNEL_VERSION", put_int(&t, 4));
	put_settings(narrow, wide);
	finish_object();
	obj = open_object_mem();
	map = obj ? bpf_object__find_map_by_name(obj, ".kconfig") : NULL;
	assert_non_null(map);
	values = bpf_map__initial_value(map, &size);
	assert_memory_equal(values, "\0\x0c\x06\0\x01", 5);
	assert_int_equal(bpf_object__load(obj), 0);
	assert_true(k.frozen[bpf_map__fd(map)]);
	bpf_object__close(obj);
	assert_int_equal(live, 0);
}

static void test_libbpf_kconfig_refused(void **state)
{
	uint32_t text_id, number;

	(void)state;
	number = put_setting("LINUX_KERNEL_VERSION", put_int(&t, 4));
	text_id = put_setting("CONFIG_DEFAULT_HOSTNAME", put_array(&t, put_int(&t, 1), 16));
	put_settings(number, text_id);
	assert_refused(-EOPNOTSUPP, "extern 'CONFIG_DEFAULT_HOSTNAME': text is not supported");
	setup(NULL);
	number = put_setting("LINUX_KERNEL_VERSION", put_int(&t, 4));
	put_settings(number, put_setting("CONFIG_HZ", put_int(&t, 4)));
	assert_refused(-ESRCH, "this kernel has no such setting");
}

static void test_libbpf_unknown_field(void **state)
{
	static const char *const members[] = {"type", "colour"};
	uint32_t types[2];

	(void)state;
	put_begin(&t);
	types[0] = types[1] = put_uint(1);
	put_map("counts", 2, members, types);
	assert_refused(-EOPNOTSUPP, "unknown field 'colour'");
}

static void test_libbpf_odd_field(void **state)
{
	static const char *const members[] = {"type"};
	uint32_t types[1] = {1};

	(void)state;
	put_begin(&t);
	put_map("counts", 1, members, types);
	assert_refused(-EINVAL, "cannot make sense of 'type'");
}

static void test_libbpf_untyped(void **state)
{
	static const char *const members[] = {"max_entries"};
	uint32_t types[1];

	(void)state;
	put_begin(&t);
	types[0] = put_uint(1);
	put_map("counts", 1, members, types);
	assert_refused(-EINVAL, "no type given");
}

static void test_libbpf_typedef_loop(void **state)
{
	static const char *const members[] = {"type", "key"};
	uint32_t types[2];

	(void)state;
	put_begin(&t);
	types[0] = put_uint(1);
	types[1] = put_ptr(&t, t.count + 2);
	put_type(&t, "a", BTF_KIND_TYPEDEF, 0, t.count + 2); /* a is b, */
	put_type(&t, "b", BTF_KIND_TYPEDEF, 0, t.count);     /* b is a */
	put_map("counts", 2, members, types);
	assert_refused(-EINVAL, "cannot make sense of 'key'");
}

static void test_libbpf_huge_type(void **state)
{
	static const char *const members[] = {"type", "value"};
	uint32_t types[2];

	(void)state;
	put_begin(&t);
	types[0] = put_uint(1);
	types[1] = put_ptr(&t, put_array(&t, put_array(&t, put_array(&t, 1, 0xffffffff), 0xffffffff), 0xffffffff));
	put_map("counts", 2, members, types);
	assert_refused(-EINVAL, "cannot make sense of 'value'");
}

static void test_libbpf_not_in_btf(void **state)
{
	(void)state;
	put_begin(&t);
	assert_refused(-ENOENT, "not described in BTF");
}

/* --- CO-RE --- */

static void check_any(const uint8_t *bytes, size_t size)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "damaged");
	struct bpf_object *obj = bpf_object__open_mem(bytes, size, &opts);

	k.next_fd = 3;
	if (!obj)
		assert_true(errno > 0);
	else if (!bpf_object__load(obj) && bpf_object__next_program(obj, NULL))
		bpf_link__destroy(bpf_program__attach(bpf_object__next_program(obj, NULL)));
	if (!obj)
		assert_true(said[0]);
	bpf_object__close(obj);
	assert_int_equal(k.open_fds, 0);
	assert_int_equal(live, 0);
	said[0] = 0;
}

/*
 * kprobe/g: a load of proc.pid, the same of proc.gone, and whether there is one. The compiler's proc is
 * { pid; gone; }, the kernel's { parent; pid; }.
 */
static void add_core_program(void)
{
	static const struct bpf_insn on_g[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1, .off = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 4},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = 1},
		EXIT,
	};
	uint32_t section = elf_section(&b, "kprobe/g", 1, 6, on_g, sizeof(on_g));
	uint32_t proc = put_type(&t, "proc___mine", BTF_KIND_STRUCT, 2, 8);
	uint32_t name;

	put_member(&t, "pid", 1, 0);
	put_member(&t, "gone", 1, 32);
	name = put_string(&t, "kprobe/g");
	{
		uint32_t pid = put_string(&t, "0:0"), gone = put_string(&t, "0:1");
		uint32_t ext[8 + 3 + 12] = {
			0xeb9f | 1 << 16,
			32,
			0,
			0,
			0,
			0,
			0,
			4 * 15, /* one table of CO-RE records */
			16,
			name,
			3, /* of 16 bytes, for that section, three */
			0,
			proc,
			pid,
			CORE_FIELD_BYTE_OFFSET, /* */
			8,
			proc,
			gone,
			CORE_FIELD_BYTE_OFFSET, /* */
			16,
			proc,
			gone,
			CORE_FIELD_EXISTS, /* */
		};

		elf_section(&b, ".BTF.ext", 1, 0, ext, sizeof(ext));
	}
	elf_symbol(&b, "on_g", 1, 2, (uint16_t)section, 0, sizeof(on_g));
}

static void write_kernel_btf(char *path)
{
	struct btf_builder kernel;
	uint8_t bytes[4096];
	int fd = mkstemp(path);
	size_t size;

	put_begin(&kernel);
	put_type(&kernel, "proc", BTF_KIND_STRUCT, 2, 16);
	put_member(&kernel, "parent", 1, 0);
	put_member(&kernel, "pid", 1, 64);
	size = put_finish(&kernel, bytes);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static void test_libbpf_core(void **state)
{
	char path[] = "/tmp/mbpf-btf-XXXXXX";
	struct bpf_object *obj;

	(void)state;
	add_core_program();
	finish_object();
	write_kernel_btf(path);
	kernel_btf_file = path;
	obj = open_object_mem();
	assert_non_null(obj);
	bpf_program__set_autoload(bpf_object__find_program_by_name(obj, "on_f"), false);
	assert_int_equal(bpf_object__load(obj), 0);
	assert_int_equal(k.insns[0].off, 8);
	assert_int_equal(k.insns[1].code, BPF_JMP | BPF_CALL);
	assert_int_equal(k.insns[1].imm, CORE_POISON);
	assert_int_equal(k.insns[2].imm, 0);
	assert_string_equal(libbpf_core_missing(obj, "1: (85) call unknown#195896080\n"), "struct proc___mine.gone");
	assert_null(libbpf_core_missing(obj, "1: (85) call unknown#195896081\n"));
	assert_null(libbpf_core_missing(obj, "R0 !read_ok"));
	bpf_object__close(obj);
	assert_int_equal(live, 0);

	/* damaged in every byte, with the kernel's types there */
	for (size_t at = 0; at < object_size; at++) {
		uint8_t old = object[at];

		object[at] ^= (uint8_t)(1 + at % 255);
		check_any(object, object_size);
		object[at] = old;
	}
	unlink(path);
	kernel_btf_file = "/nonexistent";
}

static void test_libbpf_core_refused_in_words(void **state)
{
	char path[] = "/tmp/mbpf-btf-XXXXXX";

	(void)state;
	add_core_program();
	write_kernel_btf(path);
	kernel_btf_file = path;
	k.fail_call = -1;
	k.log = "1: (85) call unknown#195896080\ninvalid func unknown#195896080\n";
	finish_object();
	{
		struct bpf_object *obj = open_object_mem();

		assert_non_null(obj);
		assert_int_equal(libbpf_apply_core(obj), 0);
		assert_int_equal(libbpf_relocate(&obj->progs[1]), 0);
		assert_int_equal(libbpf_load_program(&obj->progs[1]), -EPERM);
		bpf_object__close(obj);
	}
	assert_non_null(strstr(said, "it uses 'struct proc___mine.gone', which this kernel does not have (CO-RE)"));
	unlink(path);
	kernel_btf_file = "/nonexistent";
}

static void test_libbpf_core_without_kernel_types(void **state)
{
	(void)state;
	add_core_program();
	assert_refused(-ENOENT, "it needs the kernel's types for CO-RE, but '/nonexistent' cannot be read");
}

static void test_libbpf_core_kernel_types_damaged(void **state)
{
	(void)state;
	add_core_program();
	kernel_btf_file = "/proc/self/stat";
	assert_refused(-EINVAL, "'/proc/self/stat' is no BTF");
	kernel_btf_file = "/nonexistent";
}

static void test_libbpf_core_table_damaged(void **state)
{
	uint32_t ext[12] = {0xeb9f | 1 << 16, 32, 0, 0, 0, 0, 0, 20};

	(void)state;
	elf_section(&b, ".BTF.ext", 1, 0, ext, sizeof(ext));
	assert_refused(-EINVAL, "CO-RE relocations failed");
}

/* --- Maps of maps, of programs, under names --- */

static void test_libbpf_slots(void **state)
{
	static const char *const inner_members[] = {"type", "max_entries", "key_size", "value_size"};
	static const char *const outer_members[] = {"type", "max_entries", "key_size", "values"};
	uint32_t types[4], inner, outer[4], protos, sym, sym_progs, sym_on_f = 0;
	struct bpf_object *obj;

	(void)state;
	types[0] = put_uint(BPF_MAP_TYPE_ARRAY);
	types[1] = put_uint(3);
	types[2] = put_uint(4);
	types[3] = put_uint(16);
	inner = put_type(&t, "", BTF_KIND_STRUCT, 4, 32);
	for (int i = 0; i < 4; i++)
		put_member(&t, inner_members[i], types[i], 64u * (uint32_t)i);
	outer[0] = put_uint(BPF_MAP_TYPE_ARRAY_OF_MAPS);
	outer[1] = put_uint(2);
	outer[2] = types[2];
	outer[3] = put_array(&t, put_ptr(&t, inner), 0);
	put_map("outer", 4, outer_members, outer);
	outer[0] = put_uint(BPF_MAP_TYPE_PROG_ARRAY);
	protos = put_type(&t, "", BTF_KIND_FUNC_PROTO, 0, 1);
	outer[3] = put_array(&t, put_ptr(&t, protos), 0);
	put_map("progs", 4, outer_members, outer);

	/* in .maps: counts at 0, outer at 16 with slots at 40 and 48, progs at 56 with slots at 80 */
	elf_append(&b.part[maps_section], (uint8_t[80]){0}, 72);
	sym = elf_symbol(&b, "outer", 1, 1, (uint16_t)maps_section, 16, 40);
	sym_progs = elf_symbol(&b, "progs", 1, 1, (uint16_t)maps_section, 56, 32);
	(void)sym;
	(void)sym_progs;
	for (uint32_t i = 0; i < b.nr_symbols; i++)
		if (b.part[b.symtab].data[24 * i + 4] == 0x12)
			sym_on_f = i;
	elf_reloc(&b, maps_section, 16 + 24 + 8, R_BPF_64_ABS64, sym_map);
	elf_reloc(&b, maps_section, 56 + 24, R_BPF_64_ABS64, sym_on_f);
	finish_object();
	obj = open_object_mem();
	assert_non_null(obj);
	assert_int_equal(bpf_map__max_entries(bpf_map__inner_map(bpf_object__find_map_by_name(obj, "outer"))), 3);
	assert_int_equal(bpf_map__set_inner_map_fd(bpf_object__find_map_by_name(obj, "outer"), 3), -EINVAL);
	assert_int_equal(bpf_object__load(obj), 0);
	/* counts is 3, the example 4, outer 5, progs 6 */
	assert_int_equal(k.create[1].value_size, 16);
	assert_int_equal(k.create[2].inner_map_fd, 4);
	assert_int_equal(k.create[2].value_size, 4);
	assert_false(k.open[4]);
	assert_int_equal(k.slot[0].map_fd, 5);
	assert_int_equal(k.slot[0].key, 1);
	assert_int_equal(k.slot[0].value, 3);
	assert_int_equal(k.slot[1].map_fd, 6);
	assert_int_equal(k.slot[1].key, 0);
	assert_int_equal(k.slot[1].value, bpf_program__fd(bpf_object__find_program_by_name(obj, "on_f")));
	bpf_object__close(obj);
	assert_int_equal(k.open_fds, 0);
	assert_int_equal(live, 0);
}

static void test_libbpf_pin_by_name(void **state)
{
	static const char *const members[] = {"type", "max_entries", "key_size", "value_size", "pinning"};
	uint32_t types[5];
	struct bpf_object *obj;

	(void)state;
	put_begin(&t);
	types[0] = put_uint(BPF_MAP_TYPE_HASH);
	types[1] = put_uint(100);
	types[2] = put_uint(4);
	types[3] = put_uint(8);
	types[4] = put_uint(LIBBPF_PIN_BY_NAME);
	put_map("counts", 5, members, types);
	finish_object();
	for (int round = 0; round < 2; round++) {
		obj = open_object_mem();
		assert_non_null(obj);
		assert_int_equal(bpf_object__load(obj), 0);
		assert_string_equal(k.pin_name, "/sys/fs/bpf/counts");
		assert_true(bpf_map__is_pinned(bpf_object__find_map_by_name(obj, "counts")));
		bpf_object__close(obj);
		assert_int_equal(live, 0);
		assert_int_equal(k.open_fds, 0);
	}
	assert_int_equal(k.nr_pins, 1);
	assert_int_equal(k.nr_gets, 2);
	k.pinned.max_entries = 99;
	assert_refused(-EINVAL, "what is pinned as '/sys/fs/bpf/counts' is a different map");
}

static void test_libbpf_data_overrun(void **state)
{
	(void)state;
	b.part[code].data[16 + 4] = 8; /* .rodata + 8, behind its end */
	assert_refused(-EINVAL, "reaches outside");
}

static void test_libbpf_wild_call(void **state)
{
	(void)state;
	b.part[code].data[48 + 4] = 0; /* into the middle of leaf */
	assert_refused(-EINVAL, "a call to something that is no function");
}

static void test_libbpf_recursion_is_one_copy(void **state)
{
	struct bpf_object *obj;

	(void)state;
	b.part[text].data[16 + 4] = 0xff; /* sub calls itself: imm -1 */
	memset(b.part[text].data + 16 + 5, 0xff, 3);
	finish_object();
	obj = open_object_mem();
	assert_int_equal(bpf_object__load(obj), 0); /* refusing recursion is the verifier's business */
	assert_int_equal(k.insn_cnt, 10);
	assert_int_equal(k.insns[8].imm, -1);
	bpf_object__close(obj);
}

static void test_libbpf_log(void **state)
{
	(void)state;
	k.fail_call = -1; /* all */
	k.fail_errno = EACCES;
	k.log = "0: (b7) r0 = 0\nR1 is not good";
	/* maps must come first, so take them away */
	elf_begin(&b);
	put_begin(&t);
	btf_section = elf_section(&b, ".BTF", 1, 0, "", 0);
	code = elf_section(&b, "kprobe/f", 1, 6, "\x95\0\0\0\0\0\0\0", 8);
	elf_symbol(&b, "on_f", 1, 2, (uint16_t)code, 0, 8);
	assert_refused(-EACCES, "BEGIN PROG LOAD LOG");
	assert_non_null(strstr(said, "R1 is not good\n"));
}

static void test_libbpf_each_call_fails(void **state)
{
	int n = 1;

	(void)state;
	finish_object();
	for (;; n++) {
		struct bpf_object *obj;
		int err;

		memset(&k, 0, sizeof(k));
		k.next_fd = 3;
		k.fail_errno = EPERM;
		k.fail_call = n;
		obj = open_object_mem();
		assert_non_null(obj);
		err = bpf_object__load(obj);
		if (err)
			assert_int_equal(k.open_fds, 0);
		bpf_object__close(obj);
		assert_int_equal(k.open_fds, 0);
		assert_int_equal(live, 0);
		if (!err && k.calls < n)
			break;
	}
	assert_true(n > 6);
}

static void test_libbpf_each_allocation_fails(void **state)
{
	int n = 1;

	(void)state;
	finish_object();
	for (;; n++) {
		struct bpf_object *obj;
		struct bpf_link *link = NULL;
		int err;

		fail_alloc = n;
		obj = open_object_mem();
		err = obj ? bpf_object__load(obj) : -errno;
		if (!err)
			link = bpf_program__attach(bpf_object__next_program(obj, NULL));
		bpf_link__destroy(link);
		bpf_object__close(obj);
		assert_int_equal(k.open_fds, 0);
		assert_int_equal(live, 0);
		k.next_fd = 3;
		if (fail_alloc)
			break;
		said[0] = 0;
	}
	fail_alloc = 0;
	assert_true(n > 20);
}

/* --- Damaged files --- */

static void test_libbpf_every_truncation(void **state)
{
	(void)state;
	finish_object();
	for (size_t size = 1; size < object_size; size++) {
		uint8_t *cut = malloc(size);

		memcpy(cut, object, size);
		assert_null(bpf_object__open_mem(cut, size, NULL));
		assert_int_equal(live, 0);
		free(cut);
	}
}

static void test_libbpf_every_byte_damaged(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

	(void)state;
	finish_object();
	for (size_t at = 0; at < object_size; at++) {
		uint8_t old = object[at];

		for (size_t v = 0; v < sizeof(values); v++) {
			object[at] = values[v];
			check_any(object, object_size);
		}
		object[at] = old;
	}
}

static void test_libbpf_random_damage(void **state)
{
	uint64_t seed = 7;

	(void)state;
	finish_object();
	for (int round = 0; round < 10000; round++) {
		uint8_t *bytes = malloc(object_size);

		memcpy(bytes, object, object_size);
		for (uint32_t n = 1 + elf_random(&seed) % 4; n; n--)
			bytes[elf_random(&seed) % object_size] = (uint8_t)elf_random(&seed);
		check_any(bytes, object_size);
		free(bytes);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(test_libbpf_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(whole_object),
		T(relocations),
		T(initial_value),
		T(elem_sizes),
		T(attach_kinds),
		T(attach_refused),
		T(glob),
		T(attach_pattern),
		T(attach_by_hand),
		T(load_twice),
		T(autoload),
		T(skeleton),
		T(live_both_ways),
		T(live_random),
		T(live_refused),
		T(extern),
		T(absolute_data),
		T(absolute_function),
		T(kconfig),
		T(kconfig_refused),
		T(unknown_field),
		T(odd_field),
		T(untyped),
		T(typedef_loop),
		T(huge_type),
		T(not_in_btf),
		T(core),
		T(core_refused_in_words),
		T(core_without_kernel_types),
		T(core_kernel_types_damaged),
		T(core_table_damaged),
		T(slots),
		T(pin_by_name),
		T(data_overrun),
		T(wild_call),
		T(recursion_is_one_copy),
		T(log),
		T(each_call_fails),
		T(each_allocation_fails),
		T(every_truncation),
		T(every_byte_damaged),
		T(random_damage),
	};

	return cmocka_run_group_tests_name("libbpf", tests, NULL, NULL);
}
