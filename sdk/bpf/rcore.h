/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eBPF programs in the rCore tutorial's style (files NAME.rcore.bpf.c): one
 * object, its .text is the program, its first function the entry. Helpers take
 * map descriptors, and a lookup copies the value out. A map is named by an
 * undefined variable, `extern int map_fd;`, which BPF_PROG_LOAD_EX fills in.
 * Strings must live on the stack: there is no .rodata.
 */
#ifndef _BPF_RCORE_H
#define _BPF_RCORE_H

#include "kernel.h"

static long (*const bpf_map_lookup_elem)(int fd, const void *key, void *value) = (void *)1; /* 0, or -1: not there */
static long (*const bpf_map_update_elem)(int fd, const void *key, const void *value, u64 flags) = (void *)2;
static long (*const bpf_map_delete_elem)(int fd, const void *key) = (void *)3;
static u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static long (*const bpf_trace_printk)(const char *fmt, u32 size, u64 a, u64 b, u64 c) = (void *)6;
static u32 (*const bpf_get_smp_processor_id)(void) = (void *)8;
static u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14; /* pid << 32 | pid */
static long (*const bpf_get_current_comm)(char *buf, u32 size) = (void *)16;

/* Print a string with up to three `{}`, each replaced by an argument as an unsigned decimal number. */
#define rcore_printk(...) RCORE_PRINTK_(__VA_ARGS__, 0, 0, 0)
#define RCORE_PRINTK_(fmt, a, b, c, ...)                                                                               \
	({                                                                                                             \
		char fmt_[] = fmt;                                                                                     \
		bpf_trace_printk(fmt_, sizeof(fmt_), (u64)(a), (u64)(b), (u64)(c));                                    \
	})

#endif
