/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace ring: whole messages or none, every lost byte counted, several harts at once. */
#include "limits.h"
#include "platform_host.h"
#include "trace.h"
#include "uapi/errno.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static int setup(void **state)
{
	(void)state;
	host_reset();
	host_arena_init(1u << 20);
	ebpf_arena_fail(0, false);
	assert_int_equal(ebpf_trace_init(), 0);
	return 0;
}

static void assert_takes(const char *text)
{
	char buf[EBPF_TRACE_RING_SIZE + 1] = {0};

	assert_int_equal(ebpf_trace_peek(buf, sizeof(buf)), strlen(text));
	assert_memory_equal(buf, text, strlen(text));
	assert_int_equal(buf[strlen(text)], 0);
	ebpf_trace_consume(strlen(text));
}

static void test_trace_order(void **state)
{
	char buf[4] = "???";

	(void)state;
	assert_takes("");
	assert_int_equal(host_trace_wakes, 0);
	ebpf_trace_write("one\n", 4);
	ebpf_trace_write("", 0);
	ebpf_trace_write("two\n", 4);
	assert_int_equal(host_trace_wakes, 2);
	assert_int_equal(ebpf_trace_peek(buf, 3), 3);
	assert_string_equal(buf, "one");
	assert_int_equal(ebpf_trace_peek(buf, 3), 3); /* a look takes nothing */
	assert_string_equal(buf, "one");
	ebpf_trace_consume(2);
	assert_takes("e\ntwo\n");
	assert_takes("");
	ebpf_trace_consume(100); /* nothing there, nothing happens */
	ebpf_trace_write("x", 1);
	assert_takes("x");
	assert_int_equal(ebpf_trace_dropped(), 0);
}

static void test_trace_full(void **state)
{
	static char message[EBPF_TRACE_RING_SIZE + 1], got[EBPF_TRACE_RING_SIZE + 1];

	(void)state;
	memset(message, 'm', sizeof(message));
	ebpf_trace_write(message, EBPF_TRACE_RING_SIZE + 1);
	assert_int_equal(ebpf_trace_dropped(), EBPF_TRACE_RING_SIZE + 1);
	ebpf_trace_write("ab", 2);
	ebpf_trace_write(message, EBPF_TRACE_RING_SIZE - 1); /* one byte too many: not even a part of it */
	assert_int_equal(ebpf_trace_dropped(), 2 * EBPF_TRACE_RING_SIZE);
	assert_int_equal(host_trace_wakes, 3);
	ebpf_trace_write(message, EBPF_TRACE_RING_SIZE - 2);
	ebpf_trace_write("c", 1);
	assert_int_equal(ebpf_trace_dropped(), 2 * EBPF_TRACE_RING_SIZE + 1);
	assert_int_equal(ebpf_trace_peek(got, sizeof(got)), EBPF_TRACE_RING_SIZE);
	assert_memory_equal(got, "abmmm", 5);
	ebpf_trace_consume(EBPF_TRACE_RING_SIZE);
	ebpf_trace_write("d", 1);
	assert_takes("d");
}

/* Every position of the ring's end inside a message, written and read in pieces. */
static void test_trace_wraps(void **state)
{
	char expect[64], text[64];
	unsigned int seed = 1, in = 0, out = 0;

	(void)state;
	for (unsigned int n = 0; n < 20000; n++) {
		unsigned int len = (seed = seed * 1103515245 + 12345) >> 16 & 31;

		for (unsigned int i = 0; i < len; i++)
			text[i] = (char)in++;
		ebpf_trace_write(text, len);
		len = (unsigned int)ebpf_trace_peek(text, seed >> 8 & 63);
		for (unsigned int i = 0; i < len; i++)
			expect[i] = (char)out++;
		assert_memory_equal(text, expect, len);
		ebpf_trace_consume(len);
	}
	assert_int_equal(ebpf_trace_dropped(), 0);
	assert_true(in > 2 * EBPF_TRACE_RING_SIZE);
}

static void test_trace_no_memory(void **state)
{
	size_t before = ebpf_arena_free_bytes();

	(void)state;
	ebpf_arena_fail(1, false);
	assert_int_equal(ebpf_trace_init(), -ENOMEM);
	ebpf_arena_fail(0, false);
	assert_int_equal(ebpf_arena_free_bytes(), before);
}

enum { WRITERS = 3, MESSAGES = 4000, LENGTH = 24 };

static unsigned int running;

static void *write_messages(void *arg)
{
	host_hart = (unsigned int)(uintptr_t)arg;
	for (unsigned int n = 0; n < MESSAGES; n++) {
		char text[64];

		snprintf(text, sizeof(text), "hart %u message %07u\n", host_hart, n);
		ebpf_trace_write(text, LENGTH - 1);
	}
	__atomic_sub_fetch(&running, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* Lines come out whole, in each hart's order, and lines + dropped bytes are all there was. */
static void test_trace_harts(void **state)
{
	pthread_t threads[WRITERS];
	unsigned int last[WRITERS] = {0};
	uint64_t lines = 0;

	(void)state;
	running = WRITERS;
	for (uintptr_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_messages, (void *)i), 0);
	for (;;) {
		bool last_look = __atomic_load_n(&running, __ATOMIC_ACQUIRE) == 0;
		char text[LENGTH] = {0};
		unsigned int hart, n;
		size_t got = ebpf_trace_peek(text, LENGTH - 1);

		if (!got && last_look)
			break;
		if (!got)
			continue;
		assert_int_equal(got, LENGTH - 1);
		assert_int_equal(text[LENGTH - 2], '\n');
		assert_int_equal(sscanf(text, "hart %u message %7u\n", &hart, &n), 2);
		assert_in_range(hart, 0, WRITERS - 1);
		assert_true(n >= last[hart]);
		last[hart] = n + 1;
		ebpf_trace_consume(got);
		lines++;
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(lines * (LENGTH - 1) + ebpf_trace_dropped(), WRITERS * MESSAGES * (LENGTH - 1));
	assert_true(lines > 100);
	assert_takes("");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_trace_order, setup), cmocka_unit_test_setup(test_trace_full, setup),
		cmocka_unit_test_setup(test_trace_wraps, setup), cmocka_unit_test_setup(test_trace_no_memory, setup),
		cmocka_unit_test_setup(test_trace_harts, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
