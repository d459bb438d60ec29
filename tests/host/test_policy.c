/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may do what: processes without privilege, the one-way locks, and owners
 * that no kernel can name.
 */
#include "world.h"

#include "cmd.h"

#define FD 3u
#define UNPRIV (PROC | SBI_EBPF_OWNER_UNPRIV)

static const struct bpf_insn return_0[] = {MOV64_IMM(0, 0), EXIT()};
static union bpf_attr attr;

static union bpf_attr *blank(void)
{
	memset(&attr, 0, sizeof(attr));
	return &attr;
}

/* Commands that only use descriptors the process has been given. */
static bool allowed_to_all(uint32_t cmd)
{
	static const uint32_t any[] = {
		BPF_MAP_LOOKUP_ELEM,  BPF_MAP_UPDATE_ELEM,    BPF_MAP_DELETE_ELEM,
		BPF_MAP_GET_NEXT_KEY, BPF_OBJ_GET_INFO_BY_FD, BPF_MAP_LOOKUP_AND_DELETE_ELEM,
		BPF_MAP_FREEZE,	      BPF_LINK_DETACH,	      BPF_PROG_DETACH,
		EBPF_MAP_DRAIN,	      EBPF_GET_INFO,	      BPF_MAP_LOOKUP_BATCH,
		BPF_MAP_UPDATE_BATCH, BPF_MAP_DELETE_BATCH,   BPF_MAP_LOOKUP_AND_DELETE_BATCH,
	};

	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		if (any[i] == cmd)
			return true;
	return false;
}

/* Every command there is; attr is all zero, so a command that is allowed fails in another way, or makes nothing. */
static void try_all(uint64_t owner)
{
	for (uint32_t cmd = 0; cmd < 1100; cmd++) {
		int64_t result = bpf_as(owner, cmd, blank(), FD + 1);

		if (!ebpf_cmd_of(cmd) && result != -EINVAL)
			fail_msg("command %u, unknown: %ld", cmd, (long)result);
		if (ebpf_cmd_of(cmd) && (result == -EPERM) == allowed_to_all(cmd))
			fail_msg("command %u: %ld", cmd, (long)result);
		assert_null(ebpf_fd_find(PROC, FD + 1));
	}
}

static void use_given_map(uint64_t owner)
{
	blank()->map_fd = FD;
	attr.key = U_DATA;
	attr.value = U_DATA + 8;
	user_put64(U_DATA, 0);
	assert_int_equal(bpf_as(owner, BPF_MAP_UPDATE_ELEM, &attr, 0), 0);
	assert_int_equal(bpf_as(owner, BPF_MAP_LOOKUP_ELEM, &attr, 0), 0);
}

static void test_policy_unprivileged_by_flag(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, FD), FD);
	try_all(UNPRIV);
	use_given_map(UNPRIV);
	use_given_map(PROC); /* the same process: the flag is no part of its name */
	assert_int_equal(ebpf_call_lock(0), 0);
}

static void test_policy_unprivileged_by_lock(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, FD), FD);
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_UNPRIV), SBI_EBPF_LOCK_UNPRIV);
	try_all(PROC);
	assert_int_equal(bpf_as(PROC | SBI_EBPF_OWNER_KERNEL_ADDR, BPF_MAP_CREATE, blank(), FD + 1), -EPERM);
	use_given_map(PROC);
	/* the kernel itself may (its own address space: nothing is there, which is another answer) */
	assert_int_not_equal(bpf_as(0, BPF_MAP_CREATE, blank(), FD + 2), -EPERM);
}

static void test_policy_lock_command(void **state)
{
	(void)state;
	blank()->number.index = SBI_EBPF_LOCK_LEAKS << 1;
	assert_int_equal(bpf(EBPF_LOCK, &attr, 0), -EINVAL);
	blank()->number.pad = 1;
	assert_int_equal(bpf(EBPF_LOCK, &attr, 0), -EINVAL);
	blank()->number.value = 1;
	assert_int_equal(bpf(EBPF_LOCK, &attr, 0), -EINVAL);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_LOCKS), 0);
	blank()->number.index = SBI_EBPF_LOCK_DETACH;
	assert_int_equal(bpf(EBPF_LOCK, &attr, 0), SBI_EBPF_LOCK_DETACH);
	assert_int_equal(bpf(EBPF_LOCK, blank(), 0), SBI_EBPF_LOCK_DETACH);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_LOCKS), SBI_EBPF_LOCK_DETACH);
}

/* What LOCK_ATTACH refuses besides attaching: all that could run or redirect a program. */
static void test_policy_attach_lock(void **state)
{
	(void)state;
	assert_int_equal(prog_load(return_0, COUNT(return_0), FD), FD);
	blank()->test.prog_fd = FD;
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), 0);
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_ATTACH), SBI_EBPF_LOCK_ATTACH);
	assert_int_equal(bpf(BPF_PROG_TEST_RUN, &attr, 0), -EPERM);
	assert_int_equal(set_symbols(0, 0), -EPERM);
	assert_int_equal(ebpf_call_set_trampoline(SYS_OPENAT + 12), -EPERM);
}

static void test_policy_read_lock_covers_ring_buffers(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, FD), FD);
	blank()->drain.map_fd = FD;
	attr.drain.buf = U_DATA;
	attr.drain.size = 64;
	assert_int_equal(bpf(EBPF_MAP_DRAIN, &attr, 0), 0);
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_TRACE_READ), SBI_EBPF_LOCK_TRACE_READ);
	assert_int_equal(bpf(EBPF_MAP_DRAIN, &attr, 0), -EPERM);
	attr.drain.size = 0;
	assert_int_equal(bpf(EBPF_MAP_DRAIN, &attr, 0), 0);
}

/* A pin is a descriptor of an owner that is no kernel's to name: nobody closes it under the firmware. */
static void test_policy_no_kernel_names_the_pins(void **state)
{
	static const uint64_t guesses[] = {(uint64_t)1 << 62, (uint64_t)3 << 62, SBI_EBPF_OWNER_ID, UINT64_MAX};

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, FD), FD);
	user_puts(U_DATA, "name");
	blank()->pin.pathname = U_DATA;
	attr.pin.bpf_fd = FD;
	assert_int_equal(bpf(BPF_OBJ_PIN, &attr, 0), 0);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		assert_int_equal(world_exit(guesses[i]), 0);
		for (uint64_t fd = 1; fd < 4; fd++) {
			assert_int_equal(ebpf_call_close(guesses[i], fd), -EBADF);
			assert_int_equal(ebpf_call_dup(guesses[i], fd, PROC, FD + 1), -EBADF);
		}
	}
	attr.pin.bpf_fd = 0;
	assert_int_equal(bpf(BPF_OBJ_GET, &attr, FD), FD);
	assert_int_equal(bpf(EBPF_OBJ_UNPIN, &attr, 0), 0);
}

/* Programs that would give addresses away are refused from then on, and those that nobody verifies. */
static void test_policy_leak_lock(void **state)
{
	static const struct bpf_insn leak[] = {MOV64_REG(0, 10), EXIT()};

	(void)state;
	assert_int_equal(prog_load(leak, COUNT(leak), FD), FD);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_LEAKS), SBI_EBPF_LOCK_LEAKS);
	assert_int_equal(prog_load(leak, COUNT(leak), FD), -EACCES);
	assert_non_null(strstr(world_log(), "R0 leaks addr as return value"));
	assert_int_equal(prog_load(return_0, COUNT(return_0), FD), FD);
	prog_attr(&attr, return_0, COUNT(return_0));
	attr.prog_flags = EBPF_F_RCORE_ABI;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD + 1), -EPERM);
}

/* The same numbers of another owner, so many that some of them share a chain of the table. */
static void test_policy_descriptors_are_their_owners(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 1), 1);
	for (uint64_t fd = 2; fd < 1000; fd++)
		assert_int_equal(ebpf_call_dup(PROC, 1, PROC, fd), fd);
	for (uint64_t owner = 100; owner < 140; owner++)
		for (uint64_t fd = 1; fd < 1000; fd++)
			assert_int_equal(ebpf_call_close(owner, fd), -EBADF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_policy_unprivileged_by_flag),
		TEST(test_policy_unprivileged_by_lock),
		TEST(test_policy_lock_command),
		TEST(test_policy_attach_lock),
		TEST(test_policy_read_lock_covers_ring_buffers),
		TEST(test_policy_no_kernel_names_the_pins),
		TEST(test_policy_descriptors_are_their_owners),
		TEST(test_policy_leak_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
