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

/*
 * X(number, name, arguments in a0, a1 ...) for each of them: the one list there
 * is. The kernel's functions sys_<name> and their table are made from it.
 */
/* clang-format off */
#define SYSCALLS(X) \
	X(23, dup, uint64_t fd) \
	X(24, dup3, uint64_t fd, uint64_t new_fd) \
	X(29, ioctl, uint64_t fd, uint64_t request, uint64_t arg) \
	X(35, unlinkat, uint64_t dir, uint64_t path) \
	X(37, linkat, uint64_t old_dir, uint64_t old_path, uint64_t new_dir, uint64_t new_path) \
	X(56, openat, uint64_t path, uint64_t flags, uint64_t mode) \
	X(57, close, uint64_t fd) \
	X(59, pipe2, uint64_t fds) \
	X(61, getdents64, uint64_t fd, uint64_t buf, uint64_t size) \
	X(63, read, uint64_t fd, uint64_t buf, uint64_t len) \
	X(64, write, uint64_t fd, uint64_t buf, uint64_t len) \
	X(80, fstat, uint64_t fd, uint64_t stat) \
	X(93, exit, uint64_t code) \
	X(101, nanosleep, uint64_t tv) \
	X(124, sched_yield, void) \
	X(129, kill, uint64_t pid, uint64_t signal) \
	X(134, rt_sigaction, uint64_t signal, uint64_t handler, uint64_t after) \
	X(139, rt_sigreturn, void) \
	X(140, setpriority, uint64_t prio) \
	X(142, reboot, uint64_t status) \
	X(154, setpgid, uint64_t pid, uint64_t job) \
	X(169, gettimeofday, uint64_t tv, uint64_t tz) \
	X(172, getpid, void) \
	X(173, getppid, void) \
	X(178, gettid, void) \
	X(215, munmap, uint64_t start, uint64_t len) \
	X(220, clone, void) \
	X(221, execve, uint64_t path, uint64_t argv) \
	X(222, mmap, uint64_t start, uint64_t len, uint64_t prot) \
	X(260, wait4, uint64_t pid, uint64_t status) \
	X(280, bpf, uint64_t cmd, uint64_t attr, uint64_t size) \
	X(400, spawn, uint64_t path) \
	X(401, mailread, uint64_t buf, uint64_t len) \
	X(402, mailwrite, uint64_t pid, uint64_t buf, uint64_t len) \
	X(410, task_info, uint64_t info) \
	X(460, thread_create, uint64_t entry, uint64_t arg) \
	X(462, waittid, uint64_t tid) \
	X(463, mutex_create, uint64_t blocking) \
	X(464, mutex_lock, uint64_t id) \
	X(466, mutex_unlock, uint64_t id) \
	X(467, semaphore_create, uint64_t count) \
	X(468, semaphore_up, uint64_t id) \
	X(469, enable_deadlock_detect, uint64_t on) \
	X(470, semaphore_down, uint64_t id) \
	X(471, condvar_create, void) \
	X(472, condvar_signal, uint64_t id) \
	X(473, condvar_wait, uint64_t id, uint64_t mutex) \
	X(500, debug_ebreak, void) \
	X(501, mem_info, uint64_t which) \
	X(502, cpu_info, uint64_t which) \
	X(503, ebpf_info, uint64_t index) \
	X(504, ebpf_wait, uint64_t count, uint64_t us)
/* clang-format on */

#define SYSCALL_NUMBER(number, name, ...) SYS_##name = number,
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
