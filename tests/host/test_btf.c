/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_BTF_LOAD and what programs and maps do with it: what is valid, what is
 * refused and in which words, any bytes at all, info and numbers, source lines
 * in the log.
 */
#include "btf.h"
#include "world.h"

#include "btf_builder.h"

#define BTF_FD 20u
#define FD 3u
#define MAP 10u
#define U_BTF (USER + 0x8ff0u) /* across page ends */
#define U_RECORDS (USER + 0xd000u)
#define U_INFO (USER + 0xf000u)

static struct btf_builder builder;
static uint8_t blob[8192];

static int64_t load_bytes(const void *bytes, size_t size, uint64_t fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	user_write(U_BTF, bytes, size);
	user_write(U_LOG, "untouched", 10);
	attr.btf = U_BTF;
	attr.btf_size = (uint32_t)size;
	attr.btf_log_buf = U_LOG;
	attr.btf_log_size = U_LOG_SIZE;
	attr.btf_log_level = 1;
	return bpf(BPF_BTF_LOAD, &attr, fd);
}

static int64_t load(uint64_t fd)
{
	return load_bytes(blob, put_finish(&builder, blob), fd);
}

static void close_fd(uint64_t fd)
{
	int64_t result;

	while ((result = ebpf_call_close(PROC, fd)) == -ERESTART)
		;
	assert_int_equal(result, 0);
}

/* ids */
enum { INT = 1, PTR, NODE, COUNT_T, ARRAY, PROTO, FUNC, VAR, DATASEC, FN2 };

static uint32_t file_off, line_off, long_off;

/* struct node { struct node *next; int n; }; typedef int count_t; int on_hit(struct node *); and a line of it */
static void build_good(void)
{
	put_begin(&builder);
	put_ptr(&builder, NODE);
	put_type(&builder, "node", BTF_KIND_STRUCT, 2, 16);
	put_member(&builder, "next", PTR, 0);
	put_member(&builder, "n", INT, 64);
	put_type(&builder, "count_t", BTF_KIND_TYPEDEF, 0, INT);
	put_array(&builder, COUNT_T, 6);
	put_type(&builder, "", BTF_KIND_FUNC_PROTO, 1, INT);
	put_word(&builder, put_string(&builder, "node"));
	put_word(&builder, PTR);
	put_type(&builder, "on_hit", BTF_KIND_FUNC, BTF_FUNC_GLOBAL, PROTO);
	put_type(&builder, "hits", BTF_KIND_VAR, 0, INT);
	put_word(&builder, 1);
	put_type(&builder, ".bss", BTF_KIND_DATASEC, 1, 4);
	put_word(&builder, VAR);
	put_word(&builder, 0);
	put_word(&builder, 4);
	put_type(&builder, "inner", BTF_KIND_FUNC, BTF_FUNC_STATIC, PROTO);
	file_off = put_string(&builder, "/home/somebody/progs/node.bpf.c");
	line_off = put_string(&builder, "	return *(int *)nowhere;");
	long_off = put_string(&builder, "again");
}

static void test_btf_load(void **state)
{
	(void)state;
	build_good();
	if (load(BTF_FD) != BTF_FD)
		fail_msg("refused: %s", world_log());
	assert_string_equal(world_log(), "");
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 1);
	close_fd(BTF_FD);
	world_assert_balance();
}

static void test_btf_numbers_and_info(void **state)
{
	struct bpf_btf_info info = {.btf = U_RECORDS, .btf_size = sizeof(blob)};
	uint8_t back[sizeof(blob)];
	union bpf_attr attr;
	uint32_t id;
	size_t size;

	(void)state;
	build_good();
	assert_int_equal(load(BTF_FD), BTF_FD);
	size = put_finish(&builder, blob);
	memset(&attr, 0, sizeof(attr));
	assert_int_equal(bpf(BPF_BTF_GET_NEXT_ID, &attr, 0), 0);
	user_read(&id, U_ATTR + offsetof(union bpf_attr, id.next_id), sizeof(id));
	attr.id.start_id = id;
	assert_int_equal(bpf(BPF_BTF_GET_NEXT_ID, &attr, 0), -ENOENT);
	assert_int_equal(bpf(BPF_BTF_GET_FD_BY_ID, &attr, 30), 30);
	assert_int_equal(bpf(BPF_PROG_GET_FD_BY_ID, &attr, 31), -ENOENT);
	close_fd(BTF_FD); /* the other descriptor keeps it */
	user_write(U_INFO, &info, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = 30;
	attr.info.info = U_INFO;
	attr.info.info_len = sizeof(info);
	assert_int_equal(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, 0), 0);
	user_read(&info, U_INFO, sizeof(info));
	assert_int_equal(info.id, id);
	assert_int_equal(info.btf_size, size);
	user_read(back, U_RECORDS, size);
	assert_memory_equal(back, blob, size);
}

/* --------------------------------------------------------------------- refusals */

static void refused(const char *words)
{
	int64_t err = load(BTF_FD);

	if (err != -EINVAL && err != -E2BIG)
		fail_msg("%lld instead of a refusal for \"%s\"", (long long)err, words);
	if (!strstr(world_log(), words))
		fail_msg("log is \"%s\", expected \"%s\"", world_log(), words);
	world_assert_balance();
}

static void header_refused(uint32_t at, uint32_t size, uint32_t value, const char *words)
{
	size_t len;

	build_good();
	len = put_finish(&builder, blob);
	memcpy(blob + at, &value, size);
	assert_int_equal(load_bytes(blob, len, BTF_FD), -EINVAL);
	if (!strstr(world_log(), words))
		fail_msg("log is \"%s\", expected \"%s\"", world_log(), words);
	world_assert_balance();
}

static void test_btf_header_refused(void **state)
{
	(void)state;
	header_refused(0, 2, 0x9feb, "Invalid magic");
	header_refused(2, 1, 2, "Unsupported version");
	header_refused(3, 1, 1, "Unsupported flags");
	header_refused(4, 4, 20, "Invalid hdr_len");
	header_refused(4, 4, 26, "Invalid hdr_len");
	header_refused(4, 4, 0xfffffffc, "Invalid hdr_len");
	header_refused(4, 4, 28, "Unsupported btf_header");
	header_refused(8, 4, 2, "Unaligned type_off");
	header_refused(8, 4, 4, "Section overlap found");
	header_refused(12, 4, 0, "No type found");
	header_refused(12, 4, 3, "No type found");
	header_refused(12, 4, 8, "Unsupported section found");
	header_refused(16, 4, 0xfffffff0, "Total section length too long");
	header_refused(20, 4, 0, "Unsupported section found");
	header_refused(20, 4, 0xffffffff, "Total section length too long");
	build_good();
	assert_int_equal(load_bytes(blob, 10, BTF_FD), -EINVAL);
	assert_non_null(strstr(world_log(), "hdr_len not found"));
	builder.strings[builder.strings_size - 1] = 'x';
	refused("Invalid string section");
	build_good();
	builder.strings[0] = 'x';
	refused("Invalid string section");
}

static void bad(const char *name, uint32_t kind, uint32_t vlen, uint32_t size, const char *words)
{
	put_begin(&builder);
	put_type(&builder, name, kind, vlen, size);
	for (unsigned int i = 0; i < 3; i++)
		put_word(&builder, 0);
	refused(words);
}

static void test_btf_types_refused(void **state)
{
	(void)state;
	bad("x", 0, 0, 4, "Invalid kind");
	bad("x", 20, 0, 4, "[2] UNKNOWN x Invalid kind");
	bad("x", BTF_KIND_INT, 1u << 16, 4, "Invalid btf_info");
	bad("x", BTF_KIND_INT, 1, 4, "vlen != 0");
	bad("x", BTF_KIND_PTR, 0, 1, "[2] PTR x Invalid name");
	bad("", BTF_KIND_TYPEDEF, 0, 1, "[2] TYPEDEF (anon) Invalid name");
	bad("a b", BTF_KIND_TYPEDEF, 0, 1, "Invalid name");
	bad("9x", BTF_KIND_STRUCT, 0, 1, "Invalid name");
	bad("x", BTF_KIND_STRUCT, 2, 8, "meta_left is smaller than meta_needed");
	bad("x", BTF_KIND_STRUCT, 1, 8, "Invalid type_id");
	bad("x", BTF_KIND_TYPEDEF, 1u << 31, 1, "Invalid btf_info kind_flag");
	bad("", BTF_KIND_ARRAY, 0, 0, "Invalid elem");
	bad("", BTF_KIND_ARRAY, 0, 4, "size != 0");
	bad("x", BTF_KIND_FWD, 0, 1, "type != 0");
	bad("x", BTF_KIND_FUNC, 2, 1, "Invalid func linkage");
	bad("x", BTF_KIND_FUNC, 0, 1, "Invalid");
	bad("x", BTF_KIND_ENUM, 0, 3, "Unexpected size");
	bad("x", BTF_KIND_FLOAT, 0, 5, "Invalid type_size");
	bad(".x", BTF_KIND_DATASEC, 1, 0, "Invalid size");
	bad("x", BTF_KIND_VAR, 0, 0, "Invalid type_id");
	put_begin(&builder);
	put_type(&builder, "x", BTF_KIND_INT, 0, 4);
	put_word(&builder, 33);
	refused("nr_bits exceeds type_size");
	put_begin(&builder);
	put_type(&builder, "x", BTF_KIND_INT, 0, 4);
	put_word(&builder, 3u << 24 | 32);
	refused("Unsupported encoding");
	put_begin(&builder);
	put_type(&builder, "x", BTF_KIND_TYPEDEF, 0, 99);
	refused("[2] TYPEDEF x Invalid type_id");
	put_begin(&builder);
	put_type(&builder, "x", BTF_KIND_FUNC, 0, INT);
	refused("Invalid func_proto");
	put_begin(&builder);
	put_type(&builder, "s", BTF_KIND_STRUCT, 2, 8);
	put_member(&builder, "a", INT, 32);
	put_member(&builder, "b", INT, 0);
	refused("Invalid member bits_offset");
	put_begin(&builder);
	put_type(&builder, "s", BTF_KIND_STRUCT, 1, 8);
	put_member(&builder, "a", INT, 65);
	refused("Member bits_offset exceeds its struct size");
}

static void test_btf_loops_refused(void **state)
{
	(void)state;
	put_begin(&builder); /* struct s { struct s s; } */
	put_type(&builder, "s", BTF_KIND_STRUCT, 1, 8);
	put_member(&builder, "s", 2, 0);
	refused("Loop detected");
	put_begin(&builder); /* typedef b a; typedef a b */
	put_type(&builder, "a", BTF_KIND_TYPEDEF, 0, 3);
	put_type(&builder, "b", BTF_KIND_TYPEDEF, 0, 2);
	refused("Loop detected");
	put_begin(&builder); /* a pointer to itself */
	put_ptr(&builder, 2);
	refused("Loop detected");
	put_begin(&builder); /* an array of structures with that array */
	put_array(&builder, 3, 2);
	put_type(&builder, "s", BTF_KIND_STRUCT, 1, 8);
	put_member(&builder, "a", 2, 0);
	refused("Loop detected");
	put_begin(&builder);
	for (uint32_t i = 0; i < 40; i++)
		put_type(&builder, "t", BTF_KIND_TYPEDEF, 0, i < 39 ? i + 3 : INT);
	refused("Exceeded max resolving depth");
}

static void test_btf_attr_refused(void **state)
{
	union bpf_attr attr;

	(void)state;
	build_good();
	memset(&attr, 0, sizeof(attr));
	attr.btf = U_BTF;
	assert_int_equal(bpf(BPF_BTF_LOAD, &attr, BTF_FD), -E2BIG);
	attr.btf_size = EBPF_MAX_BTF + 1;
	assert_int_equal(bpf(BPF_BTF_LOAD, &attr, BTF_FD), -E2BIG);
	attr.btf_size = 100;
	attr.btf = USER_HOLE;
	assert_int_equal(bpf(BPF_BTF_LOAD, &attr, BTF_FD), -EFAULT);
	attr.btf = UINT64_MAX - 50;
	assert_int_equal(bpf(BPF_BTF_LOAD, &attr, BTF_FD), -EFAULT);
	attr.btf = U_BTF;
	attr.btf_flags = 1;
	assert_int_equal(bpf(BPF_BTF_LOAD, &attr, BTF_FD), -EINVAL);
	attr.btf_flags = 0;
	attr.btf_log_level = 1;
	attr.btf_log_size = 10;
	assert_int_equal(bpf(BPF_BTF_LOAD, &attr, BTF_FD), -EINVAL);
	assert_true(ebpf_call_lock(SBI_EBPF_LOCK_LOAD) >= 0);
	assert_int_equal(load(BTF_FD), -EPERM);
	world_assert_balance();
}

/* Each allocation fails in turn. */
static void test_btf_memory_fails(void **state)
{
	uint64_t n = 0;
	int64_t result;

	(void)state;
	build_good();
	do {
		ebpf_arena_fail(++n, false);
		result = load(BTF_FD);
		ebpf_arena_fail(0, false);
		if (result == BTF_FD)
			close_fd(BTF_FD);
		else
			assert_true(result == -ENOMEM);
		world_assert_balance();
	} while (result != BTF_FD);
	assert_true(n > 3);
}

/* Bytes of a valid one changed, and cut off: refused or accepted, and nothing more. */
static void test_btf_any_bytes(void **state)
{
	uint64_t random = 88172645463325252u;
	unsigned int accepted = 0;
	size_t size;

	(void)state;
	for (unsigned int i = 0; i < 4000; i++) {
		build_good();
		size = put_finish(&builder, blob);
		for (unsigned int n = 1 + i % 4; n; n--) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			blob[random % size] = (uint8_t)((random >> 32) % 3 ? random >> 40 : (random >> 48) % 24);
		}
		if (i % 8 == 0)
			size -= random % size / 4;
		if (load_bytes(blob, size, BTF_FD) == BTF_FD) {
			accepted++;
			close_fd(BTF_FD);
		}
	}
	world_assert_balance();
	assert_true(accepted > 100 && accepted < 3000);
}

/* ----------------------------------------------------------------- programs, maps */

static void load_good(void)
{
	build_good();
	assert_int_equal(load(BTF_FD), BTF_FD);
}

static void info_attr(union bpf_attr *attr, const struct bpf_insn *insns, uint32_t cnt,
		      const struct bpf_func_info *funcs, uint32_t nr_funcs, const struct bpf_line_info *lines,
		      uint32_t nr_lines)
{
	prog_attr(attr, insns, cnt);
	user_write(U_RECORDS, funcs, nr_funcs * sizeof(*funcs));
	user_write(U_RECORDS + 0x800, lines, nr_lines * sizeof(*lines));
	attr->prog_btf_fd = BTF_FD;
	attr->func_info = U_RECORDS;
	attr->func_info_cnt = nr_funcs;
	attr->func_info_rec_size = sizeof(*funcs);
	attr->line_info = U_RECORDS + 0x800;
	attr->line_info_cnt = nr_lines;
	attr->line_info_rec_size = sizeof(*lines);
}

static const struct bpf_insn follow[] = {MOV64_IMM(1, 0), INSN(BPF_LDX | BPF_MEM | BPF_DW, 0, 1, 0, 0), EXIT()};
static const struct bpf_insn local[] = {INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1), EXIT(), MOV64_IMM(0, 1),
					EXIT()};

static void test_btf_source_in_log(void **state)
{
	const struct bpf_func_info funcs[] = {{0, FUNC}};
	struct bpf_line_info lines[] = {{0, 0, 0, 7 << 10 | 3}, {1, 0, 0, 12 << 10 | 9}};
	union bpf_attr attr;

	(void)state;
	load_good();
	lines[0].file_name_off = lines[1].file_name_off = file_off;
	lines[0].line_off = long_off;
	lines[1].line_off = line_off;
	info_attr(&attr, follow, COUNT(follow), funcs, 1, lines, 2);
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EACCES);
	assert_non_null(strstr(world_log(), "; again @ node.bpf.c:7\n0: (b7) r1 = 0\n"
					    "; return *(int *)nowhere; @ node.bpf.c:12\n1: (79) r0 = *(u64 *)(r1 +0)\n"
					    "R1 invalid mem access 'scalar'\n"
					    "source: return *(int *)nowhere; @ node.bpf.c:12\n"));
}

static void test_btf_prog_info(void **state)
{
	const struct bpf_func_info funcs[] = {{0, FUNC}, {2, FN2}};
	struct bpf_line_info lines[] = {{0, 0, 0, 7 << 10}, {2, 0, 0, 12 << 10}, {3, 0, 0, 13 << 10}}, back[3];
	struct bpf_prog_info info = {.nr_line_info = 3, .line_info = U_RECORDS + 0x1000};
	union bpf_attr attr;

	(void)state;
	load_good();
	for (unsigned int i = 0; i < 3; i++)
		lines[i].file_name_off = file_off;
	info_attr(&attr, local, COUNT(local), funcs, 2, lines, 3);
	if (bpf(BPF_PROG_LOAD, &attr, FD) != FD)
		fail_msg("refused: %s", world_log());
	close_fd(BTF_FD); /* the program keeps it */
	user_write(U_INFO, &info, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = FD;
	attr.info.info = U_INFO;
	attr.info.info_len = sizeof(info);
	assert_int_equal(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, 0), 0);
	user_read(&info, U_INFO, sizeof(info));
	assert_int_equal(info.nr_func_info, 2);
	assert_int_equal(info.nr_line_info, 3);
	assert_true(info.btf_id != 0);
	user_read(back, U_RECORDS + 0x1000, sizeof(back));
	assert_memory_equal(back, lines, sizeof(lines));
	close_fd(FD);
	world_assert_balance();
}

static void prog_refused(const struct bpf_func_info *funcs, uint32_t nr_funcs, const struct bpf_line_info *lines,
			 uint32_t nr_lines, const char *words)
{
	union bpf_attr attr;

	info_attr(&attr, local, COUNT(local), funcs, nr_funcs, lines, nr_lines);
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EINVAL);
	if (!strstr(world_log(), words))
		fail_msg("log is \"%s\", expected \"%s\"", world_log(), words);
}

static void test_btf_prog_refused(void **state)
{
	const struct bpf_line_info good[] = {{0, 0, 0, 0}, {2, 0, 0, 0}};
	union bpf_attr attr;

	(void)state;
	load_good();
#define FUNCS(...) (const struct bpf_func_info[]){__VA_ARGS__}
#define LINES(...)                                                                                                     \
	(const struct bpf_line_info[])                                                                                 \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}
	prog_refused(FUNCS({1, FUNC}), 1, good, 2, "nonzero insn_off 1 for the first func info record");
	prog_refused(FUNCS({0, FUNC}, {0, FN2}), 2, good, 2, "same or smaller insn offset (0) than previous");
	prog_refused(FUNCS({0, INT}), 1, good, 2, "invalid type id 1 in func info");
	prog_refused(FUNCS({0, 99}), 1, good, 2, "invalid type id 99 in func info");
	prog_refused(FUNCS({0, FUNC}), 1, good, 2, "number of funcs in func_info doesn't match number of subprogs");
	prog_refused(FUNCS({0, FUNC}, {1, FN2}), 2, good, 2, "func_info BTF section doesn't match subprog layout");
	prog_refused(NULL, 0, LINES({0, 0, 0, 0}), 1, "missing bpf_line_info for func#1");
	prog_refused(NULL, 0, LINES({2, 0, 0, 0}), 1, "missing bpf_line_info for func#0");
	prog_refused(NULL, 0, LINES({0, 0, 0, 0}, {0, 0, 0, 0}), 2, "Invalid line_info[1].insn_off:0 (prev_offset:0");
	prog_refused(NULL, 0, LINES({0, 0, 0, 0}, {4, 0, 0, 0}), 2, "Invalid line_info[1].insn_off:4");
	prog_refused(NULL, 0, LINES({0, 0, 100000, 0}), 1, "Invalid line_info[0].line_off or .file_name_off");
	prog_refused(NULL, 0, (const struct bpf_line_info[5]){0}, 5,
		     "more func_info or line_info records than instructions");
	info_attr(&attr, local, COUNT(local), NULL, 0, good, 2);
	attr.line_info_rec_size = 15;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EINVAL);
	attr.line_info_rec_size = 20; /* the word behind is not 0 */
	user_write(U_RECORDS + 0x810, "x", 1);
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -E2BIG);
	assert_non_null(strstr(world_log(), "nonzero tailing record in line_info"));
	attr.line_info_rec_size = sizeof(*good);
	attr.line_info = USER_HOLE;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EFAULT);
	attr.prog_btf_fd = 99;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EBADF);
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 4, 8, 1, MAP), MAP);
	attr.prog_btf_fd = MAP;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EINVAL);
	close_fd(MAP);
	close_fd(BTF_FD);
	world_assert_balance();
}

static void test_btf_map(void **state)
{
	struct bpf_map_info info = {0};
	union bpf_attr attr;

	(void)state;
	load_good();
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_HASH;
	attr.key_size = 4;
	attr.value_size = 24;
	attr.max_entries = 3;
	attr.btf_fd = BTF_FD;
	attr.btf_key_type_id = COUNT_T;
	attr.btf_value_type_id = NODE; /* 16 bytes */
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, MAP), -EINVAL);
	attr.btf_value_type_id = PROTO; /* no size at all */
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, MAP), -EINVAL);
	attr.btf_value_type_id = 1000;
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, MAP), -EINVAL);
	attr.btf_value_type_id = ARRAY;
	attr.btf_fd = 99;
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, MAP), -EBADF);
	attr.btf_fd = BTF_FD;
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, MAP), MAP);
	close_fd(BTF_FD);
	user_write(U_INFO, &info, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = MAP;
	attr.info.info = U_INFO;
	attr.info.info_len = sizeof(info);
	assert_int_equal(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, 0), 0);
	user_read(&info, U_INFO, sizeof(info));
	assert_true(info.btf_id != 0);
	assert_int_equal(info.btf_key_type_id, COUNT_T);
	assert_int_equal(info.btf_value_type_id, ARRAY);
	close_fd(MAP);
	world_assert_balance();
}

/* What Linux looks for in values: locks for bpf(2) alone, nothing of the kind for programs at probes. */
static int64_t map_with_member(const char *type_name, uint32_t map_type, uint32_t members)
{
	union bpf_attr attr;
	int64_t result;

	put_begin(&builder);
	put_type(&builder, type_name, BTF_KIND_STRUCT, 1, 4); /* 2 */
	put_member(&builder, "val", INT, 0);
	put_type(&builder, "value", BTF_KIND_STRUCT, 2 + members, 16); /* 3 */
	put_member(&builder, "a", INT, 0);
	put_member(&builder, "b", INT, 32);
	for (uint32_t i = 0; i < members; i++)
		put_member(&builder, i ? "m" : "lock", 2, 64 + 32 * i);
	assert_int_equal(load(BTF_FD), BTF_FD);
	memset(&attr, 0, sizeof(attr));
	attr.map_type = map_type;
	attr.key_size = 4;
	attr.value_size = 16;
	attr.max_entries = 3;
	attr.btf_fd = BTF_FD;
	attr.btf_key_type_id = INT;
	attr.btf_value_type_id = 3;
	result = bpf(BPF_MAP_CREATE, &attr, MAP);
	close_fd(BTF_FD);
	return result;
}

static void test_btf_locks_in_values(void **state)
{
	const struct bpf_insn insns[] = {LD_REF(1, BPF_PSEUDO_MAP_FD, MAP, 0), MOV64_IMM(0, 0), EXIT()};
	static const uint32_t types[] = {BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_ARRAY};
	uint64_t value[2];

	(void)state;
	for (uint32_t t = 0; t < COUNT(types); t++) {
		assert_int_equal(map_with_member("bpf_spin_lock", types[t], 1), MAP);
		user_put64(U_DATA, 1);
		user_put64(U_DATA + 8, 0x1111);
		user_put64(U_DATA + 16, 0x22220000ffff);
		assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, MAP, U_DATA, U_DATA + 8, BPF_F_LOCK), 0);
		assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, MAP, U_DATA, U_DATA + 8, BPF_F_LOCK | BPF_EXIST), 0);
		assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, MAP, U_DATA, U_DATA + 8, BPF_F_LOCK | BPF_NOEXIST), -EEXIST);
		assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, MAP, U_DATA, U_DATA + 8, BPF_F_LOCK | 1), -EINVAL);
		assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, MAP, U_DATA, U_DATA + 8, BPF_F_LOCK), 0);
		user_read(value, U_DATA + 8, sizeof(value));
		assert_int_equal(value[0], 0x1111);
		assert_int_equal(value[1], 0x222200000000); /* the lock itself is nobody's to see */
		assert_int_equal(prog_load(insns, COUNT(insns), FD), -EINVAL);
		assert_non_null(strstr(world_log(), "tracing progs cannot use bpf_spin_lock yet"));
		close_fd(MAP);
	}
	assert_int_equal(map_with_member("bpf_spin_lock", BPF_MAP_TYPE_HASH, 2), -E2BIG);
	assert_int_equal(map_with_member("bpf_spin_lock", BPF_MAP_TYPE_PERCPU_ARRAY, 1), -EOPNOTSUPP);
	assert_int_equal(map_with_member("bpf_timer", BPF_MAP_TYPE_HASH, 1), MAP);
	assert_int_equal(prog_load(insns, COUNT(insns), FD), -EINVAL);
	assert_non_null(strstr(world_log(), "tracing progs cannot use bpf_timer yet"));
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, MAP, U_DATA, U_DATA + 8, BPF_F_LOCK), -EINVAL);
	close_fd(MAP);
	assert_int_equal(map_with_member("anything", BPF_MAP_TYPE_HASH, 2), MAP);
	assert_int_equal(prog_load(insns, COUNT(insns), FD), FD);
	close_fd(FD);
	close_fd(MAP);
	world_assert_balance();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_btf_locks_in_values),
		TEST(test_btf_load),
		TEST(test_btf_numbers_and_info),
		TEST(test_btf_header_refused),
		TEST(test_btf_types_refused),
		TEST(test_btf_loops_refused),
		TEST(test_btf_attr_refused),
		TEST(test_btf_memory_fails),
		TEST(test_btf_any_bytes),
		TEST(test_btf_source_in_log),
		TEST(test_btf_prog_info),
		TEST(test_btf_prog_refused),
		TEST(test_btf_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
