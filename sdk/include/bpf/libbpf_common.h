/* SPDX-License-Identifier: BSD-2-Clause */
/* What <bpf/bpf.h> and <bpf/libbpf.h> share: option structures that know their size. */
#ifndef SDK_LIBBPF_COMMON_H
#define SDK_LIBBPF_COMMON_H

#include <linux/types.h>
#include <stddef.h>
#include <string.h>

/*
 * LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
 * declares `opts` with its size set and everything not named zero.
 */
#define LIBBPF_OPTS(TYPE, NAME, ...) struct TYPE NAME = {.sz = sizeof(struct TYPE), __VA_ARGS__}

#endif
