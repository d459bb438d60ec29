/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rvtest: the machine below the comparison (start.S, SBI, memory), and the
 * tests that main.c runs.
 */
#ifndef RVTEST_H
#define RVTEST_H

#include "rv_emulate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As struct pt_regs begins: the pc in place of x0. Offsets are start.S's too. */
struct rv_state {
	uint64_t x[32];
	uint64_t cause, tval;
};

/* ---- start.S ---- */
void exec_insn(struct rv_state *s);
uint64_t fp_get(unsigned int reg);
void fp_put(unsigned int reg, uint64_t value);
uint64_t count_run(const struct rv_insn *insn, uint64_t *x, uint64_t *pc, struct rv_trap *trap,
		   const struct rv_bus *bus);
uint64_t count_nothing(void);
bool quiet_store(uint64_t va, unsigned int size, uint64_t value, struct rv_trap *trap);
bool quiet_load(uint64_t va, unsigned int size, uint64_t *value, struct rv_trap *trap);

/* ---- sbi.c ---- */
void print(const char *fmt, ...); /* %s %u (unsigned) %x (uint64_t) */
/* A function of the eBPF extension, repeated while it says -ERESTART; its value. */
int64_t sbi_ebpf(uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5);
void shutdown(void) __attribute__((noreturn));

/* ---- memory.c: translation, the code region, the window of data pages ---- */
#define WINDOW UINT64_C(0x40000000)
#define WINDOW_PAGES 6 /* read-write, read-write, read-only, unmapped, read-write, unmapped */
#define SNAPSHOT 64

void memory_init(void);
uint64_t code_base(void); /* the instruction under test; ebreaks for more than 1 MiB on both sides */
uint64_t scratch_base(void);
void code_write(uint64_t at, uint32_t raw); /* an instruction of 2 or 4 bytes, followed by an ebreak; fence.i */
void code_erase(uint64_t at);
/* The bytes around va, whatever its rights; SNAPSHOT of them, zeroes where there is no memory. */
void window_save(uint64_t va, uint8_t *bytes);
void window_restore(uint64_t va, const uint8_t *bytes);
void *memset(void *dst, int value, size_t len);
void *memcpy(void *dst, const void *src, size_t len);

/* ---- main.c ---- */
void verdict(const char *name, bool ok); /* one passed or failed */

/* ---- forms.c, compressed.c, system.c, counts.c, probed.c ---- */
void test_forms(void);
void test_compressed(void);
void test_system(void);
void print_counts(void);
void test_probed(void);

void rvtest_main(void);
void rvtest_unexpected(uint64_t cause, uint64_t epc, uint64_t tval);

#endif
