/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading rings of records: see libbpf_ring.h. Nothing wakes a reader: polling looks again every POLL_MS. */
#include "libbpf_ring.h"
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUF_SIZE 16384u
#define POLL_MS 10

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
		n = deliver(reader, ring, (__u32)used);
		if (n < 0)
			return n;
		nr += n;
	}
	return used < 0 ? (int)used : nr;
}

int ring_poll(int (*consume)(void *ctx), void *ctx, int timeout_ms)
{
	int nr = consume(ctx);

	while (!nr && timeout_ms) {
		int ms = timeout_ms < 0 || timeout_ms > POLL_MS ? POLL_MS : timeout_ms;

		sleep((unsigned int)ms);
		timeout_ms -= timeout_ms > 0 ? ms : 0;
		nr = consume(ctx);
	}
	return nr;
}
