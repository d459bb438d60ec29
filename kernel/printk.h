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
 * %d %u %x %s %% with l and a width (zero-padded with a leading 0, left-
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

/*
 * ksym.c: the kernel's own symbol table, made by the second pass of the link
 * (mksyms.awk), in the format the firmware takes.
 */
/* The function that holds addr and the offset in it; NULL: none. */
const char *ksym_find(uint64_t addr, uint64_t *offset);
/* Entry by index, for listings; NULL at the end. */
const char *ksym_by_index(uint32_t i, uint64_t *addr);
/* The whole table: address in the image and size. */
const void *ksym_table(uint64_t *size);

struct kernel_regs;

/* The registers x[1..31], eight lines. */
void print_regs(const uint64_t x[32]);

/* Print the message, registers and a backtrace, stop the machine with "system failure". */
__attribute__((noreturn, format(printf, 1, 2))) void panic(const char *fmt, ...);
__attribute__((noreturn, format(printf, 2, 3))) void panic_regs(const struct kernel_regs *regs, const char *fmt, ...);

#endif
