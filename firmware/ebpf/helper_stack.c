/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf_get_stackid() and bpf_get_stack(): the kernel's call chain at the probe, by
 * frame pointers. RISC-V kernels built with them keep the return address at fp - 8
 * and the caller's fp at fp - 16. Whatever the frames hold, the walk ends: each
 * frame must lie above the one before, and no more than EBPF_MAX_STACK_DEPTH are
 * followed. The chain of the current task's user space (BPF_F_USER_STACK) begins
 * with the registers it entered the kernel with, if its kernel tells where they
 * are (struct ebpf_task_area), and each frame is read as user memory.
 */
#include "helper_impl.h"

#include "kprobe.h"
#include "limits.h"
#include "map_stack_trace.h"
#include "mem.h"
#include "probe.h"
#include "task.h"
#include "uapi/bpf.h"

#define FRAME_MAX (1u << 20) /* bytes of one frame */

struct frame {
	uint64_t fp, ra;
};

struct chain {
	uint64_t ip[EBPF_MAX_STACK_DEPTH];
	uint32_t nr, skip;
};

static void add(struct chain *chain, uint64_t ip)
{
	if (chain->skip)
		chain->skip--;
	else if (chain->nr < EBPF_MAX_STACK_DEPTH)
		chain->ip[chain->nr++] = ip;
}

/* Frame after frame, each above the one before. */
static void follow(struct ebpf_run *run, struct chain *chain, uint64_t fp, int space)
{
	struct frame frame;

	for (uint32_t n = 0; n < EBPF_MAX_STACK_DEPTH && !(fp & 7); n++) {
		uint64_t last = fp;

		if (ebpf_helper_read(run, &frame, sizeof(frame), fp - sizeof(frame), space) || !frame.ra)
			break;
		add(chain, frame.ra);
		fp = frame.fp;
		if (fp <= last || fp - last > FRAME_MAX)
			break;
	}
}

/*
 * Is the probed instruction the one that makes the frame (addi sp, sp, -n)? Then
 * fp is still the caller's, and the return address is only in ra.
 */
static bool before_frame(const struct ebpf_run *run)
{
	const struct rv_insn *insn;

	if (!run->hit || !run->hit->attachment || !run->hit->attachment->probe ||
	    run->hit->attachment->kind == EBPF_ATTACH_KRETPROBE)
		return false;
	insn = &run->hit->attachment->probe->insn;
	return insn->rd == 2 && insn->rs1 == 2 && insn->imm < 0;
}

/* The registers of the probe: what the context of a program of Linux's ABI is. */
static int walk(struct ebpf_run *run, struct chain *chain)
{
	const struct ebpf_pt_regs *regs = (const struct ebpf_pt_regs *)(const void *)run->ctx;

	if (!regs || run->ctx_size < sizeof(*regs))
		return -EINVAL;
	add(chain, regs->epc);
	if (before_frame(run))
		add(chain, regs->x[0]);
	follow(run, chain, regs->x[7], EBPF_READ_KERNEL);
	return 0;
}

/* A leaf has saved its caller's fp where others have the return address, which is still in ra. */
static bool is_leaf(uint64_t fp, const struct frame *frame)
{
	return !(frame->ra & 7) && frame->ra > fp && frame->ra - fp <= FRAME_MAX;
}

static int walk_user(struct ebpf_run *run, struct chain *chain)
{
	const struct ebpf_task_area *task = ebpf_task_current();
	uint64_t regs[8], pc, fp; /* x1 to x8 */
	struct frame frame;

	if (!task->user_regs || !task->user_pc ||
	    ebpf_helper_read(run, &pc, sizeof(pc), task->user_pc, EBPF_READ_KERNEL) ||
	    ebpf_helper_read(run, regs, sizeof(regs), task->user_regs, EBPF_READ_KERNEL))
		return -EFAULT;
	add(chain, pc);
	fp = regs[7];
	if (!(fp & 7) && !ebpf_helper_read(run, &frame, sizeof(frame), fp - sizeof(frame), EBPF_READ_USER) &&
	    is_leaf(fp, &frame)) {
		add(chain, regs[0]);
		fp = frame.ra;
	}
	follow(run, chain, fp, EBPF_READ_USER);
	return 0;
}

static int collect(struct ebpf_run *run, struct chain *chain, uint64_t flags)
{
	int err;

	chain->nr = 0;
	chain->skip = (uint32_t)(flags & BPF_F_SKIP_FIELD_MASK);
	err = flags & BPF_F_USER_STACK ? walk_user(run, chain) : walk(run, chain);
	return err || chain->nr ? err : -EFAULT;
}

/* r1 context, r2 map, r3 flags */
EBPF_HELPER(get_stackid)
{
	const uint64_t known = BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_FAST_STACK_CMP | BPF_F_REUSE_STACKID;
	struct ebpf_map *map = ebpf_run_map(run, r2);
	struct chain chain;
	int err;

	if (map->type != BPF_MAP_TYPE_STACK_TRACE || r3 & ~known)
		return EBPF_ERR(EINVAL);
	err = collect(run, &chain, r3);
	if (err)
		return (uint64_t)(int64_t)err;
	return (uint64_t)ebpf_stack_trace_put(map, chain.ip, chain.nr, r3);
}

/* r1 context, r2 buffer, r3 its size, r4 flags. Bytes stored; the rest of the buffer is zero. */
EBPF_HELPER(get_stack)
{
	char *buf = ebpf_helper_mem(r2);
	struct chain chain;
	uint64_t len;
	int err;

	if (r4 & ~(uint64_t)(BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK) || r3 % 8)
		err = -EINVAL;
	else
		err = ebpf_run_pay(run, r3) ? collect(run, &chain, r4) : -ETIMEDOUT;
	if (err) {
		ebpf_memzero(buf, r3);
		return (uint64_t)(int64_t)err;
	}
	len = chain.nr * sizeof(chain.ip[0]);
	if (len > r3)
		len = r3;
	ebpf_memcpy(buf, chain.ip, len);
	ebpf_memzero(buf + len, r3 - len);
	return len;
}

const struct ebpf_helper_row ebpf_helpers_stack[] = {
	{BPF_FUNC_get_stackid,
	 {.name = "get_stackid",
	  .fn = get_stackid,
	  .gpl_only = true,
	  .arg = {EBPF_ARG_CTX, EBPF_ARG_CONST_MAP_PTR, EBPF_ARG_ANYTHING}}},
	{BPF_FUNC_get_stack,
	 {.name = "get_stack",
	  .fn = get_stack,
	  .gpl_only = true,
	  .arg = {EBPF_ARG_CTX, EBPF_ARG_MEM_UNINIT, EBPF_ARG_SIZE_OR_ZERO, EBPF_ARG_ANYTHING}}},
	{0},
};
