/* SPDX-License-Identifier: BSD-2-Clause */
/* A value for each hart: what arrays and hash tables of that kind share (map_percpu.c). */
#ifndef EBPF_MAP_PERCPU_H
#define EBPF_MAP_PERCPU_H

#include "map.h"

#include <stdbool.h>
#include <stdint.h>

int ebpf_percpu_check(const union bpf_attr *attr); /* the sum of all values: 0 or -E2BIG */
void ebpf_percpu_sizes(struct ebpf_map *map);	   /* nr_values and user_size, before values are allocated */
void *ebpf_percpu_slot(const struct ebpf_map *map, uint32_t index, unsigned int hart);

/* As map_hash.h has them: set this hart's value, set all values, get all values. */
void ebpf_percpu_fill(struct ebpf_map *map, uint32_t index, const void *value, bool fresh);
void ebpf_percpu_scatter(struct ebpf_map *map, uint32_t index, const void *value, bool fresh);
void ebpf_percpu_gather(struct ebpf_map *map, uint32_t index, void *value);
/* Place `at` of a hash table (map.h), with this hart's value */
int ebpf_percpu_element(struct ebpf_map *map, uint32_t at, const void **key, void **value);

#endif
