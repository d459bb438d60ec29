/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring: text of bpf_trace_printk on its way to the kernel. One ring
 * of bytes for all harts; whole messages only, a message that does not fit is
 * dropped and its bytes are counted.
 */
#ifndef EBPF_TRACE_H
#define EBPF_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* Ring memory from the arena. 0 or -ENOMEM. */
int ebpf_trace_init(void);
/* Append one message; wakes the kernel (ebpf_plat_trace_wake). From runs, any hart. */
void ebpf_trace_write(const char *text, size_t len);
/* Copy up to len of the oldest bytes to dst, without taking them; returns how many. */
size_t ebpf_trace_peek(char *dst, size_t len);
/* Drop what a peek has delivered; the caller holds the control lock over both. */
void ebpf_trace_consume(size_t len);
uint64_t ebpf_trace_dropped(void); /* bytes of messages that did not fit */

#endif
