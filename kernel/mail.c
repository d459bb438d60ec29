/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mail between processes: one box each, first in first out. proc_lock guards the
 * boxes, because it guards their owners' lives.
 */
#include "page.h"
#include "proc.h"
#include "string.h"
#include "syscall.h"

struct mailbox {
	uint32_t head, tail; /* counted, not wrapped */
	uint16_t len[MAIL_SLOTS];
	char text[MAIL_SLOTS][MAIL_BYTES];
};

int64_t sys_mailread(uint64_t buf_va, uint64_t len)
{
	struct proc *p = current_proc();
	char text[MAIL_BYTES];
	struct mailbox *m;
	int64_t n = -1;

	spin_lock(&proc_lock);
	m = p->mailbox;
	if (m && m->head != m->tail) {
		uint32_t slot = m->tail % MAIL_SLOTS;

		n = m->len[slot] < len ? m->len[slot] : (int64_t)len;
		memcpy(text, m->text[slot], (size_t)n);
		/* A message is only taken if its place is good: a bad buffer loses nothing. */
		if (n && copyout(&p->vm, buf_va, text, (size_t)n) != 0)
			n = -1;
		else if (len)
			m->tail++;
	}
	spin_unlock(&proc_lock);
	return n;
}

int64_t sys_mailwrite(uint64_t pid, uint64_t buf_va, uint64_t len)
{
	size_t n = len < MAIL_BYTES ? len : MAIL_BYTES;
	char text[MAIL_BYTES];
	struct proc *to;
	struct mailbox *m;
	int64_t ret = -1;

	if (copyin(&current_proc()->vm, text, buf_va, n) != 0)
		return -1;
	spin_lock(&proc_lock);
	to = proc_find((int)pid);
	if (to && !to->exiting && !to->mailbox)
		to->mailbox = page_alloc_size(sizeof(struct mailbox));
	m = to && !to->exiting ? to->mailbox : NULL;
	if (m && m->head - m->tail < MAIL_SLOTS) {
		ret = (int64_t)n;
		if (n) {
			memcpy(m->text[m->head % MAIL_SLOTS], text, n);
			m->len[m->head++ % MAIL_SLOTS] = (uint16_t)n;
		}
	}
	spin_unlock(&proc_lock);
	return ret;
}
