/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_LOOKUP_BATCH, _LOOKUP_AND_DELETE_BATCH, _UPDATE_BATCH and _DELETE_BATCH:
 * one element after the other as the single commands do, in slices (work.h), with
 * the answers of Linux's generic_map_*_batch(): count says how many were done,
 * also after an error, and a walk that has come to the end is -ENOENT.
 *
 * A walk goes from place to place (map.h) and its token is the next place, 4
 * bytes: what programs for hash tables provide, however long the keys are. Types
 * without places are walked by key. As on Linux, elements that come and go
 * meanwhile may be seen or not.
 */
#include "cmd.h"
#include "elem.h"
#include "mem.h"
#include "platform.h"
#include "uapi/errno.h"

#define ELEM_COST 500 /* the least that an element takes; what it did take is measured as well */
#define PLACES 64u    /* empty places passed in one go */
#define LARGE 16384u  /* bytes; such a value is found in one call and stored in the next: with Smepmp it takes long */

struct batch {
	struct ebpf_work work; /* first */
	struct ebpf_elem elem;
	uint32_t done;
	uint32_t place; /* next */
	bool keyed;	/* the type has no places: elem.key is the last key */
	bool begun;	/* and there is one */
	bool found;	/* elem.value is a large element's, to be stored */
};

static bool walks(const struct batch *batch)
{
	return batch->work.call.cmd == BPF_MAP_LOOKUP_BATCH || batch->work.call.cmd == BPF_MAP_LOOKUP_AND_DELETE_BATCH;
}

static uint8_t kind_of(uint64_t cmd)
{
	switch (cmd) {
	case BPF_MAP_LOOKUP_BATCH:
		return EBPF_BATCH_LOOKUP;
	case BPF_MAP_LOOKUP_AND_DELETE_BATCH:
		return EBPF_BATCH_TAKE;
	case BPF_MAP_UPDATE_BATCH:
		return EBPF_BATCH_UPDATE;
	}
	return EBPF_BATCH_DELETE;
}

static int put_count(const struct batch *batch)
{
	const struct ebpf_call *call = &batch->work.call;

	return ebpf_copy_to(&call->as, call->attr + offsetof(union bpf_attr, batch.count), &batch->done,
			    sizeof(batch->done));
}

static uint32_t token_size(const struct batch *batch)
{
	return batch->keyed ? batch->elem.map->key_size : sizeof(batch->place);
}

static int read_token(struct batch *batch)
{
	uint64_t va = batch->work.attr.batch.in_batch;

	batch->keyed = !batch->elem.map->ops->element;
	if (!va)
		return 0;
	batch->begun = true;
	return ebpf_copy_from(&batch->work.call.as, batch->keyed ? (void *)batch->elem.key : &batch->place, va,
			      token_size(batch));
}

static int write_token(const struct batch *batch)
{
	return ebpf_copy_to(&batch->work.call.as, batch->work.attr.batch.out_batch,
			    batch->keyed ? (const void *)batch->elem.key : &batch->place, token_size(batch));
}

static int decode_batch(struct ebpf_work *work)
{
	struct batch *batch = (struct batch *)work;
	const union bpf_attr *attr = &work->attr;
	int err;

	if (work->call.size < offsetof(union bpf_attr, batch.flags) + sizeof(attr->batch.flags))
		return -EINVAL; /* count is an answer, too */
	err = ebpf_elem_open(&batch->elem, &work->call, attr->batch.map_fd);
	if (err)
		return err;
	if (!(batch->elem.map->ops->batch & kind_of(work->call.cmd)))
		return -ENOTSUPP;
	if (attr->batch.elem_flags || attr->batch.flags)
		return -EINVAL;
	err = ebpf_elem_buffer(&batch->elem, ebpf_work_account(work));
	if (!err && attr->batch.count)
		err = put_count(batch);
	return !err && walks(batch) ? read_token(batch) : err;
}

/* The key of the next element into elem.key. 0, -ENOENT at the end, -EAGAIN: none found yet, ask again. */
static int next_key(struct batch *batch)
{
	struct ebpf_elem *elem = &batch->elem;
	const void *key;
	void *value;

	if (batch->keyed) {
		int err = ebpf_map_next_key(elem->map, batch->begun ? elem->key : NULL, elem->key);

		batch->begun = true;
		return err;
	}
	for (uint32_t n = 0; n < PLACES; n++) {
		int found = elem->map->ops->element(elem->map, batch->place, &key, &value);
		uint32_t index = batch->place;

		if (found < 0)
			return found;
		batch->place++;
		if (!found)
			continue;
		ebpf_memcpy(elem->key, key ? key : &index, elem->map->key_size);
		return 0;
	}
	return -EAGAIN;
}

/* Where the caller has, or wants, the next key and the next value */
static uint64_t key_va(const struct batch *batch)
{
	return batch->work.attr.batch.keys + (uint64_t)batch->done * batch->elem.map->key_size;
}

static uint64_t value_va(const struct batch *batch)
{
	return batch->work.attr.batch.values + (uint64_t)batch->done * batch->elem.map->user_size;
}

static int store_one(struct batch *batch)
{
	int err = ebpf_elem_write(&batch->elem, &batch->work.call, value_va(batch));

	batch->found = false;
	if (!err)
		batch->done++;
	return err;
}

static bool is_large(const struct batch *batch)
{
	return batch->elem.map->user_size >= LARGE;
}

static int walk_one(struct batch *batch)
{
	const struct ebpf_call *call = &batch->work.call;
	struct ebpf_elem *elem = &batch->elem;
	int err;

	if (batch->found)
		return store_one(batch);
	err = next_key(batch);
	if (err)
		return err == -EAGAIN ? 0 : err;
	/* What was taken out cannot be put back: whether it can be stored is found out first. */
	if (ebpf_check_range(&call->as, value_va(batch), elem->map->user_size, EBPF_ACCESS_WRITE) ||
	    ebpf_copy_to(&call->as, key_va(batch), elem->key, elem->map->key_size))
		return -EFAULT;
	if (call->cmd == BPF_MAP_LOOKUP_BATCH)
		err = ebpf_map_lookup_elem(elem->map, elem->key, elem->value, 0);
	else
		err = ebpf_map_take_elem(elem->map, elem->key, elem->value, 0);
	if (err)
		return err == -ENOENT ? 0 : err; /* gone meanwhile */
	batch->found = true;
	return is_large(batch) ? 0 : store_one(batch);
}

static int change_one(struct batch *batch)
{
	const struct ebpf_call *call = &batch->work.call;
	struct ebpf_elem *elem = &batch->elem;
	int err = ebpf_elem_key(elem, call, key_va(batch));

	if (!err && call->cmd == BPF_MAP_UPDATE_BATCH)
		err = ebpf_elem_read(elem, call, value_va(batch));
	if (err)
		return err;
	if (call->cmd == BPF_MAP_DELETE_BATCH)
		err = ebpf_map_delete_elem(elem->map, elem->key);
	else if (elem->map->ops->elem_type)
		err = ebpf_elem_assign(elem, call, 0);
	else
		err = ebpf_map_update_elem(elem->map, elem->key, elem->value, 0);
	if (!err)
		batch->done++;
	return err;
}

/* The answer's count and token; a failure of that takes the place of the verdict, as in Linux. */
static int finish(struct batch *batch, int err)
{
	if (err == -EFAULT && walks(batch))
		return err;
	if (put_count(batch) || (walks(batch) && batch->done && write_token(batch)))
		return -EFAULT;
	return err;
}

static int do_batch(struct ebpf_work *work)
{
	struct batch *batch = (struct batch *)work;
	int err = 0;

	if (!work->attr.batch.count)
		return 0;
	while (!err && batch->done < work->attr.batch.count) {
		uint64_t start = ebpf_plat_insns();

		if (work->credit <= 0)
			return -ERESTART;
		err = walks(batch) ? walk_one(batch) : change_one(batch);
		work->credit -= is_large(batch) ? EBPF_WORK_CREDIT : ELEM_COST + (int64_t)(ebpf_plat_insns() - start);
	}
	return finish(batch, err);
}

static bool cleanup_batch(struct ebpf_work *work)
{
	ebpf_elem_close(&((struct batch *)work)->elem, 0);
	return true;
}

const struct ebpf_maker ebpf_batch_maker = {
	.size = sizeof(struct batch),
	.decode = decode_batch,
	.step = do_batch,
	.cleanup = cleanup_batch,
};
