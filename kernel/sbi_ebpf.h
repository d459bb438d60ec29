/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SBI extension "BPF", one function each (docs/sbi-bpf.adoc). All return a
 * value >= 0 or -errno. sbi_ebpf_call() may say -SBI_EBPF_ERESTART: call again with
 * the same arguments. The others do that themselves.
 */
#ifndef KERNEL_SBI_EBPF_H
#define KERNEL_SBI_EBPF_H

#include "../firmware/ebpf/uapi/sbi_ebpf.h"

#include <stdint.h>

int64_t sbi_ebpf_get_info(uint64_t index);
int64_t sbi_ebpf_call(uint64_t cmd, uint64_t attr, uint64_t size, uint64_t satp, uint64_t owner, uint64_t newfd);
int64_t sbi_ebpf_close(uint64_t owner, uint64_t fd);
int64_t sbi_ebpf_dup(uint64_t owner, uint64_t fd, uint64_t new_owner, uint64_t new_fd);
int64_t sbi_ebpf_exit(uint64_t owner);
int64_t sbi_ebpf_set_task_area(uint64_t pa, uint64_t flags);
int64_t sbi_ebpf_set_symbols(uint64_t pa, uint64_t size);
int64_t sbi_ebpf_set_return_trampoline(uint64_t va);
int64_t sbi_ebpf_trace_read(uint64_t buf, uint64_t size, uint64_t satp);

#endif
