/* SPDX-License-Identifier: BSD-2-Clause */
/* Small helpers: comparing strings, and questions with short answers. */
#include "helper_impl.h"

#include "mem.h"
#include "platform.h"

#define NS_PER_JIFFY 4000000u /* 250 Hz, as Linux's riscv default */

/* r1 string, r2 its size, r3 the constant it is compared with */
EBPF_HELPER(compare)
{
	const unsigned char *a = ebpf_helper_mem(r1), *b = ebpf_helper_mem(r3);

	if (!ebpf_run_pay(run, r2 * 8))
		return EBPF_ERR(ETIMEDOUT);
	for (uint64_t i = 0; i < r2; i++) {
		int diff = (int)a[i] - (int)b[i];

		if (diff || !b[i])
			return (uint64_t)(int64_t)diff;
	}
	return 0;
}

EBPF_HELPER(jiffies64)
{
	return ebpf_plat_ktime_ns() / NS_PER_JIFFY;
}

/* One node */
EBPF_HELPER(get_numa_node_id)
{
	return 0;
}

const struct ebpf_helper_row ebpf_helpers_string[] = {
	{182, {.name = "strncmp", .fn = compare, .arg = {EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE, EBPF_ARG_CONST_STR}}},
	{118, {.name = "jiffies64", .fn = jiffies64}},
	{42, {.name = "get_numa_node_id", .fn = get_numa_node_id}},
	{0},
};
