/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is what the verifier accepts safe? Random programs (verifier_gen.h), judged
 * by verifier_oracle.h.
 *
 * EBPF_FUZZ_SECONDS=n runs longer (default 4, and so many programs at least), EBPF_FUZZ_SEED=n begins elsewhere.
 */
#include "verifier_oracle.h"

#include <time.h>

#define LEAST_PROGRAMS 300u /* however slow the machine is */

static uint64_t from_env(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void test_verifier_fuzz(void **state)
{
	uint64_t until = from_env("EBPF_FUZZ_SECONDS", 4), tried = 0, free_bytes;
	time_t begin = time(NULL);

	(void)state;
	host_reset();
	host_arena_init(32u << 20);
	setup_map();
	free_bytes = ebpf_arena_free_bytes();
	for (uint64_t seed = from_env("EBPF_FUZZ_SEED", 1);
	     tried < LEAST_PROGRAMS || (uint64_t)(time(NULL) - begin) < until; seed++, tried++) {
		gen_program(&gen, seed);
		oracle_judge();
	}
	print_message("%llu programs, %llu accepted, %llu walked, %llu instructions compared\n",
		      (unsigned long long)tried, (unsigned long long)accepted, (unsigned long long)walked,
		      (unsigned long long)steps);
	assert_int_equal(ebpf_arena_free_bytes(), free_bytes);
	/* The generator must not have become useless. */
	assert_true(accepted > 0 && tried / accepted < 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_verifier_fuzz)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
