/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel messages: a small formatter and the log level. */
#include "printk.h"
#include "console.h"
#include "string.h"
#include "timer.h"

#include <stdbool.h>
#include <stdint.h>

#define LOG_SIZE 32768

static int log_level = LOG_INFO;
/* The latest messages, shown or not. No lock: printk must work when the kernel dies; two writers never overlap. */
static char log_ring[LOG_SIZE];
static uint64_t log_end; /* bytes written since boot */

struct out {
	char *buf;
	size_t size, len;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len++] = c;
}

static void put_padded(struct out *o, const char *s, size_t n, int width, bool left, char pad)
{
	int fill = width - (int)n;

	for (; !left && fill > 0; fill--)
		put(o, pad);
	while (n--)
		put(o, *s++);
	for (; fill > 0; fill--)
		put(o, ' ');
}

static void put_number(struct out *o, uint64_t v, unsigned int base, bool negative, int width, bool left, char pad)
{
	char digits[24];
	size_t i = sizeof(digits);

	do
		digits[--i] = "0123456789abcdef"[v % base];
	while ((v /= base) != 0);
	if (negative)
		digits[--i] = '-';
	put_padded(o, digits + i, sizeof(digits) - i, width, left, pad);
}

static const char *put_conversion(struct out *o, const char *f, va_list *ap)
{
	bool left = false, is_long = false;
	int width = 0, precision = -1;
	char pad = ' ';
	const char *s;
	int64_t v;

	for (; *f == '-' || *f == '0'; f++) {
		left |= *f == '-';
		pad = *f == '0' ? '0' : pad;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		width = width * 10 + (*f - '0');
	if (*f == '.' && f[1] == '*') {
		precision = va_arg(*ap, int);
		f += 2;
	}
	for (; *f == 'l' || *f == 'z'; f++)
		is_long = true;

	switch (*f) {
	case 'd':
		v = is_long ? va_arg(*ap, int64_t) : va_arg(*ap, int);
		put_number(o, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0, width, left, pad);
		break;
	case 'u':
	case 'x':
		put_number(o, is_long ? va_arg(*ap, uint64_t) : va_arg(*ap, unsigned int), *f == 'x' ? 16 : 10, false,
			   width, left, pad);
		break;
	case 's':
		s = va_arg(*ap, const char *);
		s = s ? s : "(null)";
		put_padded(o, s, precision < 0 ? strlen(s) : strnlen(s, (size_t)precision), width, left, ' ');
		break;
	case 0:
		return f;
	default:
		put(o, *f);
	}
	return f + 1;
}

int kvsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = {buf, size, 0};
	va_list args;

	va_copy(args, ap);
	while (*fmt) {
		if (*fmt != '%')
			put(&o, *fmt++);
		else
			fmt = put_conversion(&o, fmt + 1, &args);
	}
	va_end(args);
	buf[o.len] = 0;
	return (int)o.len;
}

int ksnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = kvsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

static void log_message(const char *text)
{
	uint64_t us = timer_us(), at;
	char buf[288];
	int n = ksnprintf(buf, sizeof(buf), "[%5lu.%06lu] %s", us / 1000000, us % 1000000, text);

	at = __atomic_fetch_add(&log_end, (uint64_t)n, __ATOMIC_ACQ_REL);
	for (int i = 0; i < n; i++)
		log_ring[(at + (uint64_t)i) % LOG_SIZE] = buf[i];
}

void printk(int level, const char *fmt, ...)
{
	char buf[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = kvsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	log_message(buf);
	if (level <= log_level)
		console_write(buf, (size_t)n);
}

size_t printk_read(uint64_t *pos, char *buf, size_t size)
{
	uint64_t end = __atomic_load_n(&log_end, __ATOMIC_ACQUIRE);
	size_t n = 0;

	if (end - *pos > LOG_SIZE) { /* overwritten: from the first whole line that is left */
		*pos = end - LOG_SIZE;
		while (*pos < end && log_ring[(*pos)++ % LOG_SIZE] != '\n')
			;
	}
	while (n < size && *pos < end)
		buf[n++] = log_ring[(*pos)++ % LOG_SIZE];
	return n;
}

void printk_set_level(int level)
{
	log_level = level;
}
