/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The newer types of maps and their helpers as clang and libbpf make them, read back
 * with batches; and whose functions a call chain of user space names.
 */
#include "maptypes.h"
#include "guest_test.h"
#include "maptypes.skel.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static void fill_maps(struct maptypes *skel)
{
	uint64_t key = 7, value = 4711, ten = 10, ten_one = 101;
	uint32_t zero = 0, fd = (uint32_t)bpf_map__fd(skel->maps.inner);
	struct {
		uint32_t bits;
		uint8_t bytes[4];
	} wide = {8, {10}}, narrow = {16, {10, 1}};

	check(!bpf_map_update_elem((int)fd, &zero, &value, 0), "set the inner map's value", errno);
	check(!bpf_map_update_elem(bpf_map__fd(skel->maps.tables), &key, &fd, 0), "put the inner map in", errno);
	check(!bpf_map_update_elem(bpf_map__fd(skel->maps.routes), &wide, &ten, 0), "10/8", errno);
	check(!bpf_map_update_elem(bpf_map__fd(skel->maps.routes), &narrow, &ten_one, 0), "10.1/16", errno);
}

static __attribute__((noinline)) void open_and_close(void)
{
	close(open("maptypes", O_RDONLY));
	__asm__ volatile(""); /* not a tail call */
}

/* Is one of the addresses in the function? */
static bool names(const struct results *results, void (*function)(void))
{
	for (long i = 0; i < results->user_bytes / 8; i++)
		if (results->user_stack[i] - (unsigned long)function < 64)
			return true;
	return false;
}

static void check_results(const struct results *results)
{
	check(results->runs == 3, "runs", (long)results->runs);
	check(results->from_inner == 4711, "the value in the map in the map", (long)results->from_inner);
	check(results->first_in_line == 1, "first in the queue", (long)results->first_in_line);
	check(results->seen == 1, "seen by the bloom filter", (long)results->seen);
	check(results->route == 101, "the longest prefix", (long)results->route);
	check(results->text_len == 11, "bpf_snprintf's length", results->text_len);
	check(!strncmp(results->text, "close on ", 9), results->text, 0);
	check(results->number == -31, "bpf_strtol", results->number);
	check(results->equal == 1, "bpf_strncmp", (long)results->equal);
	check(names(results, open_and_close), "the user's call chain", results->user_bytes);
}

static void check_maps(struct maptypes *skel)
{
	uint32_t keys[8], count = 8, token, zero = 0, harts = (uint32_t)libbpf_num_possible_cpus();
	uint64_t values[8], sum = 0, *each = calloc(harts, sizeof(*each));
	int fd = bpf_map__fd(skel->maps.recent), err;

	err = bpf_map_lookup_batch(fd, NULL, &token, keys, values, &count, NULL);
	check(err < 0 && errno == ENOENT && count == 4, "elements of the LRU map", count);
	for (uint32_t i = 0; i < count; i++)
		check(keys[i] == values[i] && keys[i] >= 12, "one of the last ones", keys[i]);
	check(!bpf_map_delete_batch(fd, keys, &count, NULL) && count == 4, "delete them", count);
	check(!bpf_map_lookup_elem(bpf_map__fd(skel->maps.each), &zero, each), "values of all harts", errno);
	for (uint32_t i = 0; i < harts; i++)
		sum += each[i];
	check(sum == 3, "sum over the harts", (long)sum);
	free(each);
}

int main(void)
{
	struct accounts before = accounts_now();
	struct maptypes *skel = maptypes__open();
	struct results results;
	int zero = 0;

	if (!check(skel != NULL, "open", errno))
		return checks_done("maptypes");
	skel->rodata->who = (uint32_t)getpid();
	if (check(!maptypes__load(skel) && !maptypes__attach(skel), "load and attach", errno)) {
		fill_maps(skel);
		for (int i = 0; i < 3; i++)
			open_and_close();
		maptypes__detach(skel);
		check(!bpf_map__lookup_elem(skel->maps.bss, &zero, sizeof(zero), &results, sizeof(results), 0),
		      "read .bss", errno);
		check_results(&results);
		check_maps(skel);
	}
	maptypes__destroy(skel);
	accounts_check(&before, "what is left");
	return checks_done("maptypes");
}
