/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The core's front: what the SBI functions do, free of SBI. firmware/ecall.c
 * turns registers into these calls; tests/host calls them directly.
 *
 * All return >= 0 or -errno. -ERESTART: call again with the same arguments
 * (another hart holds the control lock, or the work is done in slices).
 */
#ifndef EBPF_CALL_H
#define EBPF_CALL_H

#include <stddef.h>
#include <stdint.h>

/* Set the core up in its arena; once, before any hart is in S-mode. 0 or -ENOMEM. */
int ebpf_init(void *arena, size_t size);

int64_t ebpf_call_info(uint64_t index); /* the core's part of GET_INFO; -EINVAL for an index it does not know */
int64_t ebpf_call_bpf(uint32_t cmd, uint64_t attr, uint64_t size, uint64_t satp, uint64_t owner, uint64_t newfd);
int64_t ebpf_call_close(uint64_t owner, uint64_t fd);
int64_t ebpf_call_dup(uint64_t owner, uint64_t fd, uint64_t newowner, uint64_t newfd);
int64_t ebpf_call_exit(uint64_t owner);
int64_t ebpf_call_set_symbols(uint64_t pa, uint64_t size);
int64_t ebpf_call_set_trampoline(uint64_t va);
int64_t ebpf_call_trace_read(uint64_t buf, uint64_t size, uint64_t satp);
int64_t ebpf_call_lock(uint64_t flags); /* the flags now in force */

#endif
