// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A Linux module that uses the firmware's eBPF as a kernel of another kind would:
 * SBI calls, nothing of Linux's bpf(2). It attaches one counting program to the
 * addresses it is given and shows the count; what it holds goes with rmmod.
 *
 *	insmod mbpf.ko addresses=0x...,0x...
 *	cat /sys/module/mbpf/parameters/hits
 */
#include <linux/filter.h>
#include <linux/module.h>
#include <asm/csr.h>
#include <asm/sbi.h>

#define __ASSEMBLER__ /* the numbers only: types would need a C library's headers */
#include "sbi_ebpf.h"
#undef __ASSEMBLER__

enum { MAP_FD = 1, PROG_FD, LINK_FD };

#define OWNER (4711 | SBI_EBPF_OWNER_KERNEL_ADDR)

static unsigned long addresses[16];
static unsigned int nr_addresses;
module_param_array(addresses, ulong, &nr_addresses, 0444);

static long ebpf(int function, unsigned long x0, unsigned long x1, unsigned long x2, unsigned long x3, unsigned long x4,
		 unsigned long x5)
{
	struct sbiret ret;

	do {
		cond_resched();
		ret = sbi_ecall(SBI_EXT_EBPF, function, x0, x1, x2, x3, x4, x5);
	} while (ret.value == -SBI_EBPF_ERESTART);
	return ret.value;
}

static long bpf(int cmd, const union bpf_attr *attr, int newfd)
{
	return ebpf(SBI_EXT_EBPF_CALL, cmd, (unsigned long)attr, sizeof(*attr), csr_read(CSR_SATP), OWNER, newfd);
}

static long make_map(void)
{
	const union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};

	return bpf(BPF_MAP_CREATE, &attr, MAP_FD);
}

static long make_program(void)
{
	const struct bpf_insn insns[] = {
		BPF_ST_MEM(BPF_W, BPF_REG_10, -4, 0),
		BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -4),
		BPF_LD_MAP_FD(BPF_REG_1, MAP_FD),
		BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 2),
		BPF_MOV64_IMM(BPF_REG_1, 1),
		BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_0, BPF_REG_1, 0),
		BPF_MOV64_IMM(BPF_REG_0, 0),
		BPF_EXIT_INSN(),
	};
	const union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_KPROBE,
				     .insn_cnt = ARRAY_SIZE(insns),
				     .insns = (unsigned long)insns,
				     .license = (unsigned long)"GPL"};

	return bpf(BPF_PROG_LOAD, &attr, PROG_FD);
}

static long attach(void)
{
	union bpf_attr attr = {};

	attr.link_create.prog_fd = PROG_FD;
	attr.link_create.attach_type = BPF_TRACE_KPROBE_MULTI;
	attr.link_create.kprobe_multi.cnt = nr_addresses;
	attr.link_create.kprobe_multi.addrs = (unsigned long)addresses;
	return bpf(BPF_LINK_CREATE, &attr, LINK_FD);
}

static int show_hits(char *buffer, const struct kernel_param *param)
{
	u32 key = 0;
	u64 value = 0;
	const union bpf_attr attr = {.map_fd = MAP_FD, .key = (unsigned long)&key, .value = (unsigned long)&value};
	long ret = bpf(BPF_MAP_LOOKUP_ELEM, &attr, 0);

	return ret < 0 ? ret : sysfs_emit(buffer, "%llu\n", value);
}

static const struct kernel_param_ops hits_ops = {.get = show_hits};
module_param_cb(hits, &hits_ops, NULL, 0444);

static int __init mbpf_init(void)
{
	long ret = make_map();

	if (ret >= 0)
		ret = make_program();
	if (ret >= 0)
		ret = attach();
	if (ret < 0)
		ebpf(SBI_EXT_EBPF_EXIT, OWNER, 0, 0, 0, 0, 0);
	return ret < 0 ? ret : 0;
}

static void __exit mbpf_exit(void)
{
	ebpf(SBI_EXT_EBPF_EXIT, OWNER, 0, 0, 0, 0, 0);
}

module_init(mbpf_init);
module_exit(mbpf_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("counts with probes of the firmware");
