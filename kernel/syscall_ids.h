/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System call numbers and the structures and flags that go with them. The first
 * table is the uCore-Tutorial user library's; a failure is -1 there, except
 * that bpf returns -errno as Linux does. The second table is this kernel's own
 * addition, with Linux's numbers and meaning where Linux has them (but again
 * -1 for failure):
 *
 *    23  dup           a0 fd                          lowest free descriptor for the same file
 *    24  dup3          a0 fd, a1 new fd               new fd, closed first if it is open; a2 is not looked at
 *    61  getdents64    a0 fd of a directory, a1 buffer, a2 size     bytes; 0 at the end. struct linux_dirent64
 *   101  nanosleep     a0 TimeVal* {sec, nsec}        0; waits at least that long (granularity: one tick, 10 ms)
 *   129  kill          a0 pid, a1 signal              0; the process ends with exit code -a1 (or -9 for 0)
 *   142  reboot        a0 exit status                 the machine powers off; not 0: with "system failure"
 *   500  debug_ebreak  -                              0 if a breakpoint of the kernel's own arrived in the kernel
 *                                                     with the right scause, sepc and stval
 *   501  mem_info      a0 0: free pages, 1: all pages, 2: pages kept for kernel stacks
 *   502  cpu_info      a0 0: hart running the caller, 1: harts in use
 *   503  ebpf_info     a0 SBI_EBPF_INFO_*             what the firmware says of itself; -1: no such index, no firmware
 */
#ifndef KERNEL_SYSCALL_IDS_H
#define KERNEL_SYSCALL_IDS_H

#include <stdint.h>

#define SYS_unlinkat 35
#define SYS_linkat 37
#define SYS_openat 56
#define SYS_close 57
#define SYS_pipe2 59
#define SYS_read 63
#define SYS_write 64
#define SYS_fstat 80
#define SYS_exit 93
#define SYS_sched_yield 124
#define SYS_setpriority 140
#define SYS_gettimeofday 169
#define SYS_getpid 172
#define SYS_getppid 173
#define SYS_gettid 178
#define SYS_munmap 215
#define SYS_clone 220
#define SYS_execve 221
#define SYS_mmap 222
#define SYS_wait4 260
#define SYS_bpf 280
#define SYS_spawn 400
#define SYS_mailread 401
#define SYS_mailwrite 402
#define SYS_task_info 410
#define SYS_thread_create 460
#define SYS_waittid 462
#define SYS_mutex_create 463
#define SYS_mutex_lock 464
#define SYS_mutex_unlock 466
#define SYS_semaphore_create 467
#define SYS_semaphore_up 468
#define SYS_enable_deadlock_detect 469
#define SYS_semaphore_down 470
#define SYS_condvar_create 471
#define SYS_condvar_signal 472
#define SYS_condvar_wait 473

#define SYS_dup 23
#define SYS_dup3 24
#define SYS_getdents64 61
#define SYS_nanosleep 101
#define SYS_kill 129
#define SYS_reboot 142
#define SYS_debug_ebreak 500
#define SYS_mem_info 501
#define SYS_cpu_info 502
#define SYS_ebpf_info 503

#define SYSCALL_MAX 504
#define SYSCALL_COUNTERS 500 /* calls task_info counts */

#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREATE 0x200
#define O_TRUNC 0x400

#define STAT_FILE 0x100000
#define STAT_DIR 0x040000

#define TASK_STATUS_RUNNING 2

#define EDEADLOCK_DETECTED (-0xDEAD)

struct user_timeval {
	uint64_t sec, usec;
};

struct user_stat {
	uint64_t dev, ino;
	uint32_t mode, nlink;
	uint64_t pad[7];
};

struct user_task_info {
	int32_t status;
	uint32_t syscall_times[SYSCALL_COUNTERS];
	int32_t time;
};

struct user_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type; /* 8 = regular file */
	char name[];
};

_Static_assert(sizeof(struct user_timeval) == 16, "user ABI");
_Static_assert(sizeof(struct user_stat) == 80, "user ABI");
_Static_assert(sizeof(struct user_task_info) == 2008, "user ABI");

#endif
