/* SPDX-License-Identifier: BSD-2-Clause */
/* Every bound of the kernel, on one screen. */
#ifndef KERNEL_PARAM_H
#define KERNEL_PARAM_H

#define MAX_HARTS 8	    /* harts the kernel runs on; further ones stay stopped */
#define MAX_PROCS 256	    /* processes, zombies included */
#define MAX_THREADS 1024    /* threads of all processes */
#define MAX_PROC_THREADS 32 /* threads of one process */
#define MAX_FDS 128	    /* descriptors of one process */
#define MAX_FILES 2048	    /* open files (struct file) of all processes */
#define MAX_INODES 1024	    /* files of the RAM file system */
#define MAX_NAMES 1024	    /* names of them */
#define NAME_LEN 64	    /* bytes of a file name with its NUL */
#define PATH_LEN 300	    /* bytes of a path as a user passes it, with its NUL */
#define MAX_FILE_SIZE (1UL << 29)
#define MAX_ARGS 64    /* argv of exec */
#define ARG_BYTES 8192 /* strings of argv, NULs included */
#define MAX_PIPES 256
#define MAX_MUTEXES 32 /* of one process, as the two below */
#define MAX_SEMAPHORES 32
#define MAX_CONDVARS 32
#define MAIL_SLOTS 16
#define MAIL_BYTES 256
#define MAX_MMAP (1UL << 30) /* longest mmap */
#define MAX_BOOTARGS 1024

#define KSTACK_SIZE 16384UL	/* kernel stack of a thread; a guard of the same size lies below it */
#define USER_STACK_SIZE 65536UL /* user stack of a thread, filled with pages as it is used */
#define TICKS_PER_SEC 100	/* the time slice is 10 ms */
#define DEFAULT_PRIORITY 16

#endif
