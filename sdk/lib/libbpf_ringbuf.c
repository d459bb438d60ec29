/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libbpf's ring_buffer over EBPF_MAP_DRAIN: the ring's memory is the firmware's
 * and cannot be mapped, so whole records are copied out, looking as on Linux.
 * Nothing wakes a reader: poll looks again every POLL_MS.
 */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUF_SIZE 16384u
#define POLL_MS 10

struct ring {
	int map_fd;
	ring_buffer_sample_fn fn;
	void *ctx;
};

struct ring_buffer {
	struct ring *rings;
	__u32 nr;
	__u64 *buf;
};

/* Copy out what fits buf. Bytes, 0 if there is nothing, or -errno (-E2BIG: one record is larger than buf). */
static long drain(const struct ring_buffer *rb, const struct ring *ring)
{
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.drain.map_fd = (__u32)ring->map_fd;
	attr.drain.buf = (__u64)(uintptr_t)rb->buf;
	attr.drain.size = BUF_SIZE;
	err = sdk_bpf(EBPF_MAP_DRAIN, &attr);
	return err < 0 ? err : (long)attr.drain.used;
}

/* Records in rb->buf to the callback. How many, or what the callback returned if that was negative. */
static int deliver(const struct ring_buffer *rb, const struct ring *ring, __u32 used)
{
	char *buf = (char *)rb->buf;
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

static int consume_ring(const struct ring_buffer *rb, const struct ring *ring)
{
	int nr = 0, n;
	long used;

	while ((used = drain(rb, ring)) > 0) {
		n = deliver(rb, ring, (__u32)used);
		if (n < 0)
			return n;
		nr += n;
	}
	return used < 0 ? (int)used : nr;
}

int ring_buffer__consume(struct ring_buffer *rb)
{
	int nr = 0, n;

	for (__u32 i = 0; i < rb->nr; i++) {
		n = consume_ring(rb, &rb->rings[i]);
		if (n < 0)
			return libbpf_err(n);
		nr += n;
	}
	return nr;
}

int ring_buffer__poll(struct ring_buffer *rb, int timeout_ms)
{
	int nr = ring_buffer__consume(rb);

	while (!nr && timeout_ms) {
		int ms = timeout_ms < 0 || timeout_ms > POLL_MS ? POLL_MS : timeout_ms;

		sleep((unsigned int)ms);
		timeout_ms -= timeout_ms > 0 ? ms : 0;
		nr = ring_buffer__consume(rb);
	}
	return nr;
}

int ring_buffer__add(struct ring_buffer *rb, int map_fd, ring_buffer_sample_fn sample_cb, void *ctx)
{
	struct ring *rings = realloc(rb->rings, (rb->nr + 1) * sizeof(*rings));

	if (!rings)
		return libbpf_err(-ENOMEM);
	rb->rings = rings;
	rings[rb->nr++] = (struct ring){.map_fd = map_fd, .fn = sample_cb, .ctx = ctx};
	return 0;
}

struct ring_buffer *ring_buffer__new(int map_fd, ring_buffer_sample_fn sample_cb, void *ctx,
				     const struct ring_buffer_opts *opts)
{
	struct ring_buffer *rb = calloc(1, sizeof(*rb));

	(void)opts;
	if (!rb)
		return libbpf_err_ptr(-ENOMEM);
	rb->buf = malloc(BUF_SIZE);
	if (!rb->buf || ring_buffer__add(rb, map_fd, sample_cb, ctx)) {
		ring_buffer__free(rb);
		return libbpf_err_ptr(-ENOMEM);
	}
	return rb;
}

void ring_buffer__free(struct ring_buffer *rb)
{
	if (!rb)
		return;
	free(rb->rings);
	free(rb->buf);
	free(rb);
}
