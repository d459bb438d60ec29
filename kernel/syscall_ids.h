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
 *    29  ioctl         a0 fd of the console, a1 TIOCSPGRP, a2 int*      0; Ctrl-C interrupts the processes of that job;
 *                                                     job 0: none, Ctrl-C is a byte like any other
 *    61  getdents64    a0 fd of a directory, a1 buffer, a2 size     bytes; 0 at the end. struct linux_dirent64
 *   101  nanosleep     a0 TimeVal* {sec, nsec}        0; waits at least that long (granularity: one tick, 10 ms)
 *   129  kill          a0 pid, a1 signal              0; signal 2 interrupts the process as Ctrl-C does, with any
 *                                                     other it ends with exit code -a1 (or -9 for 0)
 *   134  rt_sigaction  a0 2, a1 handler, a2 return    0; an interrupt calls the function a1(2) in thread 0, with a2 as
 * its return address, where rt_sigreturn must be called; a wait that it ends gives -EINTR. a1 0: it ends the process
 * with code 130; 1: nothing happens. Kept by fork; exec makes it 0 again, but not 1 139  rt_sigreturn  - goes on where
 * the interrupt came 142  reboot        a0 exit status                 the machine powers off; not 0: with "system
 * failure"; REBOOT_RESTART: it starts again 154  setpgid       a0 pid (0: caller) a1 job      0; for the caller or a
 * child; job 0: its pid. A child is in its parent's job 500  debug_ebreak  -                              0 if a
 * breakpoint of the kernel's own arrived in the kernel with the right scause, sepc and stval 501  mem_info      a0 0:
 * free pages, 1: all pages, 2: pages kept for kernel stacks 502  cpu_info      a0 0: hart running the caller, 1: harts
 * in use 503  ebpf_info     a0 SBI_EBPF_INFO_*             what the firmware says of itself; -1: no such index, no
 * firmware 504  ebpf_wait     a0 count, a1 microseconds      waits until the count of the firmware's output events is
 * not a0 (a ring buffer has a record, the trace ring has text), or for that long. The count now, or -EINTR
 */
#ifndef KERNEL_SYSCALL_IDS_H
#define KERNEL_SYSCALL_IDS_H

#include <stdint.h>

/* X(number, name) for each of them: the one list there is. */
#define SYSCALLS(X)                                                                                                    \
	X(35, unlinkat)                                                                                                \
	X(37, linkat) X(56, openat) X(57, close) X(59, pipe2) X(63, read) X(64, write) X(80, fstat) X(93, exit) X(     \
		124, sched_yield) X(140, setpriority) X(169, gettimeofday) X(172, getpid) X(173, getppid) X(178,       \
													    gettid)    \
		X(215, munmap) X(220, clone) X(221, execve) X(222, mmap) X(260, wait4) X(280, bpf) X(400, spawn)       \
			X(401, mailread) X(402, mailwrite) X(410, task_info) X(460, thread_create) X(462, waittid) X(  \
				463, mutex_create) X(464, mutex_lock) X(466, mutex_unlock) X(467, semaphore_create)    \
				X(468, semaphore_up) X(469, enable_deadlock_detect) X(470, semaphore_down)             \
					X(471, condvar_create) X(472, condvar_signal) X(473, condvar_wait) X(23, dup)  \
						X(24, dup3) X(29, ioctl) X(61, getdents64) X(101, nanosleep)           \
							X(129, kill) X(134, rt_sigaction) X(139, rt_sigreturn)         \
								X(142, reboot) X(154, setpgid) X(500, debug_ebreak)    \
									X(501, mem_info) X(502, cpu_info)              \
										X(503, ebpf_info) X(504, ebpf_wait)

#define SYSCALL_NUMBER(number, name) SYS_##name = number,
enum syscall_number { SYSCALLS(SYSCALL_NUMBER) };

#define SYSCALL_MAX 505
#define SYSCALL_COUNTERS 500 /* calls task_info counts */

#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREATE 0x200
#define O_TRUNC 0x400

#define STAT_FILE 0x100000
#define STAT_DIR 0x040000

#define TASK_STATUS_RUNNING 2

#define TIOCSPGRP 0x5410
#define REBOOT_RESTART 0x1234567
#define SIGNAL_INTERRUPT 2
#define EXIT_INTERRUPTED 130

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
