/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects by number and by name, binding maps, test runs. */
#include "world.h"

#include "obj.h"

#define MAP 3u
#define PROG 4u

static union bpf_attr attr;

static union bpf_attr *blank(void)
{
	memset(&attr, 0, sizeof(attr));
	return &attr;
}

static int64_t pin_cmd(uint32_t cmd, const char *name, uint32_t fd, uint64_t newfd)
{
	user_puts(U_DATA, name);
	blank()->pin.pathname = U_DATA;
	attr.pin.bpf_fd = fd;
	return bpf(cmd, &attr, newfd);
}

static int64_t by_id(uint32_t cmd, uint32_t id, uint64_t newfd)
{
	blank()->id.start_id = id;
	return bpf(cmd, &attr, newfd);
}

/* The next id, or -errno */
static int64_t next_id(uint32_t cmd, uint32_t id)
{
	int64_t result = by_id(cmd, id, 0);

	user_read(&attr, U_ATTR, sizeof(attr));
	return result ? result : attr.id.next_id;
}

static void test_ids(void **state)
{
	static const struct bpf_insn insns[] = {MOV64_IMM(0, 0), EXIT()};
	int64_t id, last = 0;
	uint64_t value;

	(void)state;
	assert_int_equal(next_id(BPF_MAP_GET_NEXT_ID, 0), -ENOENT);
	for (uint32_t fd = 10; fd < 15; fd++)
		assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, fd), fd);
	assert_int_equal(prog_load(insns, COUNT(insns), PROG), PROG);
	assert_int_equal(ebpf_call_close(PROC, 12), 0);
	for (unsigned int n = 0; n < 4; n++) {
		id = next_id(BPF_MAP_GET_NEXT_ID, (uint32_t)last);
		assert_true(id > last);
		last = id;
	}
	assert_int_equal(next_id(BPF_MAP_GET_NEXT_ID, (uint32_t)last), -ENOENT);
	id = next_id(BPF_PROG_GET_NEXT_ID, 0);
	assert_true(id > 0);
	assert_int_equal(next_id(BPF_LINK_GET_NEXT_ID, 0), -ENOENT);
	assert_int_equal(by_id(BPF_MAP_GET_FD_BY_ID, (uint32_t)id, 20), -ENOENT); /* it is a program */
	assert_int_equal(by_id(BPF_PROG_GET_FD_BY_ID, (uint32_t)id, PROG), -EEXIST);
	assert_int_equal(by_id(BPF_PROG_GET_FD_BY_ID, (uint32_t)id, 20), 20);
	/* another descriptor of the same map */
	assert_int_equal(by_id(BPF_MAP_GET_FD_BY_ID, (uint32_t)last, 21), 21);
	assert_int_equal(put(21, 0, 55), 0);
	assert_int_equal(get(14, 0, &value), 0);
	assert_int_equal(value, 55);
	assert_int_equal(by_id(BPF_MAP_GET_FD_BY_ID, 0, 22), -ENOENT);
	blank()->id.start_id = (uint32_t)last;
	attr.id.open_flags = 1;
	assert_int_equal(bpf(BPF_MAP_GET_FD_BY_ID, &attr, 22), -EINVAL);
	assert_int_equal(next_id(BPF_MAP_GET_NEXT_ID, UINT32_MAX), -EINVAL);
}

static void test_pins(void **state)
{
	char name[200];
	uint64_t value;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, 8, 4, MAP), MAP);
	assert_int_equal(put(MAP, 1, 99), 0);
	assert_int_equal(pin_cmd(BPF_OBJ_PIN, "/sys/fs/bpf/m", MAP, 0), 0);
	assert_int_equal(pin_cmd(BPF_OBJ_PIN, "/sys/fs/bpf/m", MAP, 0), -EEXIST);
	assert_int_equal(pin_cmd(BPF_OBJ_PIN, "/sys/fs/bpf/n", MAP, 0), 0);
	assert_int_equal(pin_cmd(BPF_OBJ_PIN, "", MAP, 0), -EINVAL);
	assert_int_equal(pin_cmd(BPF_OBJ_PIN, "x", 77, 0), -EBADF);
	memset(name, 'x', sizeof(name));
	name[127] = 0;
	assert_int_equal(pin_cmd(BPF_OBJ_PIN, name, MAP, 0), 0);
	assert_int_equal(pin_cmd(EBPF_OBJ_UNPIN, name, 0, 0), 0);
	name[127] = 'x';
	name[128] = 0;
	assert_int_equal(pin_cmd(BPF_OBJ_PIN, name, MAP, 0), -ENAMETOOLONG);
	blank()->pin.pathname = USER_HOLE;
	attr.pin.bpf_fd = MAP;
	assert_int_equal(bpf(BPF_OBJ_PIN, &attr, 0), -EFAULT);
	/* it outlives the process */
	assert_int_equal(world_exit(PROC), 0);
	assert_int_equal(ebpf_obj_count(), 1);
	assert_int_equal(pin_cmd(BPF_OBJ_GET, "/sys/fs/bpf/", 0, 7), -ENOENT);
	assert_int_equal(pin_cmd(BPF_OBJ_GET, "/sys/fs/bpf/mm", 0, 7), -ENOENT);
	assert_int_equal(pin_cmd(BPF_OBJ_GET, "/sys/fs/bpf/m", 0, 7), 7);
	assert_int_equal(get(7, 1, &value), 0);
	assert_int_equal(value, 99);
	assert_int_equal(pin_cmd(EBPF_OBJ_UNPIN, "/sys/fs/bpf/m", 0, 0), 0);
	assert_int_equal(pin_cmd(EBPF_OBJ_UNPIN, "/sys/fs/bpf/m", 0, 0), -ENOENT);
	assert_int_equal(pin_cmd(EBPF_OBJ_UNPIN, "/sys/fs/bpf/n", 0, 0), 0);
}

static void test_pins_no_memory(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, 8, 4, MAP), MAP);
	for (uint64_t n = 1;; n++) {
		int64_t result;

		ebpf_arena_fail(n, false);
		result = pin_cmd(BPF_OBJ_PIN, "pin", MAP, 0);
		if (ebpf_arena_allocs() < n) {
			assert_int_equal(result, 0);
			break;
		}
		assert_int_equal(result, -ENOMEM);
		assert_int_equal(pin_cmd(BPF_OBJ_GET, "pin", 0, 9), -ENOENT);
	}
	ebpf_arena_fail(0, false);
	for (unsigned int n = 1; n < 256; n++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", n);
		assert_int_equal(pin_cmd(BPF_OBJ_PIN, name, MAP, 0), 0);
	}
	assert_int_equal(pin_cmd(BPF_OBJ_PIN, "one more", MAP, 0), -ENOSPC);
	for (unsigned int n = 1; n < 256; n++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", n);
		assert_int_equal(pin_cmd(EBPF_OBJ_UNPIN, name, 0, 0), 0);
	}
	assert_int_equal(pin_cmd(EBPF_OBJ_UNPIN, "pin", 0, 0), 0);
}

static void test_bind_map(void **state)
{
	static const struct bpf_insn insns[] = {MOV64_IMM(0, 0), EXIT()};
	unsigned int syncs;

	(void)state;
	assert_int_equal(prog_load(insns, COUNT(insns), PROG), PROG);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	blank()->bind.prog_fd = PROG;
	attr.bind.map_fd = MAP;
	syncs = host_syncs;
	assert_int_equal(bpf(BPF_PROG_BIND_MAP, &attr, 0), 0);
	assert_int_equal(bpf(BPF_PROG_BIND_MAP, &attr, 0), 0);
	assert_int_equal(host_syncs, syncs + 1); /* once: no run sees the map's number before the map */
	assert_int_equal(ebpf_call_close(PROC, MAP), 0);
	assert_int_equal(ebpf_obj_count(), 2); /* the program keeps it */
	assert_int_equal(bpf(BPF_PROG_BIND_MAP, &attr, 0), -EBADF);
	attr.bind.map_fd = PROG;
	assert_int_equal(bpf(BPF_PROG_BIND_MAP, &attr, 0), -EINVAL);
	attr.bind.flags = 1;
	assert_int_equal(bpf(BPF_PROG_BIND_MAP, &attr, 0), -EINVAL);
}

static void test_test_run(void **state)
{
	/* a0 of the context: epc, then x1 ..: x10 is at 8 * 10 */
	static const struct bpf_insn insns[] = {LDX(BPF_DW, 0, 1, 80), EXIT()};
	struct ebpf_pt_regs regs;

	(void)state;
	assert_int_equal(prog_load(insns, COUNT(insns), PROG), PROG);
	blank()->test.prog_fd = PROG;
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), 0);
	user_read(&attr, U_ATTR, sizeof(attr));
	assert_int_equal(attr.test.retval, 0);
	memset(&regs, 0, sizeof(regs));
	regs.x[9] = 4711;
	user_write(U_DATA, &regs, sizeof(regs));
	blank()->test.prog_fd = PROG;
	attr.test.ctx_in = U_DATA;
	attr.test.ctx_size_in = 88;
	attr.test.repeat = 1;
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), 0);
	user_read(&attr, U_ATTR, sizeof(attr));
	assert_int_equal(attr.test.retval, 4711);
	attr.test.retval = 0;
	attr.test.repeat = 2;
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), -EINVAL);
	attr.test.repeat = 0;
	attr.test.ctx_size_in = sizeof(regs) + 1;
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), -E2BIG);
	attr.test.ctx_size_in = 0;
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), -EINVAL);
	attr.test.ctx_size_in = 8;
	attr.test.ctx_in = USER_HOLE;
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), -EFAULT);
	blank()->test.prog_fd = PROG;
	attr.test.data_in = U_DATA;
	attr.test.data_size_in = 14;
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), -EINVAL);
	blank()->test.prog_fd = 99;
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), -EBADF);
	assert_int_equal(bpf_at(BPF_PROG_TEST_RUN, U_ATTR, 39, 0), -EINVAL); /* no room for the result */
}

static void test_get_info(void **state)
{
	(void)state;
	host_hart_count = 3;
	blank()->number.index = SBI_EBPF_INFO_HARTS;
	assert_int_equal(bpf(EBPF_GET_INFO, &attr, 0), 0);
	user_read(&attr, U_ATTR, sizeof(attr));
	assert_int_equal(attr.number.value, 3);
	blank()->number.index = 9999;
	assert_int_equal(bpf(EBPF_GET_INFO, &attr, 0), -EINVAL);
	blank()->number.index = SBI_EBPF_INFO_HARTS;
	user_write(U_ATTR, &attr, sizeof(attr));
	assert_int_equal(bpf_at(EBPF_GET_INFO, U_ATTR, 8, 0), -EINVAL);
	host_hart_count = 1;
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_ids), T(test_pins), T(test_pins_no_memory), T(test_bind_map), T(test_test_run), T(test_get_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
