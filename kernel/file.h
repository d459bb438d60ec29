/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open files and descriptors. A struct file is shared by the descriptors that
 * came from one open (dup, fork). bpf descriptors have no state here: they all
 * point at one struct file, what they mean is the firmware's.
 */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include "uvm.h"
#include "param.h"

#include <stdbool.h>
#include <stdint.h>

struct inode;
struct pipe;
struct proc;

enum file_kind {
	FILE_UNUSED,
	FILE_CONSOLE,
	FILE_INODE,
	FILE_DIRECTORY,
	FILE_VIEWS, /* the directory proc */
	FILE_PIPE_READ,
	FILE_PIPE_WRITE,
	FILE_BPF,
	FILE_RESERVED, /* a descriptor number set aside while bpf(2) is under way */
};

struct file {
	enum file_kind kind;
	uint32_t refs;
	bool readable, writable;
	struct inode *inode;
	struct pipe *pipe;
	uint64_t offset; /* in the file; entry of a directory */
};

/* An unused file with one reference; NULL: none left. */
struct file *file_alloc(enum file_kind kind, bool readable, bool writable);
void file_get(struct file *f);
void file_put(struct file *f);

/* Descriptors. The lowest free number, or -1; takes the reference on success. */
int fd_install(struct proc *p, struct file *f);
/* The file behind a descriptor with a reference of its own; NULL: not open. */
struct file *fd_get(struct proc *p, uint64_t fd);
int fd_close(struct proc *p, uint64_t fd);	       /* 0 or -1 */
int fd_dup(struct proc *p, uint64_t fd, int64_t want); /* want < 0: lowest free. New number or -1 */

/* Reserve the lowest free number >= 3 for a bpf object, then make it one or give it up. */
int fd_reserve(struct proc *p);
void fd_make_bpf(struct proc *p, int fd);
void fd_unreserve(struct proc *p, int fd);

int files_open_console(struct proc *p); /* 0, 1, 2. 0 or -1 */
/* Descriptors below `limit` from one process to a new one. 0, or -1 with some copied. */
int files_copy(struct proc *to, struct proc *from, int limit);
void files_close_all(struct proc *p);

int file_open(struct proc *p, const char *path, uint32_t flags); /* descriptor or -1 */
/* Read or write up to n bytes where the file is. Number of bytes or -errno. */
int64_t file_read(struct file *f, const struct iobuf *buf, uint64_t n);
int64_t file_write(struct file *f, const struct iobuf *buf, uint64_t n);

/* pipe.c */
int pipe_create(struct file **read_end, struct file **write_end); /* 0 or -1 */
int64_t pipe_read(struct pipe *p, const struct iobuf *buf, uint64_t n);
int64_t pipe_write(struct pipe *p, const struct iobuf *buf, uint64_t n);
void pipe_close(struct pipe *p, bool write_end);
int64_t pipe_room(struct pipe *p); /* bytes that a write takes without waiting; -EPIPE: no reader */

/* procfs.c: a file whose text is made when it is opened; NULL: no such one. The next name from *pos, as fs_list(). */
struct inode *view_open(const char *path);
bool view_list(uint32_t *pos, char name[NAME_LEN], uint32_t *ino);

#endif
