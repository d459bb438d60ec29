/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The core's front (call.h): takes the control lock where one is needed, finds
 * the command, and cuts long work into slices. Registers, SBI errors and the
 * hart's own affairs are the seam's; what a command does is cmd_*.c's.
 */
#include "call.h"

#include "cmd.h"
#include "helper.h"
#include "kprobe.h"
#include "limits.h"
#include "obj.h"
#include "platform.h"
#include "prog.h"
#include "selfcheck.h"
#include "symtab.h"
#include "trace.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"
#include "walk.h"

#define ALL_LOCKS                                                                                                      \
	(SBI_EBPF_LOCK_LOAD | SBI_EBPF_LOCK_ATTACH | SBI_EBPF_LOCK_DETACH | SBI_EBPF_LOCK_TRACE_READ |                 \
	 SBI_EBPF_LOCK_UNPRIV | SBI_EBPF_LOCK_LEAKS)
/* The least that closing one descriptor takes; what it did take is measured as well */
#define CLOSE_MAP_COST 1000
#define CLOSE_COST 10000
#define CHECK_SHARE 64u	     /* of the self-check, for a call that does nothing else */
#define TRACE_CHUNK 256u     /* bytes of trace output copied at once */
#define TRACE_READ_MAX 4096u /* bytes one call delivers */

int ebpf_init(void *arena, size_t size)
{
	int err;

	ebpf_arena_init(arena, size);
	ebpf_symtab_init();
	err = ebpf_obj_init();
	if (!err)
		err = ebpf_trace_init();
	if (!err)
		err = ebpf_kprobe_init(size);
	ebpf_helper_init();
	ebpf_cmd_init();
	ebpf_selfcheck_init();
	return err;
}

/* Who asks for the rounds wants them to go on: a slice as large as a call may be. */
static int64_t selfcheck_info(uint64_t index)
{
	if (index == SBI_EBPF_INFO_DAMAGE)
		return (int64_t)ebpf_selfcheck_damage();
	if (index == SBI_EBPF_INFO_TAMPERED)
		return (int64_t)ebpf_selfcheck_tampered();
	if (ebpf_control_trylock()) {
		ebpf_selfcheck_slice(CHECK_SHARE);
		ebpf_control_unlock();
	}
	return (int64_t)ebpf_selfcheck_rounds();
}

int64_t ebpf_call_info(uint64_t index)
{
	switch (index) {
	case SBI_EBPF_INFO_VERSION:
		return SBI_EBPF_VERSION;
	case SBI_EBPF_INFO_FEATURES:
		return SBI_EBPF_FEATURE_RCORE | (EBPF_VERIFIER ? SBI_EBPF_FEATURE_VERIFIER : 0) |
		       (EBPF_ALWAYS_CHECKED || !EBPF_VERIFIER ? SBI_EBPF_FEATURE_CHECKED : 0) |
		       (int64_t)ebpf_policy_allow;
	case SBI_EBPF_INFO_ARENA_SIZE:
		return (int64_t)ebpf_arena_size();
	case SBI_EBPF_INFO_ARENA_FREE:
		return (int64_t)ebpf_arena_free_bytes();
	case SBI_EBPF_INFO_STAY_BOUND:
		return EBPF_STAY_BOUND;
	case SBI_EBPF_INFO_MAX_INSNS:
		return EBPF_MAX_INSNS;
	case SBI_EBPF_INFO_RUN_BUDGET:
		return EBPF_RUN_BUDGET;
	case SBI_EBPF_INFO_MAX_PROBES:
		return ebpf_kprobe_capacity();
	case SBI_EBPF_INFO_ARMED_PROBES:
		return ebpf_kprobe_armed();
	case SBI_EBPF_INFO_HITS:
		return (int64_t)ebpf_kprobe_hits();
	case SBI_EBPF_INFO_ABORTED_RUNS:
		return (int64_t)ebpf_prog_aborts();
	case SBI_EBPF_INFO_MISSED:
		return (int64_t)ebpf_kprobe_missed();
	case SBI_EBPF_INFO_TRACE_DROPPED:
		return (int64_t)ebpf_trace_dropped();
	case SBI_EBPF_INFO_OBJECTS:
		return ebpf_obj_count();
	case SBI_EBPF_INFO_HARTS:
		return ebpf_plat_hart_count();
	case SBI_EBPF_INFO_LOCKS:
		return (int64_t)ebpf_locks();
	case SBI_EBPF_INFO_CHECKS:
	case SBI_EBPF_INFO_DAMAGE:
	case SBI_EBPF_INFO_TAMPERED:
		return selfcheck_info(index);
	default:
		return -EINVAL;
	}
}

/* Whose descriptors, and which pages: uapi/sbi_ebpf.h, SBI_EBPF_OWNER_KERNEL_ADDR. */
static uint64_t owner_id(uint64_t owner)
{
	return owner & SBI_EBPF_OWNER_ID;
}

/* May not make objects or get hold of others'. The kernel itself always may. */
static bool unprivileged(uint64_t owner)
{
	return (owner & SBI_EBPF_OWNER_UNPRIV) || (owner_id(owner) && (ebpf_locks() & SBI_EBPF_LOCK_UNPRIV));
}

static int64_t run_cmd(const struct ebpf_cmd *cmd, const struct ebpf_call *call)
{
	union bpf_attr attr;
	int err;

	if (cmd->maker)
		return ebpf_work_call(call, cmd->maker, cmd->attr_end);
	err = ebpf_cmd_copy_attr(call, cmd->attr_end, &attr);
	return err ? err : cmd->run(call, &attr);
}

int64_t ebpf_call_bpf(uint32_t cmd_nr, uint64_t attr, uint64_t size, uint64_t satp, uint64_t owner, uint64_t newfd)
{
	const struct ebpf_cmd *cmd = ebpf_cmd_of(cmd_nr);
	struct ebpf_call call = {
		.cmd = cmd_nr,
		.attr = attr,
		.size = size,
		.owner = owner_id(owner),
		.newfd = newfd,
		.as = {.satp = satp, .mode = EBPF_AS_USER},
	};
	int64_t result;

	if (owner_id(owner) == 0 || owner & SBI_EBPF_OWNER_KERNEL_ADDR)
		call.as.mode = EBPF_AS_KERNEL;
	if (!cmd) {
		union bpf_attr unused;
		int err = ebpf_cmd_copy_attr(&call, 0, &unused);

		return err ? err : -EINVAL;
	}
	if (!cmd->any && unprivileged(owner))
		return -EPERM;
	if (!cmd->maker && !cmd->control)
		return run_cmd(cmd, &call);

	if (!ebpf_control_trylock())
		return -ERESTART;
	result = run_cmd(cmd, &call);
	ebpf_selfcheck_slice(1);
	ebpf_control_unlock();
	return result;
}

/* One descriptor, whatever it is: an object's, or a number reserved for one. */
static bool close_entry(struct ebpf_fd *entry)
{
	return entry->work ? ebpf_work_drop(entry->work) : ebpf_fd_close(entry);
}

/* Programs let go of maps, links of probes: those take longer. */
static int64_t close_cost(const struct ebpf_fd *entry)
{
	return entry->obj && entry->obj->type == EBPF_OBJ_MAP ? CLOSE_MAP_COST : CLOSE_COST;
}

int64_t ebpf_call_close(uint64_t owner, uint64_t fd)
{
	struct ebpf_fd *entry;
	int64_t result = -EBADF;

	if (!ebpf_control_trylock())
		return -ERESTART;
	entry = ebpf_fd_find(owner_id(owner), fd);
	if (entry)
		result = close_entry(entry) ? 0 : -ERESTART;
	ebpf_control_unlock();
	return result;
}

static int64_t dup_locked(uint64_t owner, uint64_t fd, uint64_t newowner, uint64_t newfd)
{
	struct ebpf_fd *from = ebpf_fd_find(owner, fd), *to;
	int err;

	if (!from || !from->obj)
		return -EBADF;
	to = ebpf_fd_new(newowner, newfd, &err);
	if (!to)
		return err;
	ebpf_fd_share(to, from->obj);
	return (int64_t)newfd;
}

int64_t ebpf_call_dup(uint64_t owner, uint64_t fd, uint64_t newowner, uint64_t newfd)
{
	int64_t result;

	if (!ebpf_control_trylock())
		return -ERESTART;
	result = dup_locked(owner_id(owner), fd, owner_id(newowner), newfd);
	ebpf_control_unlock();
	return result;
}

int64_t ebpf_call_exit(uint64_t owner)
{
	int64_t credit = EBPF_WORK_CREDIT, result = 0;
	struct ebpf_fd *entry;

	if (!ebpf_control_trylock())
		return -ERESTART;
	while ((entry = ebpf_fd_first(owner_id(owner)))) {
		uint64_t start = ebpf_plat_insns();

		credit -= close_cost(entry);
		if (credit <= 0 || !close_entry(entry)) {
			result = -ERESTART;
			break;
		}
		credit -= (int64_t)(ebpf_plat_insns() - start);
	}
	ebpf_selfcheck_slice(1);
	ebpf_control_unlock();
	return result;
}

int64_t ebpf_call_set_symbols(uint64_t pa, uint64_t size)
{
	int64_t result = -EPERM;

	if (!ebpf_control_trylock())
		return -ERESTART;
	if (!(ebpf_locks() & SBI_EBPF_LOCK_ATTACH))
		result = ebpf_symtab_set(pa, size);
	ebpf_control_unlock();
	return result;
}

int64_t ebpf_call_set_trampoline(uint64_t va)
{
	int64_t result = -EPERM;

	if (!ebpf_control_trylock())
		return -ERESTART;
	if (!(ebpf_locks() & SBI_EBPF_LOCK_ATTACH))
		result = ebpf_kprobe_set_trampoline(va);
	ebpf_control_unlock();
	return result;
}

/* Deliver what there is, at most `size` bytes. What could not be delivered stays in the ring. */
static int64_t drain_trace(const struct ebpf_as *as, uint64_t buf, uint64_t size)
{
	char chunk[TRACE_CHUNK];
	uint64_t done = 0;

	if (size > TRACE_READ_MAX)
		size = TRACE_READ_MAX;
	while (done < size) {
		uint64_t want = size - done < sizeof(chunk) ? size - done : sizeof(chunk);
		size_t len = ebpf_trace_peek(chunk, want);

		if (!len)
			break;
		if (ebpf_copy_to(as, buf + done, chunk, len))
			return done ? (int64_t)done : -EFAULT;
		ebpf_trace_consume(len);
		done += len;
	}
	return (int64_t)done;
}

int64_t ebpf_call_trace_read(uint64_t buf, uint64_t size, uint64_t satp)
{
	/* The kernel's own buffer: it decides which of its processes may read the log. */
	struct ebpf_as as = {.satp = satp, .mode = EBPF_AS_KERNEL};
	int64_t result = -EPERM;

	if (!ebpf_control_trylock())
		return -ERESTART;
	if (!(ebpf_locks() & SBI_EBPF_LOCK_TRACE_READ))
		result = drain_trace(&as, buf, size);
	ebpf_selfcheck_slice(1);
	ebpf_control_unlock();
	return result;
}

int64_t ebpf_call_lock(uint64_t flags)
{
	if (flags & ~(uint64_t)ALL_LOCKS)
		return -EINVAL;
	ebpf_locks_set(flags);
	return (int64_t)ebpf_locks();
}
