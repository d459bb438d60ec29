/* SPDX-License-Identifier: BSD-2-Clause */
/* For programs written for kernels that may come without their types: here kernel.btf is always there. */
#ifndef SDK_BTF_HELPERS_H
#define SDK_BTF_HELPERS_H

#include <bpf/libbpf.h>

static inline int ensure_core_btf(struct bpf_object_open_opts *opts)
{
	(void)opts;
	return 0;
}

static inline void cleanup_core_btf(struct bpf_object_open_opts *opts)
{
	(void)opts;
}

#endif
