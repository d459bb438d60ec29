/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an experiment of tests/isolation is written with: the S-mode side of a
 * machine with nothing on it but the firmware. One C file with experiment() in it
 * is one payload; payload.c calls it and then asks the oracles that every
 * experiment shares (docs/isolation.md, "Oracles").
 *
 * The payload runs in S-mode with translation off, interrupts off, at 0x80200000.
 * It is the kernel: owner 0, and it may do to its own memory what it likes.
 */
#ifndef ISOLATION_PAYLOAD_H
#define ISOLATION_PAYLOAD_H

#include "uapi/bpf.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the machine: QEMU's virt ---- */

#define FIRMWARE 0x80000000ul /* and its size, rounded up, and where RAM ends */
#define FIRMWARE_SIZE 0xa0000ul
#define RAM_END 0x88000000ul
#define UART 0x10000000ul
#define CLINT 0x02000000ul
#define PLIC 0x0c000000ul
#define PAGE 4096ul

#define CAUSE_FETCH_ACCESS 1
#define CAUSE_ILLEGAL 2
#define CAUSE_BREAKPOINT 3
#define CAUSE_LOAD_ACCESS 5
#define CAUSE_STORE_ACCESS 7
#define CAUSE_ECALL_VS 10
#define CAUSE_FETCH_PAGE 12
#define CAUSE_LOAD_PAGE 13
#define CAUSE_STORE_PAGE 15

struct trap_frame {
	uint64_t epc;
	uint64_t x[31]; /* x1..x31 */
	uint64_t status, cause, tval;
};
#define RA 0 /* indices of x[] */
#define A0 9

/* The experiment. */
void experiment(void);
/* Gets each trap first, if the experiment defines it. True: served, go on at tf->epc. */
bool experiment_trap(struct trap_frame *tf);

/* ---- checks: each is counted; one that fails is printed and the experiment has failed ---- */

void check(const char *what, int64_t got, int64_t want);
void check_true(const char *what, bool ok);
void print(const char *s);
void print_number(int64_t n);
/* Say a number of this experiment in the table: "note: <what> = <value>". */
void note(const char *what, int64_t value);

/* The shared oracles that do not fit: say so before experiment() returns. */
void keeps_locks(void);	  /* locks are set: nothing can be loaded any more, the last end-to-end check is left out */
void keeps_objects(void); /* what is attached stays: the accounts are not compared */
void keeps_damage(void);  /* the self-check has found damage, and has to go on saying so */

/* Long form (make isolation), else the short one of make test: how far a sweep goes. */
bool long_form(void);

/* ---- SBI ---- */

struct sbiret {
	int64_t error, value;
};
struct sbiret sbi(uint64_t ext, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
		  uint64_t a5);
/* A function of the extension, repeated while it says -ERESTART. */
int64_t ebpf(uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5);
int64_t info(uint64_t index);
bool verifier_on(void);
uint64_t now(void); /* the time CSR */

#define SBI_EXT_BASE 0x10
#define SBI_EXT_TIME 0x54494d45
#define SBI_EXT_IPI 0x735049
#define SBI_EXT_HSM 0x48534d
#define SBI_EXT_SRST 0x53525354
#define SBI_EXT_FWFT 0x46574654
#define SBI_EXT_DBTR 0x44425452
#define SBI_EXT_SSE 0x535345
#define SBI_EXT_DBCN 0x4442434e
#define SBI_EXT_PMU 0x504d55

/* ---- bpf(2) as the kernel, owner 0, or for another owner with the kernel's addresses ---- */

int64_t bpf_as(uint64_t owner, uint32_t cmd, const union bpf_attr *attr, uint64_t newfd);
int64_t bpf(uint32_t cmd, const union bpf_attr *attr, uint64_t newfd);
int64_t make_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries, uint64_t fd);
int64_t put(uint64_t owner, uint32_t fd, uint32_t key, uint64_t value); /* maps of 4-byte keys, 8-byte values */
int64_t get(uint64_t owner, uint32_t fd, uint32_t key, uint64_t *value);
int64_t load(const struct bpf_insn *insns, uint32_t count, uint64_t fd); /* the log: load_log */
extern char load_log[4096];
int64_t attach(uint32_t prog, uint64_t addr, uint32_t flags, uint64_t fd); /* BPF_F_KPROBE_MULTI_RETURN */
int64_t close_fd(uint64_t fd);
int64_t test_run(uint32_t prog, uint32_t *retval);

/*
 * A program that must not get away with it. With the verifier: refused at load,
 * and the log says `reason`. Without: loaded, attached to victim(), and every run
 * stopped by a run-time check, until it is in quarantine. Fds 90 and 91 are used.
 */
void contained(const char *what, const struct bpf_insn *insns, uint32_t count, const char *reason);
/* Loads with or without verifier; one test run gives `want`. */
void harmless(const char *what, const struct bpf_insn *insns, uint32_t count, uint32_t want);

/* ---- things to probe: their first instruction is an addi or a compressed one ---- */

uint64_t victim(uint64_t x);	/* 3 * x + 1 */
uint64_t bystander(uint64_t x); /* x ^ 0x55 */
extern char return_trampoline[], trap_vector[], text_start[], text_end[];
/* Call victim() n times with different arguments; how many results were right. */
uint64_t right_calls(uint64_t n);
/* value[0]++ of the ARRAY map `map_fd` */
#define COUNTER_INSNS 11
void counter_program(struct bpf_insn insns[COUNTER_INSNS], int32_t map_fd);

/* ---- addresses that may fault: 0 or scause ---- */

uint64_t touch_load(uint64_t addr);
uint64_t touch_store(uint64_t addr, uint64_t value);
uint64_t touch_exec(uint64_t addr);

/* Traps that nobody expected end the payload. Breakpoints do not: they are counted and skipped. */
extern volatile uint64_t breakpoints_seen, breakpoint_epc, breakpoint_tval;

/* Where the arena is, found by looking for it: the one reserved block that nobody is told of. 0: not below `ram_end`.
 */
uint64_t find_arena(uint64_t ram_end);
/* Of the words at every `step` bytes of [start, start + size): how many loads and stores of them do not fault. */
uint64_t touchable(uint64_t start, uint64_t size, uint64_t step);

/* ---- other harts ---- */

unsigned int harts(void);
/* Run fn(arg) on the n-th other hart (1 .. harts() - 1); wait_harts() until all have returned and are stopped. */
void start_hart(unsigned int n, void (*fn)(uint64_t), uint64_t arg);
void wait_harts(void);

/* ---- page tables: one root, 1 GiB pages identity-mapped by sv39_identity() ---- */

#define PTE_V 1u
#define PTE_R 2u
#define PTE_W 4u
#define PTE_X 8u
#define PTE_U 16u
#define PTE_AD 0xc0u
#define PTE_RWX (PTE_V | PTE_R | PTE_W | PTE_X | PTE_AD)
#define SV39 8ul
uint64_t pte_of(uint64_t pa, uint64_t bits);
uint64_t satp_of(uint64_t mode, const void *root);
void sv39_identity(uint64_t root[512]);
void set_satp(uint64_t satp); /* and sfence.vma */

/* ---- memory ---- */

void *memset(void *dst, int value, size_t len);
void *memcpy(void *dst, const void *src, size_t len);
bool contains(const char *text, const char *part);

/* ---- instructions ---- */

#define INSN(c, d, s, o, i) ((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define MOV_IMM(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOV_REG(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADD_IMM(d, i) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define ADD_REG(d, s) INSN(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define LDX(size, d, s, o) INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STX(size, d, s, o) INSN(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define ST(size, d, o, i) INSN(BPF_ST | BPF_MEM | (size), d, 0, o, i)
#define ATOMIC(size, op, d, s, o) INSN(BPF_STX | BPF_ATOMIC | (size), d, s, o, op)
#define IMM64(d, v)                                                                                                    \
	INSN(BPF_LD | BPF_IMM | BPF_DW, d, 0, 0, (int32_t)(uint32_t)(v)),                                              \
		INSN(0, 0, 0, 0, (int32_t)((uint64_t)(v) >> 32))
#define MAP_PTR(d, fd) INSN(BPF_LD | BPF_IMM | BPF_DW, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define MAP_VALUE(d, fd, off) INSN(BPF_LD | BPF_IMM | BPF_DW, d, BPF_PSEUDO_MAP_VALUE, 0, fd), INSN(0, 0, 0, 0, off)
#define CALL(id) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, id)
#define JA(o) INSN(BPF_JMP | BPF_JA, 0, 0, o, 0)
#define JEQ_IMM(d, i, o) INSN(BPF_JMP | BPF_JEQ | BPF_K, d, 0, o, i)
#define JNE_IMM(d, i, o) INSN(BPF_JMP | BPF_JNE | BPF_K, d, 0, o, i)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* contained() with its instructions as the last arguments */
#define CONTAINED(what, reason, ...)                                                                                   \
	do {                                                                                                           \
		const struct bpf_insn insns_[] = {__VA_ARGS__};                                                        \
		contained(what, insns_, COUNT(insns_), reason);                                                        \
	} while (0)
#define HARMLESS(what, want, ...)                                                                                      \
	do {                                                                                                           \
		const struct bpf_insn insns_[] = {__VA_ARGS__};                                                        \
		harmless(what, insns_, COUNT(insns_), want);                                                           \
	} while (0)

#endif
