/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eBPF from below: bpf.h. Nothing here looks into what a program asks for, with
 * one exception: BPF_PROG_LOAD_EX hands over an ELF file, and those are never
 * parsed in M-mode, so load_ex.c takes it apart and makes ordinary calls of it.
 */
#include "bpf.h"
#include "../firmware/ebpf/uapi/bpf.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "cpu.h"
#include "file.h"
#include "kvm.h"
#include "../lib/load_ex.h"
#include "page.h"
#include "printk.h"
#include "proc.h"
#include "sbi.h"
#include "sbi_ebpf.h"
#include "string.h"
#include "syscall.h"
#include "trapframe.h"

#define LOAD_EX_ATTR_SIZE 24 /* up to and including the map array's address */

extern char kretprobe_trampoline[];

bool have_ebpf;

void bpf_init(void)
{
	long version = sbi_probe_extension(SBI_EXT_EBPF);
	const void *table;
	int64_t ret;
	uint64_t size;

	if (version >> 16 != SBI_EBPF_VERSION_MAJOR) {
		printk(LOG_INFO, "firmware without the BPF extension: bpf(2) answers -ENOSYS\n");
		return;
	}
	have_ebpf = true;
	table = ksym_table(&size);
	ret = sbi_ebpf_set_symbols(kernel_virt_to_phys(table), size);
	if (ret < 0)
		printk(LOG_WARN, "bpf: symbol table refused: error %ld; probes by name will not work\n", ret);
	ret = sbi_ebpf_set_return_trampoline((uint64_t)kretprobe_trampoline);
	if (ret < 0)
		printk(LOG_WARN, "bpf: return trampoline refused: error %ld; no kretprobes\n", ret);
	printk(LOG_INFO, "bpf: extension %ld.%ld, arena %ld KiB, isolation level %ld\n", version >> 16,
	       version & 0xffff, sbi_ebpf_get_info(SBI_EBPF_INFO_ARENA_SIZE) / 1024,
	       sbi_ebpf_get_info(SBI_EBPF_INFO_ISOLATION));
}

void bpf_init_hart(void)
{
	struct cpu *c = this_cpu();
	int64_t ret;

	if (!have_ebpf)
		return;
	bpf_task_switch(c, NULL);
	ret = sbi_ebpf_set_task_area(kernel_virt_to_phys(&c->area), SBI_EBPF_TASK_TRACE_IRQ);
	if (ret < 0)
		printk(LOG_WARN, "bpf: task area of hart %lu refused: error %ld\n", c->hartid, ret);
}

/*
 * Forward one call until it is done. Interrupts are on, so they are taken between
 * two slices; a process that has to end stops asking.
 */
static int64_t call(struct proc *p, uint64_t cmd, uint64_t attr, uint64_t size, bool kernel_addresses, int newfd)
{
	uint64_t owner = (uint64_t)p->pid | (kernel_addresses ? SBI_EBPF_OWNER_KERNEL_ADDR : 0);
	uint64_t satp = kernel_addresses ? kernel_satp : p->vm.satp;
	int64_t ret;

	do
		ret = sbi_ebpf_call(cmd, attr, size, satp, owner, (uint64_t)(int64_t)newfd);
	while (ret == -SBI_EBPF_ERESTART && !proc_must_end(current()));
	return ret;
}

void *load_ex_alloc(size_t size)
{
	return page_alloc_size(size);
}

void load_ex_free(void *ptr)
{
	page_put(ptr);
}

int load_ex_copy_in(void *dst, uint64_t user_src, size_t size)
{
	return copyin(&current_proc()->vm, dst, user_src, size);
}

int load_ex_get_fd(void)
{
	int fd = fd_reserve(current_proc());

	return fd < 0 ? -EMFILE : fd;
}

/* What the loader made for itself is not the program's to see: the number was only ever reserved. */
void load_ex_put_fd(int fd)
{
	bpf_fd_close(current_proc()->pid, fd);
	fd_unreserve(current_proc(), fd);
}

int64_t load_ex_bpf(uint32_t cmd, union bpf_attr *attr, int newfd)
{
	return call(current_proc(), cmd, (uint64_t)attr, sizeof(*attr), true, newfd);
}

static int64_t forward_load_ex(struct proc *p, uint64_t attr_va, uint64_t size, int newfd)
{
	union bpf_attr attr;

	if (size < LOAD_EX_ATTR_SIZE || size > sizeof(attr))
		return size < LOAD_EX_ATTR_SIZE ? -EINVAL : -E2BIG;
	memset(&attr, 0, sizeof(attr));
	if (copyin(&p->vm, &attr, attr_va, size) != 0)
		return -EFAULT;
	return newfd < 0 ? -EMFILE : load_ex(&attr, newfd);
}

int64_t sys_bpf(uint64_t cmd, uint64_t attr_va, uint64_t size)
{
	struct proc *p = current_proc();
	int64_t ret;
	int newfd;

	if (!have_ebpf)
		return -ENOSYS;
	newfd = fd_reserve(p); /* -1: a command that makes an object is refused */
	if (cmd == BPF_PROG_LOAD_EX)
		ret = forward_load_ex(p, attr_va, size, newfd);
	else
		ret = call(p, cmd, attr_va, size, false, newfd);
	/* The firmware reads the page table as it is; we fill pages when they are touched. So fill them, once. */
	if (ret == -EFAULT && cmd != BPF_PROG_LOAD_EX && uvm_populate(&p->vm) == 0)
		ret = call(p, cmd, attr_va, size, false, newfd);
	if (newfd >= 0 && ret == newfd)
		fd_make_bpf(p, newfd);
	else if (newfd >= 0)
		fd_unreserve(p, newfd);
	return ret;
}

int bpf_fd_close(int pid, int fd)
{
	return (int)sbi_ebpf_close((uint64_t)pid, (uint64_t)fd);
}

int bpf_fd_dup(int pid, int fd, int new_pid, int new_fd)
{
	return (int)sbi_ebpf_dup((uint64_t)pid, (uint64_t)fd, (uint64_t)new_pid, (uint64_t)new_fd);
}

void bpf_proc_exit(int pid)
{
	if (have_ebpf)
		sbi_ebpf_exit((uint64_t)pid);
}

/* The firmware looks at the record from a trap on this hart: the order of the stores is all that matters. */
void bpf_task_switch(struct cpu *c, const struct thread *t)
{
	struct ebpf_task_area *a = &c->area;

	a->seq++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	a->pid = t ? t->id : 0;
	a->tgid = t ? (uint32_t)t->proc->pid : 0;
	a->task = (uint64_t)t;
	a->satp = t ? t->proc->vm.satp : 0;
	a->user_regs = t ? (uint64_t)&t->tf->x[1] : 0;
	a->user_pc = t ? (uint64_t)&t->tf->epc : 0;
	strcopy(a->comm, t ? t->proc->name : "idle", sizeof(a->comm));
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	a->seq++;
}

void bpf_task_update(void)
{
	push_off();
	if (current())
		bpf_task_switch(this_cpu(), current());
	pop_off();
}

int64_t sys_ebpf_info(uint64_t index)
{
	int64_t ret = have_ebpf ? sbi_ebpf_get_info(index) : -1;

	return ret < 0 ? -1 : ret;
}
