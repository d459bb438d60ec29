/* SPDX-License-Identifier: BSD-2-Clause */
/* The verifier's log (vlog.h): a ring of characters and a small formatter. */
#include "vlog.h"

#include <stddef.h>

void ebpf_vlog_init(struct ebpf_vlog *log, char *buf, uint32_t size, uint32_t level)
{
	*log = (struct ebpf_vlog){.buf = buf, .size = size, .level = level};
}

void ebpf_vlog_char(struct ebpf_vlog *log, char c)
{
	uint64_t at = log->len++;

	if (!log->size)
		return;
	if (!(log->level & EBPF_VLOG_FIXED))
		log->buf[at % log->size] = c;
	else if (at < log->size)
		log->buf[at] = c;
}

void ebpf_vlog_str(struct ebpf_vlog *log, const char *str)
{
	while (*str)
		ebpf_vlog_char(log, *str++);
}

static void put_number(struct ebpf_vlog *log, uint64_t value, unsigned int base)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		ebpf_vlog_char(log, digits[--n]);
}

/* One conversion; returns the character after it. */
static const char *convert(struct ebpf_vlog *log, const char *fmt, va_list *args)
{
	bool wide = *fmt == 'l';
	uint64_t value;

	while (*fmt == 'l')
		fmt++;
	switch (*fmt) {
	case 's':
		ebpf_vlog_str(log, va_arg(*args, const char *));
		break;
	case 'c':
		ebpf_vlog_char(log, (char)va_arg(*args, int));
		break;
	case 'd':
		value = (uint64_t)(wide ? va_arg(*args, long long) : va_arg(*args, int));
		if ((int64_t)value < 0)
			ebpf_vlog_char(log, '-');
		put_number(log, (int64_t)value < 0 ? -value : value, 10);
		break;
	case 'u':
	case 'x':
		value = wide ? va_arg(*args, unsigned long long) : va_arg(*args, unsigned int);
		put_number(log, value, *fmt == 'x' ? 16 : 10);
		break;
	default:
		ebpf_vlog_char(log, *fmt);
	}
	return *fmt ? fmt + 1 : fmt;
}

void ebpf_vlog_vprintf(struct ebpf_vlog *log, const char *fmt, va_list args)
{
	va_list copy;

	va_copy(copy, args);
	while (*fmt) {
		if (*fmt != '%')
			ebpf_vlog_char(log, *fmt++);
		else
			fmt = convert(log, fmt + 1, &copy);
	}
	va_end(copy);
}

void ebpf_vlog_printf(struct ebpf_vlog *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ebpf_vlog_vprintf(log, fmt, args);
	va_end(args);
}

/* Where the text that can be read begins, as an offset into the whole text. */
static uint64_t first_kept(const struct ebpf_vlog *log, uint64_t keep)
{
	uint64_t at;

	if (log->level & EBPF_VLOG_FIXED || log->len <= keep)
		return 0;
	for (at = log->len - keep; at < log->len; at++)
		if (log->buf[at % log->size] == '\n')
			return at + 1 < log->len ? at + 1 : log->len - keep;
	return log->len - keep;
}

uint32_t ebpf_vlog_read(const struct ebpf_vlog *log, char *dst, uint32_t size)
{
	uint64_t keep, at, end = log->len;
	uint32_t n = 0;

	if (!size)
		return 0;
	keep = log->size < size - 1 ? log->size : size - 1;
	at = first_kept(log, keep);
	if (end - at > keep)
		end = at + keep;
	for (; at < end; at++)
		dst[n++] = log->buf[log->level & EBPF_VLOG_FIXED ? at : at % log->size];
	dst[n] = 0;
	return n;
}
