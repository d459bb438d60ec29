/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor tables. The firmware is told what happens to a bpf descriptor
 * (close, dup) outside the table's lock, because that may take several calls:
 * a number is only reused after the firmware has let go of it.
 */
#include "bpf.h"
#include "file.h"
#include "param.h"
#include "proc.h"

static struct file bpf_file = {.kind = FILE_BPF, .refs = 1};
static struct file reserved_file = {.kind = FILE_RESERVED, .refs = 1};

static bool is_static(const struct file *f)
{
	return f == &bpf_file || f == &reserved_file;
}

/* The lowest free number from `first`; files_lock held. -1: table full. */
static int lowest_free(struct proc *p, int first)
{
	for (int fd = first; fd < MAX_FDS; fd++) {
		if (!p->files[fd])
			return fd;
	}
	return -1;
}

static int install_from(struct proc *p, struct file *f, int first)
{
	int fd;

	spin_lock(&p->files_lock);
	fd = lowest_free(p, first);
	if (fd >= 0)
		p->files[fd] = f;
	spin_unlock(&p->files_lock);
	return fd;
}

int fd_install(struct proc *p, struct file *f)
{
	return install_from(p, f, 0);
}

int fd_reserve(struct proc *p)
{
	return install_from(p, &reserved_file, 3);
}

void fd_make_bpf(struct proc *p, int fd)
{
	spin_lock(&p->files_lock);
	p->files[fd] = &bpf_file;
	spin_unlock(&p->files_lock);
}

void fd_unreserve(struct proc *p, int fd)
{
	spin_lock(&p->files_lock);
	p->files[fd] = NULL;
	spin_unlock(&p->files_lock);
}

struct file *fd_get(struct proc *p, uint64_t fd)
{
	struct file *f = NULL;

	if (fd >= MAX_FDS)
		return NULL;
	spin_lock(&p->files_lock);
	if (p->files[fd] && !is_static(p->files[fd])) {
		f = p->files[fd];
		file_get(f);
	}
	spin_unlock(&p->files_lock);
	return f;
}

int fd_close(struct proc *p, uint64_t fd)
{
	struct file *f = NULL;

	if (fd >= MAX_FDS)
		return -1;
	spin_lock(&p->files_lock);
	if (p->files[fd] != &reserved_file)
		f = p->files[fd];
	if (f)
		p->files[fd] = f == &bpf_file ? &reserved_file : NULL;
	spin_unlock(&p->files_lock);
	if (f == &bpf_file) {
		bpf_fd_close(p->pid, (int)fd);
		fd_unreserve(p, (int)fd);
	} else if (f) {
		file_put(f);
	}
	return f ? 0 : -1;
}

int fd_dup(struct proc *p, uint64_t fd, int64_t want)
{
	struct file *f;
	int new_fd = -1;

	if (fd >= MAX_FDS || want >= MAX_FDS || want == (int64_t)fd)
		return -1;
	if (want >= 0)
		fd_close(p, (uint64_t)want);
	spin_lock(&p->files_lock);
	f = p->files[fd];
	if (f && f != &reserved_file)
		new_fd = want < 0 ? lowest_free(p, f == &bpf_file ? 3 : 0) : (int)want;
	if (new_fd >= 0 && p->files[new_fd])
		new_fd = -1;
	if (new_fd >= 0) {
		p->files[new_fd] = f == &bpf_file ? &reserved_file : f;
		if (f != &bpf_file)
			file_get(f);
	}
	spin_unlock(&p->files_lock);
	if (new_fd < 0 || f != &bpf_file)
		return new_fd;
	if (bpf_fd_dup(p->pid, (int)fd, p->pid, new_fd) < 0) {
		fd_unreserve(p, new_fd);
		return -1;
	}
	fd_make_bpf(p, new_fd);
	return new_fd;
}

int files_open_console(struct proc *p)
{
	struct file *f;

	for (int fd = 0; fd < 3; fd++) {
		f = file_alloc(FILE_CONSOLE, true, true);
		if (!f)
			return -1;
		p->files[fd] = f;
	}
	return 0;
}

int files_copy(struct proc *to, struct proc *from, int limit)
{
	struct file *f;

	for (int fd = 0; fd < limit; fd++) {
		spin_lock(&from->files_lock);
		f = from->files[fd];
		if (f && !is_static(f)) {
			file_get(f);
			to->files[fd] = f;
		}
		spin_unlock(&from->files_lock);
		if (f != &bpf_file)
			continue;
		if (bpf_fd_dup(from->pid, fd, to->pid, fd) < 0)
			return -1;
		to->files[fd] = &bpf_file;
	}
	return 0;
}

/* The process has no threads left to race with. Its bpf descriptors end all together, with bpf_proc_exit(). */
void files_close_all(struct proc *p)
{
	for (int fd = 0; fd < MAX_FDS; fd++) {
		if (p->files[fd] && !is_static(p->files[fd]))
			file_put(p->files[fd]);
		p->files[fd] = NULL;
	}
}
