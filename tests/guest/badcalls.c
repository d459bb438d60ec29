/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf(2) with everything wrong that can be: pointers, sizes, descriptors, flags,
 * buffers across page ends, read-only buffers, processes that end in the middle.
 * Each call must answer with Linux's errno, change nothing, and leave nothing.
 *
 * Prints: badcalls: N checks, 0 wrong
 */
#include "guest_test.h"

#include <string.h>

#define PAGE 4096ul
#define WINDOW 0x10000000ul /* two pages, read-write and read-only, with nothing before and behind */
#define RW WINDOW
#define RO (WINDOW + PAGE)
#define NOWHERE (WINDOW + 2 * PAGE)
#define KERNEL 0xffffffffc0000000ul
#define ANY_OF(a, b) ((a) << 16 | (b)) /* an errno out of two */

static const struct bpf_insn return_0[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K},
	{.code = BPF_JMP | BPF_EXIT},
};

static void expect(long ret, int err, const char *what)
{
	check(ret == -(err & 0xffff) || (err >> 16 && ret == -(err >> 16)), what, ret);
}

static int make_map(enum bpf_map_type type, uint32_t key, uint32_t value, uint32_t entries)
{
	union bpf_attr attr = {.map_type = type, .key_size = key, .value_size = value, .max_entries = entries};

	return (int)raw_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long elem(int cmd, int fd, unsigned long key, unsigned long value, uint64_t flags)
{
	union bpf_attr attr = {.map_fd = (uint32_t)fd, .key = key, .value = value, .flags = flags};

	return raw_bpf(cmd, &attr, sizeof(attr));
}

static long load(unsigned long insns, uint32_t count)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_KPROBE, .insns = insns, .insn_cnt = count, .license = (uint64_t) "GPL"};

	return raw_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void bad_attr(void)
{
	static char page[PAGE + 64] __attribute__((aligned(64)));
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};

	expect(raw_bpf(BPF_MAP_CREATE, NULL, sizeof(attr)), EFAULT, "attr NULL");
	expect(raw_bpf(BPF_MAP_CREATE, (void *)NOWHERE, sizeof(attr)), EFAULT, "attr unmapped");
	expect(raw_bpf(BPF_MAP_CREATE, (void *)KERNEL, sizeof(attr)), EFAULT, "attr in the kernel");
	expect(raw_bpf(BPF_MAP_CREATE, (void *)-1ul, sizeof(attr)), EFAULT, "attr at the end of the address space");
	expect(raw_bpf(BPF_MAP_CREATE, (void *)0x4000000000, sizeof(attr)), EFAULT, "attr not canonical");
	expect(raw_bpf(BPF_MAP_CREATE, (void *)(RO + PAGE - 8), sizeof(attr)), EFAULT, "attr over the end");
	expect(raw_bpf(BPF_MAP_CREATE, &attr, 0), EINVAL, "attr of size 0");
	expect(raw_bpf(BPF_MAP_CREATE, page, PAGE + 1), E2BIG, "attr larger than a page");
	expect(raw_bpf(BPF_MAP_CREATE, &attr, -1), E2BIG, "attr of the largest size");
	memcpy(page, &attr, sizeof(attr));
	page[PAGE - 1] = 1;
	expect(raw_bpf(BPF_MAP_CREATE, page, PAGE), E2BIG, "attr with a tail nobody knows");
	expect(raw_bpf(99999, &attr, sizeof(attr)), EINVAL, "command nobody knows");
	expect(raw_bpf(-1, &attr, sizeof(attr)), EINVAL, "command -1");
}

static void bad_maps(void)
{
	expect(make_map(BPF_MAP_TYPE_UNSPEC, 4, 4, 1), EINVAL, "map type 0");
	expect(make_map(9999, 4, 4, 1), EINVAL, "map type 9999");
	expect(make_map(BPF_MAP_TYPE_HASH, 0, 4, 1), EINVAL, "hash without key");
	expect(make_map(BPF_MAP_TYPE_HASH, 4, 4, 0), EINVAL, "hash without entries");
	expect(make_map(BPF_MAP_TYPE_ARRAY, 8, 4, 1), EINVAL, "array with a key of 8 bytes");
	expect(make_map(BPF_MAP_TYPE_ARRAY, 4, 0, 1), EINVAL, "array without value");
	expect(make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 0xffffffff), ANY_OF(E2BIG, ENOMEM), "array of 32 GiB");
	expect(make_map(BPF_MAP_TYPE_HASH, 4, 0x7fffffff, 1), ANY_OF(E2BIG, ENOMEM), "hash with a value of 2 GiB");
	expect(make_map(BPF_MAP_TYPE_HASH, 0x7fffffff, 4, 1), ANY_OF(E2BIG, ENOMEM), "hash with a key of 2 GiB");
}

static void bad_elements(int array, int hash)
{
	uint64_t value = 7;
	uint32_t key = 1, far = 1000;
	unsigned long k = (unsigned long)&key, v = (unsigned long)&value;

	expect(elem(BPF_MAP_LOOKUP_ELEM, -1, k, v, 0), EBADF, "descriptor -1");
	expect(elem(BPF_MAP_LOOKUP_ELEM, 0, k, v, 0), ANY_OF(EBADF, EINVAL), "descriptor of the console");
	expect(elem(BPF_MAP_LOOKUP_ELEM, 99, k, v, 0), EBADF, "descriptor not open");
	expect(elem(BPF_MAP_LOOKUP_ELEM, hash, k, v, 0), ENOENT, "hash key not there");
	expect(elem(BPF_MAP_DELETE_ELEM, hash, k, 0, 0), ENOENT, "delete key not there");
	expect(elem(BPF_MAP_UPDATE_ELEM, hash, k, v, BPF_EXIST), ENOENT, "BPF_EXIST of key not there");
	expect(elem(BPF_MAP_UPDATE_ELEM, hash, k, v, 99), EINVAL, "update with flags nobody knows");
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, (unsigned long)&far, v, 0), ENOENT, "array index behind the end");
	expect(elem(BPF_MAP_UPDATE_ELEM, array, (unsigned long)&far, v, 0), E2BIG, "update behind the end");
	expect(elem(BPF_MAP_UPDATE_ELEM, array, k, v, BPF_NOEXIST), EEXIST, "BPF_NOEXIST on an array");
	expect(elem(BPF_MAP_DELETE_ELEM, array, k, 0, 0), EINVAL, "delete from an array");
	check(elem(BPF_MAP_UPDATE_ELEM, hash, k, v, BPF_NOEXIST) == 0, "good update", 0);
	expect(elem(BPF_MAP_UPDATE_ELEM, hash, k, v, BPF_NOEXIST), EEXIST, "BPF_NOEXIST of a key that is there");
}

static void bad_buffers(int array)
{
	uint64_t value = 7;
	uint32_t key = 1;
	unsigned long k = (unsigned long)&key, v = (unsigned long)&value;

	expect(elem(BPF_MAP_LOOKUP_ELEM, array, 0, v, 0), EFAULT, "key NULL");
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, NOWHERE, v, 0), EFAULT, "key unmapped");
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, KERNEL, v, 0), EFAULT, "key in the kernel");
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, NOWHERE - 2, v, 0), EFAULT, "key over the end");
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, k, 0, 0), EFAULT, "value NULL");
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, k, NOWHERE, 0), EFAULT, "value unmapped");
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, k, KERNEL + 64, 0), EFAULT, "value in the kernel");
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, k, RO, 0), EFAULT, "value to a read-only page");
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, k, RO - 4, 0), EFAULT, "value half to a read-only page");
	check(*(uint32_t *)(RO - 4) == 0, "nothing was written of it", *(uint32_t *)(RO - 4));
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, k, (unsigned long)return_0, 0), EFAULT, "value to constants");
	expect(elem(BPF_MAP_UPDATE_ELEM, array, k, NOWHERE - 4, 0), EFAULT, "new value over the end");
	check(elem(BPF_MAP_LOOKUP_ELEM, array, k, v, 0) == 0 && value == 0, "the element is as it was", (long)value);
	check(elem(BPF_MAP_UPDATE_ELEM, array, RO - 2, RO - 4, 0) == 0, "key and value across two pages", 0);
	expect(elem(BPF_MAP_GET_NEXT_KEY, array, k, RO, 0), EFAULT, "next key to a read-only page");
}

static void bad_programs(void)
{
	struct bpf_insn bad[2];

	expect(load((unsigned long)return_0, 0), ANY_OF(EINVAL, E2BIG), "no instructions");
	expect(load((unsigned long)return_0, 0xffffffff), ANY_OF(E2BIG, EINVAL), "too many instructions");
	expect(load(0, 2), EFAULT, "instructions at NULL");
	expect(load(KERNEL, 2), EFAULT, "instructions in the kernel");
	expect(load(NOWHERE - 8, 2), EFAULT, "instructions over the end");
	expect(load((unsigned long)return_0, 1), EINVAL, "program without exit");
	for (unsigned int code = 0; code < 256; code++) {
		long ret;

		memcpy(bad, return_0, sizeof(bad));
		bad[0] = (struct bpf_insn){.code = (uint8_t)code, .dst_reg = 0xf, .src_reg = 0xf, .off = -1, .imm = -1};
		ret = load((unsigned long)bad, 2);
		check(ret < 0 && ret > -200, "nonsense instruction", ret);
	}
}

static void bad_links(void)
{
	long prog = load((unsigned long)return_0, 2);
	const char *names[] = {"no_such_function", "sys_getppid+3", "", (const char *)NOWHERE};
	union bpf_attr attr = {.link_attach_type = BPF_TRACE_KPROBE_MULTI, .link_prog_fd = 99, .km_cnt = 1};
	uint64_t addr;

	check(prog >= 0, "good program", prog);
	attr.km_syms = (uint64_t)&names[0];
	expect(raw_bpf(BPF_LINK_CREATE, &attr, sizeof(attr)), EBADF, "link of a descriptor not open");
	attr.link_prog_fd = (uint32_t)prog;
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		long ret;

		attr.km_syms = (uint64_t)&names[i];
		ret = raw_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
		check(ret < 0 && ret > -200, "link to a bad name", ret);
	}
	attr.km_syms = NOWHERE;
	expect(raw_bpf(BPF_LINK_CREATE, &attr, sizeof(attr)), EFAULT, "names nowhere");
	attr.km_syms = 0;
	attr.km_addrs = (uint64_t)&addr;
	for (unsigned int i = 0; i < 5; i++) {
		static const uint64_t bad[] = {0, 1, RW, 0x80000000, KERNEL + 0x20000000};
		long ret;

		addr = bad[i];
		ret = raw_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
		check(ret < 0 && ret > -200, "link to a bad address", ret);
	}
	close((int)prog);
}

/* Processes that end with everything open, by themselves or not, after fork or exec. */
static void sudden_ends(void)
{
	int pid, map;

	for (int how = 0; how < 3; how++) {
		pid = fork();
		if (pid == 0) {
			map = make_map(BPF_MAP_TYPE_HASH, 8, 64, 512);
			check(map >= 0 && load((unsigned long)return_0, 2) >= 0, "in the child", map);
			if (how == 0)
				_exit((int)checks_failed);
			if (how == 1)
				*(volatile int *)NOWHERE = 1;
			if (fork() == 0)
				_exit(0);
			for (;;)
				usleep(1000);
		}
		if (how == 2) {
			usleep(100000);
			kill(pid, 9);
		}
		check(waitpid(pid, NULL) == pid, "wait", pid);
	}
	usleep(50000);
}

int main(void)
{
	struct accounts before = accounts_now(), with_maps;
	int array, hash;

	check(mmap((void *)RW, PAGE, 3, 0, 0) == 0 && mmap((void *)RO, PAGE, 1, 0, 0) == 0, "mmap", 0);
	array = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 4);
	hash = make_map(BPF_MAP_TYPE_HASH, 4, 8, 4);
	check(array >= 0 && hash >= 0, "good maps", array);
	with_maps = accounts_now();
	bad_attr();
	accounts_check(&with_maps, "accounts after bad_attr");
	bad_maps();
	accounts_check(&with_maps, "accounts after bad_maps");
	bad_buffers(array);
	accounts_check(&with_maps, "accounts after bad_buffers");
	bad_programs();
	accounts_check(&with_maps, "accounts after bad_programs");
	bad_links();
	accounts_check(&with_maps, "accounts after bad_links");
	sudden_ends();
	accounts_check(&with_maps, "accounts after sudden_ends");
	bad_elements(array, hash);
	close(array);
	expect(elem(BPF_MAP_LOOKUP_ELEM, array, 0, 0, 0), EBADF, "descriptor closed");
	close(hash);
	accounts_check(&before, "accounts in the end");
	return checks_done("badcalls");
}
