/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * map-bench TYPE ENTRIES OPERATION
 *
 * A full map of that type (its name as in bpftool), and then the operation COUNT
 * times on elements in random order, in a function of its own (measure_<operation>).
 * tests/bench/maps.py counts what that executes, under callgrind.
 */
#include "../tests/host/platform_host.h"
#include "map.h"

#include "ringbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 1000u
/* Not static: callgrind knows them by name, and clones have others. */
#define MEASURED(name)                                                                                                 \
	void measure_##name(void);                                                                                     \
	__attribute__((noinline)) void measure_##name(void)

static struct ebpf_map *map;
static uint32_t keys[COUNT][2]; /* present; a prefix is 32 and the address */

static void die(const char *what)
{
	fprintf(stderr, "map-bench: %s\n", what);
	exit(1);
}

static void must(int err, const char *what)
{
	if (err)
		die(what);
}

/* Element i's key: arrays want the index, prefixes their length before it. */
static void key_of(uint32_t i, uint32_t key[2])
{
	bool prefix = map->type == BPF_MAP_TYPE_LPM_TRIE;

	key[prefix] = prefix ? __builtin_bswap32(i) : i;
	key[!prefix] = prefix ? 32 : 0;
}

/* What a program does */

MEASURED(lookup)
{
	for (uint32_t i = 0; i < COUNT; i++)
		if (!ebpf_map_prog_lookup(map, keys[i]))
			die("lookup");
}

MEASURED(update)
{
	uint64_t value[1] = {1};

	for (uint32_t i = 0; i < COUNT; i++)
		must(ebpf_map_prog_update(map, keys[i], value, BPF_EXIST), "update");
}

MEASURED(delete_insert)
{
	uint64_t value[1] = {2};

	for (uint32_t i = 0; i < COUNT; i++) {
		must(ebpf_map_prog_delete(map, keys[i]), "delete");
		must(ebpf_map_prog_update(map, keys[i], value, BPF_NOEXIST), "insert");
	}
}

MEASURED(evict)
{
	uint64_t value[1] = {3};

	for (uint32_t i = 0; i < COUNT; i++) {
		uint32_t key[2] = {map->max_entries + i, 0};

		must(ebpf_map_prog_update(map, key, value, BPF_NOEXIST), "evict");
	}
}

MEASURED(push_pop)
{
	uint64_t value = 1;

	for (uint32_t i = 0; i < COUNT; i++) {
		must(map->ops->pop(map, &value), "pop");
		must(map->ops->push(map, &value, 0), "push");
	}
}

MEASURED(peek)
{
	for (uint32_t i = 0; i < COUNT; i++) {
		uint64_t value = i % map->max_entries; /* a bloom filter looks for it, the others overwrite it */

		must(map->ops->peek(map, &value), "peek");
	}
}

MEASURED(output)
{
	for (uint32_t i = 0; i < COUNT; i++) {
		uint64_t *record = ebpf_ringbuf_reserve(map, 8), at;

		if (!record)
			die("reserve");
		*record = i;
		ebpf_ringbuf_commit(map, record, 0, false);
		if (!ebpf_ringbuf_begin(map, &at))
			die("read");
		ebpf_ringbuf_consume(map, at + 16);
		ebpf_ringbuf_end(map);
	}
}

/* What bpf(2) does to walk */
MEASURED(next_key)
{
	uint32_t key[2] = {0, 0};

	must(ebpf_map_next_key(map, NULL, key), "first key");
	for (uint32_t i = 0; i < COUNT; i++)
		if (ebpf_map_next_key(map, key, key))
			must(ebpf_map_next_key(map, NULL, key), "first key");
}

static uint32_t type_named(const char *name)
{
	for (uint32_t type = 1; type < 40; type++)
		if (ebpf_map_ops_of(type) && !strcmp(ebpf_map_ops_of(type)->name, name))
			return type;
	die("no such type");
	return 0;
}

static void make(uint32_t type, uint32_t entries)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.max_entries = entries;
	attr.key_size = type == BPF_MAP_TYPE_LPM_TRIE ? 8 : 4;
	attr.value_size = 8;
	if (type == BPF_MAP_TYPE_QUEUE || type == BPF_MAP_TYPE_STACK || type == BPF_MAP_TYPE_BLOOM_FILTER)
		attr.key_size = 0;
	if (type == BPF_MAP_TYPE_LPM_TRIE)
		attr.map_flags = BPF_F_NO_PREALLOC;
	if (type == BPF_MAP_TYPE_RINGBUF) {
		attr.key_size = attr.value_size = 0;
		for (attr.max_entries = 4096; attr.max_entries < entries * 16; attr.max_entries *= 2)
			;
	}
	must(ebpf_map_create(&attr, NULL, &map), "create");
	while (!ebpf_map_prepare(map))
		;
}

static void fill(uint32_t entries)
{
	for (uint64_t i = 0; i < entries; i++) {
		uint32_t key[2];

		if (map->ops->push) {
			must(map->ops->push(map, &i, 0), "push");
		} else if (map->ops->next_key && map->key_size) {
			key_of((uint32_t)i, key);
			must(ebpf_map_prog_update(map, key, &i, BPF_ANY), "fill");
		}
	}
	for (uint64_t i = 0; i < COUNT; i++)
		key_of((uint32_t)((i * 0x9e3779b97f4a7c15u >> 20) % entries), keys[i]);
}

static const struct {
	const char *name;
	void (*run)(void);
} operations[] = {
	{"lookup", measure_lookup}, {"update", measure_update},	    {"delete_insert", measure_delete_insert},
	{"evict", measure_evict},   {"push_pop", measure_push_pop}, {"peek", measure_peek},
	{"output", measure_output}, {"next_key", measure_next_key},
};

int main(int argc, char **argv)
{
	uint32_t entries = argc == 4 ? (uint32_t)strtoul(argv[2], NULL, 0) : 0;

	if (!entries)
		die("usage: map-bench TYPE ENTRIES OPERATION");
	host_arena_init((16u << 20) + entries * 256ul);
	make(type_named(argv[1]), entries);
	fill(entries);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(operations[i].name, argv[3]))
			continue;
		operations[i].run();
		printf("%u\n", COUNT);
		return 0;
	}
	die("no such operation");
	return 1;
}
