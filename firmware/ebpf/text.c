/* SPDX-License-Identifier: BSD-2-Clause */
/* Building short text in a buffer. No formats: see print.c for those of programs. */
#include "text.h"

void ebpf_text_init(struct ebpf_text *text, char *buf, size_t size)
{
	*text = (struct ebpf_text){.buf = buf, .size = size};
	buf[0] = 0;
}

void ebpf_text_char(struct ebpf_text *text, char c)
{
	if (text->len + 1 < text->size) {
		text->buf[text->len] = c;
		text->buf[text->len + 1] = 0;
	}
	text->len++;
}

void ebpf_text_str(struct ebpf_text *text, const char *str)
{
	while (*str)
		ebpf_text_char(text, *str++);
}

static void put_number(struct ebpf_text *text, uint64_t value, unsigned int base)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		ebpf_text_char(text, digits[--n]);
}

void ebpf_text_unsigned(struct ebpf_text *text, uint64_t value)
{
	put_number(text, value, 10);
}

void ebpf_text_signed(struct ebpf_text *text, int64_t value)
{
	if (value < 0)
		ebpf_text_char(text, '-');
	put_number(text, value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

void ebpf_text_hex(struct ebpf_text *text, uint64_t value)
{
	ebpf_text_str(text, "0x");
	put_number(text, value, 16);
}
