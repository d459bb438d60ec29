/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EBPF_MAP_DRAIN: move whole records of a ring buffer to the caller. Its memory
 * is the firmware's, so this stands in for mapping it, as on Linux; the records
 * look the same. What could not be stored stays in the ring. Bounded in bytes
 * and records a call; a caller asks again until it gets none.
 */
#include "cmd.h"
#include "map.h"
#include "mem.h"
#include "ringbuf.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#define MAX_BYTES 32768u
#define MAX_RECORDS 1024u

/* Records that lie one after the other in the ring are copied at once. */
struct drain {
	const struct ebpf_call *call;
	struct ebpf_map *map;
	uint64_t buf;	     /* where the next byte goes */
	uint32_t room, used; /* bytes */
	uint64_t at;	     /* position in the ring */
	const char *span;
	uint32_t span_len;
};

static int flush(struct drain *drain)
{
	if (drain->span_len && ebpf_copy_to(&drain->call->as, drain->buf, drain->span, drain->span_len))
		return -EFAULT;
	drain->buf += drain->span_len;
	drain->used += drain->span_len;
	drain->span_len = 0;
	ebpf_ringbuf_consume(drain->map, drain->at);
	return 0;
}

static int add_record(struct drain *drain, const char *record, uint32_t len, uint64_t at)
{
	int err = 0;

	if (drain->span + drain->span_len != record) {
		err = flush(drain);
		drain->span = record;
	}
	drain->span_len += len;
	drain->at = at + len;
	return err;
}

/* 0, -ENOSPC (the first record has no room), -EFAULT; what came before an error is delivered. */
static int move_records(struct drain *drain)
{
	uint32_t credit = MAX_RECORDS, len;
	uint64_t at = drain->at;
	const void *record;
	int err = 0;

	while (!err && (record = ebpf_ringbuf_next(drain->map, &at, &len, &credit))) {
		if (len > drain->room - drain->used - drain->span_len) {
			err = drain->used + drain->span_len ? 0 : -ENOSPC;
			break;
		}
		err = add_record(drain, record, len, at);
		at += len;
	}
	if (!err && !record)
		drain->at = at; /* discarded ones at the end */
	if (!err)
		err = flush(drain);
	return drain->used ? 0 : err;
}

static int write_result(const struct ebpf_call *call, uint32_t used, const struct ebpf_map *map)
{
	uint64_t counters[2] = {ebpf_ringbuf_dropped(map), ebpf_ringbuf_query(map, BPF_RB_AVAIL_DATA)};
	uint64_t at = call->attr + offsetof(union bpf_attr, drain.dropped);

	_Static_assert(offsetof(union bpf_attr, drain.pending) == offsetof(union bpf_attr, drain.dropped) + 8,
		       "one copy");
	if (ebpf_copy_to(&call->as, at, counters, sizeof(counters)))
		return -EFAULT;
	return ebpf_copy_to(&call->as, call->attr + offsetof(union bpf_attr, drain.used), &used, sizeof(used));
}

/* The result is stored once before anything is taken out, so that storing it afterwards does not fail. */
static int drain_map(const struct ebpf_call *call, const union bpf_attr *attr, struct ebpf_map *map)
{
	struct drain drain = {.call = call, .map = map, .buf = attr->drain.buf};
	int err;

	if (map->type != BPF_MAP_TYPE_RINGBUF || attr->drain.flags || attr->drain.buf & 7)
		return -EINVAL;
	if (attr->drain.size && (ebpf_locks() & SBI_EBPF_LOCK_TRACE_READ))
		return -EPERM; /* looking at the counters takes nothing out */
	drain.room = attr->drain.size < MAX_BYTES ? attr->drain.size : MAX_BYTES;
	if (write_result(call, 0, map))
		return -EFAULT;
	if (!attr->drain.size)
		return 0;
	if (!ebpf_ringbuf_begin(map, &drain.at))
		return -ERESTART;
	err = move_records(&drain);
	ebpf_ringbuf_end(map);
	return err ? err : write_result(call, drain.used, map);
}

int64_t ebpf_cmd_drain(const struct ebpf_call *call, union bpf_attr *attr)
{
	int err;
	struct ebpf_obj *obj;

	if (call->size < offsetof(union bpf_attr, drain.pending) + sizeof(attr->drain.pending))
		return -EINVAL;
	obj = ebpf_obj_get(call->owner, attr->drain.map_fd, EBPF_OBJ_MAP, &err);
	if (!obj)
		return err;
	err = drain_map(call, attr, (struct ebpf_map *)obj);
	ebpf_obj_put(obj);
	return err;
}
