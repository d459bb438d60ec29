/* SPDX-License-Identifier: BSD-2-Clause */
/* Files, processes, memory and time: system calls with C library results. */
#include "at_wait.h"
#include "syscall.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT_FDCWD (-100)

int errno;
void (*__at_wait)(void);

int main(int argc, char **argv);
_Noreturn void __libc_start(int argc, char **argv);

void __libc_start(int argc, char **argv)
{
	exit(main(argc, argv));
}

long __syscall_ret(long result, int likely)
{
	if (result < 0 && result > -4096) {
		errno = result == -1 ? likely : (int)-result;
		return -1;
	}
	return result;
}

int open(const char *path, int flags, ...)
{
	/* the third argument is the tutorial library's constant; a mode would mean nothing */
	return (int)__syscall_ret(syscall3(SYS_openat, (long)path, flags, 2), ENOENT);
}

ssize_t read(int fd, void *buf, size_t n)
{
	ssize_t ret;

	if (fd == STDIN_FILENO)
		at_wait();
	ret = __syscall_ret(syscall3(SYS_read, fd, (long)buf, (long)n), EBADF);
	if (fd == STDIN_FILENO)
		at_wait();
	return ret;
}

ssize_t write(int fd, const void *buf, size_t n)
{
	return __syscall_ret(syscall3(SYS_write, fd, (long)buf, (long)n), EBADF);
}

int close(int fd)
{
	if (fd == STDOUT_FILENO)
		fflush(stdout);
	return (int)__syscall_ret(syscall3(SYS_close, fd, 0, 0), EBADF);
}

int pipe(void *two)
{
	return (int)__syscall_ret(syscall3(SYS_pipe2, (long)two, 0, 0), EMFILE);
}

int link(const char *from, const char *to)
{
	return (int)__syscall_ret(syscall6(SYS_linkat, AT_FDCWD, (long)from, AT_FDCWD, (long)to, 0, 0), ENOENT);
}

int unlink(const char *path)
{
	return (int)__syscall_ret(syscall3(SYS_unlinkat, AT_FDCWD, (long)path, 0), ENOENT);
}

int fstat(int fd, Stat *st)
{
	return (int)__syscall_ret(syscall3(SYS_fstat, fd, (long)st, 0), EBADF);
}

int fork(void)
{
	fflush(NULL); /* or both would write what is still in the buffer */
	return (int)__syscall_ret(syscall3(SYS_clone, 0, 0, 0), EAGAIN);
}

int exec(const char *path, char **argv)
{
	fflush(NULL);
	return (int)__syscall_ret(syscall3(SYS_execve, (long)path, (long)argv, 0), ENOENT);
}

int waitpid(int pid, int *code)
{
	int ret;

	at_wait();
	ret = (int)__syscall_ret(syscall3(SYS_wait4, pid, (long)code, 0), ECHILD);
	at_wait();
	return ret;
}

int wait(int *code)
{
	return waitpid(-1, code);
}

int spawn(const char *path)
{
	fflush(NULL);
	return (int)__syscall_ret(syscall3(SYS_spawn, (long)path, 0, 0), ENOENT);
}

void _exit(int code)
{
	for (;;)
		syscall3(SYS_exit, code, 0, 0);
}

pid_t getpid(void)
{
	return (pid_t)syscall3(SYS_getpid, 0, 0, 0);
}

pid_t getppid(void)
{
	return (pid_t)syscall3(SYS_getppid, 0, 0, 0);
}

int sched_yield(void)
{
	return (int)__syscall_ret(syscall3(SYS_sched_yield, 0, 0, 0), EINVAL);
}

int set_priority(int prio)
{
	return (int)__syscall_ret(syscall3(SYS_setpriority, prio, 0, 0), EINVAL);
}

int mmap(void *start, size_t len, int prot, int flags, int fd)
{
	return (int)__syscall_ret(syscall6(SYS_mmap, (long)start, (long)len, prot, flags, fd, 0), EINVAL);
}

int munmap(void *start, size_t len)
{
	return (int)__syscall_ret(syscall3(SYS_munmap, (long)start, (long)len, 0), EINVAL);
}

int sys_get_time(TimeVal *tv, int tz)
{
	return (int)__syscall_ret(syscall3(SYS_gettimeofday, (long)tv, tz, 0), EFAULT);
}

int64_t get_mtime(void)
{
	TimeVal tv;

	if (sys_get_time(&tv, 0))
		return -1;
	return (int64_t)(tv.sec * 1000 + tv.usec / 1000);
}

int64_t get_time(void)
{
	return get_mtime();
}

int usleep(unsigned long us)
{
	struct user_timeval span = {us / 1000000, us % 1000000 * 1000}; /* seconds, nanoseconds */

	int ret;

	fflush(stdout);
	at_wait();
	ret = (int)__syscall_ret(syscall3(SYS_nanosleep, (long)&span, 0, 0), EINTR);
	at_wait();
	return ret;
}

unsigned int sleep(unsigned int seconds)
{
	int64_t end = get_mtime() + (int64_t)seconds * 1000, left;

	if (!usleep(seconds * 1000000ul))
		return 0;
	left = end - get_mtime();
	return left > 0 ? (unsigned int)((left + 999) / 1000) : 0;
}

uid_t getuid(void)
{
	return 0;
}

uid_t geteuid(void)
{
	return 0;
}

int access(const char *path, int mode)
{
	int fd = open(path, O_RDONLY);

	(void)mode;
	return fd < 0 ? -1 : close(fd);
}

int dup(int fd)
{
	return (int)__syscall_ret(syscall3(SYS_dup, fd, 0, 0), EBADF);
}

int dup2(int fd, int newfd)
{
	return fd == newfd ? fd : (int)__syscall_ret(syscall3(SYS_dup3, fd, newfd, 0), EBADF);
}

int kill(pid_t pid, int signal)
{
	return (int)__syscall_ret(syscall3(SYS_kill, pid, signal, 0), ESRCH);
}

int getdents(int fd, struct dirent *entries, size_t size)
{
	return (int)__syscall_ret(syscall3(SYS_getdents64, fd, (long)entries, (long)size), EBADF);
}

int setpgid(pid_t pid, pid_t job)
{
	return (int)__syscall_ret(syscall3(SYS_setpgid, pid, job, 0), EPERM);
}

int tcsetpgrp(int fd, pid_t job)
{
	return (int)__syscall_ret(syscall3(SYS_ioctl, fd, TIOCSPGRP, (long)&job), EINVAL);
}

int restart(void)
{
	fflush(stdout);
	return (int)__syscall_ret(syscall3(SYS_reboot, REBOOT_RESTART, 0, 0), EPERM);
}

int reboot(int code)
{
	fflush(stdout);
	return (int)__syscall_ret(syscall3(SYS_reboot, code, 0, 0), EPERM);
}
