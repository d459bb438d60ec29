/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf(2) through call.h: attr, address spaces, descriptors, maps, and what is
 * left afterwards, which must be nothing.
 */
#include "world.h"

#include "cmd.h"
#include "trace.h"

#define FD 3u

static int64_t create_attr_at(uint64_t va, uint64_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 4;
	user_write(va, &attr, size < sizeof(attr) ? size : sizeof(attr));
	return bpf_at(BPF_MAP_CREATE, va, size, FD);
}

static int64_t close_fd(uint64_t fd)
{
	return ebpf_call_close(PROC, fd);
}

static void test_call_map_end_to_end(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, 8, 16, FD), FD);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 1);
	assert_int_equal(get(FD, 1, &value), -ENOENT);
	assert_int_equal(put(FD, 1, 0x1122334455667788), 0);
	assert_int_equal(get(FD, 1, &value), 0);
	assert_true(value == 0x1122334455667788);
	/* the next key of an absent one is the first; after the last there is none */
	assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, FD, 0, U_DATA + 16, 0), 0);
	assert_int_equal(user_get64(U_DATA + 16), 1);
	assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, FD, U_DATA + 16, U_DATA + 24, 0), -ENOENT);
	assert_int_equal(elem(BPF_MAP_DELETE_ELEM, FD, U_DATA, 0, 0), 0);
	assert_int_equal(get(FD, 1, &value), -ENOENT);
	assert_int_equal(close_fd(FD), 0);
	world_assert_balance();
}

static void test_call_attr_sizes(void **state)
{
	uint8_t zero[512] = {0};

	(void)state;
	/* shorter: the rest counts as zero; 16 bytes are the four fields that matter */
	assert_int_equal(create_attr_at(U_ATTR, 16), FD);
	assert_int_equal(close_fd(FD), 0);
	/* too short for max_entries: 0 entries */
	assert_int_equal(create_attr_at(U_ATTR, 12), -EINVAL);
	assert_int_equal(create_attr_at(U_ATTR, 0), -EINVAL);
	/* longer with a zero tail, also across a page end */
	user_write(U_ATTR, zero, sizeof(zero));
	assert_int_equal(create_attr_at(U_ATTR, 400), FD);
	assert_int_equal(close_fd(FD), 0);
	assert_int_equal(create_attr_at(USER + 4096 - 100, 400), FD);
	assert_int_equal(close_fd(FD), 0);
	/* a tail with something in it: first byte, last byte */
	*user_ptr(U_ATTR + sizeof(union bpf_attr)) = 1;
	assert_int_equal(create_attr_at(U_ATTR, 400), -E2BIG);
	*user_ptr(U_ATTR + sizeof(union bpf_attr)) = 0;
	*user_ptr(U_ATTR + 399) = 1;
	assert_int_equal(create_attr_at(U_ATTR, 400), -E2BIG);
	assert_int_equal(create_attr_at(U_ATTR, 399), FD);
	assert_int_equal(close_fd(FD), 0);
	*user_ptr(U_ATTR + 399) = 0;
	for (size_t i = 0; i < 4096; i++)
		*user_ptr(U_ATTR + i) = 0;
	/* one page is the limit */
	assert_int_equal(create_attr_at(U_ATTR, 4096), FD);
	assert_int_equal(close_fd(FD), 0);
	assert_int_equal(create_attr_at(U_ATTR, 4097), -E2BIG);
	assert_int_equal(create_attr_at(U_ATTR, UINT64_MAX), -E2BIG);
}

static void test_call_attr_addresses(void **state)
{
	(void)state;
	assert_int_equal(bpf_at(BPF_MAP_CREATE, 0, 0, FD), -EFAULT);
	assert_int_equal(bpf_at(BPF_MAP_CREATE, 0, 32, FD), -EFAULT);
	assert_int_equal(bpf_at(BPF_MAP_CREATE, USER_HOLE, 32, FD), -EFAULT);
	assert_int_equal(bpf_at(BPF_MAP_CREATE, USER_S, 32, FD), -EFAULT);
	assert_int_equal(bpf_at(BPF_MAP_CREATE, USER_X, 32, FD), -EFAULT);
	assert_int_equal(bpf_at(BPF_MAP_CREATE, USER + USER_PAGES * 4096 + 0x100000, 32, FD), -EFAULT);
	assert_int_equal(bpf_at(BPF_MAP_CREATE, UINT64_MAX - 3, 32, FD), -EFAULT);
	assert_int_equal(bpf_at(BPF_MAP_CREATE, (uint64_t)1 << 38, 32, FD), -EFAULT);
	/* runs into the hole */
	assert_int_equal(bpf_at(BPF_MAP_CREATE, USER_HOLE - 16, 32, FD), -EFAULT);
	/* read-only is enough for attr */
	assert_int_equal(create_attr_at(USER_RO, 32), FD);
	assert_int_equal(close_fd(FD), 0);
	/* the tail is looked at before attr itself, as in Linux: -EFAULT either way */
	assert_int_equal(bpf_at(BPF_MAP_CREATE, USER_HOLE - 152, 200, FD), -EFAULT);
	/* not a page table */
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, U_ATTR, 32, (uint64_t)8 << 60, PROC, FD), -EFAULT);
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, U_ATTR, 32, (uint64_t)15 << 60, PROC, FD), -EFAULT);
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, RAM, 32, 0, PROC, FD), -EFAULT);
}

static void test_call_unknown_bytes_after_fields(void **state)
{
	union bpf_attr attr;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, FD), FD);
	user_put64(U_DATA, 0);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = FD;
	attr.key = U_DATA;
	attr.value = U_DATA + 8;
	/* the hole between map_fd and key is not looked at */
	memset((char *)&attr + 4, 0xff, 4);
	assert_int_equal(bpf(BPF_MAP_LOOKUP_ELEM, &attr, 0), 0);
	((char *)&attr)[32] = 1;
	assert_int_equal(bpf(BPF_MAP_LOOKUP_ELEM, &attr, 0), -EINVAL);
	((char *)&attr)[32] = 0;
	((char *)&attr)[sizeof(attr) - 1] = 1;
	assert_int_equal(bpf(BPF_MAP_LOOKUP_ELEM, &attr, 0), -EINVAL);
	((char *)&attr)[sizeof(attr) - 1] = 0;
	/* delete knows no value */
	assert_int_equal(bpf(BPF_MAP_DELETE_ELEM, &attr, 0), -EINVAL);
}

static void test_call_unknown_command(void **state)
{
	static const uint32_t unknown[] = {
		BPF_PROG_QUERY, BPF_TASK_FD_QUERY, BPF_LINK_UPDATE, BPF_ITER_CREATE, 37, BPF_PROG_LOAD_EX,
		1005,		0x7fffffff,	   0xffffffff};
	union bpf_attr attr;

	(void)state;
	memset(&attr, 0, sizeof(attr));
	for (size_t i = 0; i < COUNT(unknown); i++)
		assert_int_equal(bpf(unknown[i], &attr, FD), -EINVAL);
	assert_int_equal(bpf_at(0xffffffff, USER_HOLE, 8, FD), -EFAULT);
}

static void test_call_newfd_numbers(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0x80000000), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, UINT64_MAX), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0x100000003), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0x7fffffff), 0x7fffffff);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 1), 1);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 1), -EEXIST);
	assert_int_equal(close_fd(1), 0);
	assert_int_equal(close_fd(1), -EBADF);
	assert_int_equal(close_fd(0x7fffffff), 0);
	assert_int_equal(close_fd(0), -EBADF);
	assert_int_equal(close_fd(UINT64_MAX), -EBADF);
	world_assert_balance();
}

static void test_call_owners_are_apart(void **state)
{
	uint64_t key = U_DATA;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, FD), FD);
	user_put64(key, 0);
	assert_int_equal(elem_as(OTHER, BPF_MAP_LOOKUP_ELEM, FD, key, U_DATA + 8, 0), -EBADF);
	assert_int_equal(ebpf_call_close(OTHER, FD), -EBADF);
	assert_int_equal(ebpf_call_dup(OTHER, FD, OTHER, 9), -EBADF);
	/* the same number means another map there */
	assert_int_equal(map_create_as(OTHER, BPF_MAP_TYPE_ARRAY, 4, 16, 4, 0, FD), FD);
	assert_int_equal(elem_as(OTHER, BPF_MAP_LOOKUP_ELEM, FD, key, U_DATA + 8, 0), 0);
	assert_int_equal(world_exit(OTHER), 0);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, key, U_DATA + 8, 0), 0);
}

static void test_call_dup_keeps_the_object(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, 8, 4, FD), FD);
	assert_int_equal(put(FD, 5, 55), 0);
	assert_int_equal(ebpf_call_dup(PROC, FD, OTHER, 0), -EINVAL);
	assert_int_equal(ebpf_call_dup(PROC, FD, OTHER, (uint64_t)1 << 31), -EINVAL);
	assert_int_equal(ebpf_call_dup(PROC, 99, OTHER, 4), -EBADF);
	assert_int_equal(ebpf_call_dup(PROC, FD, PROC, FD), -EEXIST);
	assert_int_equal(ebpf_call_dup(PROC, FD, OTHER, 4), 4);
	assert_int_equal(ebpf_call_dup(PROC, FD, PROC, 12), 12);
	assert_int_equal(world_exit(PROC), 0);
	/* the object outlives its maker, its account and all */
	user_put64(U_DATA, 5);
	assert_int_equal(elem_as(OTHER, BPF_MAP_LOOKUP_ELEM, 4, U_DATA, U_DATA + 8, 0), 0);
	value = user_get64(U_DATA + 8);
	assert_int_equal(value, 55);
	assert_int_equal(ebpf_call_close(OTHER, 4), 0);
	world_assert_balance();
}

static void test_call_kernel_addresses(void **state)
{
	union bpf_attr *attr = (void *)ram_at(RAM);
	uint64_t owner = PROC | SBI_EBPF_OWNER_KERNEL_ADDR;

	(void)state;
	memset(attr, 0, sizeof(*attr));
	attr->map_type = BPF_MAP_TYPE_ARRAY;
	attr->key_size = 4;
	attr->value_size = 8;
	attr->max_entries = 1;
	/* a process's addresses are U pages, the kernel's are not */
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, RAM, 32, world_kernel_satp, PROC, FD), -EFAULT);
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, U_ATTR, 32, world_user_satp, owner, FD), -EFAULT);
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, U_ATTR, 32, world_user_satp, 0, FD), -EFAULT);
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, RAM, 32, world_kernel_satp, owner, FD), FD);
	/* it is the process's descriptor */
	user_put64(U_DATA, 0);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, U_DATA, U_DATA + 8, 0), 0);
	/* the kernel has its own, and may have translation off */
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, RAM, 32, 0, 0, FD), FD);
	assert_int_equal(ebpf_call_close(owner, FD), 0);
	assert_int_equal(ebpf_call_close(PROC, FD), -EBADF);
	assert_int_equal(ebpf_call_close(0, FD), 0);
	world_assert_balance();
}

static void test_call_elem_bad_pointers(void **state)
{
	static const uint64_t bad[] = {0, USER_HOLE, USER_S, USER_X, USER_HOLE - 4, (uint64_t)-4, (uint64_t)1 << 40};
	uint64_t value = 0;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, 8, 4, FD), FD);
	assert_int_equal(put(FD, 1, 11), 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, bad[i], U_DATA + 8, 0), -EFAULT);
		assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, U_DATA, bad[i], 0), -EFAULT);
		assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, FD, bad[i], U_DATA + 8, 0), -EFAULT);
		assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, FD, U_DATA, bad[i], 0), -EFAULT);
		assert_int_equal(elem(BPF_MAP_DELETE_ELEM, FD, bad[i], 0, 0), -EFAULT);
		assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, FD, U_DATA + 64, bad[i], 0), -EFAULT);
		if (bad[i])
			assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, FD, bad[i], U_DATA + 16, 0), -EFAULT);
	}
	/* out to a read-only page; in from one */
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, U_DATA, USER_RO, 0), -EFAULT);
	user_put64(USER_RO, 2);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, FD, USER_RO, USER_RO, 0), 0);
	assert_int_equal(get(FD, 1, &value), 0);
	assert_int_equal(value, 11);
	assert_int_equal(get(FD, 2, &value), 0);
	assert_int_equal(value, 2);
	/* flags */
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, U_DATA, U_DATA + 8, 64), -EINVAL);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, FD, U_DATA, U_DATA + 8, 64), -EINVAL);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, FD, U_DATA, U_DATA + 8, BPF_NOEXIST), -EEXIST);
}

static void test_call_elem_across_pages(void **state)
{
	static uint8_t in[3000], out[3000];
	uint64_t key = USER + 2 * 4096 - 3, value = USER + 4 * 4096 - 1500;

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7);
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 6, sizeof(in), 4, FD), FD);
	user_write(key, "abcdef", 6);
	user_write(value, in, sizeof(in));
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, FD, key, value, 0), 0);
	user_write(value, out, sizeof(out));
	/* a hole behind the first page of the output: nothing may be written */
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, key, USER_HOLE - 100, 0), -EFAULT);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, key, value, 0), 0);
	user_read(out, value, sizeof(out));
	assert_memory_equal(in, out, sizeof(in));
}

/* Every size and every misalignment of a value: what is beside it stays as it is. */
static void test_call_elem_misaligned_values(void **state)
{
	static const uint32_t sizes[] = {1, 2, 7, 8, 9, 15, 16, 511, 512, 513, 4099};
	static uint8_t in[4099 + 32], out[sizeof(in)], beside[sizeof(in)];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++) {
		in[i] = (uint8_t)(i * 13 + i / 256);
		beside[i] = (uint8_t)~i;
	}
	for (size_t s = 0; s < COUNT(sizes); s++) {
		uint32_t size = sizes[s];

		assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, size, 2, FD), FD);
		for (unsigned int shift = 0; shift < 64; shift++) {
			uint64_t from = U_DATA + 0x1000 + shift % 8, to = U_DATA + 0x3000 + shift / 8;

			user_write(from, in + shift % 8, size);
			assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, FD, U_DATA, from, 0), 0);
			user_write(to - 16, beside, size + 32);
			assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, U_DATA, to, 0), 0);
			user_read(out, to - 16, size + 32);
			assert_memory_equal(out, beside, 16);
			assert_memory_equal(out + 16, in + shift % 8, size);
			assert_memory_equal(out + 16 + size, beside + 16 + size, 16);
		}
		assert_int_equal(close_fd(FD), 0);
	}
}

static void test_call_large_map_is_made_in_slices(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 200000, FD), FD);
	assert_true(world_restarts > 1);
	assert_int_equal(close_fd(FD), 0);
	world_assert_balance();
}

/* A creation that has begun, then something else comes. */
static void begin_large_map(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 200000;
	user_write(U_ATTR, &attr, sizeof(attr));
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, U_ATTR, sizeof(attr), world_user_satp, PROC, FD), -ERESTART);
	/* nothing to be seen of it yet */
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 0);
	assert_int_equal(ebpf_call_dup(PROC, FD, PROC, 44), -EBADF);
}

static void test_call_slices_use_the_copy(void **state)
{
	union bpf_attr attr;
	int64_t result;

	(void)state;
	begin_large_map();
	/* what attr says now does not matter */
	memset(&attr, 0xff, sizeof(attr));
	user_write(U_ATTR, &attr, sizeof(attr));
	do
		result = ebpf_call_bpf(BPF_MAP_CREATE, U_ATTR, sizeof(attr), world_user_satp, PROC, FD);
	while (result == -ERESTART);
	assert_int_equal(result, FD);
	user_put64(U_DATA, 199999);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, U_DATA, U_DATA + 8, 0), 0);
	assert_int_equal(user_get64(U_DATA + 8), 0);
}

static void test_call_slices_dropped(void **state)
{
	(void)state;
	/* by another command with the same number */
	begin_large_map();
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, FD), FD);
	assert_int_equal(close_fd(FD), 0);
	world_assert_balance();
	/* by close */
	begin_large_map();
	assert_int_equal(close_fd(FD), 0);
	world_assert_balance();
	/* by exit */
	begin_large_map();
	assert_int_equal(world_exit(PROC), 0);
	world_assert_balance();
	/* not by the same number of somebody else, nor by a command without newfd */
	begin_large_map();
	assert_int_equal(map_create_as(OTHER, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0, FD), FD);
	assert_int_equal(elem(BPF_MAP_DELETE_ELEM, FD, U_DATA, 0, 0), -EBADF);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 200000, FD), FD);
	assert_int_equal(world_exit(PROC), 0);
	assert_int_equal(world_exit(OTHER), 0);
	world_assert_balance();
}

static void test_call_quota(void **state)
{
	unsigned int fd = 1;
	int64_t result;

	(void)state;
	/* more than half of the arena at once */
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, WORLD_ARENA / 8 / 2, FD), -ENOMEM);
	world_assert_balance();
	/* and bit by bit */
	while ((result = map_create(BPF_MAP_TYPE_ARRAY, 4, 64, 1000, fd)) == fd)
		fd++;
	assert_int_equal(result, -ENOMEM);
	assert_true(fd > 40 && fd < 80);
	assert_true(ebpf_arena_free_bytes() >= WORLD_ARENA / 2 - WORLD_ARENA / 8);
	/* the other process has its own share */
	assert_int_equal(map_create_as(OTHER, BPF_MAP_TYPE_ARRAY, 4, 64, 1000, 0, FD), FD);
	/* what outlives the owner is still charged to it */
	assert_int_equal(ebpf_call_dup(PROC, 1, OTHER, 100), 100);
	assert_int_equal(world_exit(PROC), 0);
	assert_int_equal(world_exit(OTHER), 0);
	world_assert_balance();
}

static void test_call_many_descriptors(void **state)
{
	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 1), 1);
	for (uint64_t fd = 2; fd <= 5000; fd++)
		assert_int_equal(ebpf_call_dup(PROC, 1, PROC, fd), fd);
	assert_int_equal(ebpf_call_exit(PROC), -ERESTART); /* not all at once */
	assert_int_equal(world_exit(PROC), 0);
	assert_int_equal(ebpf_call_exit(PROC), 0); /* nothing there is fine */
	world_assert_balance();
}

static void test_call_control_lock_contended(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, 8, 4, FD), FD);
	assert_true(ebpf_control_trylock());
	assert_int_equal(ebpf_call_close(PROC, FD), -ERESTART);
	assert_int_equal(ebpf_call_dup(PROC, FD, PROC, 5), -ERESTART);
	assert_int_equal(ebpf_call_exit(PROC), -ERESTART);
	assert_int_equal(ebpf_call_trace_read(RAM, 10, world_kernel_satp), -ERESTART);
	assert_int_equal(ebpf_call_set_symbols(0, 0), -ERESTART);
	assert_int_equal(ebpf_call_set_trampoline(0), -ERESTART);
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, U_ATTR, 32, world_user_satp, PROC, 9), -ERESTART);
	assert_int_equal(ebpf_call_bpf(BPF_PROG_DETACH, U_ATTR, 32, world_user_satp, PROC, 9), -ERESTART);
	/* elements go on */
	assert_int_equal(put(FD, 1, 1), 0);
	assert_int_equal(get(FD, 1, &value), 0);
	ebpf_control_unlock();
	assert_int_equal(close_fd(FD), 0);
}

static void test_call_locks_are_one_way(void **state)
{
	(void)state;
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_LEAKS << 1), -EINVAL);
	assert_int_equal(ebpf_call_lock(UINT64_MAX), -EINVAL);
	assert_int_equal(ebpf_call_trace_read(RAM, 10, world_kernel_satp), 0);
	assert_int_equal(ebpf_call_lock(0), 0);
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_TRACE_READ), SBI_EBPF_LOCK_TRACE_READ);
	assert_int_equal(ebpf_call_lock(0), SBI_EBPF_LOCK_TRACE_READ);
	assert_int_equal(ebpf_call_trace_read(RAM, 10, world_kernel_satp), -EPERM);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, FD), FD);
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_LOAD), SBI_EBPF_LOCK_LOAD | SBI_EBPF_LOCK_TRACE_READ);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 9), -EPERM);
	/* what is there can be used */
	user_put64(U_DATA, 0);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, FD, U_DATA, U_DATA + 8, 0), 0);
}

static void test_call_info(void **state)
{
	(void)state;
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_ARENA_SIZE), WORLD_ARENA);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_ARENA_FREE), ebpf_arena_free_bytes());
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_STAY_BOUND), EBPF_STAY_BOUND);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 0);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_TAMPERED + 1), -EINVAL);
	assert_int_equal(ebpf_call_info(UINT64_MAX), -EINVAL);
	/* the seam's own */
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_PMP_ENTRIES), -EINVAL);
}

static void test_call_trace_read_loses_nothing(void **state)
{
	char out[600];

	(void)state;
	memset(out, 'x', sizeof(out));
	ebpf_trace_write(out, 400);
	assert_int_equal(ebpf_call_trace_read(USER_HOLE, 400, world_user_satp), -EFAULT);
	assert_int_equal(ebpf_call_trace_read(RAM - 4096, 400, world_kernel_satp), -EFAULT);
	/* user pages are not the kernel's */
	assert_int_equal(ebpf_call_trace_read(U_DATA, 400, world_user_satp), -EFAULT);
	/* the second piece cannot be delivered: the first is, and counts */
	assert_int_equal(ebpf_call_trace_read(RAM + RAM_SIZE - 256, 400, world_kernel_satp), 256);
	assert_int_equal(ebpf_call_trace_read(RAM, 100, world_kernel_satp), 100);
	assert_int_equal(ebpf_call_trace_read(RAM, UINT64_MAX, world_kernel_satp), 44);
	assert_memory_equal(ram_at(RAM), out, 44);
	assert_int_equal(ebpf_call_trace_read(RAM, 100, world_kernel_satp), 0);
	/* one call delivers no more than a page, however much there is */
	for (unsigned int i = 0; i < 20; i++)
		ebpf_trace_write(out, 400);
	assert_int_equal(ebpf_call_trace_read(RAM, UINT64_MAX, world_kernel_satp), 4096);
	assert_int_equal(ebpf_call_trace_read(RAM, UINT64_MAX, world_kernel_satp), 8000 - 4096);
}

/* Make, use and close, with each allocation failed in turn. */
static int64_t map_scenario(void)
{
	int64_t err = map_create(BPF_MAP_TYPE_HASH, 8, 600, 8, FD);
	uint64_t key = U_DATA, value = U_DATA + 8;

	if (err < 0)
		return err;
	err = elem(BPF_MAP_UPDATE_ELEM, FD, key, value, 0);
	if (!err)
		err = elem(BPF_MAP_LOOKUP_ELEM, FD, key, value, 0);
	if (!err)
		err = ebpf_call_dup(PROC, FD, OTHER, 4);
	return err < 0 ? err : 0;
}

static void test_call_allocations_fail(void **state)
{
	uint64_t n;

	(void)state;
	for (n = 1;; n++) {
		int64_t err;

		ebpf_arena_fail(n, false);
		err = map_scenario();
		if (ebpf_arena_allocs() < n) {
			assert_int_equal(err, 0);
			break;
		}
		assert_int_equal(err, -ENOMEM);
		ebpf_arena_fail(0, false);
		assert_int_equal(world_exit(PROC), 0);
		assert_int_equal(world_exit(OTHER), 0);
		world_assert_balance();
	}
	assert_true(n > 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_call_map_end_to_end),
		TEST(test_call_attr_sizes),
		TEST(test_call_attr_addresses),
		TEST(test_call_unknown_bytes_after_fields),
		TEST(test_call_unknown_command),
		TEST(test_call_newfd_numbers),
		TEST(test_call_owners_are_apart),
		TEST(test_call_dup_keeps_the_object),
		TEST(test_call_kernel_addresses),
		TEST(test_call_elem_bad_pointers),
		TEST(test_call_elem_across_pages),
		TEST(test_call_elem_misaligned_values),
		TEST(test_call_large_map_is_made_in_slices),
		TEST(test_call_slices_use_the_copy),
		TEST(test_call_slices_dropped),
		TEST(test_call_quota),
		TEST(test_call_many_descriptors),
		TEST(test_call_control_lock_contended),
		TEST(test_call_locks_are_one_way),
		TEST(test_call_info),
		TEST(test_call_trace_read_loses_nothing),
		TEST(test_call_allocations_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
