/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The RAM file system: one flat directory of names, each for an inode. The data
 * of a file lies in pages, or, until it is first written, where the initrd has it.
 */
#ifndef KERNEL_FS_H
#define KERNEL_FS_H

#include "uvm.h"
#include "sched.h"

#include <stdbool.h>
#include <stdint.h>

struct inode {
	uint32_t ino; /* 0: entry unused */
	uint32_t nlink;
	uint32_t refs;	   /* holders: open files, calls under way */
	struct mutex lock; /* guards the rest */
	uint64_t size;
	const uint8_t *borrowed; /* data in the initrd, never written */
	void ***index;		 /* page of pages of pointers to data pages; NULL entries read as zeros */
};

/* A cpio archive ("newc") becomes files. 0, or -EINVAL where it stops making sense; files before that stay. */
int fs_load_cpio(const uint8_t *data, uint64_t size);

/* A leading "./" or "/" of a path is ignored. Inodes come with a reference, NULL: there is none. */
struct inode *fs_lookup(const char *path);
/* The inode of that name, made if need be. */
struct inode *fs_create(const char *path);
/* A file without a name. */
struct inode *fs_anonymous(void);
void inode_get(struct inode *ip);
void inode_put(struct inode *ip);			 /* frees the data when nobody holds it and it has no name */
int fs_link(const char *old_path, const char *new_path); /* 0, -ENOENT, -EEXIST, -ENOSPC */
int fs_unlink(const char *path);			 /* 0, -ENOENT */
/* Name at or after *pos in the directory; advances *pos past it. False at the end. */
bool fs_list(uint32_t *pos, char name[NAME_LEN], uint32_t *ino);
const char *path_strip(const char *path);

/* Bytes done (fewer at the end of the file, at a bad buffer, or without memory), or -EFAULT, -ENOSPC, -EFBIG. */
int64_t inode_read(struct inode *ip, uint64_t off, const struct iobuf *buf, uint64_t n);
int64_t inode_write(struct inode *ip, uint64_t off, const struct iobuf *buf, uint64_t n);
void inode_truncate(struct inode *ip);

/* Read exactly n bytes into kernel memory. */
bool inode_read_exact(struct inode *ip, uint64_t off, void *dst, uint64_t n);

#endif
