/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * U-01: a process passes pointers that are not its own
 *
 * Attacker: a user process, through bpf(2)
 * Action: attr, instructions, keys, values, logs and results at addresses of the kernel, of the
 *	firmware, unmapped, read-only, across a page's end, NULL, odd, at the end of the address space
 * Contained: -EFAULT and no partial effect; the next process sees nothing of it
 * Oracle: errnos; a map's value; bytes before the forbidden page; the firmware's accounts
 * Short: virt
 */
#include "tests/guest/guest_test.h"

#include <string.h>

#define PAGE 4096ul
#define WINDOW 0x10000000ul /* read-write, then read-only, then nothing */
#define RO (WINDOW + PAGE)
#define NOWHERE (WINDOW + 2 * PAGE)
#define KEPT 0x4b4b4b4b4b4b4b4bul

static const unsigned long bad[] = {
	0,
	1,
	NOWHERE,
	NOWHERE + 1,
	0x80000000ul,
	0x80080000ul,
	0x80200000ul,
	0xffffffffc0000000ul,
	0xffffffff80200000ul,
	0x10000000000ul,
	0x4000000000ul,
	-1ul,
	-8ul,
	-4096ul,
	1ul << 63,
	0x0c000000ul,
	0x02000000ul,
};

static long elem(int cmd, int fd, unsigned long key, unsigned long value)
{
	union bpf_attr attr = {.map_fd = (uint32_t)fd, .key = key, .value = value};

	return raw_bpf(cmd, &attr, sizeof(attr));
}

static void fault(long ret, const char *what)
{
	check(ret == -EFAULT, what, ret);
}

static void everywhere(int map, unsigned long at)
{
	static const struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
	static uint64_t key, value;
	union bpf_attr prog = {
		.prog_type = BPF_PROG_TYPE_KPROBE, .insns = at, .insn_cnt = 2, .license = (uint64_t) "GPL"};
	union bpf_attr info = {.info.bpf_fd = (uint32_t)map, .info.info_len = 64, .info.info = at};
	union bpf_attr link = {.link_attach_type = BPF_TRACE_KPROBE_MULTI, .km_cnt = 1, .km_syms = at};
	long ret;

	key = 0;
	fault(raw_bpf(BPF_MAP_CREATE, (void *)at, sizeof(prog)), "attr");
	fault(elem(BPF_MAP_UPDATE_ELEM, map, at, (unsigned long)&value), "key");
	fault(elem(BPF_MAP_UPDATE_ELEM, map, (unsigned long)&key, at), "new value");
	fault(elem(BPF_MAP_LOOKUP_ELEM, map, (unsigned long)&key, at), "value");
	fault(raw_bpf(BPF_PROG_LOAD, &prog, sizeof(prog)), "instructions");
	prog.insns = (uint64_t)insns;
	prog.license = at;
	fault(raw_bpf(BPF_PROG_LOAD, &prog, sizeof(prog)), "licence");
	fault(raw_bpf(BPF_OBJ_GET_INFO_BY_FD, &info, sizeof(info)), "information");
	prog.license = (uint64_t) "GPL";
	ret = raw_bpf(BPF_PROG_LOAD, &prog, sizeof(prog));
	check(ret >= 0, "a good program", ret);
	link.link_prog_fd = (uint32_t)ret;
	if (at)
		fault(raw_bpf(BPF_LINK_CREATE, &link, sizeof(link)), "names");
	close((int)ret);
	check(elem(BPF_MAP_LOOKUP_ELEM, map, (unsigned long)&key, (unsigned long)&value) == 0 && value == KEPT,
	      "the value is as it was", (long)value);
}

static void read_only(int map)
{
	static uint32_t key;

	memset((void *)(RO - 8), 0x11, 8);
	fault(elem(BPF_MAP_LOOKUP_ELEM, map, (unsigned long)&key, RO), "value to a read-only page");
	fault(elem(BPF_MAP_LOOKUP_ELEM, map, (unsigned long)&key, RO - 4), "value half to a read-only page");
	check(*(uint64_t *)(RO - 8) == 0x1111111111111111ul, "nothing was written of it", 0);
}

int main(void)
{
	struct accounts before = accounts_now();
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	uint64_t value = KEPT;
	uint32_t key = 0;
	int map;

	check(mmap((void *)WINDOW, PAGE, 3, 0, 0) == 0 && mmap((void *)RO, PAGE, 1, 0, 0) == 0, "mmap", 0);
	map = (int)raw_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	check(map >= 0, "a map", map);
	check(elem(BPF_MAP_UPDATE_ELEM, map, (unsigned long)&key, (unsigned long)&value) == 0, "its value", 0);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		everywhere(map, bad[i]);
	read_only(map);
	close(map);
	accounts_check(&before, "accounts");
	return checks_done("u01_pointers");
}
