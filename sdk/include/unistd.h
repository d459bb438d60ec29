/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls under the names the uCore tutorial's user library gives them.
 * They return -1 with errno set when they fail, unless stated.
 */
#ifndef _UNISTD_H
#define _UNISTD_H

#include <fcntl.h>
#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

/* Files */
ssize_t read(int fd, void *buf, size_t n);
ssize_t write(int fd, const void *buf, size_t n);
int close(int fd);
int pipe(void *two); /* stores two 64-bit descriptors: read end, write end */
int dup(int fd);
int dup2(int fd, int newfd);
int link(const char *from, const char *to);
int unlink(const char *path);
int access(const char *path, int mode); /* 0: it is there. mode is not looked at: no file has an owner */
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4

/* Processes */
int fork(void);
int exec(const char *path, char **argv); /* argv ends with NULL, or is NULL; returns only on failure */
int waitpid(int pid, int *code);	 /* blocks; pid -1: any child. The child's pid, or -1 */
int wait(int *code);
int spawn(const char *path);	/* a child that runs path, without arguments */
_Noreturn void _exit(int code); /* without writing stdout out */
pid_t getpid(void);
pid_t getppid(void);
uid_t getuid(void); /* 0: there is one user */
uid_t geteuid(void);
int sched_yield(void);
int set_priority(int prio);

int kill(pid_t pid, int signal); /* ends the process with exit code -signal; SIGINT: as Ctrl-C (signal.h) */
int reboot(int code);		 /* stops the machine; a code other than 0 is a failure of the run */
int restart(void);		 /* starts the machine again; returns only on failure */

/* Jobs: the processes that Ctrl-C interrupts together. pid 0: the caller; job 0: named by that pid. */
int setpgid(pid_t pid, pid_t job);
int tcsetpgrp(int fd, pid_t job); /* fd: the console. 0: Ctrl-C is a byte like any other */

/* Memory: maps exactly at start, returns 0 or -1. prot: 1 read, 2 write, 4 execute */
int mmap(void *start, size_t len, int prot, int flags, int fd);
int munmap(void *start, size_t len);

/* Time */
typedef struct {
	uint64_t sec;
	uint64_t usec;
} TimeVal;
int sys_get_time(TimeVal *tv, int tz);
int64_t get_mtime(void);		  /* milliseconds since boot */
int64_t get_time(void);			  /* the same */
unsigned int sleep(unsigned int seconds); /* seconds left: 0, or more after a signal */
int usleep(unsigned long us);		  /* 0, or -1 with errno EINTR */

/* Threads of this process. The main thread is 0. */
int thread_create(void *entry, void *arg); /* entry: int or void (*)(void *); its tid (>= 1) or -1 */
int gettid(void);
int waittid(int tid); /* waits; the thread's exit code, or -1 for a wrong tid */
int mutex_create(void);
int mutex_blocking_create(void);
int mutex_lock(int id); /* 0, -1, or -0xdead: refused, it would deadlock */
int mutex_unlock(int id);
int semaphore_create(int count);
int semaphore_up(int id);
int semaphore_down(int id); /* as mutex_lock */
int condvar_create(void);
int condvar_signal(int id);
int condvar_wait(int id, int mutex);
int enable_deadlock_detect(int enabled);

#endif
