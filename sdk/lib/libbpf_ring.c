/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading rings of records: see libbpf_ring.h. A reader sleeps in the kernel until the firmware's count of events
 * has moved, whichever ring's event it was, and looks again.
 */
#include "libbpf_ring.h"

#include "../include/mbpf.h"
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUF_SIZE 16384u

int ring_reader_init(struct ring_reader *reader)
{
	reader->buf = malloc(BUF_SIZE);
	return reader->buf ? 0 : -ENOMEM;
}

void ring_reader_free(struct ring_reader *reader)
{
	free(reader->buf);
	reader->buf = NULL;
}

/* Copy out what fits buf. Bytes, 0 if there is nothing, or -errno (-E2BIG: one record is larger than buf). */
static long drain(const struct ring_reader *reader, struct ring *ring)
{
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.drain.map_fd = (__u32)ring->map_fd;
	attr.drain.buf = (__u64)(uintptr_t)reader->buf;
	attr.drain.size = BUF_SIZE;
	err = sdk_bpf(EBPF_MAP_DRAIN, &attr);
	if (err < 0)
		return err;
	ring->dropped = attr.drain.dropped;
	return (long)attr.drain.used;
}

/* Records in the buffer to the callback. How many, or what the callback returned if that was negative. */
static int deliver(const struct ring_reader *reader, const struct ring *ring, __u32 used)
{
	char *buf = (char *)reader->buf;
	int nr = 0;

	for (__u32 at = 0; at + BPF_RINGBUF_HDR_SZ <= used;) {
		__u32 len = *(__u32 *)(buf + at), size = len & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (size > used - at - BPF_RINGBUF_HDR_SZ)
			return -EINVAL;
		if (!(len & BPF_RINGBUF_DISCARD_BIT)) {
			int err = ring->fn(ring->ctx, buf + at + BPF_RINGBUF_HDR_SZ, size);

			if (err < 0)
				return err;
			nr++;
		}
		at += (BPF_RINGBUF_HDR_SZ + size + 7) & ~7u;
	}
	return nr;
}

int ring_consume(const struct ring_reader *reader, struct ring *ring)
{
	int nr = 0, n;
	long used;

	while ((used = drain(reader, ring)) > 0) {
		libbpf_live_sync(); /* not older than the records */
		n = deliver(reader, ring, (__u32)used);
		if (n < 0)
			return n;
		nr += n;
	}
	return used < 0 ? (int)used : nr;
}

int ring_poll(int (*consume)(void *ctx), void *ctx, int timeout_ms)
{
	long events = mbpf_wait(-1, 0), left = timeout_ms;
	int64_t end = get_mtime() + timeout_ms;
	int nr, err = 0;

	libbpf_live_sync();
	nr = consume(ctx);

	/* the count was taken before looking, so nothing that comes in between is slept over */
	while (!nr && left && !err) {
		events = mbpf_wait(events, left < 0 ? -1 : left * 1000);
		err = events < 0 ? -errno : 0;
		nr = consume(ctx);
		if (timeout_ms > 0)
			left = end > get_mtime() ? end - get_mtime() : 0;
	}
	libbpf_live_sync();
	return nr ? nr : err;
}
