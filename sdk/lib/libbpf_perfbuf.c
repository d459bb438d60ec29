/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libbpf's perf_buffer: a BPF_MAP_TYPE_PERF_EVENT_ARRAY with a ring for each hart.
 * There are no perf events here: the array's elements are ring buffers that are
 * made for it, and bpf_perf_event_output() writes to the one of its hart.
 */
#include "libbpf_internal.h"
#include "libbpf_ring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u
#define MAX_PAGES 4096u

struct perf_hart {
	struct perf_buffer *pb;
	struct ring ring;
	int cpu;
	__u64 told; /* lost records that the user knows of */
};

struct perf_buffer {
	struct ring_reader reader;
	int map_fd;
	perf_buffer_sample_fn sample;
	perf_buffer_lost_fn lost;
	void *ctx;
	int nr;
	struct perf_hart *harts;
};

static int on_record(void *ctx, void *data, size_t size)
{
	const struct perf_hart *hart = ctx;

	if (hart->pb->sample)
		hart->pb->sample(hart->pb->ctx, hart->cpu, data, (__u32)size);
	return 0;
}

static int consume_hart(struct perf_hart *hart)
{
	struct perf_buffer *pb = hart->pb;
	int nr = ring_consume(&pb->reader, &hart->ring);

	if (nr >= 0 && hart->ring.dropped != hart->told) {
		if (pb->lost)
			pb->lost(pb->ctx, hart->cpu, hart->ring.dropped - hart->told);
		hart->told = hart->ring.dropped;
	}
	return nr;
}

static int consume_all(void *ctx)
{
	struct perf_buffer *pb = ctx;
	int nr = 0, n;

	for (int i = 0; i < pb->nr; i++) {
		n = consume_hart(&pb->harts[i]);
		if (n < 0)
			return n;
		nr += n;
	}
	return nr;
}

/* The array has one slot for each hart at least as far as it reaches; of the others nothing comes. */
static int nr_slots(int map_fd)
{
	struct bpf_map_info info;
	__u32 len = sizeof(info);
	int harts = libbpf_num_possible_cpus(), err;

	memset(&info, 0, sizeof(info));
	err = bpf_obj_get_info_by_fd(map_fd, &info, &len);
	if (err || harts < 0)
		return err ? err : harts;
	if (info.type != BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
		pr_warn("map '%.16s' is no perf event array\n", info.name);
		return -EINVAL;
	}
	return info.max_entries < (__u32)harts ? (int)info.max_entries : harts;
}

static int add_hart(struct perf_buffer *pb, int cpu, __u32 bytes)
{
	struct perf_hart *hart = &pb->harts[cpu];
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "perf", 0, 0, bytes, NULL), err;

	if (fd < 0)
		return fd;
	*hart = (struct perf_hart){.pb = pb, .cpu = cpu, .ring = {.map_fd = fd, .fn = on_record, .ctx = hart}};
	pb->nr++;
	err = bpf_map_update_elem(pb->map_fd, &cpu, &fd, BPF_ANY);
	if (err)
		pr_warn("perf buffer of hart %d: %s\n", cpu, strerror(-err));
	return err;
}

static int add_harts(struct perf_buffer *pb, size_t page_cnt)
{
	int slots = nr_slots(pb->map_fd), err;

	if (slots < 0)
		return slots;
	if (!page_cnt || page_cnt & (page_cnt - 1) || page_cnt > MAX_PAGES) {
		pr_warn("page count should be power of two, but is %zu\n", page_cnt);
		return -EINVAL;
	}
	pb->harts = calloc((size_t)slots + 1, sizeof(*pb->harts));
	err = pb->harts ? ring_reader_init(&pb->reader) : -ENOMEM;
	for (int i = 0; !err && i < slots; i++)
		err = add_hart(pb, i, (__u32)page_cnt * PAGE);
	return err;
}

struct perf_buffer *perf_buffer__new(int map_fd, size_t page_cnt, perf_buffer_sample_fn sample_cb,
				     perf_buffer_lost_fn lost_cb, void *ctx, const struct perf_buffer_opts *opts)
{
	struct perf_buffer *pb = calloc(1, sizeof(*pb));
	int err;

	(void)opts;
	if (!pb)
		return libbpf_err_ptr(-ENOMEM);
	pb->map_fd = map_fd;
	pb->sample = sample_cb;
	pb->lost = lost_cb;
	pb->ctx = ctx;
	err = add_harts(pb, page_cnt);
	if (!err)
		return pb;
	perf_buffer__free(pb);
	return libbpf_err_ptr(err);
}

int perf_buffer__poll(struct perf_buffer *pb, int timeout_ms)
{
	return libbpf_err(ring_poll(consume_all, pb, timeout_ms));
}

int perf_buffer__consume(struct perf_buffer *pb)
{
	return libbpf_err(consume_all(pb));
}

int perf_buffer__consume_buffer(struct perf_buffer *pb, size_t buf_idx)
{
	return libbpf_err(buf_idx < (size_t)pb->nr ? consume_hart(&pb->harts[buf_idx]) : -EINVAL);
}

size_t perf_buffer__buffer_cnt(const struct perf_buffer *pb)
{
	return (size_t)pb->nr;
}

int perf_buffer__buffer_fd(const struct perf_buffer *pb, size_t buf_idx)
{
	return buf_idx < (size_t)pb->nr ? pb->harts[buf_idx].ring.map_fd : libbpf_err(-EINVAL);
}

void perf_buffer__free(struct perf_buffer *pb)
{
	if (!pb)
		return;
	for (int i = 0; i < pb->nr; i++) {
		bpf_map_delete_elem(pb->map_fd, &i);
		sdk_close(pb->harts[i].ring.map_fd);
	}
	free(pb->harts);
	ring_reader_free(&pb->reader);
	free(pb);
}
