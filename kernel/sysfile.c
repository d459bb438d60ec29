/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls on files: arguments in, file.h and fs.h below. */
#include "../firmware/ebpf/uapi/errno.h"
#include "console.h"
#include "file.h"
#include "fs.h"
#include "proc.h"
#include "syscall.h"

/* The user library knows one error; a program with a handler for interrupts knows a second one. */
static int64_t or_minus_one(int64_t ret)
{
	return ret < 0 && ret != -EINTR ? -1 : ret;
}

static bool get_path(char path[PATH_LEN], uint64_t va)
{
	return copyinstr(&current_proc()->vm, path, va, PATH_LEN) >= 0;
}

int64_t sys_openat(uint64_t path_va, uint64_t flags, uint64_t mode)
{
	char path[PATH_LEN];

	(void)mode;
	if (!get_path(path, path_va))
		return -1;
	return file_open(current_proc(), path, (uint32_t)flags);
}

int64_t sys_close(uint64_t fd)
{
	return fd_close(current_proc(), fd);
}

static int64_t transfer(uint64_t fd, uint64_t buf, uint64_t len,
			int64_t (*how)(struct file *, const struct iobuf *, uint64_t))
{
	const struct iobuf b = {&current_proc()->vm, buf};
	struct file *f = fd_get(current_proc(), fd);
	int64_t ret;

	if (!f)
		return -1;
	ret = how(f, &b, len < INT64_MAX ? len : INT64_MAX);
	file_put(f);
	return or_minus_one(ret);
}

int64_t sys_read(uint64_t fd, uint64_t buf, uint64_t len)
{
	return transfer(fd, buf, len, file_read);
}

int64_t sys_write(uint64_t fd, uint64_t buf, uint64_t len)
{
	return transfer(fd, buf, len, file_write);
}

int64_t sys_ioctl(uint64_t fd, uint64_t request, uint64_t arg)
{
	struct file *f = fd_get(current_proc(), fd);
	int job = -1;

	if (!f)
		return -1;
	if (f->kind == FILE_CONSOLE && request == TIOCSPGRP && copyin(&current_proc()->vm, &job, arg, sizeof(job)) == 0)
		console_set_foreground(job);
	file_put(f);
	return job < 0 ? -1 : 0;
}

int64_t sys_fstat(uint64_t fd, uint64_t stat_va)
{
	struct file *f = fd_get(current_proc(), fd);
	struct user_stat st = {.dev = 1, .nlink = 1};
	int64_t ret = -1;

	if (!f)
		return -1;
	if (f->kind == FILE_DIRECTORY || f->kind == FILE_VIEWS) {
		st.mode = STAT_DIR;
	} else if (f->kind == FILE_INODE) {
		st.mode = STAT_FILE;
		st.ino = f->inode->ino;
		st.nlink = __atomic_load_n(&f->inode->nlink, __ATOMIC_RELAXED);
		st.pad[0] =
			__atomic_load_n(&f->inode->size, __ATOMIC_RELAXED); /* where Linux programs look for st_size */
	}
	if (st.mode)
		ret = copyout(&current_proc()->vm, stat_va, &st, sizeof(st));
	file_put(f);
	return or_minus_one(ret);
}

int64_t sys_pipe2(uint64_t fds_va)
{
	struct proc *p = current_proc();
	struct file *read_end, *write_end;
	uint64_t fds[2];
	int r, w;

	if (pipe_create(&read_end, &write_end) != 0)
		return -1;
	r = fd_install(p, read_end);
	if (r < 0)
		file_put(read_end);
	w = fd_install(p, write_end);
	if (w < 0)
		file_put(write_end);
	fds[0] = (uint64_t)r;
	fds[1] = (uint64_t)w;
	if (r >= 0 && w >= 0 && copyout(&p->vm, fds_va, fds, sizeof(fds)) == 0)
		return 0;
	if (r >= 0)
		fd_close(p, (uint64_t)r);
	if (w >= 0)
		fd_close(p, (uint64_t)w);
	return -1;
}

int64_t sys_dup(uint64_t fd)
{
	return fd_dup(current_proc(), fd, -1);
}

int64_t sys_dup3(uint64_t fd, uint64_t new_fd)
{
	return new_fd < MAX_FDS ? fd_dup(current_proc(), fd, (int64_t)new_fd) : -1;
}

int64_t sys_linkat(uint64_t old_dir, uint64_t old_va, uint64_t new_dir, uint64_t new_va)
{
	char old_path[PATH_LEN], new_path[PATH_LEN];

	(void)old_dir, (void)new_dir;
	if (!get_path(old_path, old_va) || !get_path(new_path, new_va))
		return -1;
	return or_minus_one(fs_link(old_path, new_path));
}

int64_t sys_unlinkat(uint64_t dir, uint64_t path_va)
{
	char path[PATH_LEN];

	(void)dir;
	return get_path(path, path_va) ? or_minus_one(fs_unlink(path)) : -1;
}

int64_t sys_getdents64(uint64_t fd, uint64_t buf, uint64_t size)
{
	union {
		struct user_dirent head;
		char bytes[sizeof(struct user_dirent) + NAME_LEN + 8];
	} d;
	struct file *f = fd_get(current_proc(), fd);
	bool (*list)(uint32_t * pos, char name[NAME_LEN], uint32_t *ino);
	uint32_t pos, next, ino;
	char name[NAME_LEN];
	int64_t done = 0;
	uint64_t len;
	bool more;

	if (!f || (f->kind != FILE_DIRECTORY && f->kind != FILE_VIEWS)) {
		if (f)
			file_put(f);
		return -1;
	}
	pos = next = (uint32_t)f->offset;
	list = f->kind == FILE_VIEWS ? view_list : fs_list;
	while ((more = list(&next, name, &ino))) {
		len = (offsetof(struct user_dirent, name) + strlen(name) + 1 + 7) & ~7UL;
		if (len > size - (uint64_t)done)
			break;
		memset(&d, 0, sizeof(d));
		d.head = (struct user_dirent){.ino = ino, .off = next, .reclen = (uint16_t)len, .type = 8};
		strcopy(d.bytes + offsetof(struct user_dirent, name), name, NAME_LEN);
		if (copyout(&current_proc()->vm, buf + (uint64_t)done, &d, len) != 0)
			break;
		done += (int64_t)len;
		pos = next;
	}
	f->offset = pos;
	file_put(f);
	return done || !more ? done : -1;
}
