/* SPDX-License-Identifier: BSD-2-Clause */
/* Console: console.h. */
#include "console.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "dt.h"
#include "sbi.h"
#include "proc.h"

#define INPUT_SIZE 4096
#define CTRL_C 3

static struct spinlock out_lock;
static bool have_uart, dying;

static struct spinlock in_lock;
static struct waitq readers;
static int foreground; /* the job that Ctrl-C interrupts */
static char input[INPUT_SIZE];
static uint32_t in_head, in_tail; /* counted, not wrapped: head - tail = bytes waiting */

void console_init(void)
{
	if (!machine.uart.base)
		return;
	uart_init();
	have_uart = true;
}

void console_panic(void)
{
	dying = true;
}

void console_write(const char *text, size_t len)
{
	bool lock = !dying;

	if (lock)
		spin_lock(&out_lock);
	if (have_uart) {
		while (len--)
			uart_putc(*text++);
	} else {
		sbi_console_write(text, len);
	}
	if (lock)
		spin_unlock(&out_lock);
}

static int getc_now(void)
{
	return have_uart ? uart_getc() : sbi_console_getchar();
}

/* One that was typed while nobody was in the foreground yet, and that nobody has read, is for who is now. */
void console_set_foreground(int job)
{
	spin_lock(&in_lock);
	foreground = job;
	for (uint32_t i = in_tail; i != in_head; i++) {
		if (input[i % INPUT_SIZE] == CTRL_C && proc_interrupt_job(job))
			in_tail = i + 1;
	}
	spin_unlock(&in_lock);
}

/*
 * Ctrl-C is for the foreground job and takes what was typed before with it;
 * without one it is a byte. What finds the buffer full is lost: left where it is
 * it would keep the UART's interrupt up, and hide a Ctrl-C.
 */
void console_poll(void)
{
	bool got = false;
	int c;

	spin_lock(&in_lock);
	while ((c = getc_now()) >= 0) {
		if (c == CTRL_C && proc_interrupt_job(foreground)) {
			in_tail = in_head;
		} else if (in_head - in_tail < INPUT_SIZE) {
			input[in_head++ % INPUT_SIZE] = (char)c;
			got = true;
		}
	}
	spin_unlock(&in_lock);
	if (got)
		wake_all(&readers);
}

int64_t console_read(const struct iobuf *buf, uint64_t n)
{
	char chunk[64];
	uint64_t got = 0;

	if (n == 0)
		return 0;
	spin_lock(&in_lock);
	while (in_head == in_tail) {
		if (sleep_on(&readers, &in_lock, WAIT_INTERRUPTIBLE) != 0) {
			spin_unlock(&in_lock);
			return -EINTR;
		}
	}
	while (got < n && got < sizeof(chunk) && in_tail != in_head)
		chunk[got++] = input[in_tail++ % INPUT_SIZE];
	spin_unlock(&in_lock);
	return iobuf_put(buf, 0, chunk, got) == 0 ? (int64_t)got : -EFAULT;
}

int64_t console_write_buf(const struct iobuf *buf, uint64_t n)
{
	char chunk[256];
	uint64_t done = 0;
	size_t len;

	for (; done < n; done += len) {
		len = n - done < sizeof(chunk) ? n - done : sizeof(chunk);
		if (iobuf_get(buf, done, chunk, len) != 0)
			return done ? (int64_t)done : -EFAULT;
		console_write(chunk, len);
	}
	return (int64_t)done;
}
