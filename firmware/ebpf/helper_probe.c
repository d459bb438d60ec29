/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading kernel and user memory. Never MMIO, never the firmware's own memory
 * (walk.h asks ebpf_plat_phys_ok() for every page), never a fault: what cannot
 * be read is -EFAULT and the destination is zeroed, as in Linux.
 */
#include "helper_impl.h"

#include "mem.h"
#include "platform.h"
#include "task.h"
#include "walk.h"

#define WALK_CHARGE 512u /* bytes' worth of work: translating an address */

static struct ebpf_as kernel_space(void)
{
	return (struct ebpf_as){.satp = ebpf_plat_satp(), .mode = EBPF_AS_KERNEL};
}

/* The current task's user pages; a task without any has satp 0, which is Bare and never a user's (walk.h). */
static struct ebpf_as user_space(void)
{
	return (struct ebpf_as){.satp = ebpf_task_current()->satp, .mode = EBPF_AS_USER};
}

static int read_kernel(struct ebpf_run *run, void *dst, uint64_t size, uint64_t src)
{
	struct ebpf_as as = kernel_space();

	if (ebpf_run_mem_ok(run, src, size, false)) {
		ebpf_memcpy(dst, ebpf_helper_mem(src), size);
		return 0;
	}
	return ebpf_copy_from(&as, dst, src, size);
}

static int read_user(void *dst, uint64_t size, uint64_t src)
{
	struct ebpf_as as = user_space();

	return ebpf_copy_from(&as, dst, src, size);
}

int ebpf_helper_read(struct ebpf_run *run, void *dst, uint64_t size, uint64_t src, int space)
{
	int err = -EFAULT;

	if (!size)
		return 0;
	if (!ebpf_run_pay(run, size + WALK_CHARGE))
		return -ETIMEDOUT;
	if (space & EBPF_READ_KERNEL)
		err = read_kernel(run, dst, size, src);
	if (err && space & EBPF_READ_USER)
		err = read_user(dst, size, src);
	if (err)
		ebpf_memzero(dst, size);
	return err;
}

/* A string in memory of the run itself: as ebpf_copy_string(). -EFAULT if it does not end there. */
static int64_t own_string(struct ebpf_run *run, char *dst, uint64_t size, uint64_t src)
{
	for (uint64_t i = 0; i < size; i++) {
		if (!ebpf_run_mem_ok(run, src + i, 1, false))
			return -EFAULT;
		dst[i] = *(const char *)ebpf_helper_mem(src + i);
		if (!dst[i])
			return (int64_t)i + 1;
	}
	dst[size - 1] = 0;
	return -E2BIG;
}

static int64_t kernel_string(struct ebpf_run *run, char *dst, uint64_t size, uint64_t src)
{
	struct ebpf_as as = kernel_space();

	if (ebpf_run_mem_ok(run, src, 1, false))
		return own_string(run, dst, size, src);
	return ebpf_copy_string(&as, dst, src, size);
}

int64_t ebpf_helper_read_str(struct ebpf_run *run, char *dst, uint64_t size, uint64_t src, int space)
{
	int64_t len = -EFAULT;

	if (!size)
		return 0;
	if (!ebpf_run_pay(run, WALK_CHARGE))
		return -ETIMEDOUT;
	if (space & EBPF_READ_KERNEL)
		len = kernel_string(run, dst, size, src);
	if (len == -EFAULT && space & EBPF_READ_USER) {
		struct ebpf_as as = user_space();

		len = ebpf_copy_string(&as, dst, src, size);
	}
	if (len == -E2BIG)
		len = (int64_t)size;
	if (len < 0)
		ebpf_memzero(dst, size);
	/* how much it was is known only now; byte by byte it is dearer than a copy */
	ebpf_run_pay(run, len < 0 ? size : (uint64_t)len * 8);
	return len;
}

/* r1 destination, r2 size, r3 address */

EBPF_HELPER(probe_read)
{
	return (uint64_t)(int64_t)ebpf_helper_read(run, ebpf_helper_mem(r1), r2, r3, EBPF_READ_ANY);
}

EBPF_HELPER(probe_read_kernel)
{
	return (uint64_t)(int64_t)ebpf_helper_read(run, ebpf_helper_mem(r1), r2, r3, EBPF_READ_KERNEL);
}

EBPF_HELPER(probe_read_user)
{
	return (uint64_t)(int64_t)ebpf_helper_read(run, ebpf_helper_mem(r1), r2, r3, EBPF_READ_USER);
}

EBPF_HELPER(probe_read_str)
{
	return (uint64_t)ebpf_helper_read_str(run, ebpf_helper_mem(r1), r2, r3, EBPF_READ_ANY);
}

EBPF_HELPER(probe_read_kernel_str)
{
	return (uint64_t)ebpf_helper_read_str(run, ebpf_helper_mem(r1), r2, r3, EBPF_READ_KERNEL);
}

EBPF_HELPER(probe_read_user_str)
{
	return (uint64_t)ebpf_helper_read_str(run, ebpf_helper_mem(r1), r2, r3, EBPF_READ_USER);
}

/* Linux keeps all of them for GPL-compatible programs. */
#define ROW(helper_name)                                                                                               \
	{                                                                                                              \
		BPF_FUNC_##helper_name,                                                                                \
		{                                                                                                      \
			.name = #helper_name, .fn = helper_name, .gpl_only = true,                                     \
			.arg = { EBPF_ARG_MEM_UNINIT,                                                                  \
				 EBPF_ARG_SIZE_OR_ZERO,                                                                \
				 EBPF_ARG_ANYTHING }                                                                   \
		}                                                                                                      \
	}

const struct ebpf_helper_row ebpf_helpers_probe[] = {
	ROW(probe_read),
	ROW(probe_read_kernel),
	ROW(probe_read_user),
	ROW(probe_read_str),
	ROW(probe_read_kernel_str),
	ROW(probe_read_user_str),
	{0},
};
