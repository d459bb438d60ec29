/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building short text in a buffer: messages of the loader. Always
 * NUL-terminated; what does not fit is cut off, but counted in `len`.
 */
#ifndef EBPF_TEXT_H
#define EBPF_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct ebpf_text {
	char *buf;
	size_t size; /* of buf, > 0 */
	size_t len;  /* of the whole text, as if buf were large enough */
};

void ebpf_text_init(struct ebpf_text *text, char *buf, size_t size);
void ebpf_text_char(struct ebpf_text *text, char c);
void ebpf_text_str(struct ebpf_text *text, const char *str);
void ebpf_text_unsigned(struct ebpf_text *text, uint64_t value);
void ebpf_text_signed(struct ebpf_text *text, int64_t value);
void ebpf_text_hex(struct ebpf_text *text, uint64_t value); /* with 0x */

#endif
