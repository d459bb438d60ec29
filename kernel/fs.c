/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and inodes: fs.h. File contents: fsdata.c. */
#include "fs.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "memlayout.h"
#include "printk.h"
#include "string.h"

struct dirent {
	char name[NAME_LEN];
	struct inode *inode; /* NULL: entry unused */
};

/* Guards the names, and ino, nlink and refs of the inodes. */
static struct spinlock fs_lock;
static struct dirent names[MAX_NAMES];
static struct inode inodes[MAX_INODES];

const char *path_strip(const char *path)
{
	for (;;) {
		if (path[0] == '/')
			path++;
		else if (path[0] == '.' && path[1] == '/')
			path += 2;
		else
			return path;
	}
}

/* The entry of that name; NULL: one that is free. */
static struct dirent *find_name(const char *name)
{
	for (uint32_t i = 0; i < MAX_NAMES; i++) {
		if (names[i].inode ? name && strcmp(names[i].name, name) == 0 : !name)
			return &names[i];
	}
	return NULL;
}

static bool is_name(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strlen(name) < NAME_LEN;
}

static struct inode *free_inode(void)
{
	static uint32_t last_ino;

	for (uint32_t i = 0; i < MAX_INODES; i++) {
		if (inodes[i].ino == 0) {
			inodes[i] = (struct inode){.ino = ++last_ino, .refs = 1};
			return &inodes[i];
		}
	}
	return NULL;
}

struct inode *fs_lookup(const char *path)
{
	struct dirent *d;
	struct inode *ip = NULL;

	spin_lock(&fs_lock);
	d = find_name(path_strip(path));
	if (d) {
		ip = d->inode;
		ip->refs++;
	}
	spin_unlock(&fs_lock);
	return ip;
}

struct inode *fs_create(const char *path)
{
	const char *name = path_strip(path);
	struct inode *ip = NULL;
	struct dirent *d;

	if (!is_name(name))
		return NULL;
	spin_lock(&fs_lock);
	d = find_name(name);
	if (d) {
		ip = d->inode;
		ip->refs++;
	} else if ((d = find_name(NULL)) != NULL && (ip = free_inode()) != NULL) {
		ip->nlink = 1;
		d->inode = ip;
		strcopy(d->name, name, NAME_LEN);
	}
	spin_unlock(&fs_lock);
	return ip;
}

struct inode *fs_anonymous(void)
{
	struct inode *ip;

	spin_lock(&fs_lock);
	ip = free_inode();
	spin_unlock(&fs_lock);
	return ip;
}

void inode_get(struct inode *ip)
{
	spin_lock(&fs_lock);
	ip->refs++;
	spin_unlock(&fs_lock);
}

void inode_put(struct inode *ip)
{
	bool last;

	spin_lock(&fs_lock);
	if (ip->refs == 0)
		panic("inode_put: no references");
	last = --ip->refs == 0 && ip->nlink == 0;
	spin_unlock(&fs_lock);
	if (!last)
		return;
	inode_truncate(ip); /* nobody can find it any more */
	spin_lock(&fs_lock);
	ip->ino = 0;
	spin_unlock(&fs_lock);
}

int fs_link(const char *old_path, const char *new_path)
{
	const char *name = path_strip(new_path);
	struct dirent *from, *to;
	int ret = 0;

	if (!is_name(name))
		return -ENOENT;
	spin_lock(&fs_lock);
	from = find_name(path_strip(old_path));
	if (!from)
		ret = -ENOENT;
	else if (find_name(name))
		ret = -EEXIST;
	else if ((to = find_name(NULL)) == NULL)
		ret = -ENOSPC;
	if (ret == 0) {
		from->inode->nlink++;
		to->inode = from->inode;
		strcopy(to->name, name, NAME_LEN);
	}
	spin_unlock(&fs_lock);
	return ret;
}

int fs_unlink(const char *path)
{
	struct inode *ip = NULL;
	struct dirent *d;

	spin_lock(&fs_lock);
	d = find_name(path_strip(path));
	if (d) {
		ip = d->inode;
		d->inode = NULL;
		ip->nlink--;
		ip->refs++; /* until inode_put() below, which frees it if it was the last */
	}
	spin_unlock(&fs_lock);
	if (!ip)
		return -ENOENT;
	inode_put(ip);
	return 0;
}

bool fs_list(uint32_t *pos, char name[NAME_LEN], uint32_t *ino)
{
	bool found = false;

	spin_lock(&fs_lock);
	for (; *pos < MAX_NAMES && !found; ++*pos) {
		if (!names[*pos].inode)
			continue;
		strcopy(name, names[*pos].name, NAME_LEN);
		*ino = names[*pos].inode->ino;
		found = true;
	}
	spin_unlock(&fs_lock);
	return found;
}
