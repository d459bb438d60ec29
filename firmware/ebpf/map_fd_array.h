/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps whose elements are objects: programs to go on with, maps, ring buffers.
 * bpf(2) names them by descriptors of the caller; the map holds a reference.
 *
 * Elements are changed with the control lock held. Runs read them without a lock:
 * what is taken out is let go after a grace period (ebpf_plat_sync_harts()).
 * All elements go with the map's last descriptor, so that a program in an
 * array it uses itself does not keep both for ever.
 */
#ifndef EBPF_MAP_FD_ARRAY_H
#define EBPF_MAP_FD_ARRAY_H

#include "map.h"

#include <stdint.h>

struct ebpf_prog;

/* What element `index` is, or NULL. Any hart; valid until the run ends. */
struct ebpf_obj *ebpf_fd_array_get(const struct ebpf_map *map, uint64_t index);

/*
 * Maps of maps: what the maps in it are like, or NULL. It has sizes and flags, but no elements, and lives as long as
 * the outer one.
 */
const struct ebpf_map *ebpf_map_inner(const struct ebpf_map *outer);
/*
 * Say so, once, before the map is published. 0, -ENOMEM, -EINVAL (a map of maps), -ENOTSUPP (not of a kind that can be
 * inside)
 */
int ebpf_map_set_inner(struct ebpf_map *outer, const struct ebpf_map *inner);

static inline bool ebpf_map_is_of_maps(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* For the types (map_fd_array.c, map_of_maps.c), control lock held where something is changed */

#define EBPF_FD_MAP_CLEAR 32u /* elements let go in one slice of the end */

/* Wait until no run can see what has been taken out, and drop the references. */
void ebpf_fd_map_let_go(struct ebpf_obj **gone, uint32_t n);
/* Operations of map.h */
int ebpf_fd_array_check(const union bpf_attr *attr);
int ebpf_fd_array_alloc(struct ebpf_map *map);
bool ebpf_fd_array_prepare(struct ebpf_map *map);
void ebpf_fd_array_free(struct ebpf_map *map);
int ebpf_fd_array_put(struct ebpf_map *map, const void *key, struct ebpf_obj *obj, uint64_t flags);
int ebpf_fd_array_delete(struct ebpf_map *map, const void *key);
int ebpf_fd_array_read(struct ebpf_map *map, const void *key, void *value);
int ebpf_fd_array_next_key(struct ebpf_map *map, const void *key, void *next_key);
int ebpf_fd_map_no_update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags);

#endif
