/* SPDX-License-Identifier: BSD-2-Clause */
/* What client.c has, for the checks of it (checks.c). */
#ifndef CLIENT_H
#define CLIENT_H

#include "uapi/bpf.h"
#include "uapi/sbi_ebpf.h"

#define SBI_EXT_SRST 0x53525354

#define CALLS 1000
#define PID 42
#define MAP_FD 1
#define COUNT_FD 2
#define LINK_FD 3

int64_t sbi(uint64_t ext, uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5);
int64_t ebpf(uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5);
int64_t bpf(enum bpf_cmd cmd, const union bpf_attr *attr, uint64_t owner, uint64_t newfd);
int64_t load(const struct bpf_insn *insns, uint32_t count, int fd);
int64_t attach(uint32_t prog, const char *symbol, uint32_t flags);
int64_t counter(uint64_t owner, uint32_t fd);
uint64_t probed(uint64_t x);
void print(const char *s);
void print_number(int64_t n);

/* start.S calls the first one; with the map, the program and the link as client.c leaves them, the second one. */
void client_main(void);
__attribute__((noreturn)) void client_checks(void);
void client_trap(uint64_t cause, uint64_t epc);
void *memset(void *dst, int value, size_t len);

#endif
