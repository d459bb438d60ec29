/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_PROG_TEST_RUN: one run of a program on a context the caller gives, on this
 * hart, outside any hit. Linux has it for other program types and refuses it for
 * kprobes; here the context is struct ebpf_pt_regs (or ebpf_rcore_ctx), as much of
 * it as ctx_size_in says, the rest 0. There is no packet, so data must be empty,
 * and no repetition: one run is what one call may take.
 */
#include "cmd.h"
#include "kprobe.h"
#include "mem.h"
#include "platform.h"
#include "prog.h"
#include "run.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

_Static_assert(sizeof(struct ebpf_pt_regs) == sizeof(struct ebpf_rcore_ctx), "one buffer for both");

static int check(const union bpf_attr *attr)
{
	if (attr->test.data_size_in || attr->test.data_in || attr->test.data_out || attr->test.data_size_out)
		return -EINVAL;
	if (attr->test.repeat > 1 || attr->test.flags || attr->test.cpu || attr->test.batch_size)
		return -EINVAL;
	if (!attr->test.ctx_in != !attr->test.ctx_size_in || attr->test.ctx_size_out || attr->test.ctx_out)
		return -EINVAL; /* a kprobe's context is read-only: nothing comes back */
	return attr->test.ctx_size_in > sizeof(struct ebpf_pt_regs) ? -E2BIG : 0;
}

static int write_result(const struct ebpf_call *call, uint32_t retval, uint64_t ns)
{
	uint32_t duration = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;

	if (ebpf_copy_to(&call->as, call->attr + offsetof(union bpf_attr, test.retval), &retval, sizeof(retval)))
		return -EFAULT;
	return ebpf_copy_to(&call->as, call->attr + offsetof(union bpf_attr, test.duration), &duration,
			    sizeof(duration));
}

static int run_once(const struct ebpf_call *call, struct ebpf_prog *prog, struct ebpf_pt_regs *ctx)
{
	struct ebpf_run run = {
		.prog = prog,
		.arg = {(uintptr_t)ctx},
		.stack = ebpf_kprobe_stack(),
		.ctx = (uint8_t *)ctx,
		.ctx_size = sizeof(*ctx),
		.budget = EBPF_RUN_BUDGET,
	};
	uint64_t r0 = 0, start;
	int err = write_result(call, 0, 0);

	if (err)
		return err;
	start = ebpf_plat_ktime_ns();
	err = ebpf_run(&run, &r0);
	return err ? err : write_result(call, (uint32_t)r0, ebpf_plat_ktime_ns() - start);
}

int64_t ebpf_cmd_test_run(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct ebpf_pt_regs ctx;
	struct ebpf_obj *obj;
	int err;

	if (call->size < offsetof(union bpf_attr, test.duration) + sizeof(attr->test.duration))
		return -EINVAL;
	obj = ebpf_obj_get(call->owner, attr->test.prog_fd, EBPF_OBJ_PROG, &err);
	if (!obj)
		return err;
	err = ebpf_locks() & SBI_EBPF_LOCK_ATTACH ? -EPERM : check(attr);
	ebpf_memzero(&ctx, sizeof(ctx));
	if (!err && attr->test.ctx_size_in)
		err = ebpf_copy_from(&call->as, &ctx, attr->test.ctx_in, attr->test.ctx_size_in);
	if (!err)
		err = run_once(call, (struct ebpf_prog *)obj, &ctx);
	ebpf_obj_put(obj);
	return err;
}
