/* SPDX-License-Identifier: BSD-2-Clause */
/* Prototypes of Linux's helpers for kprobe programs, beyond those mbpf has; see vproto.c. */
#ifndef EBPF_VPROTO_H
#define EBPF_VPROTO_H

#include <stdbool.h>
#include <stdint.h>

struct ebpf_helper;

/* An ebpf_helper_of_fn: no function behind it, only the prototype. NULL: no such helper for kprobe programs. */
const struct ebpf_helper *ebpf_vproto_of(uint32_t id, bool rcore);

/* Does it run a function of the program? */
bool ebpf_vproto_calls_back(uint32_t id);

#endif
