/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ring buffers: positions and capacity as in Linux, records in order, exact drop
 * counts, what a stopped run leaves behind, and fetching records with
 * EBPF_MAP_DRAIN, also into memory that is not there.
 */
#include "world.h"

#include "map.h"
#include "prog.h"
#include "ringbuf.h"
#include "run.h"

#include <pthread.h>

#define RING 3u
#define PROG 4u
#define SIZE 4096u
#define U_BUF (USER + 0x10000u)
#define U_BUF_SIZE 0x8000u

static struct ebpf_map *ring;

static struct ebpf_obj *obj_of(uint32_t fd)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(PROC, fd, 0, &err);

	assert_non_null(obj);
	ebpf_obj_put(obj);
	return obj;
}

static int setup(void **state)
{
	world_setup(state);
	assert_int_equal(map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, SIZE, RING), RING);
	ring = (struct ebpf_map *)obj_of(RING);
	return 0;
}

static int64_t drain_to(uint64_t buf, uint32_t size, union bpf_attr *attr)
{
	int64_t result;

	memset(attr, 0, sizeof(*attr));
	attr->drain.map_fd = RING;
	attr->drain.buf = buf;
	attr->drain.size = size;
	result = bpf(EBPF_MAP_DRAIN, attr, 0);
	user_read(attr, U_ATTR, sizeof(*attr));
	return result;
}

static unsigned char got[U_BUF_SIZE];
static union bpf_attr info;

/* Everything there is; the bytes delivered. */
static uint32_t drain(uint32_t size)
{
	assert_int_equal(drain_to(U_BUF, size, &info), 0);
	assert_true(info.drain.used <= size);
	user_read(got, U_BUF, info.drain.used);
	return info.drain.used;
}

static void add(uint32_t size, unsigned char fill)
{
	void *record = ebpf_ringbuf_reserve(ring, size);

	assert_non_null(record);
	assert_true(((uintptr_t)record & 7) == 0);
	assert_int_equal(ebpf_ringbuf_size_of(record), size);
	memset(record, fill, size);
	ebpf_ringbuf_commit(ring, record, 0, false);
}

/* The record at byte `at` of what was delivered; where the next one is. */
static uint32_t expect(uint32_t at, uint32_t size, unsigned char fill)
{
	struct ebpf_ringbuf_header header;

	memcpy(&header, got + at, sizeof(header));
	assert_int_equal(header.len, size);
	for (uint32_t i = 0; i < size; i++)
		assert_int_equal(got[at + 8 + i], fill);
	return at + ((size + 8 + 7) & ~7u);
}

static void test_ringbuf_order(void **state)
{
	uint32_t at;

	(void)state;
	assert_int_equal(drain(U_BUF_SIZE), 0);
	add(1, 1);
	add(8, 2);
	add(0, 3);
	add(100, 4);
	assert_int_equal(ebpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA), 16 + 16 + 8 + 112);
	assert_int_equal(drain(0), 0);
	assert_int_equal(info.drain.pending, 152);
	assert_int_equal(drain(U_BUF_SIZE), 152);
	assert_int_equal(info.drain.pending, 0);
	at = expect(0, 1, 1);
	at = expect(at, 8, 2);
	at = expect(at, 0, 3);
	assert_int_equal(expect(at, 100, 4), 152);
	assert_int_equal(drain(U_BUF_SIZE), 0);
	assert_int_equal(ebpf_ringbuf_query(ring, BPF_RB_CONS_POS), 152);
	assert_int_equal(ebpf_ringbuf_query(ring, BPF_RB_PROD_POS), 152);
	assert_int_equal(ebpf_ringbuf_query(ring, BPF_RB_RING_SIZE), SIZE);
	assert_int_equal(ebpf_ringbuf_query(ring, 77), 0);
}

/* Linux's capacity: all but the last 8 bytes. What finds no room is counted, each once. */
static void test_ringbuf_full(void **state)
{
	uint64_t dropped = 0;

	(void)state;
	assert_null(ebpf_ringbuf_reserve(ring, SIZE - 8)); /* header and data are the whole ring */
	assert_null(ebpf_ringbuf_reserve(ring, SIZE));
	assert_null(ebpf_ringbuf_reserve(ring, UINT64_MAX));
	assert_null(ebpf_ringbuf_reserve(ring, UINT64_MAX - 14));
	assert_null(ebpf_ringbuf_reserve(ring, (uint64_t)1 << 32));
	assert_int_equal(ebpf_ringbuf_dropped(ring), dropped += 5);
	add(SIZE - 16, 9);
	assert_null(ebpf_ringbuf_reserve(ring, 0));
	assert_int_equal(ebpf_ringbuf_dropped(ring), ++dropped);
	assert_int_equal(drain(U_BUF_SIZE), SIZE - 8);
	assert_int_equal(info.drain.dropped, dropped);
	expect(0, SIZE - 16, 9);
	for (unsigned int i = 0; i < 255; i++)
		add(8, (unsigned char)i);
	assert_null(ebpf_ringbuf_reserve(ring, 8));
	assert_int_equal(drain(U_BUF_SIZE), 255 * 16);
	assert_int_equal(info.drain.dropped, dropped + 1);
}

/* Round and round with records of all sizes, many of which go over the end. */
static void test_ringbuf_wrap(void **state)
{
	unsigned char next = 0, seen = 0;
	uint64_t random = 3;

	(void)state;
	for (unsigned int round = 0; round < 3000; round++) {
		uint32_t used, at = 0, size;
		unsigned int n;

		random = random * 6364136223846793005u + 1442695040888963407u;
		for (n = random >> 62; n; n--) {
			size = (uint32_t)(random >> (10 * n)) % 1100;
			add(size, next++);
		}
		used = drain(U_BUF_SIZE);
		while (at < used) {
			struct ebpf_ringbuf_header header;

			memcpy(&header, got + at, sizeof(header));
			at = expect(at, header.len, seen++);
		}
		assert_int_equal(at, used);
		assert_int_equal(seen, next);
	}
	assert_int_equal(ebpf_ringbuf_dropped(ring), 0);
}

static void test_ringbuf_busy_and_discarded(void **state)
{
	void *first = ebpf_ringbuf_reserve(ring, 8), *second = ebpf_ringbuf_reserve(ring, 16);

	(void)state;
	add(24, 7);
	assert_int_equal(drain(U_BUF_SIZE), 0); /* the first is being written */
	memset(second, 6, 16);
	ebpf_ringbuf_commit(ring, second, 0, false);
	assert_int_equal(drain(U_BUF_SIZE), 0);
	ebpf_ringbuf_commit(ring, first, 0, true);
	assert_int_equal(drain(U_BUF_SIZE), 24 + 32);
	assert_int_equal(expect(expect(0, 16, 6), 24, 7), 56);
	/* discarded ones alone are swallowed */
	first = ebpf_ringbuf_reserve(ring, 8);
	ebpf_ringbuf_commit(ring, first, 0, true);
	assert_int_equal(drain(U_BUF_SIZE), 0);
	assert_int_equal(info.drain.pending, 0);
}

static void test_ringbuf_small_buffers(void **state)
{
	(void)state;
	add(8, 1);
	add(40, 2);
	add(8, 3);
	assert_int_equal(drain_to(U_BUF, 15, &info), -ENOSPC);
	assert_int_equal(drain(17), 16);
	assert_int_equal(drain_to(U_BUF, 47, &info), -ENOSPC);
	assert_int_equal(info.drain.pending, 48 + 16);
	assert_int_equal(drain(48), 48);
	expect(0, 40, 2);
	assert_int_equal(drain(16), 16);
	expect(0, 8, 3);
}

/* What cannot be stored stays. */
static void test_ringbuf_bad_memory(void **state)
{
	union bpf_attr attr;

	(void)state;
	add(8, 1);
	assert_int_equal(drain_to(USER_RO, 64, &info), -EFAULT);
	assert_int_equal(drain_to(USER_HOLE, 64, &info), -EFAULT);
	assert_int_equal(drain_to(USER_S, 64, &info), -EFAULT);
	assert_int_equal(drain_to(U_BUF + 4, 64, &info), -EINVAL);
	assert_int_equal(drain(U_BUF_SIZE), 16);
	add(8, 2);
	memset(&attr, 0, sizeof(attr));
	attr.drain.map_fd = RING;
	attr.drain.buf = U_BUF;
	attr.drain.size = 64;
	user_write(USER_RO, &attr, sizeof(attr));
	assert_int_equal(bpf_at(EBPF_MAP_DRAIN, USER_RO, sizeof(attr), 0), -EFAULT); /* attr cannot be written */
	user_write(U_ATTR, &attr, sizeof(attr));
	assert_int_equal(bpf_at(EBPF_MAP_DRAIN, U_ATTR, 39, 0), -EINVAL);
	attr.drain.flags = 1;
	assert_int_equal(bpf(EBPF_MAP_DRAIN, &attr, 0), -EINVAL);
	attr.drain.flags = 0;
	attr.drain.map_fd = 99;
	assert_int_equal(bpf(EBPF_MAP_DRAIN, &attr, 0), -EBADF);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 5), 5);
	attr.drain.map_fd = 5;
	assert_int_equal(bpf(EBPF_MAP_DRAIN, &attr, 0), -EINVAL);
	assert_int_equal(drain(U_BUF_SIZE), 16);
	expect(0, 8, 2);
}

/* As in Linux the reader is woken when he has read all before, unless told otherwise. */
static void test_ringbuf_wakes(void **state)
{
	void *record;

	(void)state;
	host_trace_wakes = 0;
	add(8, 1);
	assert_int_equal(host_trace_wakes, 1);
	add(8, 2);
	assert_int_equal(host_trace_wakes, 1);
	record = ebpf_ringbuf_reserve(ring, 8);
	ebpf_ringbuf_commit(ring, record, BPF_RB_FORCE_WAKEUP, false);
	assert_int_equal(host_trace_wakes, 2);
	drain(U_BUF_SIZE);
	record = ebpf_ringbuf_reserve(ring, 8);
	ebpf_ringbuf_commit(ring, record, BPF_RB_NO_WAKEUP, false);
	assert_int_equal(host_trace_wakes, 2);
}

static void test_ringbuf_commands(void **state)
{
	static const uint32_t bad[] = {0, 1, 2048, 4095, 4097, 12288, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, bad[i], 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_RINGBUF, 4, 0, SIZE, 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_RINGBUF, 0, 4, SIZE, 9), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, 1u << 31, 9), -ENOMEM);
	assert_int_equal(map_create_as(PROC, BPF_MAP_TYPE_RINGBUF, 0, 0, SIZE, BPF_F_RDONLY_PROG, 9), -EINVAL);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, RING, 0, U_DATA, 0), -ENOTSUPP);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, RING, 0, U_DATA, 0), -ENOTSUPP);
	assert_int_equal(elem(BPF_MAP_DELETE_ELEM, RING, 0, 0, 0), -ENOTSUPP);
	assert_int_equal(elem(BPF_MAP_GET_NEXT_KEY, RING, 0, U_DATA, 0), -ENOTSUPP);
	assert_int_equal(elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, RING, 0, U_DATA, 0), -ENOTSUPP);
	/* each allocation fails once */
	for (uint64_t n = 1;; n++) {
		int64_t result;

		ebpf_arena_fail(n, false);
		result = map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, SIZE, 9);
		if (ebpf_arena_allocs() < n) {
			assert_int_equal(result, 9);
			break;
		}
		assert_int_equal(result, -ENOMEM);
	}
	ebpf_arena_fail(0, false);
}

/* ------------------------------------------------------------------- programs */

static struct ebpf_run run;
static _Alignas(16) uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];

static int run_prog(const struct bpf_insn *insns, uint32_t cnt, uint64_t *r0)
{
	static struct ebpf_pt_regs regs;

	assert_int_equal(prog_load(insns, cnt, PROG), PROG);
	memset(&run, 0, sizeof(run));
	run.prog = (struct ebpf_prog *)obj_of(PROG);
	run.stack = stack;
	run.ctx = (uint8_t *)&regs;
	run.ctx_size = sizeof(regs);
	run.arg[0] = (uintptr_t)&regs;
	run.budget = 10000;
	return ebpf_run(&run, r0);
}

static int close_prog(void **state)
{
	(void)state;
	return ebpf_call_close(PROC, PROG) ? -1 : 0;
}

#define RESERVE(size) LD_REF(1, BPF_PSEUDO_MAP_FD, RING, 0), MOV64_IMM(2, size), MOV64_IMM(3, 0), CALL(131)

static void test_ringbuf_program(void **state)
{
	static const struct bpf_insn insns[] = {
		RESERVE(24),
		JEQ_IMM(0, 0, 7),
		MOV64_REG(6, 0),
		ST(BPF_DW, 6, 0, 0x11),
		ST(BPF_DW, 6, 8, 0x22),
		ST(BPF_DW, 6, 16, 0x33),
		MOV64_REG(1, 6),
		MOV64_IMM(2, 0),
		CALL(132),
		/* output of 8 bytes of the stack */
		ST(BPF_DW, 10, -8, 0x44),
		LD_REF(1, BPF_PSEUDO_MAP_FD, RING, 0),
		MOV64_REG(2, 10),
		ADD64_IMM(2, -8),
		MOV64_IMM(3, 8),
		MOV64_IMM(4, 0),
		CALL(130),
		EXIT(),
	};
	uint64_t r0 = 1, word;

	assert_int_equal(run_prog(insns, COUNT(insns), &r0), 0);
	assert_int_equal(r0, 0);
	assert_int_equal(drain(U_BUF_SIZE), 32 + 16);
	for (unsigned int i = 0; i < 3; i++) {
		memcpy(&word, got + 8 + 8 * i, 8);
		assert_int_equal(word, 0x11 * (i + 1));
	}
	memcpy(&word, got + 40, 8);
	assert_int_equal(word, 0x44);
	close_prog(state);
}

/* A run that is stopped, or forgets its record, leaves the ring usable; and nothing but its record is in reach. */
static void test_ringbuf_bad_programs(void **state)
{
	static const struct bpf_insn leaks[] = {RESERVE(8), EXIT()};
	static const struct bpf_insn outside[] = {RESERVE(8), ST(BPF_DW, 0, 8, 1), EXIT()};
	static const struct bpf_insn header[] = {RESERVE(8), ST(BPF_W, 0, -8, 1), EXIT()};
	static const struct bpf_insn after[] = {
		RESERVE(8),	 MOV64_REG(6, 0), ST(BPF_DW, 6, 0, 5), MOV64_REG(1, 6),
		MOV64_IMM(2, 0), CALL(133),	  ST(BPF_DW, 6, 0, 1), EXIT(),
	};
	static const struct bpf_insn twice[] = {
		RESERVE(8),	 MOV64_REG(6, 0), MOV64_REG(1, 6), MOV64_IMM(2, 0), CALL(132),
		MOV64_REG(1, 6), MOV64_IMM(2, 0), CALL(132),	   EXIT(),
	};
	static const struct {
		const struct bpf_insn *insns;
		uint32_t cnt;
		int result;
	} cases[] = {
		{leaks, COUNT(leaks), 0},	{outside, COUNT(outside), -EFAULT}, {header, COUNT(header), -EFAULT},
		{after, COUNT(after), -EFAULT}, {twice, COUNT(twice), -EFAULT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t r0;
		int64_t fd = prog_load(cases[i].insns, cases[i].cnt, PROG);

		if (fd < 0)
			continue; /* a verifier has refused it */
		ebpf_call_close(PROC, PROG);
		assert_int_equal(run_prog(cases[i].insns, cases[i].cnt, &r0), cases[i].result);
		assert_int_equal(run.nr_records, 0);
		close_prog(state);
		drain(U_BUF_SIZE);
		assert_int_equal(info.drain.pending, 0);
		add(8, 1);
		assert_int_equal(drain(U_BUF_SIZE), 16);
	}
}

/* ----------------------------------------------------------------------- harts */

#define WRITERS 3u
#define PER_WRITER 20000u

static void *writer(void *arg)
{
	uint64_t id = (uintptr_t)arg, kept = 0;

	host_hart = (unsigned int)id;
	for (uint64_t n = 0; n < PER_WRITER; n++) {
		uint64_t *record = ebpf_ringbuf_reserve(ring, 8 + 8 * (n % 5));

		if (!record)
			continue;
		for (unsigned int i = 0; i < 1 + n % 5; i++)
			record[i] = id << 32 | n;
		kept += n % 7 != 0;
		ebpf_ringbuf_commit(ring, record, 0, n % 7 == 0);
	}
	return (void *)(uintptr_t)kept;
}

/* Each record is whole, each writer's are in order, and delivered + dropped + discarded are all there were. */
static void test_ringbuf_threads(void **state)
{
	pthread_t threads[WRITERS];
	uint64_t last[WRITERS] = {0}, kept = 0, seen = 0;
	unsigned int running = WRITERS;
	uint32_t used;

	(void)state;
	for (uintptr_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, writer, (void *)i), 0);
	while ((used = drain(U_BUF_SIZE)) || running) {
		if (!used && info.drain.pending == 0) {
			void *result;

			pthread_join(threads[--running], &result);
			kept += (uintptr_t)result;
		}
		for (uint32_t at = 0; at < used;) {
			struct ebpf_ringbuf_header header;
			uint64_t first, word;

			memcpy(&header, got + at, sizeof(header));
			memcpy(&first, got + at + 8, 8);
			assert_int_equal(header.len, 8 + 8 * ((uint32_t)first % 5));
			for (uint32_t i = 0; i < header.len; i += 8) {
				memcpy(&word, got + at + 8 + i, 8);
				assert_int_equal(word, first);
			}
			assert_true((uint32_t)first >= last[first >> 32]);
			last[first >> 32] = (uint32_t)first + 1;
			at += 8 + header.len;
			seen++;
		}
	}
	assert_int_equal(seen, kept);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_ringbuf_order),	       T(test_ringbuf_full),
		T(test_ringbuf_wrap),	       T(test_ringbuf_busy_and_discarded),
		T(test_ringbuf_small_buffers), T(test_ringbuf_bad_memory),
		T(test_ringbuf_wakes),	       T(test_ringbuf_commands),
		T(test_ringbuf_program),       T(test_ringbuf_bad_programs),
		T(test_ringbuf_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
