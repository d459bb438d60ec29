/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations on one map against a model that is a list: types with keys (arrays,
 * hash tables, LRU tables, tries, each hart's own values), queues, stacks, bloom
 * filters and ring buffers. Calls come from bpf(2) and from programs on either
 * of two harts. Results and errors must be the model's; in the end the map holds
 * what the model holds, and its memory comes back.
 */
#include "fuzz.h"

#include "map.h"
#include "platform_host.h"
#include "ringbuf.h"

#include <stdbool.h>

#define HARTS 2u
#define MAX_OPS 300u
#define MAX_KEY 8u
#define MAX_VALUE 64u /* all harts' */
#define MAX_ENTRIES 16u
#define RING_SIZE 4096u
#define TRIE_BITS 32u

enum shape { ARRAY, TABLE, LRU, TRIE, QUEUE, STACK, BLOOM, RING };

static const struct kind {
	uint32_t type, key_size, flags;
	enum shape shape;
	bool percpu;
} kinds[] = {
	{BPF_MAP_TYPE_ARRAY, 4, 0, ARRAY, false},
	{BPF_MAP_TYPE_HASH, 4, 0, TABLE, false},
	{BPF_MAP_TYPE_HASH, 8, BPF_F_NO_PREALLOC, TABLE, false},
	{BPF_MAP_TYPE_PERCPU_ARRAY, 4, 0, ARRAY, true},
	{BPF_MAP_TYPE_PERCPU_HASH, 4, 0, TABLE, true},
	{BPF_MAP_TYPE_LRU_HASH, 4, 0, LRU, false},
	{BPF_MAP_TYPE_LRU_PERCPU_HASH, 8, 0, LRU, true},
	{BPF_MAP_TYPE_LPM_TRIE, 8, BPF_F_NO_PREALLOC, TRIE, false},
	{BPF_MAP_TYPE_QUEUE, 0, 0, QUEUE, false},
	{BPF_MAP_TYPE_STACK, 0, 0, STACK, false},
	{BPF_MAP_TYPE_BLOOM_FILTER, 0, 0, BLOOM, false},
	{BPF_MAP_TYPE_RINGBUF, 0, 0, RING, false},
};

static const struct kind *kind;
static struct ebpf_map *map;
static uint32_t stride; /* from one hart's value to the next in what bpf(2) sees */

/* What the map should hold. Tables: in any order; queue and stack: oldest first. */
static struct entry {
	uint8_t key[MAX_KEY], value[MAX_VALUE];
} entries[MAX_ENTRIES];
static uint32_t count;

static void make_map(struct fuzz_in *in)
{
	union bpf_attr attr;

	kind = &kinds[fuzz_u8(in) % (sizeof(kinds) / sizeof(kinds[0]))];
	memset(&attr, 0, sizeof(attr));
	attr.map_type = kind->type;
	attr.key_size = kind->key_size;
	attr.value_size = kind->shape == RING ? 0 : 1 + fuzz_u8(in) % (MAX_VALUE / HARTS);
	attr.max_entries = kind->shape == RING ? RING_SIZE : 1 + fuzz_u8(in) % MAX_ENTRIES;
	attr.map_flags = kind->flags;
	if (ebpf_map_create(&attr, NULL, &map))
		fuzz_die("map type %u cannot be made", kind->type);
	while (!ebpf_map_prepare(map))
		;
	stride = (map->value_size + 7) & ~7u;
	count = 0;
	memset(entries, 0, sizeof(entries));
	if (kind->shape == ARRAY)
		for (count = 0; count < map->max_entries; count++)
			memcpy(entries[count].key, &count, 4);
}

/* --- The model --- */

static bool same_bits(const uint8_t *a, const uint8_t *b, uint32_t bits)
{
	for (uint32_t i = 0; i < bits; i++)
		if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static uint32_t bits_of(const uint8_t *key)
{
	uint32_t bits;

	memcpy(&bits, key, 4);
	return bits;
}

/* NULL: not there. A trie's lookup finds the longest prefix, all else the same prefix. */
static struct entry *find(const uint8_t *key, bool lookup)
{
	struct entry *best = NULL;

	for (uint32_t i = 0; i < count; i++) {
		struct entry *e = &entries[i];

		if (kind->shape != TRIE) {
			if (!memcmp(e->key, key, kind->key_size))
				return e;
			continue;
		}
		if (bits_of(e->key) > bits_of(key) || !same_bits(e->key + 4, key + 4, bits_of(e->key)))
			continue;
		if (lookup ? !best || bits_of(e->key) > bits_of(best->key) : bits_of(e->key) == bits_of(key))
			best = e;
	}
	return best;
}

static void forget(struct entry *e)
{
	*e = entries[--count];
}

/* Compared without the padding between harts' values */
static bool same_value(const uint8_t *a, const uint8_t *b)
{
	for (uint32_t i = 0; i < (kind->percpu ? HARTS : 1); i++)
		if (memcmp(a + i * stride, b + i * stride, map->value_size))
			return false;
	return true;
}

/* An LRU table may have let go of others to take one in, if it was full. */
static void learn_evictions(const struct entry *keep)
{
	for (uint32_t i = 0; i < count;) {
		if (&entries[i] == keep || map->ops->lookup(map, entries[i].key)) {
			i++;
			continue;
		}
		if (keep == &entries[count - 1])
			keep = &entries[i];
		forget(&entries[i]);
	}
}

/* What an update of a table says; *slot is where the value goes. */
static int expect_update(const uint8_t *key, uint64_t flags, struct entry **slot, bool *full)
{
	struct entry *e = find(key, false);

	*slot = e;
	*full = false;
	if (kind->shape == TRIE && bits_of(key) > TRIE_BITS)
		return -EINVAL;
	if (flags > BPF_EXIST)
		return -EINVAL;
	if (kind->shape == ARRAY)
		return !e ? -E2BIG : flags == BPF_NOEXIST ? -EEXIST : 0;
	if (e)
		return flags == BPF_NOEXIST ? -EEXIST : 0;
	if (flags == BPF_EXIST)
		return -ENOENT;
	*full = count == map->max_entries;
	if (*full && kind->shape != LRU)
		return kind->shape == TRIE ? -ENOSPC : -E2BIG;
	return 0;
}

/* --- Operations on keys --- */

static void get_key(struct fuzz_in *in, uint8_t *key)
{
	uint8_t which = fuzz_u8(in);

	memset(key, 0, MAX_KEY);
	if (kind->shape == TRIE) { /* few different bits, so that prefixes meet */
		key[0] = which % (TRIE_BITS + 2);
		key[4] = fuzz_u8(in);
		key[5] = which & 0x40 ? 0xff : 0;
		key[7] = which & 0x80 ? 1 : 0;
		return;
	}
	key[0] = which % (MAX_ENTRIES + 4);
	if (kind->key_size == 8)
		key[7] = key[0];
}

static void check(int got, int expected, const char *what)
{
	if (got != expected)
		fuzz_die("map type %u, %u of %u elements: %s says %d, the model %d", kind->type, count,
			 map->max_entries, what, got, expected);
}

static void update(struct fuzz_in *in, bool program)
{
	uint8_t key[MAX_KEY], value[MAX_VALUE];
	uint64_t flags = fuzz_u8(in) % 4;
	struct entry *slot;
	bool full;
	int expected;

	get_key(in, key);
	fuzz_bytes(in, value, sizeof(value) / 4);
	for (uint32_t i = sizeof(value) / 4; i < sizeof(value); i++)
		value[i] = (uint8_t)(value[i % 16] + i);
	expected = expect_update(key, flags, &slot, &full);
	check(program ? ebpf_map_prog_update(map, key, value, flags) : ebpf_map_update_elem(map, key, value, flags),
	      expected, "update");
	if (expected)
		return;
	if (!slot && full) /* somebody had to go: who, says the map */
		learn_evictions(NULL);
	if (!slot) {
		if (count == map->max_entries)
			fuzz_die("map type %u: more than %u elements", kind->type, map->max_entries);
		slot = &entries[count++];
		memset(slot, 0, sizeof(*slot));
		memcpy(slot->key, key, MAX_KEY);
	}
	if (kind->percpu && program)
		memcpy(slot->value + ebpf_plat_hart() * stride, value, map->value_size);
	else
		memcpy(slot->value, value, sizeof(value));
}

static void lookup(struct fuzz_in *in)
{
	uint8_t key[MAX_KEY], value[MAX_VALUE];
	const struct entry *e;

	get_key(in, key);
	e = find(key, true);
	if (kind->shape == TRIE && bits_of(key) > TRIE_BITS)
		e = find((memcpy(key, &(uint32_t){TRIE_BITS}, 4), key), true); /* as with the most bits there are */
	check(ebpf_map_lookup_elem(map, key, value, 0), e ? 0 : -ENOENT, "lookup");
	if (e && !same_value(e->value, value))
		fuzz_die("map type %u: wrong value", kind->type);
}

/* A program looks a value up and changes it. */
static void change(struct fuzz_in *in)
{
	uint8_t key[MAX_KEY], *value, byte = fuzz_u8(in);
	uint32_t at = byte % map->value_size;
	struct entry *e;

	get_key(in, key);
	if (kind->shape == TRIE && bits_of(key) > TRIE_BITS)
		return;
	e = find(key, true);
	value = ebpf_map_prog_lookup(map, key);
	check(value ? 0 : -ENOENT, e ? 0 : -ENOENT, "a program's lookup");
	if (!e)
		return;
	if (!ebpf_map_value_ok(map, (uintptr_t)value, map->value_size))
		fuzz_die("map type %u: a value that is not the map's", kind->type);
	value[at] = byte;
	e->value[(kind->percpu ? ebpf_plat_hart() * stride : 0) + at] = byte;
}

static void delete (struct fuzz_in *in, bool program)
{
	uint8_t key[MAX_KEY];
	struct entry *e;
	int expected;

	get_key(in, key);
	e = find(key, false);
	expected = kind->shape == ARRAY || (kind->shape == TRIE && bits_of(key) > TRIE_BITS) ? -EINVAL
		   : e									     ? 0
											     : -ENOENT;
	check(program ? ebpf_map_prog_delete(map, key) : ebpf_map_delete_elem(map, key), expected, "delete");
	if (!expected)
		forget(e);
}

static void take(struct fuzz_in *in)
{
	uint8_t key[MAX_KEY], value[MAX_VALUE];
	struct entry *e;
	int expected;

	get_key(in, key);
	e = find(key, false);
	expected = kind->shape == ARRAY || kind->shape == TRIE ? -ENOTSUPP : e ? 0 : -ENOENT;
	check(ebpf_map_take_elem(map, key, value, 0), expected, "lookup and delete");
	if (expected)
		return;
	if (!same_value(e->value, value))
		fuzz_die("map type %u: another value taken", kind->type);
	forget(e);
}

/* All keys, each once, nothing else, and their values */
static void walk_keys(void)
{
	uint8_t key[MAX_KEY], next[MAX_KEY], value[MAX_VALUE];
	bool seen[MAX_ENTRIES] = {false};
	uint32_t n = 0;
	int err = ebpf_map_next_key(map, NULL, next);

	for (; !err && n <= count; n++) {
		struct entry *e;

		memcpy(key, next, MAX_KEY);
		e = find(key, false);
		if (!e || seen[e - entries])
			fuzz_die("map type %u: a key %s", kind->type, e ? "twice" : "that is not there");
		seen[e - entries] = true;
		check(ebpf_map_lookup_elem(map, key, value, 0), 0, "lookup of a key from next_key");
		if (!same_value(e->value, value))
			fuzz_die("map type %u: wrong value in a walk", kind->type);
		err = ebpf_map_next_key(map, key, next);
	}
	check(err, -ENOENT, "next_key");
	check((int)n, (int)count, "a walk");
}

static void keyed_op(struct fuzz_in *in, uint8_t op)
{
	switch (op % 10) {
	case 0:
	case 1:
		update(in, false);
		break;
	case 2:
	case 3:
		update(in, true);
		break;
	case 4:
		lookup(in);
		break;
	case 5:
		change(in);
		break;
	case 6:
	case 7:
		delete (in, op % 10 == 7);
		break;
	case 8:
		take(in);
		break;
	default:
		walk_keys();
	}
}

/* --- Queue and stack --- */

static void push(struct fuzz_in *in)
{
	uint8_t value[MAX_VALUE], flags = fuzz_u8(in) % 4;
	int expected = 0;

	fuzz_bytes(in, value, sizeof(value));
	if (flags != BPF_ANY && flags != BPF_EXIST)
		expected = -EINVAL;
	else if (count == map->max_entries && flags == BPF_ANY)
		expected = -E2BIG;
	check(ebpf_map_update_elem(map, NULL, value, flags), expected, "push");
	if (expected)
		return;
	if (count == map->max_entries)
		memmove(entries, entries + 1, --count * sizeof(entries[0]));
	memcpy(entries[count++].value, value, sizeof(value));
}

static void pop(bool keep)
{
	uint8_t value[MAX_VALUE];
	uint32_t at = kind->shape == QUEUE ? 0 : count - 1;

	check(keep ? ebpf_map_lookup_elem(map, NULL, value, 0) : ebpf_map_take_elem(map, NULL, value, 0),
	      count ? 0 : -ENOENT, keep ? "peek" : "pop");
	if (!count)
		return;
	if (!same_value(entries[at].value, value))
		fuzz_die("map type %u: another value", kind->type);
	if (keep)
		return;
	count--;
	if (kind->shape == QUEUE)
		memmove(entries, entries + 1, count * sizeof(entries[0]));
}

static void queue_op(struct fuzz_in *in, uint8_t op)
{
	if (op % 4 < 2)
		push(in);
	else
		pop(op % 4 == 2);
}

/* --- Bloom filter: what was put in is in --- */

static void bloom_op(struct fuzz_in *in, uint8_t op)
{
	uint8_t value[MAX_VALUE];

	if (op % 2) {
		fuzz_bytes(in, value, sizeof(value));
		check(ebpf_map_update_elem(map, NULL, value, BPF_ANY), 0, "push");
		memcpy(entries[count < MAX_ENTRIES ? count++ : op % MAX_ENTRIES].value, value, sizeof(value));
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		check(ebpf_map_lookup_elem(map, NULL, entries[i].value, 0), 0, "lookup of what was put in");
}

/* --- Ring buffer: a record is reserved, then committed or not, then read in order --- */

static struct record {
	uint8_t *at;
	uint32_t size;
	enum { RESERVED, COMMITTED, DISCARDED } state;
	uint8_t fill;
} ring[RING_SIZE / 8];
static uint32_t ring_first, ring_count, ring_used;
static uint64_t ring_dropped;

static uint32_t ring_len(uint32_t size)
{
	return (size + 8 + 7) & ~7u;
}

static struct record *ring_at(uint32_t n)
{
	return &ring[(ring_first + n) % (RING_SIZE / 8)];
}

static void ring_reserve(struct fuzz_in *in)
{
	uint32_t size = fuzz_u16(in) % 1500;
	uint8_t *at = ebpf_ringbuf_reserve(map, size), fill = fuzz_u8(in);
	bool fits = ring_used + ring_len(size) < RING_SIZE;

	if (!at != !fits)
		fuzz_die("ring buffer: %u bytes used, a record of %u %s", ring_used, size,
			 at ? "fits" : "does not fit");
	if (!at) {
		ring_dropped++;
		return;
	}
	if (ebpf_ringbuf_size_of(at) != size)
		fuzz_die("ring buffer: a record of another size");
	memset(at, fill, size);
	*ring_at(ring_count++) = (struct record){at, size, RESERVED, fill};
	ring_used += ring_len(size);
}

static void ring_commit(struct fuzz_in *in)
{
	uint8_t which = fuzz_u8(in);
	struct record *r;

	if (!ring_count)
		return;
	r = ring_at(which % ring_count);
	if (r->state != RESERVED)
		return;
	ebpf_ringbuf_commit(map, r->at, 0, which & 128);
	r->state = which & 128 ? DISCARDED : COMMITTED;
}

static void ring_gone(void)
{
	ring_used -= ring_len(ring_at(0)->size);
	ring_first = (ring_first + 1) % (RING_SIZE / 8);
	ring_count--;
}

/* One record, or none; what was discarded on the way goes as well. */
static void ring_read(void)
{
	uint32_t len, credit = UINT32_MAX;
	const uint8_t *got;
	uint64_t at;

	if (!ebpf_ringbuf_begin(map, &at))
		fuzz_die("ring buffer: nobody reads, but it is being read");
	got = ebpf_ringbuf_next(map, &at, &len, &credit);
	while (ring_count && ring_at(0)->state == DISCARDED)
		ring_gone();
	if (!got != !(ring_count && ring_at(0)->state == COMMITTED))
		fuzz_die("ring buffer: %s", got ? "a record too many" : "a record is missing");
	if (got) {
		const struct record *r = ring_at(0);

		if (len != ring_len(r->size))
			fuzz_die("ring buffer: %u bytes for a record of %u", len, r->size);
		for (uint32_t i = 0; i < r->size; i++)
			if (got[8 + i] != r->fill)
				fuzz_die("ring buffer: byte %u of a record is not what was written", i);
		at += len;
		ring_gone();
	}
	ebpf_ringbuf_consume(map, at);
	ebpf_ringbuf_end(map);
}

static void ring_op(struct fuzz_in *in, uint8_t op)
{
	if (op % 4 < 2)
		ring_reserve(in);
	else if (op % 4 == 2)
		ring_commit(in);
	else
		ring_read();
	if (ebpf_ringbuf_dropped(map) != ring_dropped)
		fuzz_die("ring buffer: %llu dropped, not %llu", (unsigned long long)ebpf_ringbuf_dropped(map),
			 (unsigned long long)ring_dropped);
	if (ebpf_ringbuf_query(map, BPF_RB_AVAIL_DATA) != ring_used)
		fuzz_die("ring buffer: %llu bytes used, not %u",
			 (unsigned long long)ebpf_ringbuf_query(map, BPF_RB_AVAIL_DATA), ring_used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_in in = {data, size};
	static void *arena;
	size_t free_bytes;

	if (!arena) {
		host_reset();
		arena = host_arena_init(1u << 20);
	}
	host_hart_count = HARTS;
	free_bytes = ebpf_arena_free_bytes();
	ring_first = ring_count = ring_used = 0;
	ring_dropped = 0;
	make_map(&in);
	for (uint32_t n = 0; n < MAX_OPS && in.left; n++) {
		uint8_t op = fuzz_u8(&in);

		host_hart = op >> 7;
		if (kind->shape == RING)
			ring_op(&in, op);
		else if (kind->shape == BLOOM)
			bloom_op(&in, op);
		else if (kind->shape == QUEUE || kind->shape == STACK)
			queue_op(&in, op);
		else
			keyed_op(&in, op);
	}
	if (kind->key_size)
		walk_keys();
	map->obj.release(&map->obj);
	if (ebpf_arena_free_bytes() != free_bytes || !ebpf_arena_consistent())
		fuzz_die("map type %u: memory is not as it was", kind->type);
	return 0;
}
