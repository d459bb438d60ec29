/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatting for bpf_trace_printk: Linux's printf subset and rCore's `{}`.
 */
#ifndef EBPF_PRINT_H
#define EBPF_PRINT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Read memory a %s or %pks/%pus points to: up to size - 1 bytes and a NUL into
 * dst, 0 or -EFAULT. `user`: the current task's user space.
 */
typedef int (*ebpf_print_str_fn)(void *arg, char *dst, uint64_t addr, size_t size, int user);

/*
 * Linux's bpf_trace_printk format: %d %i %u %x %X %o %c %s %p %px? %lu %lld ... with flags,
 * width, 0-padding and h/hh/l/ll; %s reads kernel memory, %pus/%pks user/kernel
 * strings; %p prints a hashed value. fmt is NUL-terminated, args[nr_args].
 * Returns the length written (size - 1 at most, always terminated), or -EINVAL
 * for a conversion Linux refuses, more conversions than arguments.
 */
int ebpf_print_linux(char *dst, size_t size, const char *fmt, const uint64_t *args, unsigned int nr_args,
		     ebpf_print_str_fn read_str, void *str_arg);

/*
 * rCore: `{}` is the next argument as unsigned decimal, surplus arguments are
 * ignored, surplus `{}` vanish, `{{` and `}}` are literal braces; ends at len or a NUL.
 */
int ebpf_print_rcore(char *dst, size_t size, const char *fmt, size_t len, const uint64_t *args, unsigned int nr_args);

#endif
