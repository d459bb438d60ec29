/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests of single map types below bpf(2): make one, free it, and see that the arena is as it was. */
#ifndef HOST_MAP_CASE_H
#define HOST_MAP_CASE_H

#include "limits.h"
#include "map.h"
#include "platform_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static size_t case_free;
static struct ebpf_map *map;

static inline int case_setup(void **state)
{
	(void)state;
	host_reset();
	host_arena_init(8u << 20);
	case_free = ebpf_arena_free_bytes();
	map = NULL;
	return 0;
}

static inline void case_drop(void)
{
	if (map)
		map->obj.release(&map->obj);
	map = NULL;
	assert_int_equal(ebpf_arena_free_bytes(), case_free);
	assert_true(ebpf_arena_consistent());
}

static inline int case_teardown(void **state)
{
	(void)state;
	case_drop();
	return 0;
}

static inline union bpf_attr case_attr(uint32_t type, uint32_t key, uint32_t value, uint32_t entries, uint32_t flags)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = key;
	attr.value_size = value;
	attr.max_entries = entries;
	attr.map_flags = flags;
	return attr;
}

static inline int case_try(const union bpf_attr *attr)
{
	int err;

	case_drop();
	err = ebpf_map_create(attr, NULL, &map);
	if (err) {
		map = NULL;
		return err;
	}
	while (!ebpf_map_prepare(map))
		;
	return 0;
}

static inline int case_make(uint32_t type, uint32_t key, uint32_t value, uint32_t entries, uint32_t flags)
{
	union bpf_attr attr = case_attr(type, key, value, entries, flags);

	return case_try(&attr);
}

/* Each allocation of making a map fails once: -ENOMEM, and nothing is kept. */
static inline void case_starve(const union bpf_attr *attr)
{
	int err;

	for (uint64_t n = 1;; n++) {
		case_drop();
		ebpf_arena_fail(n, false);
		err = case_try(attr);
		if (ebpf_arena_allocs() < n)
			break;
		assert_int_equal(err, -ENOMEM);
	}
	ebpf_arena_fail(0, false);
	assert_int_equal(err, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
