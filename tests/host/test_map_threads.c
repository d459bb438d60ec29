/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads play harts on the map types beside array and hash: no update is lost, no
 * element belongs to two, nobody sees what has been freed. Also run under
 * ThreadSanitizer (make test-threads).
 */
#include "map_case.h"

#include "map_fd_array.h"
#include "map_hash.h"
#include "map_stack_trace.h"
#include "mem.h"
#include "ringbuf.h"

#include <pthread.h>
#include <sched.h>

#define HARTS 4u
#define ROUNDS 4000u

static bool stop;
static uint64_t failures;

static void fails(bool wrong)
{
	if (wrong)
		__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
}

static uint64_t rnd(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* Each thread is a hart: arg is its number. */
static void run_harts(void *(*body)(void *), unsigned int n)
{
	pthread_t threads[HARTS];

	failures = 0;
	stop = false;
	for (uintptr_t i = 0; i < n; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, body, (void *)i), 0);
	for (unsigned int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(failures, 0);
}

/* ---------------------------------------------------------------- a value for each hart */

static void *count_own(void *arg)
{
	host_hart = (unsigned int)(uintptr_t)arg;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t key = i % 8;
		uint64_t zero = 0, *slot;

		slot = ebpf_map_prog_lookup(map, &key);
		if (!slot) { /* whoever is first clears the others' values */
			ebpf_map_prog_update(map, &key, &zero, BPF_NOEXIST);
			slot = ebpf_map_prog_lookup(map, &key);
		}
		__atomic_store_n(slot, *slot + 1, __ATOMIC_RELAXED); /* nobody else writes it */
	}
	return NULL;
}

static void try_percpu(uint32_t type)
{
	uint64_t values[HARTS], sum = 0;

	host_hart_count = HARTS;
	assert_int_equal(case_make(type, 4, 8, 8, 0), 0);
	for (uint32_t key = 0; key < 8; key++) {
		memset(values, 0, sizeof(values));
		assert_int_equal(ebpf_map_update_elem(map, &key, values, 0), 0);
	}
	run_harts(count_own, HARTS);
	for (uint32_t key = 0; key < 8; key++) {
		assert_int_equal(ebpf_map_lookup_elem(map, &key, values, 0), 0);
		for (unsigned int hart = 0; hart < HARTS; hart++)
			sum += values[hart];
	}
	assert_int_equal(sum, HARTS * ROUNDS);
}

static void test_threads_percpu(void **state)
{
	(void)state;
	try_percpu(BPF_MAP_TYPE_PERCPU_ARRAY);
	try_percpu(BPF_MAP_TYPE_PERCPU_HASH);
	try_percpu(BPF_MAP_TYPE_LRU_PERCPU_HASH);
}

/* --------------------------------------------------------------------------- LRU */

static void *use_lru(void *arg)
{
	uint64_t seed = (uintptr_t)arg + 1;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint64_t key = rnd(&seed) % 256, value[2] = {key, ~key};

		if (i % 3) {
			ebpf_map_prog_lookup(map, &key);
			fails(!ebpf_map_lookup_elem(map, &key, value, 0) && (value[0] != key || value[1] != ~key));
		} else {
			int err = ebpf_map_prog_update(map, &key, value, BPF_ANY);

			fails(err && err != -ENOMEM);
		}
	}
	return NULL;
}

static void test_threads_lru(void **state)
{
	uint64_t key = 0, n = 0;

	(void)state;
	assert_int_equal(case_make(BPF_MAP_TYPE_LRU_HASH, 8, 16, 64, 0), 0);
	run_harts(use_lru, HARTS);
	for (int err = ebpf_map_next_key(map, NULL, &key); !err; err = ebpf_map_next_key(map, &key, &key))
		n++;
	assert_in_range(n, 1, 64);
}

/* ------------------------------------------------------------------- queue and stack */

static uint64_t pushed, popped;

static void *push_and_pop(void *arg)
{
	uint64_t value = (uintptr_t)arg << 32, got;

	for (uint32_t i = 0; i < ROUNDS; i++, value++) {
		if (!map->ops->push(map, &value, 0))
			__atomic_fetch_add(&pushed, value, __ATOMIC_RELAXED);
		map->ops->peek(map, &got);
		if (i % 3 && !map->ops->pop(map, &got))
			__atomic_fetch_add(&popped, got, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void test_threads_queue(void **state)
{
	static const uint32_t types[] = {BPF_MAP_TYPE_QUEUE, BPF_MAP_TYPE_STACK};
	uint64_t got;

	(void)state;
	for (uint32_t t = 0; t < COUNT_OF(types); t++) {
		pushed = popped = 0;
		assert_int_equal(case_make(types[t], 0, 8, 100, 0), 0);
		run_harts(push_and_pop, HARTS);
		while (!map->ops->pop(map, &got))
			popped += got;
		assert_int_equal(pushed, popped); /* what went in came out, once */
	}
}

/* ----------------------------------------------------------------------- bloom filter */

static void *remember(void *arg)
{
	for (uint64_t i = 0; i < ROUNDS / 10; i++) {
		uint64_t value = (uintptr_t)arg << 32 | i;

		fails(map->ops->push(map, &value, 0) != 0);
		fails(map->ops->peek(map, &value) != 0);
	}
	return NULL;
}

static void test_threads_bloom(void **state)
{
	(void)state;
	assert_int_equal(case_make(BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, ROUNDS, 0), 0);
	run_harts(remember, HARTS);
	for (uint64_t hart = 0; hart < HARTS; hart++)
		for (uint64_t i = 0; i < ROUNDS / 10; i++) {
			uint64_t value = hart << 32 | i;

			assert_int_equal(map->ops->peek(map, &value), 0); /* no bit was lost */
		}
}

/* ---------------------------------------------------------------------------- prefixes */

static void *use_prefixes(void *arg)
{
	uint64_t seed = (uintptr_t)arg + 1, value;

	for (uint32_t i = 0; i < ROUNDS / 2; i++) {
		uint32_t key[2] = {8 + (uint32_t)rnd(&seed) % 25, (uint32_t)rnd(&seed) & 0x0f0f0f0f};
		int err;

		switch (i % 4) {
		case 0:
			value = key[0];
			err = ebpf_map_prog_update(map, key, &value, BPF_ANY);
			fails(err && err != -ENOSPC);
			break;
		case 1:
			err = ebpf_map_prog_delete(map, key);
			fails(err && err != -ENOENT);
			break;
		default:
			key[0] = 32;
			err = ebpf_map_lookup_elem(map, key, &value, 0);
			fails(err ? err != -ENOENT : value < 8 || value > 32);
		}
	}
	return NULL;
}

static void test_threads_lpm(void **state)
{
	(void)state;
	assert_int_equal(case_make(BPF_MAP_TYPE_LPM_TRIE, 8, 8, 200, BPF_F_NO_PREALLOC), 0);
	run_harts(use_prefixes, HARTS);
}

/* --------------------------------------------------------------------------- call chains */

static void *put_chains(void *arg)
{
	uint64_t seed = (uintptr_t)arg + 1;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint64_t first = rnd(&seed) % 100, ip[4] = {first, first + 1, first + 2, first + 3}, got[8];
		int64_t id = ebpf_stack_trace_put(map, ip, 4, 0);
		uint32_t key = (uint32_t)id;

		fails(id < 0 && id != -EEXIST);
		if (id >= 0 && !ebpf_map_lookup_elem(map, &key, got, 0))
			fails(got[3] != got[0] + 3); /* one chain, not parts of two */
	}
	return NULL;
}

static void test_threads_stack_trace(void **state)
{
	(void)state;
	assert_int_equal(case_make(BPF_MAP_TYPE_STACK_TRACE, 4, 64, 64, 0), 0);
	run_harts(put_chains, HARTS);
}

/* --------------------------------------------------------------------------- ring buffer */

static uint64_t written[HARTS], lost[HARTS], received[HARTS], writers_left;

static void write_ring(uint64_t hart)
{
	for (uint64_t i = 0; i < ROUNDS; i++) {
		uint64_t size = 8 + i % 5 * 8, *record = ebpf_ringbuf_reserve(map, size);

		if (!record) {
			lost[hart]++;
			continue;
		}
		for (uint64_t n = 0; n < size / 8; n++)
			record[n] = hart << 32 | i;
		ebpf_ringbuf_commit(map, record, 0, i % 7 == 0);
		written[hart] += i % 7 != 0;
	}
	__atomic_fetch_sub(&writers_left, 1, __ATOMIC_RELEASE);
}

static void read_ring(void)
{
	uint64_t last[HARTS] = {0};
	bool more;

	do {
		uint64_t at = 0;
		uint32_t len, credit = 64;
		const uint64_t *record;

		more = __atomic_load_n(&writers_left, __ATOMIC_ACQUIRE);
		fails(!ebpf_ringbuf_begin(map, &at));
		while ((record = ebpf_ringbuf_next(map, &at, &len, &credit))) {
			uint64_t hart = record[1] >> 32, i = record[1] & 0xffffffff;

			more = true;
			fails(hart >= HARTS || i <= last[hart]); /* in order, none twice */
			for (uint32_t n = 2; n < len / 8; n++)
				fails(record[n] != record[1]); /* whole */
			last[hart] = i;
			received[hart]++;
			at += len;
		}
		ebpf_ringbuf_consume(map, at);
		ebpf_ringbuf_end(map);
		more |= ebpf_ringbuf_query(map, BPF_RB_AVAIL_DATA) != 0;
	} while (more);
}

static void *use_ring(void *arg)
{
	uint64_t hart = (uintptr_t)arg;

	if (hart)
		write_ring(hart);
	else
		read_ring();
	return NULL;
}

static void test_threads_ringbuf(void **state)
{
	uint64_t all_lost = 0;

	(void)state;
	memset(written, 0, sizeof(written));
	memset(received, 0, sizeof(received));
	memset(lost, 0, sizeof(lost));
	writers_left = HARTS - 1;
	assert_int_equal(case_make(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0), 0);
	run_harts(use_ring, HARTS);
	for (unsigned int hart = 1; hart < HARTS; hart++) {
		assert_int_equal(received[hart], written[hart]);
		all_lost += lost[hart];
	}
	assert_int_equal(ebpf_ringbuf_dropped(map), all_lost);
}

/* ---------------------------------------------------------------------------- maps of maps */

static uint64_t runs[HARTS]; /* completed, each hart's own */
static struct ebpf_map *inner_like;

/* A grace period: every reader has come to the end of what it was doing. */
static void wait_for_runs(void)
{
	for (unsigned int hart = 1; hart < HARTS; hart++) {
		uint64_t before = __atomic_load_n(&runs[hart], __ATOMIC_ACQUIRE);

		while (__atomic_load_n(&runs[hart], __ATOMIC_ACQUIRE) == before &&
		       !__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
			sched_yield();
	}
}

static struct ebpf_map *new_inner(uint64_t value)
{
	union bpf_attr attr = case_attr(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	struct ebpf_map *inner;
	uint32_t zero = 0;

	if (ebpf_map_create(&attr, NULL, &inner))
		abort();
	while (!ebpf_map_prepare(inner))
		;
	ebpf_map_update_elem(inner, &zero, &value, 0);
	return inner;
}

static void put_new(uint32_t key, uint64_t value)
{
	struct ebpf_map *inner = new_inner(value);

	fails(ebpf_map_assign_elem(map, &key, &inner->obj, BPF_ANY) != 0);
	ebpf_obj_put(&inner->obj); /* the outer one has it */
}

static void *use_maps(void *arg)
{
	unsigned int hart = (unsigned int)(uintptr_t)arg;
	uint64_t seed = hart;

	if (hart) {
		while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
			uint32_t key = (uint32_t)rnd(&seed) % 4, zero = 0;
			struct ebpf_map *inner = ebpf_map_prog_lookup(map, &key);
			const uint64_t *value = inner ? ebpf_map_prog_lookup(inner, &zero) : NULL;

			/* freed memory is poisoned: the address sanitizer would see it, too */
			fails(inner && (!value || EBPF_MEM_LOAD(uint64_t, value) % 4 != key));
			__atomic_fetch_add(&runs[hart], 1, __ATOMIC_RELEASE);
		}
		return NULL;
	}
	for (uint64_t i = 0; i < 25; i++) {
		uint32_t key = (uint32_t)rnd(&seed) % 4;
		int err;

		put_new(key, 4 * i + key);
		key = (uint32_t)rnd(&seed) % 4;
		err = map->ops->delete (map, &key);
		fails(err && err != -ENOENT);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	return NULL;
}

static void try_maps(uint32_t type)
{
	assert_int_equal(case_make(type, 4, 4, 4, 0), 0);
	inner_like = new_inner(0);
	assert_int_equal(ebpf_map_set_inner(map, inner_like), 0);
	ebpf_obj_put(&inner_like->obj);
	host_sync_hook = wait_for_runs;
	run_harts(use_maps, HARTS);
	host_sync_hook = NULL;
	while (!map->obj.last_fd(&map->obj))
		;
}

static void test_threads_maps_of_maps(void **state)
{
	(void)state;
	try_maps(BPF_MAP_TYPE_ARRAY_OF_MAPS);
	try_maps(BPF_MAP_TYPE_HASH_OF_MAPS);
}

/* ------------------------------------------------------------------- walks of programs */

/* What bpf_for_each_map_elem() meets while others delete and insert: keys of the table, never a half of one. */
static void *walk(void *arg)
{
	uint64_t seed = (uintptr_t)arg;

	for (uint32_t round = 0; round < ROUNDS / 20; round++) {
		const void *key;
		void *value;

		if (arg) {
			for (unsigned int n = 0; n < 20; n++) {
				uint64_t k = rnd(&seed) % 64;

				if (rnd(&seed) & 1)
					ebpf_map_prog_update(map, &k, &k, BPF_ANY);
				else
					ebpf_map_prog_delete(map, &k);
			}
			continue;
		}
		for (uint32_t at = 0;; at++) {
			int found = map->ops->element(map, at, &key, &value);

			if (found < 0)
				break;
			fails(found && EBPF_MEM_LOAD(uint64_t, key) >= 64);
		}
	}
	return NULL;
}

static void test_threads_walk(void **state)
{
	(void)state;
	assert_int_equal(case_make(BPF_MAP_TYPE_HASH, 8, 8, 64, 0), 0);
	run_harts(walk, HARTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_threads_percpu),  CASE(test_threads_lru),	     CASE(test_threads_queue),
		CASE(test_threads_bloom),   CASE(test_threads_lpm),	     CASE(test_threads_stack_trace),
		CASE(test_threads_ringbuf), CASE(test_threads_maps_of_maps), CASE(test_threads_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
