/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading rings of records, for ring_buffer__* and perf_buffer__*: a ring's memory
 * is the firmware's and cannot be mapped, so whole records are copied out, looking
 * as on Linux (EBPF_MAP_DRAIN).
 */
#ifndef SDK_LIBBPF_RING_H
#define SDK_LIBBPF_RING_H

#include <linux/types.h>
#include <stddef.h>

/* A negative result ends the reading. */
typedef int (*ring_record_fn)(void *ctx, void *data, size_t size);

struct ring {
	int map_fd;
	ring_record_fn fn;
	void *ctx;
	__u64 dropped; /* records that found no room, as last reported */
};

struct ring_reader {
	__u64 *buf;
};

int ring_reader_init(struct ring_reader *reader); /* 0 or -ENOMEM */
void ring_reader_free(struct ring_reader *reader);
/* All records that are there to fn. How many, fn's negative result, or -errno. */
int ring_consume(const struct ring_reader *reader, struct ring *ring);
/* consume(ctx) until it returns something else than 0 or the time is over; -1: no end. Its last result. */
int ring_poll(int (*consume)(void *ctx), void *ctx, int timeout_ms);

#endif
