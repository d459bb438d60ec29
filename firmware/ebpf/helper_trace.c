/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf_trace_printk and bpf_trace_vprintk: formatting is print.c's, the ring
 * trace.c's. The format is copied before it is looked at: it may lie in a map
 * that another hart is writing to. A message is one line: a newline is added
 * if it has none, as Linux does.
 */
#include "helper_impl.h"

#include "limits.h"
#include "mem.h"
#include "print.h"
#include "trace.h"

int ebpf_helper_print_str(void *arg, char *dst, uint64_t addr, size_t size, int user)
{
	struct ebpf_run *run = arg;
	int64_t len = ebpf_helper_read_str(run, dst, size, addr, user ? EBPF_READ_USER : EBPF_READ_ANY);

	return len < 0 ? -EFAULT : 0;
}

static int64_t print(struct ebpf_run *run, uint64_t fmt_addr, uint64_t fmt_size, const uint64_t *args,
		     unsigned int nr_args)
{
	char fmt[EBPF_PRINTK_MAX], line[EBPF_PRINTK_MAX + 1];
	int len;

	if (!ebpf_run_pay(run, EBPF_PRINT_CHARGE))
		return -ETIMEDOUT;
	if (fmt_size > sizeof(fmt))
		return -E2BIG;
	ebpf_memcpy(fmt, ebpf_helper_mem(fmt_addr), fmt_size);
	/* Linux: the format must end in the memory named */
	len = 0;
	while ((uint64_t)len < fmt_size && fmt[len])
		len++;
	if ((uint64_t)len == fmt_size)
		return -EINVAL;
	len = ebpf_print_linux(line, EBPF_PRINTK_MAX, fmt, args, nr_args, ebpf_helper_print_str, run);
	if (len < 0)
		return len;
	if (len >= (int)EBPF_PRINTK_MAX)
		len = EBPF_PRINTK_MAX - 1;
	if (!len || line[len - 1] != '\n')
		line[len++] = '\n';
	ebpf_trace_write(line, (size_t)len);
	return len;
}

/* r1 format, r2 its size with the NUL, r3..r5 arguments */
EBPF_HELPER(trace_printk)
{
	const uint64_t args[3] = {r3, r4, r5};

	return (uint64_t)print(run, r1, r2, args, 3);
}

/* r1 format, r2 its size, r3 array of 64-bit arguments, r4 its size in bytes */
EBPF_HELPER(trace_vprintk)
{
	uint64_t args[EBPF_PRINT_ARGS];

	if (r4 & 7 || r4 > sizeof(args) || (r4 && !r3))
		return EBPF_ERR(EINVAL);
	ebpf_memcpy(args, ebpf_helper_mem(r3), r4);
	return (uint64_t)print(run, r1, r2, args, (unsigned int)(r4 / 8));
}

const struct ebpf_helper_row ebpf_helpers_trace[] = {
	/* as in Linux, r3 to r5 need no value: the format says which of them are looked at */
	{BPF_FUNC_trace_printk,
	 {.name = "trace_printk", .fn = trace_printk, .gpl_only = true, .arg = {EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE}}},
	{BPF_FUNC_trace_vprintk,
	 {.name = "trace_vprintk",
	  .fn = trace_vprintk,
	  .gpl_only = true,
	  .arg = {EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE, EBPF_ARG_MEM_RDONLY_OR_NULL, EBPF_ARG_SIZE_OR_ZERO}}},
	{0},
};
