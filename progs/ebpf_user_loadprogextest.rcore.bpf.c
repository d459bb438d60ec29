/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of ebpf_user_loadprogextest: at each hit, prints what was hit,
 * where, by whom, and all registers.
 */
#include <rcore.h>

int dump_hit(struct ebpf_rcore_ctx *ctx)
{
	rcore_printk("bpf prog triggered!\n");
	if (ctx->ptype == EBPF_RCORE_KPROBE)
		rcore_printk("kprobe\t");
	else if (ctx->ptype == EBPF_RCORE_KRETPROBE_ENTRY)
		rcore_printk("kretprobe@entry\t");
	else
		rcore_printk("kretprobe@exit\t");
	rcore_printk("addr = {}\n", ctx->paddr);
	rcore_printk("vcpu id: {}\n", bpf_get_smp_processor_id());
	rcore_printk("pid: {}\n", bpf_get_current_pid_tgid() >> 32);
	rcore_printk("print registers\n");
	for (int i = 0; i < 32; i++) {
		if (i < 10)
			rcore_printk("r{}  = {}\n", i, ctx->x[i]);
		else
			rcore_printk("r{} = {}\n", i, ctx->x[i]);
	}
	return 0;
}
