/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_RINGBUF. Writers share one lock, held for the few instructions
 * that move the end; they fill their records without it, so records are
 * committed in any order and read in the order they were reserved.
 *
 * A record that begins near the end of the ring goes on behind it, where there
 * is room for one more record of the largest size: so records are in one piece
 * and positions are those of Linux, who maps the ring twice. That room belongs
 * to the positions at the start of the ring, which no other record uses meanwhile.
 *
 * Nothing of this is a value (map.h): a program reaches a record only between
 * reserving and committing it, and the run knows which those are (run.h). User
 * space cannot see this memory, it gets copies (cmd_drain.c).
 */
#include "ringbuf.h"

#include "limits.h"
#include "lock.h"
#include "mem.h"
#include "platform.h"

#define HEADER ((uint32_t)sizeof(struct ebpf_ringbuf_header))
#define MAX_RECORD (EBPF_MAX_VALUE_SIZE - HEADER)
#define PAGE 4096u

struct ebpf_ringbuf {
	struct ebpf_lock lock; /* of writers */
	uint32_t reading;
	uint64_t size; /* power of two */
	uint64_t reserved, consumed;
	uint64_t dropped;
	char *data; /* size + room for a record */
	uint64_t data_size;
};

static int ringbuf_check(const union bpf_attr *attr)
{
	uint32_t size = attr->max_entries;

	if (attr->map_flags || attr->key_size || attr->value_size || size < PAGE || (size & (size - 1)))
		return -EINVAL;
	return 0;
}

static int ringbuf_alloc(struct ebpf_map *map)
{
	struct ebpf_ringbuf *rb = ebpf_zalloc(map->obj.account, sizeof(*rb));

	if (!rb)
		return -ENOMEM;
	rb->size = map->max_entries;
	rb->data_size = rb->size + (rb->size < EBPF_MAX_VALUE_SIZE ? rb->size : EBPF_MAX_VALUE_SIZE);
	rb->data = ebpf_alloc(map->obj.account, rb->data_size);
	if (!rb->data) {
		ebpf_free(rb);
		return -ENOMEM;
	}
	map->body = rb;
	return 0;
}

/* The memory was somebody else's. */
static bool ringbuf_prepare(struct ebpf_map *map)
{
	struct ebpf_ringbuf *rb = map->body;
	uint64_t left = rb->data_size - map->prepared;

	if (left > EBPF_SLICE_BYTES)
		left = EBPF_SLICE_BYTES;
	ebpf_memzero(rb->data + map->prepared, left);
	map->prepared += left;
	return map->prepared == rb->data_size;
}

static void ringbuf_free(struct ebpf_map *map)
{
	struct ebpf_ringbuf *rb = map->body;

	ebpf_free(rb->data);
	ebpf_free(rb);
}

/* Writers */

static struct ebpf_ringbuf_header *header_at(const struct ebpf_ringbuf *rb, uint64_t position)
{
	return (struct ebpf_ringbuf_header *)(void *)(rb->data + (position & (rb->size - 1)));
}

static uint64_t record_len(uint64_t size)
{
	return (size + HEADER + 7) & ~(uint64_t)7;
}

/* Linux keeps 8 bytes free: a full ring is not an empty one. */
static struct ebpf_ringbuf_header *take_room(struct ebpf_ringbuf *rb, uint64_t size)
{
	struct ebpf_ringbuf_header *header = NULL;
	uint64_t end;

	ebpf_lock(&rb->lock);
	end = rb->reserved + record_len(size);
	if (size <= MAX_RECORD && end - ebpf_load_acquire64(&rb->consumed) < rb->size) {
		header = header_at(rb, rb->reserved);
		header->pg_off = (uint32_t)(((uintptr_t)header - (uintptr_t)rb->data) / PAGE);
		EBPF_MEM_STORE(uint32_t, &header->len, (uint32_t)size | BPF_RINGBUF_BUSY_BIT);
		ebpf_store_release64(&rb->reserved, end); /* the reader looks at the header after this */
	} else {
		EBPF_MEM_STORE(uint64_t, &rb->dropped, rb->dropped + 1);
	}
	ebpf_unlock(&rb->lock);
	return header;
}

void *ebpf_ringbuf_reserve(struct ebpf_map *map, uint64_t size)
{
	struct ebpf_ringbuf_header *header = take_room(map->body, size);

	return header ? header + 1 : NULL;
}

uint32_t ebpf_ringbuf_size_of(const void *record)
{
	const struct ebpf_ringbuf_header *header = (const struct ebpf_ringbuf_header *)record - 1;

	return EBPF_MEM_LOAD(uint32_t, &header->len) & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
}

/* As in Linux the reader is woken if he has read all that came before. */
void ebpf_ringbuf_commit(struct ebpf_map *map, void *record, uint64_t flags, bool discard)
{
	const struct ebpf_ringbuf *rb = map->body;
	struct ebpf_ringbuf_header *header = (struct ebpf_ringbuf_header *)record - 1;
	uint64_t offset = (uint64_t)((char *)header - rb->data);

	ebpf_store_release32(&header->len, ebpf_ringbuf_size_of(record) | (discard ? BPF_RINGBUF_DISCARD_BIT : 0));
	if (flags & BPF_RB_FORCE_WAKEUP ||
	    (!(flags & BPF_RB_NO_WAKEUP) && (ebpf_load_acquire64(&rb->consumed) & (rb->size - 1)) == offset))
		ebpf_plat_trace_wake();
}

uint64_t ebpf_ringbuf_query(const struct ebpf_map *map, uint64_t what)
{
	const struct ebpf_ringbuf *rb = map->body;
	uint64_t consumed = ebpf_load_acquire64(&rb->consumed);

	switch (what) {
	case BPF_RB_AVAIL_DATA:
		return ebpf_load_acquire64(&rb->reserved) - consumed;
	case BPF_RB_RING_SIZE:
		return rb->size;
	case BPF_RB_CONS_POS:
		return consumed;
	case BPF_RB_PROD_POS:
		return ebpf_load_acquire64(&rb->reserved);
	default:
		return 0;
	}
}

uint64_t ebpf_ringbuf_dropped(const struct ebpf_map *map)
{
	const struct ebpf_ringbuf *rb = map->body;

	return EBPF_MEM_LOAD(uint64_t, &rb->dropped);
}

/* The reader */

bool ebpf_ringbuf_begin(struct ebpf_map *map, uint64_t *at)
{
	struct ebpf_ringbuf *rb = map->body;

	if (__atomic_exchange_n(&rb->reading, 1, __ATOMIC_ACQUIRE))
		return false;
	*at = rb->consumed;
	return true;
}

const void *ebpf_ringbuf_next(struct ebpf_map *map, uint64_t *at, uint32_t *len, uint32_t *credit)
{
	const struct ebpf_ringbuf *rb = map->body;
	uint64_t end = ebpf_load_acquire64(&rb->reserved);

	while (*at != end && *credit) {
		const struct ebpf_ringbuf_header *header = header_at(rb, *at);
		uint32_t word = ebpf_load_acquire32(&header->len);

		if (word & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		--*credit;
		*len = (uint32_t)record_len(word & ~BPF_RINGBUF_DISCARD_BIT);
		if (!(word & BPF_RINGBUF_DISCARD_BIT))
			return header;
		*at += *len;
	}
	return NULL;
}

void ebpf_ringbuf_consume(struct ebpf_map *map, uint64_t at)
{
	struct ebpf_ringbuf *rb = map->body;

	ebpf_store_release64(&rb->consumed, at);
}

void ebpf_ringbuf_end(struct ebpf_map *map)
{
	struct ebpf_ringbuf *rb = map->body;

	ebpf_store_release32(&rb->reading, 0);
}

/* What works by key: not at all. */

static void *ringbuf_lookup(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return NULL;
}

static int ringbuf_read(struct ebpf_map *map, const void *key, void *value)
{
	(void)map;
	(void)key;
	(void)value;
	return -ENOTSUPP;
}

static int ringbuf_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	(void)map;
	(void)key;
	(void)value;
	(void)flags;
	return -ENOTSUPP;
}

static int ringbuf_delete(struct ebpf_map *map, const void *key)
{
	(void)map;
	(void)key;
	return -ENOTSUPP;
}

static int ringbuf_next_key(struct ebpf_map *map, const void *key, void *next_key)
{
	(void)map;
	(void)key;
	(void)next_key;
	return -ENOTSUPP;
}

const struct ebpf_map_ops ebpf_map_ringbuf_ops = {
	.name = "ringbuf",
	.check = ringbuf_check,
	.alloc = ringbuf_alloc,
	.prepare = ringbuf_prepare,
	.free = ringbuf_free,
	.lookup = ringbuf_lookup,
	.update = ringbuf_update,
	.delete = ringbuf_delete,
	.read = ringbuf_read,
	.next_key = ringbuf_next_key,
};
