/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls. Each is a C function sys_<name> with the arguments in a0..a5 in
 * the order of the user's registers, never inlined and entered exactly once per
 * call: a probe on its name sees every call and its arguments.
 */
#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H

#include "syscall_ids.h"

#include <stdint.h>

struct trapframe;

void syscall_dispatch(struct trapframe *tf);

int64_t sys_openat(uint64_t path, uint64_t flags, uint64_t mode);
int64_t sys_close(uint64_t fd);
int64_t sys_read(uint64_t fd, uint64_t buf, uint64_t len);
int64_t sys_write(uint64_t fd, uint64_t buf, uint64_t len);
int64_t sys_fstat(uint64_t fd, uint64_t stat);
int64_t sys_pipe2(uint64_t fds);
int64_t sys_dup(uint64_t fd);
int64_t sys_dup3(uint64_t fd, uint64_t new_fd);
int64_t sys_linkat(uint64_t old_dir, uint64_t old_path, uint64_t new_dir, uint64_t new_path);
int64_t sys_unlinkat(uint64_t dir, uint64_t path);
int64_t sys_ioctl(uint64_t fd, uint64_t request, uint64_t arg);
int64_t sys_getdents64(uint64_t fd, uint64_t buf, uint64_t size);

int64_t sys_exit(uint64_t code);
int64_t sys_sched_yield(void);
int64_t sys_setpriority(uint64_t prio);
int64_t sys_gettimeofday(uint64_t tv, uint64_t tz);
int64_t sys_nanosleep(uint64_t tv);
int64_t sys_getpid(void);
int64_t sys_getppid(void);
int64_t sys_gettid(void);
int64_t sys_clone(void);
int64_t sys_execve(uint64_t path, uint64_t argv);
int64_t sys_wait4(uint64_t pid, uint64_t status);
int64_t sys_spawn(uint64_t path);
int64_t sys_kill(uint64_t pid, uint64_t signal);
int64_t sys_setpgid(uint64_t pid, uint64_t job);
int64_t sys_rt_sigaction(uint64_t signal, uint64_t handler, uint64_t after);
int64_t sys_rt_sigreturn(void);
int64_t sys_mmap(uint64_t start, uint64_t len, uint64_t prot);
int64_t sys_munmap(uint64_t start, uint64_t len);
int64_t sys_task_info(uint64_t info);
int64_t sys_mailread(uint64_t buf, uint64_t len);
int64_t sys_mailwrite(uint64_t pid, uint64_t buf, uint64_t len);
int64_t sys_bpf(uint64_t cmd, uint64_t attr, uint64_t size);
int64_t sys_reboot(uint64_t status);
int64_t sys_debug_ebreak(void);
int64_t sys_mem_info(uint64_t which);
int64_t sys_ebpf_info(uint64_t index);
int64_t sys_ebpf_wait(uint64_t count, uint64_t us);
int64_t sys_cpu_info(uint64_t which);

int64_t sys_thread_create(uint64_t entry, uint64_t arg);
int64_t sys_waittid(uint64_t tid);
int64_t sys_mutex_create(uint64_t blocking);
int64_t sys_mutex_lock(uint64_t id);
int64_t sys_mutex_unlock(uint64_t id);
int64_t sys_semaphore_create(uint64_t count);
int64_t sys_semaphore_up(uint64_t id);
int64_t sys_semaphore_down(uint64_t id);
int64_t sys_enable_deadlock_detect(uint64_t on);
int64_t sys_condvar_create(void);
int64_t sys_condvar_signal(uint64_t id);
int64_t sys_condvar_wait(uint64_t id, uint64_t mutex);

#endif
