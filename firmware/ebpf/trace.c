/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring. Writers on all harts share one lock, held for the copy of one
 * message. The positions count bytes since reset and never go back; what lies
 * between them is the text nobody has fetched yet.
 */
#include "trace.h"

#include "arena.h"
#include "limits.h"
#include "lock.h"
#include "mem.h"
#include "platform.h"
#include "uapi/errno.h"

#define RING_MASK (EBPF_TRACE_RING_SIZE - 1)

_Static_assert((EBPF_TRACE_RING_SIZE & RING_MASK) == 0, "positions are cut to indices with a mask");

static struct {
	struct ebpf_lock lock;
	char *bytes; /* EBPF_TRACE_RING_SIZE of them; NULL before init */
	uint64_t written, read;
	uint64_t dropped;
} ring;

int ebpf_trace_init(void)
{
	char *bytes = ebpf_alloc(NULL, EBPF_TRACE_RING_SIZE);

	if (!bytes)
		return -ENOMEM;
	ebpf_memzero(&ring, sizeof(ring));
	ring.bytes = bytes;
	return 0;
}

/* Bytes from `at` to the end of the ring's memory, len at most. */
static size_t run_of(uint64_t at, size_t len)
{
	size_t room = EBPF_TRACE_RING_SIZE - (size_t)(at & RING_MASK);

	return len < room ? len : room;
}

static void copy_in(const char *text, size_t len)
{
	size_t first = run_of(ring.written, len);

	ebpf_memcpy(ring.bytes + (ring.written & RING_MASK), text, first);
	ebpf_memcpy(ring.bytes, text + first, len - first);
	ring.written += len;
}

void ebpf_trace_write(const char *text, size_t len)
{
	if (!len)
		return;
	ebpf_lock(&ring.lock);
	if (ring.bytes && len <= EBPF_TRACE_RING_SIZE - (ring.written - ring.read))
		copy_in(text, len);
	else
		ring.dropped += len;
	ebpf_unlock(&ring.lock);
	ebpf_plat_trace_wake(); /* a full ring most of all */
}

size_t ebpf_trace_peek(char *dst, size_t len)
{
	size_t have, first;

	ebpf_lock(&ring.lock);
	have = (size_t)(ring.written - ring.read);
	if (len > have)
		len = have;
	first = run_of(ring.read, len);
	ebpf_memcpy(dst, ring.bytes + (ring.read & RING_MASK), first);
	ebpf_memcpy(dst + first, ring.bytes, len - first);
	ebpf_unlock(&ring.lock);
	return len;
}

void ebpf_trace_consume(size_t len)
{
	ebpf_lock(&ring.lock);
	if (len > ring.written - ring.read)
		len = (size_t)(ring.written - ring.read);
	ring.read += len;
	ebpf_unlock(&ring.lock);
}

uint64_t ebpf_trace_dropped(void)
{
	uint64_t bytes;

	ebpf_lock(&ring.lock);
	bytes = ring.dropped;
	ebpf_unlock(&ring.lock);
	return bytes;
}
