/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a work record: reserve the number, copy attr, step until the
 * object is complete, publish; or undo and answer why. Nothing fails after the
 * publishing, and a failure leaves nothing behind.
 */
#include "work.h"

#include "cmd.h"
#include "mem.h"
#include "uapi/errno.h"

#define WORK_DONE 1 /* as work->error: the answer is 0, nothing was made */

/* What the record holds, once. One slice; true when it is gone. */
static bool clean(struct ebpf_work *work)
{
	if (!work->clean)
		work->clean = !work->maker->cleanup || work->maker->cleanup(work);
	return work->clean;
}

/* Free the record itself; its number stays reserved. */
static void free_work(struct ebpf_work *work)
{
	work->entry->work = NULL;
	ebpf_free(work);
}

/* Let go of a half-built object. One slice; true when it is gone. */
static bool undo(struct ebpf_work *work)
{
	if (!work->obj)
		return true;
	if (work->obj->last_fd && !work->obj->last_fd(work->obj))
		return false;
	ebpf_obj_put(work->obj);
	work->obj = NULL;
	return true;
}

bool ebpf_work_drop(struct ebpf_work *work)
{
	struct ebpf_fd *entry = work->entry;

	if (!work->error)
		work->error = -EINTR; /* for ever undone, whoever asks */
	/* what the record holds may point to the object */
	if (!clean(work) || !undo(work))
		return false;
	free_work(work);
	return ebpf_fd_close(entry);
}

static struct ebpf_work *new_work(const struct ebpf_call *call, const struct ebpf_maker *maker, int *err)
{
	struct ebpf_fd *entry = ebpf_fd_new(call->owner, call->newfd, err);
	struct ebpf_work *work;

	if (!entry)
		return NULL;
	work = ebpf_zalloc(&entry->owner->account, maker->size);
	if (!work) {
		ebpf_fd_close(entry);
		*err = -ENOMEM;
		return NULL;
	}
	work->entry = entry;
	work->maker = maker;
	work->call = *call;
	entry->work = work;
	return work;
}

static int64_t go_on(struct ebpf_work *work)
{
	struct ebpf_fd *entry = work->entry;
	int64_t newfd = (int64_t)entry->fd;
	int err = work->error == WORK_DONE ? 0 : work->error;

	work->credit = EBPF_WORK_CREDIT;
	if (!work->error) {
		err = work->maker->step(work);
		if (err == -ERESTART)
			return err;
	}
	if (err || !work->obj) {
		work->error = err ? err : WORK_DONE;
		return ebpf_work_drop(work) ? err : -ERESTART;
	}
	ebpf_fd_publish(entry, work->obj);
	work->obj = NULL;
	while (!clean(work))
		; /* a step that is done has left nothing that takes long */
	free_work(work);
	return newfd;
}

int64_t ebpf_work_call(const struct ebpf_call *call, const struct ebpf_maker *maker, uint32_t attr_end)
{
	struct ebpf_fd *entry = ebpf_fd_find(call->owner, call->newfd);
	union bpf_attr attr;
	struct ebpf_work *work;
	int err;

	if (entry && entry->work) {
		if (ebpf_memeq(&entry->work->call, call, sizeof(*call)))
			return go_on(entry->work);
		/* The kernel has given up on what it began here. */
		if (!ebpf_work_drop(entry->work))
			return -ERESTART;
	}
	err = ebpf_cmd_copy_attr(call, attr_end, &attr);
	if (err)
		return err;
	work = new_work(call, maker, &err);
	if (!work)
		return err;
	work->attr = attr;
	err = maker->decode(work);
	if (err) {
		ebpf_work_drop(work);
		return err;
	}
	return go_on(work);
}
