/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects as BPF_PROG_LOAD_EX must never like them: each truncation of a good
 * one, and each of its bytes changed in turn. Every call must return, either
 * with an error or with a program; nothing may be left behind.
 *
 * Prints: badelf: N objects, M of them loaded
 */
#include "ebpf_user_kernmaptest.skel.h"
#include "guest_test.h"

#include <string.h>

#define SIZE sizeof(ebpf_user_kernmaptest_elf)

static unsigned char object[SIZE];
static unsigned int tried, loaded;
static int map_fd;

static int make_map(void)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};

	return (int)raw_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long load(const void *elf, unsigned long size)
{
	struct ebpf_rcore_map_entry maps[1] = {{.name = (uint64_t) "map_fd", .fd = (uint32_t)map_fd}};
	union bpf_attr attr = {
		.ex_elf = (uint64_t)elf,
		.ex_elf_size = (uint32_t)size,
		.ex_map_array_len = 1,
		.ex_map_array = (uint64_t)maps,
	};

	return raw_bpf(BPF_PROG_LOAD_EX, &attr, sizeof(attr));
}

static void expect_verdict(unsigned long size)
{
	long ret = load(object, size);

	tried++;
	if (ret >= 0) {
		loaded++;
		check(close((int)ret) == 0, "close", ret);
	} else {
		check(ret > -200, "errno", ret);
	}
}

int main(void)
{
	struct accounts before = accounts_now();

	map_fd = make_map();
	check(map_fd >= 0, "map", map_fd);
	memcpy(object, ebpf_user_kernmaptest_elf, SIZE);
	expect_verdict(SIZE);
	check(loaded == 1, "the good object loads", loaded);
	for (unsigned long size = 0; size < SIZE; size++)
		expect_verdict(size);
	for (unsigned long i = 0; i < SIZE; i++) {
		static const unsigned char changes[] = {0x01, 0x80, 0xff};

		for (unsigned int c = 0; c < sizeof(changes); c++) {
			object[i] ^= changes[c];
			expect_verdict(SIZE);
			object[i] ^= changes[c];
		}
	}
	check(load(NULL, SIZE) == -EFAULT, "object nowhere", 0);
	check(load(object, 0xffffffff) < 0, "object of 4 GiB", 0);
	close(map_fd);
	accounts_check(&before, "accounts");
	printf("badelf: %u objects, %u of them loaded\n", tried, loaded);
	return checks_done("badelf");
}
