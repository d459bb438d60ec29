/* SPDX-License-Identifier: BSD-2-Clause */
/* Call chains: where bpf_get_stackid() puts them (map_stack_trace.c). */
#ifndef EBPF_MAP_STACK_TRACE_H
#define EBPF_MAP_STACK_TRACE_H

#include "map.h"

#include <stdint.h>

/* The chain's number, or -EEXIST: another chain has it. flags: BPF_F_FAST_STACK_CMP, BPF_F_REUSE_STACKID. nr > 0 */
int64_t ebpf_stack_trace_put(struct ebpf_map *map, const uint64_t *ip, uint32_t nr, uint64_t flags);

#endif
