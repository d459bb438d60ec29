/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier's log: text in a buffer of the caller's, bounded. What does not
 * fit pushes out the oldest text, as Linux's log does since 6.4, or with
 * `fixed` (BPF_LOG_FIXED) is itself dropped; `len` counts all of it, for
 * log_true_size and -ENOSPC. Never contains an address of the firmware.
 */
#ifndef EBPF_VLOG_H
#define EBPF_VLOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/* log_level of BPF_PROG_LOAD */
#define EBPF_VLOG_LEVEL1 1u /* what was refused and why, and each path as it is taken */
#define EBPF_VLOG_LEVEL2 2u /* and the state after each instruction */
#define EBPF_VLOG_STATS 4u
#define EBPF_VLOG_FIXED 8u

struct ebpf_vlog {
	char *buf;
	uint32_t size; /* of buf; 0: nothing is kept */
	uint32_t level;
	uint64_t len; /* bytes of the whole text; byte i is buf[i % size], or with EBPF_VLOG_FIXED buf[i] */
};

void ebpf_vlog_init(struct ebpf_vlog *log, char *buf, uint32_t size, uint32_t level);
void ebpf_vlog_char(struct ebpf_vlog *log, char c);
void ebpf_vlog_str(struct ebpf_vlog *log, const char *str);

/* %s %c %% %d %u %x with an optional l or ll for 64 bits; x without 0x. No widths. */
void ebpf_vlog_printf(struct ebpf_vlog *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ebpf_vlog_vprintf(struct ebpf_vlog *log, const char *fmt, va_list args);

/*
 * Copy what is kept, oldest first, into dst with a NUL; returns the bytes
 * without it. A text of which the beginning is lost starts with a whole line if
 * there is one.
 */
uint32_t ebpf_vlog_read(const struct ebpf_vlog *log, char *dst, uint32_t size);

#endif
