/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What bpf(2) costs, in instructions, from the ecall in the process to the one
 * after it: a system call that does nothing, for comparison; a command there is
 * none of; and elements of an array and a hash table. Exact under QEMU's -icount,
 * where instret counts all modes.
 *
 * Prints one line a case: `bench call.lookup_array.insns 1234.0`.
 */
#include "guest_test.h"

#include <bpf/bpf.h>

#define CALLS 1000
#define ROUNDS 5

static int array, hash;
static uint32_t key;
static uint64_t value;

static unsigned long instret(void)
{
	unsigned long n;

	asm volatile("rdinstret %0" : "=r"(n));
	return n;
}

static int nothing(void)
{
	return getppid() < 0;
}

static int no_command(void)
{
	union bpf_attr attr = {0};

	return raw_bpf(9999, &attr, sizeof(attr)) >= 0;
}

static int lookup_array(void)
{
	return bpf_map_lookup_elem(array, &key, &value);
}

static int update_array(void)
{
	return bpf_map_update_elem(array, &key, &value, BPF_ANY);
}

static int lookup_hash(void)
{
	return bpf_map_lookup_elem(hash, &key, &value);
}

static int update_hash(void)
{
	return bpf_map_update_elem(hash, &key, &value, BPF_ANY);
}

/* The least of some rounds, so that timer ticks do not count. */
static void measure(const char *name, int (*call)(void))
{
	unsigned long best = -1UL;

	for (int round = 0; round < ROUNDS; round++) {
		unsigned long start = instret();

		for (int i = 0; i < CALLS; i++)
			check(call() == 0, name, i);
		start = instret() - start;
		if (start < best)
			best = start;
	}
	printf("bench call.%s.insns %lu.%lu\n", name, best / CALLS, best * 10 / CALLS % 10);
}

int main(void)
{
	array = bpf_map_create(BPF_MAP_TYPE_ARRAY, "array", 4, 8, 16, NULL);
	hash = bpf_map_create(BPF_MAP_TYPE_HASH, "hash", 4, 8, 16, NULL);
	if (!check(array >= 0 && hash >= 0, "maps", array))
		return checks_done("callbench");
	check(update_hash() == 0, "first update", 0);
	measure("nothing", nothing);
	measure("no_command", no_command);
	measure("lookup_array", lookup_array);
	measure("update_array", update_array);
	measure("lookup_hash", lookup_hash);
	measure("update_hash", update_hash);
	return checks_done("callbench");
}
