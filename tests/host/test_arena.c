/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arena's allocator: exact accounting, coalescing, limits, refusal of
 * corrupted headers, failure injection, and a random run against a model.
 */
#include "arena.h"
#include "limits.h"
#include "platform_host.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define ARENA (1u << 20)
#define HEADER 32u

/* Corruption is the subject here: these reach where ASan forbids everybody else to. */
__attribute__((no_sanitize_address)) static uint64_t peek(const void *p)
{
	return *(const volatile uint64_t *)p;
}

__attribute__((no_sanitize_address)) static void poke(void *p, uint64_t v)
{
	*(volatile uint64_t *)p = v;
}

static char *base;
static size_t all_free;

static int setup(void **state)
{
	(void)state;
	host_reset();
	base = host_arena_init(ARENA);
	all_free = ebpf_arena_free_bytes();
	host_log_line[0] = 0;
	ebpf_arena_fail(0, false);
	return 0;
}

static void assert_untouched(void)
{
	assert_int_equal(ebpf_arena_free_bytes(), all_free);
	assert_true(ebpf_arena_consistent());
	assert_string_equal(host_log_line, "");
}

static void test_arena_empty(void **state)
{
	(void)state;
	assert_int_equal(ebpf_arena_size(), ARENA);
	assert_in_range(all_free, ARENA - 64, ARENA - 1);
	assert_null(ebpf_alloc(NULL, 0));
	assert_null(ebpf_alloc(NULL, ARENA));
	assert_null(ebpf_alloc(NULL, ARENA + 1));
	assert_null(ebpf_alloc(NULL, SIZE_MAX));
	assert_null(ebpf_alloc(NULL, SIZE_MAX - 40));
	ebpf_free(NULL);
	assert_untouched();
}

static void test_arena_whole(void **state)
{
	void *p = ebpf_alloc(NULL, all_free - HEADER);

	(void)state;
	assert_non_null(p);
	memset(p, 1, all_free - HEADER);
	assert_int_equal(ebpf_arena_free_bytes(), 0);
	assert_null(ebpf_alloc(NULL, 1));
	assert_true(ebpf_arena_consistent());
	ebpf_free(p);
	assert_null(ebpf_alloc(NULL, all_free - HEADER + 1));
	assert_untouched();
}

static void test_arena_aligned_and_apart(void **state)
{
	static const size_t sizes[] = {1, 2, 15, 16, 17, 31, 33, 48, 100, 255, 256, 257, 4095, 4096, 70001};
	char *p[sizeof(sizes) / sizeof(*sizes)];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		p[i] = ebpf_alloc(NULL, sizes[i]);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % 16, 0);
		memset(p[i], (int)i, sizes[i]);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(p[i][j], i);
		ebpf_free(p[i]);
	}
	assert_untouched();
}

static void test_arena_account(void **state)
{
	struct ebpf_account account = {.limit = 1000};
	void *p, *q;

	(void)state;
	p = ebpf_alloc(&account, 500);
	assert_non_null(p);
	assert_int_equal(account.used, all_free - ebpf_arena_free_bytes());
	assert_in_range(account.used, 500 + HEADER, 512 + HEADER);
	assert_null(ebpf_alloc(&account, 500));
	assert_int_equal(account.used, all_free - ebpf_arena_free_bytes());
	q = ebpf_alloc(&account, 1000 - account.used - HEADER - 16);
	assert_non_null(q);
	assert_true(account.used <= account.limit);
	ebpf_free(p);
	ebpf_free(q);
	assert_int_equal(account.used, 0);

	account.limit = 0;
	assert_null(ebpf_alloc(&account, 1));
	account.used = 500; /* the limit was lowered below what is there */
	account.limit = 400;
	assert_null(ebpf_alloc(&account, 1));
	account.limit = UINT64_MAX;
	account.used = UINT64_MAX - 20; /* no overflow into "fits" */
	assert_null(ebpf_alloc(&account, 1));
	assert_untouched();
}

static void test_arena_zalloc(void **state)
{
	char *p = ebpf_alloc(NULL, EBPF_SLICE_BYTES);

	(void)state;
	memset(p, 0xff, EBPF_SLICE_BYTES);
	ebpf_free(p);
	p = ebpf_zalloc(NULL, EBPF_SLICE_BYTES);
	assert_non_null(p);
	for (size_t i = 0; i < EBPF_SLICE_BYTES; i++)
		assert_int_equal(p[i], 0);
	ebpf_free(p);
	assert_untouched();
	assert_null(ebpf_zalloc(NULL, EBPF_SLICE_BYTES + 1));
	assert_non_null(strstr(host_log_line, "too many"));
	assert_null(ebpf_zalloc(NULL, 0));
}

/* Free three neighbours in each order; the arena is one block again each time. */
static void test_arena_coalesce(void **state)
{
	static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	(void)state;
	for (int o = 0; o < 6; o++) {
		void *p[3], *rest;

		for (int i = 0; i < 3; i++)
			p[i] = ebpf_alloc(NULL, 1000);
		rest = ebpf_alloc(NULL, ebpf_arena_free_bytes() - HEADER);
		assert_non_null(rest);
		for (int i = 0; i < 3; i++) {
			ebpf_free(p[orders[o][i]]);
			assert_true(ebpf_arena_consistent());
		}
		p[0] = ebpf_alloc(NULL, 3000);
		assert_non_null(p[0]);
		ebpf_free(rest);
		ebpf_free(p[0]);
		assert_untouched();
	}
}

/* Blocks of just the right size are found in a full arena although their list also holds smaller ones. */
static void test_arena_near_fit(void **state)
{
	void *p = ebpf_alloc(NULL, 100 * 1024 + 48), *guard = ebpf_alloc(NULL, 16), *rest;

	(void)state;
	rest = ebpf_alloc(NULL, ebpf_arena_free_bytes() - HEADER);
	assert_non_null(rest);
	ebpf_free(p);
	p = ebpf_alloc(NULL, 100 * 1024 + 48);
	assert_non_null(p);
	ebpf_free(p);
	ebpf_free(guard);
	ebpf_free(rest);
	assert_untouched();
}

static void assert_refused(void *p, const char *why)
{
	size_t before = ebpf_arena_free_bytes();

	host_log_line[0] = 0;
	ebpf_free(p);
	assert_non_null(strstr(host_log_line, why));
	assert_int_equal(ebpf_arena_free_bytes(), before);
	host_log_line[0] = 0;
}

static void test_arena_double_free(void **state)
{
	char *p = ebpf_alloc(NULL, 100), *q = ebpf_alloc(NULL, 100), *r = ebpf_alloc(NULL, 100);

	(void)state;
	ebpf_free(q);
	assert_refused(q, "freed twice");
	ebpf_free(p); /* q's header is now inside p's block */
	assert_refused(q, "not an allocated block");
	assert_refused(p, "freed twice");
	ebpf_free(r);
	assert_refused(r, "not an allocated block");
	assert_untouched();
}

static void test_arena_foreign_pointers(void **state)
{
	uint64_t fake[8] = {0};
	char *p = ebpf_alloc(NULL, 256);

	(void)state;
	assert_refused(fake + 4, "not an allocated block");
	assert_refused(p + 16, "not an allocated block");
	assert_refused(p + 1, "not an allocated block");
	assert_refused(base, "not an allocated block");
	assert_refused(base - 4096, "not an allocated block");
	assert_refused(base + ARENA, "not an allocated block");
	assert_refused(base + ARENA + 32, "not an allocated block");
	assert_refused((void *)16, "not an allocated block");
	assert_refused((void *)UINTPTR_MAX, "not an allocated block");
	/* a copy of a true header elsewhere is not one */
	for (int i = 0; i < 4; i++)
		((uint64_t *)p)[i] = peek(p - 32 + 8 * i);
	assert_refused(p + 32, "not an allocated block");
	ebpf_free(p);
	assert_untouched();
}

/* Any flipped bit of any header word: refused, and fine again once the bit is back. */
static void test_arena_header_bits(void **state)
{
	struct ebpf_account account = {.limit = UINT64_MAX};
	char *p = ebpf_alloc(&account, 64), *q = ebpf_alloc(&account, 64), *r = ebpf_alloc(&account, 64);

	(void)state;
	for (int word = 0; word < 4; word++)
		for (int bit = 0; bit < 64; bit++) {
			uint64_t *at = (uint64_t *)(void *)(q - 32) + word;

			poke(at, peek(at) ^ 1ull << bit);
			assert_refused(q, "not an allocated block");
			assert_refused(p, "the block after it");
			assert_refused(r, "the block before it");
			poke(at, peek(at) ^ 1ull << bit);
		}
	account.used -= 100;
	ebpf_free(p);
	assert_refused(q, "account");
	account.used += 100;
	ebpf_free(q);
	ebpf_free(r);
	assert_int_equal(account.used, 0);
	assert_untouched();
}

/* The same in a free block on the other side of the one that is freed. */
static void test_arena_free_links_after(void **state)
{
	char *p = ebpf_alloc(NULL, 64), *q = ebpf_alloc(NULL, 64), *guard = ebpf_alloc(NULL, 64);
	uint64_t was = peek(q);

	(void)state;
	ebpf_free(q);
	was = peek(q);
	poke(q, 0x4141414141414141u);
	assert_refused(p, "the block after it");
	poke(q, was);
	ebpf_free(p);
	ebpf_free(guard);
	assert_untouched();
}

/* An overwritten free block (its list links) stops the allocation that would have used it. */
static void test_arena_free_links(void **state)
{
	char *p = ebpf_alloc(NULL, 64), *guard = ebpf_alloc(NULL, 64);

	(void)state;
	ebpf_free(p);
	for (int word = 0; word < 2; word++) {
		uint64_t *at = (uint64_t *)(void *)p + word, was = peek(at);

		poke(at, (uintptr_t)base + 160);
		assert_null(ebpf_alloc(NULL, 64));
		assert_non_null(strstr(host_log_line, "corrupt"));
		assert_refused(guard, "overwritten");
		poke(at, 0x4141414141414141u);
		assert_null(ebpf_alloc(NULL, 64));
		poke(at, was);
	}
	host_log_line[0] = 0;
	assert_ptr_equal(ebpf_alloc(NULL, 64), p);
	ebpf_free(guard);
	ebpf_free(p);
	assert_untouched();
}

static void test_arena_injection(void **state)
{
	void *p[4];

	(void)state;
	ebpf_arena_fail(2, false);
	for (int i = 0; i < 4; i++) {
		p[i] = ebpf_alloc(NULL, 10);
		assert_true((p[i] == NULL) == (i == 1));
		ebpf_free(p[i]);
	}
	assert_int_equal(ebpf_arena_allocs(), 4);
	ebpf_arena_fail(3, true);
	for (int i = 0; i < 4; i++) {
		p[i] = ebpf_zalloc(NULL, 10);
		assert_true((p[i] == NULL) == (i >= 2));
		ebpf_free(p[i]);
	}
	ebpf_arena_fail(0, false);
	assert_untouched();
}

/* Random calls against a model: contents stay, sums agree, everything comes back. */
#define SLOTS 300

static void test_arena_random(void **state)
{
	static struct {
		unsigned char *p, fill;
		size_t size;
		int account;
	} slots[SLOTS];
	struct ebpf_account accounts[3] = {{.limit = UINT64_MAX}, {.limit = 100000}, {.limit = 3000}};
	uint64_t seed = 12345;
	unsigned int refused = 0;

	(void)state;
	for (unsigned int step = 0; step < 200000; step++) {
		unsigned int i, r;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		r = (unsigned int)(seed >> 33);
		i = r % SLOTS;
		if (slots[i].p) {
			assert_int_equal(slots[i].p[0], slots[i].fill);
			assert_int_equal(slots[i].p[slots[i].size - 1], slots[i].fill);
			assert_int_equal(slots[i].p[slots[i].size / 2], slots[i].fill);
			ebpf_free(slots[i].p);
			slots[i].p = NULL;
		} else {
			slots[i].size = 1 + (size_t)(seed >> 40) % ((size_t)1 << (1 + r / SLOTS % 15));
			slots[i].account = r / 7 % 4;
			slots[i].fill = (unsigned char)r;
			slots[i].p =
				ebpf_alloc(slots[i].account == 3 ? NULL : &accounts[slots[i].account], slots[i].size);
			if (slots[i].p)
				memset(slots[i].p, slots[i].fill, slots[i].size);
			else
				refused++;
		}
		for (int a = 0; a < 3; a++)
			assert_true(accounts[a].used <= accounts[a].limit);
		if (step % 512 == 0) {
			uint64_t charged = 0;

			assert_true(ebpf_arena_consistent());
			for (int a = 0; a < 3; a++)
				charged += accounts[a].used;
			assert_true(charged <= all_free - ebpf_arena_free_bytes());
		}
	}
	assert_true(refused > 100); /* both limits were met */
	for (int i = 0; i < SLOTS; i++)
		ebpf_free(slots[i].p);
	for (int a = 0; a < 3; a++)
		assert_int_equal(accounts[a].used, 0);
	memset(slots, 0, sizeof(slots));
	assert_untouched();
}

static void *hammer(void *arg)
{
	struct ebpf_account *account = arg;

	for (unsigned int i = 0; i < 20000; i++) {
		unsigned char *p = ebpf_alloc(account, 16 + i % 500), *q = ebpf_alloc(account, 700);

		if (p)
			memset(p, (int)i, 16 + i % 500);
		ebpf_free(q);
		ebpf_free(p);
	}
	return NULL;
}

static void test_arena_threads(void **state)
{
	struct ebpf_account account = {.limit = UINT64_MAX};
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, &account), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(account.used, 0);
	assert_untouched();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_arena_empty, setup),
		cmocka_unit_test_setup(test_arena_whole, setup),
		cmocka_unit_test_setup(test_arena_aligned_and_apart, setup),
		cmocka_unit_test_setup(test_arena_account, setup),
		cmocka_unit_test_setup(test_arena_zalloc, setup),
		cmocka_unit_test_setup(test_arena_coalesce, setup),
		cmocka_unit_test_setup(test_arena_near_fit, setup),
		cmocka_unit_test_setup(test_arena_double_free, setup),
		cmocka_unit_test_setup(test_arena_foreign_pointers, setup),
		cmocka_unit_test_setup(test_arena_header_bits, setup),
		cmocka_unit_test_setup(test_arena_free_links, setup),
		cmocka_unit_test_setup(test_arena_free_links_after, setup),
		cmocka_unit_test_setup(test_arena_injection, setup),
		cmocka_unit_test_setup(test_arena_random, setup),
		cmocka_unit_test_setup(test_arena_threads, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
