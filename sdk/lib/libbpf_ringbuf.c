/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's ring_buffer: one or more maps of type BPF_MAP_TYPE_RINGBUF, read together. */
#include "libbpf_internal.h"
#include "libbpf_ring.h"

#include <errno.h>
#include <stdlib.h>

struct ring_buffer {
	struct ring_reader reader;
	struct ring *rings;
	__u32 nr;
};

static int consume_all(void *ctx)
{
	struct ring_buffer *rb = ctx;
	int nr = 0, n;

	for (__u32 i = 0; i < rb->nr; i++) {
		n = ring_consume(&rb->reader, &rb->rings[i]);
		if (n < 0)
			return n;
		nr += n;
	}
	return nr;
}

int ring_buffer__consume(struct ring_buffer *rb)
{
	return libbpf_err(consume_all(rb));
}

int ring_buffer__poll(struct ring_buffer *rb, int timeout_ms)
{
	return libbpf_err(ring_poll(consume_all, rb, timeout_ms));
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
	if (ring_reader_init(&rb->reader) || ring_buffer__add(rb, map_fd, sample_cb, ctx)) {
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
	ring_reader_free(&rb->reader);
	free(rb);
}
