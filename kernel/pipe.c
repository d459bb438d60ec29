/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes: one page of bytes between a read end and a write end. */
#include "../firmware/ebpf/uapi/errno.h"
#include "file.h"
#include "memlayout.h"
#include "page.h"
#include "sched.h"

struct pipe {
	struct spinlock lock;
	char *data;	     /* NULL: entry unused */
	uint32_t head, tail; /* counted, not wrapped: head - tail = bytes inside */
	bool readers, writers;
	struct waitq not_empty, not_full;
};

static struct spinlock table_lock;
static struct pipe pipes[MAX_PIPES];

static struct pipe *pipe_alloc(void)
{
	char *data = page_alloc();
	struct pipe *p = NULL;

	spin_lock(&table_lock);
	for (uint32_t i = 0; i < MAX_PIPES && data && !p; i++) {
		if (!pipes[i].data)
			p = &pipes[i];
	}
	if (p)
		*p = (struct pipe){.data = data, .readers = true, .writers = true};
	spin_unlock(&table_lock);
	if (!p)
		page_put(data);
	return p;
}

int pipe_create(struct file **read_end, struct file **write_end)
{
	struct pipe *p = pipe_alloc();

	if (!p)
		return -1;
	*read_end = file_alloc(FILE_PIPE_READ, true, false);
	*write_end = *read_end ? file_alloc(FILE_PIPE_WRITE, false, true) : NULL;
	if (*write_end) {
		(*read_end)->pipe = (*write_end)->pipe = p;
		return 0;
	}
	if (*read_end)
		file_put(*read_end);
	pipe_close(p, false);
	pipe_close(p, true);
	return -1;
}

void pipe_close(struct pipe *p, bool write_end)
{
	char *data = NULL;

	spin_lock(&p->lock);
	if (write_end)
		p->writers = false;
	else
		p->readers = false;
	wake_all(&p->not_empty);
	wake_all(&p->not_full);
	if (!p->readers && !p->writers)
		data = p->data;
	spin_unlock(&p->lock);
	if (!data)
		return;
	page_put(data);
	spin_lock(&table_lock);
	p->data = NULL;
	spin_unlock(&table_lock);
}

/* Bytes that can be moved at once: to the end of the page, of what is wanted, of what is there. */
static uint32_t stretch(uint32_t pos, uint64_t wanted, uint32_t there)
{
	uint32_t n = PAGE_SIZE - pos % PAGE_SIZE;

	n = n < there ? n : there;
	return n < wanted ? n : (uint32_t)wanted;
}

int64_t pipe_room(struct pipe *p)
{
	int64_t room;

	spin_lock(&p->lock);
	room = p->readers ? (int64_t)(PAGE_SIZE - (p->head - p->tail)) : -EPIPE;
	spin_unlock(&p->lock);
	return room;
}

int64_t pipe_read(struct pipe *p, const struct iobuf *buf, uint64_t n)
{
	uint64_t done = 0;
	int64_t ret = 0;
	uint32_t len;

	spin_lock(&p->lock);
	while (n && p->head == p->tail && p->writers && ret == 0) {
		if (sleep_on(&p->not_empty, &p->lock, WAIT_INTERRUPTIBLE) != 0)
			ret = -EINTR;
	}
	while (ret == 0 && done < n && p->head != p->tail) {
		len = stretch(p->tail, n - done, p->head - p->tail);
		ret = iobuf_put(buf, done, p->data + p->tail % PAGE_SIZE, len);
		if (ret == 0) {
			p->tail += len;
			done += len;
		}
	}
	wake_all(&p->not_full);
	spin_unlock(&p->lock);
	return done ? (int64_t)done : ret;
}

int64_t pipe_write(struct pipe *p, const struct iobuf *buf, uint64_t n)
{
	uint64_t done = 0;
	int64_t ret = 0;
	uint32_t len;

	spin_lock(&p->lock);
	while (ret == 0 && done < n) {
		if (!p->readers) {
			ret = -EPIPE;
		} else if (p->head - p->tail == PAGE_SIZE) {
			if (sleep_on(&p->not_full, &p->lock, WAIT_INTERRUPTIBLE) != 0)
				ret = -EINTR;
		} else {
			len = stretch(p->head, n - done, PAGE_SIZE - (p->head - p->tail));
			ret = iobuf_get(buf, done, p->data + p->head % PAGE_SIZE, len);
			if (ret == 0) {
				p->head += len;
				done += len;
				wake_all(&p->not_empty);
			}
		}
	}
	spin_unlock(&p->lock);
	return done ? (int64_t)done : ret;
}
