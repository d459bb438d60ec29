/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_CORE_READ() and its family, libbpf's own, as chains of bpf_probe_read_kernel():
 * kernel_types.h is made from the very kernel that will run, so the compiler's
 * offsets are right and there is nothing to relocate. What asks the running kernel
 * about its types (bpf_core_field_exists() ...) still becomes a relocation, which
 * loading refuses in words.
 */
#ifndef _SDK_BPF_CORE_READ_H
#define _SDK_BPF_CORE_READ_H

#define __builtin_preserve_access_index(x) (x)
#include_next <bpf/bpf_core_read.h>

#endif
