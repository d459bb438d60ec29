/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF_OBJ_GET_INFO_BY_FD of maps, programs and links. */
#include "world.h"

#define MAP 3u
#define PROG 4u
#define LINK 5u
#define U_INFO (USER + 0x4000u)
#define U_IDS (USER + 0x4800u)

static const struct bpf_insn insns[] = {LD_REF(0, BPF_PSEUDO_MAP_FD, MAP, 0), EXIT()};

static int setup(void **state)
{
	static const uint64_t addrs[] = {TEXT, TEXT + 32}, cookies[] = {7, 8};
	union bpf_attr attr;
	int err = world_setup(state);

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_HASH;
	attr.key_size = 6;
	attr.value_size = 10;
	attr.max_entries = 20;
	memcpy(attr.map_name, "a.map_1", 8);
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, MAP), MAP);
	assert_int_equal(prog_load(insns, COUNT(insns), PROG), PROG);
	memset(&attr, 0, sizeof(attr));
	user_write(U_DATA, addrs, sizeof(addrs));
	user_write(U_DATA + 64, cookies, sizeof(cookies));
	attr.link_prog_fd = PROG;
	attr.link_attach_type = BPF_TRACE_KPROBE_MULTI;
	attr.km_addrs = U_DATA;
	attr.km_cookies = U_DATA + 64;
	attr.km_cnt = 2;
	assert_int_equal(bpf(BPF_LINK_CREATE, &attr, LINK), LINK);
	return err;
}

static int64_t info_at(uint32_t fd, uint64_t va, uint32_t len, uint32_t *out_len)
{
	union bpf_attr attr;
	int64_t result;

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = len;
	attr.info.info = va;
	result = bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, 0);
	user_read(out_len, U_ATTR + 4, sizeof(*out_len));
	return result;
}

/* `info` in, the answer out */
static int64_t info(uint32_t fd, void *info, uint32_t len)
{
	uint32_t out_len;
	int64_t result;

	user_write(U_INFO, info, len);
	result = info_at(fd, U_INFO, len, &out_len);
	user_read(info, U_INFO, len);
	if (!result)
		assert_true(out_len <= len);
	return result;
}

static void test_info_map(void **state)
{
	struct bpf_map_info map;

	(void)state;
	memset(&map, 0xff, sizeof(map)); /* what is in it does not matter */
	assert_int_equal(info(MAP, &map, sizeof(map)), 0);
	assert_int_equal(map.type, BPF_MAP_TYPE_HASH);
	assert_int_not_equal(map.id, 0);
	assert_int_equal(map.key_size, 6);
	assert_int_equal(map.value_size, 10);
	assert_int_equal(map.max_entries, 20);
	assert_string_equal(map.name, "a.map_1");
	assert_int_equal(map.btf_id, 0);
}

static void test_info_prog(void **state)
{
	struct bpf_prog_info prog;
	struct bpf_map_info map;

	(void)state;
	memset(&map, 0, sizeof(map));
	assert_int_equal(info(MAP, &map, sizeof(map)), 0);
	memset(&prog, 0, sizeof(prog));
	prog.map_ids = U_IDS;
	prog.nr_map_ids = 10;
	user_put64(U_IDS, UINT64_MAX);
	assert_int_equal(info(PROG, &prog, sizeof(prog)), 0);
	assert_int_equal(prog.type, BPF_PROG_TYPE_KPROBE);
	assert_string_equal(prog.name, "test");
	assert_int_equal(prog.gpl_compatible, 1);
	assert_int_equal(prog.nr_map_ids, 1);
	assert_true(user_get64(U_IDS) == (0xffffffff00000000 | map.id));
	/* without room the number is answered all the same */
	memset(&prog, 0, sizeof(prog));
	assert_int_equal(info(PROG, &prog, sizeof(prog)), 0);
	assert_int_equal(prog.nr_map_ids, 1);
	prog.map_ids = USER_HOLE;
	assert_int_equal(info(PROG, &prog, sizeof(prog)), -EFAULT);
}

/* The id of the map behind a descriptor */
static uint32_t map_id(uint32_t fd)
{
	struct bpf_map_info map;

	memset(&map, 0, sizeof(map));
	assert_int_equal(info(fd, &map, sizeof(map)), 0);
	return map.id;
}

/* Room for len bytes of instructions, into out; the answer's xlated_prog_len */
static uint32_t xlated(uint32_t fd, struct bpf_insn *out, uint32_t len)
{
	struct bpf_prog_info prog;

	memset(&prog, 0, sizeof(prog));
	prog.xlated_prog_insns = USER + 0x8004; /* misaligned */
	prog.xlated_prog_len = len;
	for (uint32_t i = 0; i <= len / 8; i++)
		user_put64(USER + 0x8004 + 8 * i, 0x7777777777777777);
	assert_int_equal(info(fd, &prog, sizeof(prog)), 0);
	user_read(out, USER + 0x8004, len / 8 * 8);
	assert_true(user_get64(USER + 0x8004 + len / 8 * 8) == 0x7777777777777777);
	return prog.xlated_prog_len;
}

/* Maps by id, in both halves of a wide load wherever a piece of the copy ends; constants as they are. */
static void test_info_instructions(void **state)
{
	static const struct bpf_insn value[] = {LD_REF(1, BPF_PSEUDO_MAP_VALUE, 6, 4), LD_REF(2, 0, 5, 6),
						MOV64_IMM(0, 0), EXIT()};
	struct bpf_insn code[120], got[120];
	union bpf_attr attr;

	(void)state;
	for (uint32_t lead = 0; lead < 2; lead++) {
		uint32_t n = lead;

		code[0] = MOV64_IMM(0, 0);
		while (n < 100) {
			const struct bpf_insn pair[] = {LD_REF(0, BPF_PSEUDO_MAP_FD, MAP, 0)};

			code[n++] = pair[0];
			code[n++] = pair[1];
		}
		code[n++] = MOV64_IMM(0, 0);
		code[n++] = EXIT();
		assert_int_equal(prog_load(code, n, 10 + lead), 10 + lead);
		for (uint32_t i = lead; i < 100; i += 2)
			code[i].imm = (int32_t)map_id(MAP);
		assert_int_equal(xlated(10 + lead, got, sizeof(got)), n * 8);
		assert_memory_equal(got, code, n * 8);
		for (uint32_t len = 0; len < n; len++) {
			assert_int_equal(xlated(10 + lead, got, len * 8), n * 8);
			/* of a wide load cut in two, the first half says which map, too */
			assert_memory_equal(got, code, len * 8);
		}
	}
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	assert_int_equal(bpf(BPF_MAP_CREATE, &attr, 6), 6);
	assert_int_equal(prog_load(value, COUNT(value), 7), 7);
	memcpy(code, value, sizeof(value));
	code[0].imm = (int32_t)map_id(6);
	assert_int_equal(xlated(7, got, sizeof(value)), sizeof(value));
	assert_memory_equal(got, code, sizeof(value));
}

static void test_info_of_large_programs(void **state)
{
	static struct bpf_insn code[2050];
	struct bpf_prog_info prog;
	union bpf_attr attr;

	(void)state;
	for (uint32_t i = 0; i < 2049; i++)
		code[i] = MOV64_IMM(0, 0);
	code[2049] = EXIT();
	prog_attr(&attr, code, 2050);
	attr.log_level = attr.log_size = 0; /* it would not fit */
	attr.log_buf = 0;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 10), 10);
	memset(&prog, 0, sizeof(prog));
	prog.xlated_prog_insns = USER + 0x8000;
	prog.xlated_prog_len = 2049 * 8;
	assert_int_equal(info(10, &prog, sizeof(prog)), -E2BIG);
	prog.xlated_prog_len = 2048 * 8;
	assert_int_equal(info(10, &prog, sizeof(prog)), 0);
	assert_int_equal(prog.xlated_prog_len, 2050 * 8);
	prog.xlated_prog_len = 8;
	prog.xlated_prog_insns = USER_HOLE;
	assert_int_equal(info(10, &prog, sizeof(prog)), -EFAULT);
	prog.xlated_prog_insns = 0;
	prog.xlated_prog_len = UINT32_MAX;
	assert_int_equal(info(10, &prog, sizeof(prog)), 0);
	assert_int_equal(prog.xlated_prog_len, 2050 * 8);
}

static void test_info_link(void **state)
{
	struct bpf_prog_info prog;
	struct bpf_link_info link;

	(void)state;
	memset(&prog, 0, sizeof(prog));
	assert_int_equal(info(PROG, &prog, sizeof(prog)), 0);
	memset(&link, 0, sizeof(link));
	assert_int_equal(info(LINK, &link, sizeof(link)), 0);
	assert_int_equal(link.type, BPF_LINK_TYPE_KPROBE_MULTI);
	assert_int_equal(link.prog_id, prog.id);
	assert_int_equal(link.kprobe_multi.count, 2);
	assert_int_equal(link.kprobe_multi.flags, 0);
	assert_int_equal(link.kprobe_multi.missed, 0);
	link.kprobe_multi.addrs = U_IDS;
	link.kprobe_multi.cookies = U_IDS + 64;
	link.kprobe_multi.count = 100;
	assert_int_equal(info(LINK, &link, sizeof(link)), 0);
	assert_int_equal(user_get64(U_IDS + 8), TEXT + 32);
	assert_int_equal(user_get64(U_IDS + 64 + 8), 8);
	/* where without how many, how many without where */
	memset(&link, 0, sizeof(link));
	link.kprobe_multi.count = 1;
	assert_int_equal(info(LINK, &link, sizeof(link)), -EINVAL);
	link.kprobe_multi.addrs = USER_RO;
	assert_int_equal(info(LINK, &link, sizeof(link)), -EFAULT);
}

/* More addresses than go in one piece, and more than go in one call */
static void test_info_of_large_links(void **state)
{
	struct bpf_link_info link;
	union bpf_attr attr;

	(void)state;
	for (uint32_t i = 0; i < 1025; i++) {
		user_put64(USER + 0x8000 + 8 * i, TEXT + 16 * i);
		user_put64(USER + 0xc000 + 8 * i, 1000 + i);
	}
	memset(&attr, 0, sizeof(attr));
	attr.link_prog_fd = PROG;
	attr.link_attach_type = BPF_TRACE_KPROBE_MULTI;
	attr.km_addrs = USER + 0x8000;
	attr.km_cookies = USER + 0xc000;
	attr.km_cnt = 1025;
	assert_int_equal(bpf(BPF_LINK_CREATE, &attr, 6), 6);
	memset(&link, 0, sizeof(link));
	link.kprobe_multi.addrs = USER + 0x10004; /* misaligned */
	link.kprobe_multi.cookies = USER + 0x14000;
	link.kprobe_multi.count = 1025;
	assert_int_equal(info(6, &link, sizeof(link)), -E2BIG);
	link.kprobe_multi.count = 1023;
	assert_int_equal(info(6, &link, sizeof(link)), 0);
	assert_int_equal(link.kprobe_multi.count, 1025);
	for (uint32_t i = 0; i < 1023; i++) {
		assert_int_equal(user_get64(USER + 0x10004 + 8 * i), TEXT + 16 * i);
		assert_int_equal(user_get64(USER + 0x14000 + 8 * i), 1000 + i);
	}
	assert_int_equal(user_get64(USER + 0x14000 + 8 * 1023), 0);
}

static void test_info_sizes(void **state)
{
	uint8_t large[300] = {0};
	uint32_t len;

	(void)state;
	/* shorter: only so much is written */
	user_write(U_INFO, large, sizeof(large));
	*user_ptr(U_INFO + 8) = 0x77;
	assert_int_equal(info_at(MAP, U_INFO, 8, &len), 0);
	assert_int_equal(len, 8);
	assert_int_equal(*user_ptr(U_INFO + 8), 0x77);
	*user_ptr(U_INFO + 8) = 0;
	/* longer: the tail must be 0 */
	assert_int_equal(info_at(MAP, U_INFO, 300, &len), 0);
	assert_int_equal(len, sizeof(struct bpf_map_info));
	*user_ptr(U_INFO + 299) = 1;
	assert_int_equal(info_at(MAP, U_INFO, 300, &len), -E2BIG);
	assert_int_equal(info_at(MAP, U_INFO, 299, &len), 0);
	assert_int_equal(info_at(MAP, U_INFO, 4097, &len), -E2BIG);
	assert_int_equal(info_at(MAP, U_INFO, UINT32_MAX, &len), -E2BIG);
}

static void test_info_bad_pointers_and_descriptors(void **state)
{
	uint32_t len;

	(void)state;
	for (uint32_t fd = MAP; fd <= LINK; fd++) {
		assert_int_equal(info_at(fd, USER_HOLE, 32, &len), -EFAULT);
		assert_int_equal(info_at(fd, USER_RO, 32, &len), -EFAULT);
		assert_int_equal(info_at(fd, USER_HOLE - 16, 32, &len), -EFAULT);
		assert_int_equal(info_at(fd, 0, 32, &len), -EFAULT);
	}
	assert_int_equal(info_at(99, U_INFO, 32, &len), -EBADF);
	assert_int_equal(info_at(0, U_INFO, 32, &len), -EBADF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_info_map),	      TEST(test_info_prog),
		TEST(test_info_instructions), TEST(test_info_of_large_programs),
		TEST(test_info_link),	      TEST(test_info_of_large_links),
		TEST(test_info_sizes),	      TEST(test_info_bad_pointers_and_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
