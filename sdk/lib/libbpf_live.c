/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data sections of a loaded object: skel->bss, skel->data. On Linux they are the
 * map's own memory. The firmware's memory cannot be mapped, so here they are a copy,
 * and this file makes it look like the real thing: at each moment described in
 * <bpf/libbpf.h> what the process has changed in the copy is stored into the map,
 * and then all of the map comes back.
 *
 * To find what was changed, the words are kept as they were when copy and map were the
 * same ("seen"). Storing must not undo what programs have added to other words in
 * between, as an update of the whole element would: a program of plain stores to those
 * places is loaded, run once, and closed.
 */
#include "../include/bpf/insn.h"
#include "at_wait.h"
#include "libbpf_internal.h"
#include "lock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STORE_INSNS 5
#define MAX_STORE_INSNS 400 /* of one program of stores */

static struct bpf_map *live_maps;
/* Guards the list, what the maps know of their copies, and the program. Not taken by whoever calls with it held. */
static struct lock live_lock;
static struct bpf_insn insns[MAX_STORE_INSNS];
static size_t nr_insns;

static size_t words_of(const struct bpf_map *map)
{
	return (map->value_size + 7u) / 8;
}

static void put_store(int map_fd, __u32 offset, __u32 size, __u64 value)
{
	__u8 width = size == 8 ? BPF_DW : size == 4 ? BPF_W : size == 2 ? BPF_H : BPF_B;
	struct bpf_insn *insn = &insns[nr_insns];

	insn[0] = BPF_RAW_INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, 0, map_fd);
	insn[1] = BPF_RAW_INSN(0, 0, 0, 0, (__s32)offset);
	insn[2] = BPF_RAW_INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, 0, 0, (__s32)value);
	insn[3] = BPF_RAW_INSN(0, 0, 0, 0, (__s32)(value >> 32));
	insn[4] = BPF_STX_MEM(width, BPF_REG_1, BPF_REG_2, 0);
	nr_insns += STORE_INSNS;
}

/*
 * Stores for the changed bytes among size bytes (a power of two) of a word: one that covers them all, as the process
 * most likely had it, or two where that would reach beyond the value's end. changed has the bits that differ.
 */
static void put_stores(const struct bpf_map *map, __u32 offset, __u32 size, __u64 value, __u64 changed)
{
	__u32 half = size / 2, bits = 8 * half;
	__u64 low = changed & ((1ull << bits) - 1), high = size > 1 ? changed >> bits : 0;

	if (!changed)
		return;
	if (size == 1 || (low && high && offset + size <= map->value_size)) {
		put_store(map->fd, offset, size, value);
		return;
	}
	put_stores(map, offset, half, value, low);
	put_stores(map, offset + half, half, value >> bits, high);
}

static int run_stores(void)
{
	union bpf_attr attr;
	int fd, err;

	if (!nr_insns)
		return 0;
	insns[nr_insns++] = BPF_MOV64_IMM(BPF_REG_0, 0);
	insns[nr_insns++] = BPF_EXIT_INSN();
	fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "store", "Dual BSD/GPL", insns, nr_insns, NULL);
	nr_insns = 0;
	if (fd < 0)
		return fd;
	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (__u32)fd;
	err = sdk_bpf(BPF_PROG_TEST_RUN, &attr);
	sdk_close(fd);
	return err;
}

/* What the process has changed into the map. seen[] follows where that was done; fresh[] is scratch. */
static int write_back(struct bpf_map *map)
{
	__u64 *seen = map->live.seen, *now = map->live.fresh;
	size_t words = words_of(map), from = 0;
	int err;

	for (size_t i = 0; i < words; i++) {
		now[i] = __atomic_load_n(&map->live.mine[i], __ATOMIC_RELAXED);
		put_stores(map, (__u32)(8 * i), 8, now[i], now[i] ^ seen[i]);
		if (i + 1 < words && nr_insns + 8 * STORE_INSNS + 2 <= MAX_STORE_INSNS)
			continue;
		err = run_stores();
		if (err)
			return err;
		memcpy(&seen[from], &now[from], (i + 1 - from) * sizeof(*seen));
		from = i + 1;
	}
	return 0;
}

/* The map's words to the copy, but not over what another thread has stored there meanwhile: that is next time's. */
static int read_back(struct bpf_map *map)
{
	int zero = 0, err = bpf_map_lookup_elem(map->fd, &zero, map->live.fresh);

	for (size_t i = 0; !err && i < words_of(map); i++) {
		__u64 was = map->live.seen[i];

		if (__atomic_compare_exchange_n(&map->live.mine[i], &was, map->live.fresh[i], false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			map->live.seen[i] = map->live.fresh[i];
	}
	return err;
}

static void sync_map(struct bpf_map *map)
{
	int err = write_back(map);

	if (err && !map->live.warned) {
		pr_warn("map '%s': what the process has stored cannot be put into the map: %s\n", map->name,
			strerror(-err));
		map->live.warned = true; /* once; the words in question keep the process's values */
	}
	err = read_back(map);
	if (err)
		pr_warn("map '%s': cannot be read: %s\n", map->name, strerror(-err));
}

void libbpf_live_sync(void)
{
	int err = errno;

	if (!live_maps)
		return;
	lock_acquire(&live_lock);
	for (struct bpf_map *map = live_maps; map; map = map->live.next)
		sync_map(map);
	lock_release(&live_lock);
	errno = err;
}

int libbpf_live_start(struct bpf_map *map)
{
	size_t words = words_of(map);

	if (map->rodata || !map->data || map->live.mine || map->fd < 0)
		return 0;
	map->live.seen = calloc(2 * words, sizeof(__u64));
	if (!map->live.seen)
		return -ENOMEM;
	map->live.fresh = map->live.seen + words;
	map->live.mine = map->data;
	memcpy(map->live.seen, map->data, map->value_size);
	lock_acquire(&live_lock);
	map->live.next = live_maps;
	live_maps = map;
	lock_release(&live_lock);
	__at_wait = libbpf_live_sync;
	return 0;
}

void libbpf_live_stop(struct bpf_map *map)
{
	struct bpf_map **p = &live_maps;

	if (!map->live.mine)
		return;
	lock_acquire(&live_lock);
	while (*p != map)
		p = &(*p)->live.next;
	*p = map->live.next;
	lock_release(&live_lock);
	free(map->live.seen);
	map->live.mine = NULL;
}
