/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contents of files: a two-level table of pages, 512 x 512 x 4 KiB. Callers hold
 * a reference to the inode; its mutex is taken here.
 */
#include "../firmware/ebpf/uapi/errno.h"
#include "fs.h"
#include "memlayout.h"
#include "page.h"

#define POINTERS (PAGE_SIZE / sizeof(void *))

_Static_assert(MAX_FILE_SIZE <= POINTERS * POINTERS * PAGE_SIZE, "two levels must reach");

/* The page of the file that holds offset `off`; made if asked for. NULL: hole, or no memory. */
static uint8_t *data_page(struct inode *ip, uint64_t off, bool make)
{
	uint64_t n = off / PAGE_SIZE;
	void ***level1, **level0;

	if (!ip->index && make)
		ip->index = page_alloc();
	if (!ip->index)
		return NULL;
	level1 = (void ***)&ip->index[n / POINTERS];
	if (!*level1 && make)
		*level1 = page_alloc();
	if (!*level1)
		return NULL;
	level0 = &(*level1)[n % POINTERS];
	if (!*level0 && make)
		*level0 = page_alloc();
	return *level0;
}

static size_t to_page_end(uint64_t off, uint64_t n)
{
	uint64_t left = PAGE_SIZE - off % PAGE_SIZE;

	return n < left ? n : left;
}

int64_t inode_read(struct inode *ip, uint64_t off, const struct iobuf *buf, uint64_t n)
{
	static const uint8_t zeros[PAGE_SIZE];
	uint64_t done = 0;
	const uint8_t *p;
	size_t chunk;
	int ret = 0;

	mutex_lock(&ip->lock);
	if (off >= ip->size)
		n = 0;
	else if (n > ip->size - off)
		n = ip->size - off;
	for (; done < n && ret == 0; done += ret ? 0 : chunk) {
		chunk = to_page_end(off + done, n - done);
		if (ip->borrowed) {
			p = ip->borrowed + off + done;
		} else {
			p = data_page(ip, off + done, false);
			p = p ? p + (off + done) % PAGE_SIZE : zeros;
		}
		ret = iobuf_put(buf, done, p, chunk);
	}
	mutex_unlock(&ip->lock);
	return done ? (int64_t)done : ret;
}

static void free_data(struct inode *ip)
{
	for (uint64_t i = 0; ip->index && i < POINTERS; i++) {
		void **level0 = ip->index[i];

		for (uint64_t j = 0; level0 && j < POINTERS; j++)
			page_put(level0[j]);
		page_put(level0);
	}
	page_put(ip->index);
	ip->index = NULL;
	ip->borrowed = NULL;
	ip->size = 0;
}

/* Copy what the initrd holds into pages, before the first write. */
static int own_data(struct inode *ip)
{
	const uint8_t *from = ip->borrowed;
	uint64_t size = ip->size;
	uint8_t *page;

	if (!from)
		return 0;
	for (uint64_t off = 0; off < size; off += PAGE_SIZE) {
		page = data_page(ip, off, true);
		if (!page) {
			free_data(ip);
			ip->borrowed = from;
			ip->size = size;
			return -ENOSPC;
		}
		memcpy(page, from + off, to_page_end(off, size - off));
	}
	ip->borrowed = NULL;
	return 0;
}

int64_t inode_write(struct inode *ip, uint64_t off, const struct iobuf *buf, uint64_t n)
{
	uint64_t done = 0;
	uint8_t *page;
	size_t chunk;
	int ret;

	if (off >= MAX_FILE_SIZE)
		return n ? -ENOSPC : 0;
	n = n < MAX_FILE_SIZE - off ? n : MAX_FILE_SIZE - off;
	mutex_lock(&ip->lock);
	ret = own_data(ip);
	for (; done < n && ret == 0; done += ret ? 0 : chunk) {
		chunk = to_page_end(off + done, n - done);
		page = data_page(ip, off + done, true);
		ret = page ? iobuf_get(buf, done, page + (off + done) % PAGE_SIZE, chunk) : -ENOSPC;
	}
	if (off + done > ip->size && done)
		ip->size = off + done;
	mutex_unlock(&ip->lock);
	return done ? (int64_t)done : ret;
}

void inode_truncate(struct inode *ip)
{
	mutex_lock(&ip->lock);
	free_data(ip);
	mutex_unlock(&ip->lock);
}

bool inode_read_exact(struct inode *ip, uint64_t off, void *dst, uint64_t n)
{
	const struct iobuf buf = {NULL, (uint64_t)dst};

	return inode_read(ip, off, &buf, n) == (int64_t)n;
}
