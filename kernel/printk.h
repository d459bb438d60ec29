/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel messages, and the end of the kernel. */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_ERROR 3
#define LOG_WARN 4
#define LOG_INFO 6
#define LOG_DEBUG 7

/*
 * %d %u %x %p %s %c %% with l and a width (zero-padded with a leading 0, left-
 * justified with -). Returns the length without the NUL, cut to size - 1.
 */
int kvsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
__attribute__((format(printf, 3, 4))) int ksnprintf(char *buf, size_t size, const char *fmt, ...);

/*
 * One message, whole: up to 256 bytes, from any context. Every message goes to
 * the log; those up to the log level to the console, too.
 */
__attribute__((format(printf, 2, 3))) void printk(int level, const char *fmt, ...);
void printk_set_level(int level);
/* The log from *pos on, which is moved; 0 = all that is left of it. Bytes stored in buf; 0: no more. */
size_t printk_read(uint64_t *pos, char *buf, size_t size);

struct kernel_regs;

/* The registers x[1..31], eight lines. */
void print_regs(const uint64_t x[32]);

/* Print the message, registers and a backtrace, stop the machine with "system failure". */
__attribute__((noreturn, format(printf, 1, 2))) void panic(const char *fmt, ...);
__attribute__((noreturn, format(printf, 2, 3))) void panic_regs(const struct kernel_regs *regs, const char *fmt, ...);

#endif
