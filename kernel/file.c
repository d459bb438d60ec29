/* SPDX-License-Identifier: BSD-2-Clause */
/* Open files: file.h. Descriptor tables: fd.c. */
#include "file.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "bpf.h"
#include "console.h"
#include "fs.h"
#include "param.h"
#include "printk.h"
#include "syscall_ids.h"

static struct spinlock file_lock;
static struct file files[MAX_FILES];

struct file *file_alloc(enum file_kind kind, bool readable, bool writable)
{
	struct file *f = NULL;

	spin_lock(&file_lock);
	for (uint32_t i = 0; i < MAX_FILES && !f; i++) {
		if (files[i].kind == FILE_UNUSED)
			f = &files[i];
	}
	if (f)
		*f = (struct file){.kind = kind, .refs = 1, .readable = readable, .writable = writable};
	spin_unlock(&file_lock);
	return f;
}

void file_get(struct file *f)
{
	spin_lock(&file_lock);
	f->refs++;
	spin_unlock(&file_lock);
}

void file_put(struct file *f)
{
	bool last;

	spin_lock(&file_lock);
	if (f->refs == 0)
		panic("file_put: no references");
	last = --f->refs == 0;
	spin_unlock(&file_lock);
	if (!last)
		return;
	if (f->pipe)
		pipe_close(f->pipe, f->kind == FILE_PIPE_WRITE);
	if (f->inode)
		inode_put(f->inode);
	spin_lock(&file_lock);
	f->kind = FILE_UNUSED;
	spin_unlock(&file_lock);
}

/* What a path names: a directory, a view of the kernel's, or a stored file. One reference; NULL: nothing, no room. */
static struct file *open_path(const char *path, uint32_t flags)
{
	uint32_t access = flags & (O_WRONLY | O_RDWR);
	const char *name = path_strip(path);
	struct inode *ip;
	struct file *f;

	if (!*name || strcmp(name, ".") == 0)
		return file_alloc(FILE_DIRECTORY, true, false);
	if (strcmp(name, "proc") == 0)
		return file_alloc(FILE_VIEWS, true, false);
	if (strcmp(name, "proc/trace_pipe") == 0)
		return bpf_trace_open();
	ip = view_open(name);
	if (!ip)
		ip = flags & O_CREATE ? fs_create(name) : fs_lookup(name);
	f = ip ? file_alloc(FILE_INODE, access != O_WRONLY, access) : NULL;
	if (f)
		f->inode = ip;
	else if (ip)
		inode_put(ip);
	return f;
}

int file_open(struct proc *p, const char *path, uint32_t flags)
{
	struct file *f = open_path(path, flags);
	int fd = f ? fd_install(p, f) : -1;

	if (f && fd < 0)
		file_put(f);
	else if (f && f->inode && (flags & O_TRUNC))
		inode_truncate(f->inode);
	return fd;
}

static int64_t transfer(struct file *f, const struct iobuf *buf, uint64_t n, bool write)
{
	int64_t ret;

	if (!(write ? f->writable : f->readable))
		return -EBADF;
	switch (f->kind) {
	case FILE_CONSOLE:
		return write ? console_write_buf(buf, n) : console_read(buf, n);
	case FILE_PIPE_READ:
		return pipe_read(f->pipe, buf, n);
	case FILE_PIPE_WRITE:
		return pipe_write(f->pipe, buf, n);
	case FILE_INODE:
		ret = write ? inode_write(f->inode, f->offset, buf, n) : inode_read(f->inode, f->offset, buf, n);
		if (ret > 0)
			__atomic_fetch_add(&f->offset, (uint64_t)ret, __ATOMIC_RELAXED);
		return ret;
	default:
		return -EBADF;
	}
}

int64_t file_read(struct file *f, const struct iobuf *buf, uint64_t n)
{
	return transfer(f, buf, n, false);
}

int64_t file_write(struct file *f, const struct iobuf *buf, uint64_t n)
{
	return transfer(f, buf, n, true);
}
