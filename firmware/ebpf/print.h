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
 * Linux's bpf_trace_printk format: % [0+- flags] [width] then
 *   d i u x X   with nothing (32 bits), l or ll (64 bits) before
 *   c           the low byte
 *   s           a string in kernel or user memory, by its address; unreadable: nothing
 *   pks pus     the same, kernel or user memory by name
 *   p pK        a pointer, hashed with a secret, 16 digits; px as it is
 *   ps pS pB    a pointer as it is with 0x (the symbol table is not for runs)
 *   %           itself
 * fmt is NUL-terminated, args[nr_args]. Returns the length of all of it (what has no room
 * in `size` bytes with the NUL is cut off), or -EINVAL for all that Linux refuses: characters
 * that are not printable ASCII or white space, other conversions (also o, h, a
 * precision, #, *), a letter or digit after s, more conversions than arguments;
 * and for pI4 and its kin, which Linux has.
 */
int ebpf_print_linux(char *dst, size_t size, const char *fmt, const uint64_t *args, unsigned int nr_args,
		     ebpf_print_str_fn read_str, void *str_arg);

#define EBPF_PRINT_ARGS 12u /* of one format in an array, MAX_BPRINTF_VARARGS in Linux */

/*
 * rCore: `{}` is the next argument as unsigned decimal, surplus arguments are
 * ignored, surplus `{}` vanish, `{{` and `}}` are literal braces, any other brace
 * stands for itself; ends at len or a NUL. Returns the length written (size - 1
 * at most, always terminated).
 */
int ebpf_print_rcore(char *dst, size_t size, const char *fmt, size_t len, const uint64_t *args, unsigned int nr_args);

#endif
