/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_RINGBUF from the inside (map_ringbuf.c): writers reserve and
 * commit records, one reader at a time takes them out.
 *
 * Positions count bytes and never go back. A record is struct
 * ebpf_ringbuf_header, its data, and padding to 8 bytes, as in Linux.
 */
#ifndef EBPF_RINGBUF_H
#define EBPF_RINGBUF_H

#include "map.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_ringbuf;

/*
 * Writers: any hart. A reserved record is 8-byte aligned, `size` bytes, and the
 * caller's until he commits it; what lies in it is old. NULL: no room, counted as dropped.
 */
void *ebpf_ringbuf_reserve(struct ebpf_map *map, uint64_t size);
/* flags: BPF_RB_NO_WAKEUP, BPF_RB_FORCE_WAKEUP. A discarded record is skipped by the reader. */
void ebpf_ringbuf_commit(struct ebpf_map *map, void *record, uint64_t flags, bool discard);
uint32_t ebpf_ringbuf_size_of(const void *record); /* of one that is reserved */

/* BPF_RB_AVAIL_DATA ...; 0 for an unknown number, as in Linux */
uint64_t ebpf_ringbuf_query(const struct ebpf_map *map, uint64_t what);
uint64_t ebpf_ringbuf_dropped(const struct ebpf_map *map);

/*
 * The reader. begin: false if somebody else reads. Between begin and end: next()
 * gives the first committed record at or after *at, NULL if there is none, with
 * *len bytes of header, data and padding, and sets *at to its position.
 * consume() frees everything before `at`. *credit is the number of records it may
 * still look at.
 */
bool ebpf_ringbuf_begin(struct ebpf_map *map, uint64_t *at);
const void *ebpf_ringbuf_next(struct ebpf_map *map, uint64_t *at, uint32_t *len, uint32_t *credit);
void ebpf_ringbuf_consume(struct ebpf_map *map, uint64_t at);
void ebpf_ringbuf_end(struct ebpf_map *map);

#endif
