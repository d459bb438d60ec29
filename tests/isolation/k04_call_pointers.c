/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K-04: the kernel lets the firmware read and write for it
 *
 * Attacker: the S-mode kernel
 * Action: every function of the extension with pointers to firmware, arena, devices, the end of RAM
 *	and beyond, with high words, odd addresses, lengths 0 and near 2^63; inside attr as well
 * Contained: -EFAULT or -EINVAL; nothing is read for it and nothing is written for it
 * Oracle: errnos; a map whose value would hold what was read; self-check; the image from outside
 * Short: virt smepmp
 */
#include "payload.h"

#define MAP 1
#define KEPT 0x4b4b4b4b4b4b4b4bul

static const uint64_t bad[] = {
	FIRMWARE,
	FIRMWARE + 0x1000,
	FIRMWARE + 0x80000,
	FIRMWARE + 0x80ff8,
	UART,
	CLINT,
	CLINT + 0xbff8,
	PLIC,
	0x1000,
	0,
	8,
	RAM_END,
	RAM_END - 3,
	0 - 1ul,
	0 - 8ul,
	0 - 4096ul,
	1ul << 63,
	0x7ffffffffffffff8,
	1ul << 56,
	0x100000,
};

static bool bad_pointer(int64_t ret)
{
	return ret == -EFAULT || ret == -EINVAL;
}

static void functions(uint64_t at)
{
	static const uint64_t sizes[] = {1, 8, 16, 4096, 1ul << 20, 1ul << 63, 0 - 1ul};
	int64_t ret;

	ret = ebpf(SBI_EXT_EBPF_SET_TASK_AREA, at, 0, 0, 0, 0, 0);
	/* all ones turns it off */
	check_true("task area", bad_pointer(ret) || (at == 0 - 1ul && ret == 0));
	for (unsigned int i = 0; i < COUNT(sizes); i++) {
		ret = ebpf(SBI_EXT_EBPF_SET_SYMBOLS, at, 0, sizes[i], 0, 0, 0);
		check_true("symbols", bad_pointer(ret) || ret == -E2BIG || ret == -ENOMEM);
		ret = ebpf(SBI_EXT_EBPF_TRACE_READ, at, sizes[i], 0, 0, 0, 0);
		check_true("trace read", ret == -EFAULT || ret == 0); /* 0: nothing to deliver */
	}
	check_true("trampoline", bad_pointer(ebpf(SBI_EXT_EBPF_SET_RETURN_TRAMPOLINE, at, 0, 0, 0, 0, 0)));
	check_true("attr", bad_pointer(ebpf(SBI_EXT_EBPF_CALL, BPF_MAP_CREATE, at, sizeof(union bpf_attr), 0, 0, 9)));
	check_true("high word of the task area",
		   bad_pointer(ebpf(SBI_EXT_EBPF_SET_TASK_AREA, (uint64_t)text_start, 1, 0, 0, 0, 0)));
	check_true("high word of the symbols",
		   bad_pointer(ebpf(SBI_EXT_EBPF_SET_SYMBOLS, (uint64_t)load_log, 1, 64, 0, 0, 0)));
}

/* Pointers inside attr: the firmware would read a key or value, write a value, a log, a result. */
static void inside_attr(uint64_t at)
{
	static uint32_t key;
	static uint64_t value = KEPT;
	const struct bpf_insn insns[] = {MOV_IMM(BPF_REG_0, 0), EXIT()};
	const union bpf_attr from = {.map_fd = MAP, .key = (uint64_t)&key, .value = at};
	const union bpf_attr first = {.map_fd = MAP, .value = at}; /* the first key of all */
	const union bpf_attr key_at = {.map_fd = MAP, .key = at, .value = (uint64_t)&value};
	union bpf_attr prog = {
		.prog_type = BPF_PROG_TYPE_KPROBE, .insn_cnt = 2, .insns = at, .license = (uint64_t) "GPL"};
	union bpf_attr log = {.prog_type = BPF_PROG_TYPE_KPROBE,
			      .insn_cnt = 2,
			      .insns = (uint64_t)insns,
			      .license = (uint64_t) "GPL",
			      .log_level = 1,
			      .log_buf = at,
			      .log_size = 4096};
	const union bpf_attr info_at = {.info.bpf_fd = MAP, .info.info_len = 80, .info.info = at};
	uint64_t got = 0;

	check("read a value for the kernel", bpf(BPF_MAP_UPDATE_ELEM, &from, 0), -EFAULT);
	check("read a key for the kernel", bpf(BPF_MAP_UPDATE_ELEM, &key_at, 0), -EFAULT);
	check("write a value for the kernel", bpf(BPF_MAP_LOOKUP_ELEM, &from, 0), -EFAULT);
	check("write the next key for the kernel", bpf(BPF_MAP_GET_NEXT_KEY, &first, 0), -EFAULT);
	check("read instructions for the kernel", bpf(BPF_PROG_LOAD, &prog, 9), -EFAULT);
	prog.insns = (uint64_t)insns;
	prog.license = at;
	check("read a licence for the kernel", bpf(BPF_PROG_LOAD, &prog, 9), -EFAULT);
	if (at != RAM_END - 3) /* that has room for an empty one */
		check_true("write a log for the kernel", bpf(BPF_PROG_LOAD, &log, 9) < 0);
	check("write information for the kernel", bpf(BPF_OBJ_GET_INFO_BY_FD, &info_at, 0), -EFAULT);
	check("the element", get(0, MAP, 0, &got), 0);
	check("is as it was", (int64_t)got, (int64_t)KEPT);
}

void experiment(void)
{
	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	check("its value", put(0, MAP, 0, KEPT), 0);
	*(volatile uint32_t *)(RAM_END - 4) = 0x41414141; /* no string ends there */
	for (unsigned int i = 0; i < COUNT(bad); i++) {
		functions(bad[i]);
		inside_attr(bad[i]);
	}
	functions(find_arena(RAM_END));
	inside_attr(find_arena(RAM_END));
	inside_attr(find_arena(RAM_END) + 0x7ffff8);
	/* every function there is not, and every register full */
	for (uint64_t fid = 0; fid < 32; fid++)
		check_true("nonsense in all registers",
			   sbi(SBI_EXT_EBPF, fid, -1ul, -1ul, -1ul, -1ul, -1ul, -1ul).value < 1 || fid == 4 ||
				   fid == 5);
	check("close", close_fd(MAP), 0);
}
