/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel half of coretest: types of our own making, laid out quite differently from
 * the kernel's of those names. Every number the probe gets right has been corrected
 * when it was loaded.
 */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "coretest.h"

/* struct proc with three of its members, in another order, one of another width, and one that there is not */
struct proc___mine {
	char name[16];
	long no_such_member;
	struct proc___mine *parent;
	int pid;
	int priority; /* 64 bits in the kernel */
} __attribute__((preserve_access_index));

struct thread___mine {
	struct proc___mine *proc;
} __attribute__((preserve_access_index));

struct no_such_struct {
	int x;
} __attribute__((preserve_access_index));

enum thread_state___mine {
	NO_SUCH_STATE___mine = 1,
	THREAD_SLEEPING___mine = 77,
};

struct answers got;
const volatile bool go_wrong; /* then the program reads what there is not */

SEC("kprobe/sys_getpid")
int on_getpid(struct pt_regs *ctx)
{
	struct thread___mine *thread = (void *)bpf_get_current_task();
	struct proc___mine *proc = BPF_CORE_READ(thread, proc);

	got.pid = BPF_CORE_READ(proc, pid);
	got.parent_pid = BPF_CORE_READ(proc, parent, pid);
	BPF_CORE_READ_STR_INTO(&got.name, proc, name);
	got.has_pid = bpf_core_field_exists(proc->pid);
	got.has_none = bpf_core_field_exists(proc->no_such_member);
	got.has_struct = bpf_core_type_exists(struct proc___mine);
	got.has_no_struct = bpf_core_type_exists(struct no_such_struct);
	got.size_of_proc = bpf_core_type_size(struct proc___mine);
	got.size_of_priority = bpf_core_field_size(proc->priority);
	got.offset_of_pid = __builtin_preserve_field_info(proc->pid, BPF_FIELD_BYTE_OFFSET);
	got.sleeping = bpf_core_enum_value(enum thread_state___mine, THREAD_SLEEPING___mine);
	got.has_sleeping = bpf_core_enum_value_exists(enum thread_state___mine, THREAD_SLEEPING___mine);
	got.has_no_state = bpf_core_enum_value_exists(enum thread_state___mine, NO_SUCH_STATE___mine);
	if (bpf_core_field_exists(proc->no_such_member) || go_wrong)
		got.pid = BPF_CORE_READ(proc, no_such_member);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
