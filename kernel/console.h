/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: bytes out, bytes in, nothing done to either. */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include "uvm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The firmware's console is used until then. */
void console_init(void);
/* All of it, not mixed with what other harts write. Any context. text: kernel memory. */
void console_write(const char *text, size_t len);
/* From here on no lock is respected: the kernel is dying. */
void console_panic(void);

/* The job that Ctrl-C interrupts; 0: none. */
void console_set_foreground(int job);
/* Take what has been typed into the input buffer; from the UART interrupt or the timer tick. */
void console_poll(void);
/* At least one byte, waiting for it. Number of bytes, -EFAULT, or -EINTR when the thread has to end. */
int64_t console_read(const struct iobuf *buf, uint64_t n);
int64_t console_write_buf(const struct iobuf *buf, uint64_t n);

/* plic.c: console input by interrupt, where the machine has the means; the tick asks anyhow */
void plic_init(void);
void plic_interrupt(void);

/* uart.c; only when machine.uart says there is one */
void uart_init(void);
void uart_putc(char c);
int uart_getc(void); /* -1: nothing there */

#endif
