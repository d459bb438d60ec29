/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arrays whose elements are objects: programs to go on with, maps, ring buffers.
 * bpf(2) names them by descriptors of the caller; the array holds a reference.
 *
 * Elements are changed with the control lock held. Runs read them without a lock:
 * what is taken out is let go after a grace period (ebpf_plat_sync_harts()).
 * All elements go with the array's last descriptor, so that a program in an
 * array it uses itself does not keep both for ever.
 */
#ifndef EBPF_MAP_FD_ARRAY_H
#define EBPF_MAP_FD_ARRAY_H

#include "map.h"

#include <stdint.h>

struct ebpf_prog;

/* What element `index` is, or NULL. Any hart; valid until the run ends. */
struct ebpf_obj *ebpf_fd_array_get(const struct ebpf_map *map, uint64_t index);

/* Array of maps: what its maps are like, or NULL. It has sizes and flags, but no elements. */
const struct ebpf_map *ebpf_map_inner(const struct ebpf_map *outer);
/* Say so, once, before the map is published. 0, -EINVAL (a map of maps), -ENOTSUPP (not of a kind that can be inside)
 */
int ebpf_map_set_inner(struct ebpf_map *outer, const struct ebpf_map *inner);

#endif
