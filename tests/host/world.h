/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small world around the core, for tests through call.h: RAM with page tables
 * for one kernel and one process (Sv39), an arena, a kernel text with symbols,
 * and bpf(2) as a process calls it. Header only: each test binary has its own.
 *
 *   RAM    0x80000000  8 MiB; kernel text at +2 MiB; identity-mapped for the kernel (no U)
 *   user   0x00100000  64 pages RW, in RAM in reverse order, so that a buffer
 *                      across a page end is never contiguous
 *          0x00140000  one page read-only; 0x00141000 nothing; 0x00142000 one page write-only is
 *                      impossible in RISC-V, so: one page X only
 *          0x00143000  an S page in the process's table
 */
#ifndef HOST_WORLD_H
#define HOST_WORLD_H

#include "call.h"
#include "cmd.h"
#include "limits.h"
#include "platform_host.h"
#include "uapi/bpf.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define RAM 0x80000000u
#define RAM_SIZE (8u << 20)
#define TEXT (RAM + 0x200000u)
#define TEXT_SIZE 0x10000u
#define SYMTAB_PA (RAM + 0x300000u)
#define USER 0x100000u
#define USER_PAGES 64u
#define USER_RO 0x140000u
#define USER_HOLE 0x141000u
#define USER_X 0x142000u
#define USER_S 0x143000u
#define USER_PA (RAM + 0x100000u)
#define PROC 7u	 /* the process */
#define OTHER 8u /* another one */
#define WORLD_ARENA (8u << 20)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* User memory: attr first, the rest for the test */
#define U_ATTR USER
#define U_DATA (USER + 0x1000u)

static _Alignas(4096) uint8_t world_ram[RAM_SIZE];
static void *world_arena;
static uint64_t world_user_satp, world_kernel_satp;
static uint64_t world_next_table;
static size_t world_free; /* of the arena, after the world was made */
static unsigned int world_restarts;

static inline uint8_t *ram_at(uint64_t pa)
{
	return &world_ram[pa - RAM];
}

static inline uint64_t world_table(void)
{
	uint64_t pa = world_next_table;

	world_next_table += 4096;
	memset(ram_at(pa), 0, 4096);
	return pa;
}

#define PTE_R 2u
#define PTE_W 4u
#define PTE_X 8u
#define PTE_U 16u

/* One 4 KiB page. */
static inline void world_map(uint64_t satp, uint64_t va, uint64_t pa, uint64_t perm)
{
	uint64_t table = (satp & 0xfffffffffffu) << 12;

	for (int level = 2; level > 0; level--) {
		uint64_t *pte = (uint64_t *)(void *)ram_at(table) + (va >> (12 + 9 * level) & 511);

		if (!*pte)
			*pte = world_table() >> 2 | 1;
		table = *pte >> 10 << 12;
	}
	((uint64_t *)(void *)ram_at(table))[va >> 12 & 511] = pa >> 2 | perm | 0xc1;
}

static inline uint64_t user_page_pa(uint64_t va)
{
	return USER_PA + (USER_PAGES - 1 - (va - USER) / 4096) * 4096u;
}

static inline uint8_t *user_ptr(uint64_t va)
{
	if (va >= USER && va < USER + USER_PAGES * 4096u)
		return ram_at(user_page_pa(va) + va % 4096);
	assert_true(va >= USER_RO && va < USER_S + 4096);
	return ram_at(USER_PA + USER_PAGES * 4096u + (va - USER_RO));
}

static inline void user_write(uint64_t va, const void *src, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*user_ptr(va + i) = ((const uint8_t *)src)[i];
}

static inline void user_read(void *dst, uint64_t va, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)dst)[i] = *user_ptr(va + i);
}

static inline void user_put64(uint64_t va, uint64_t value)
{
	user_write(va, &value, sizeof(value));
}

static inline uint64_t user_get64(uint64_t va)
{
	uint64_t value;

	user_read(&value, va, sizeof(value));
	return value;
}

static inline void user_puts(uint64_t va, const char *s)
{
	user_write(va, s, strlen(s) + 1);
}

static inline void world_spaces(void)
{
	world_next_table = RAM + 0x400000u;
	world_user_satp = (uint64_t)8 << 60 | world_table() >> 12;
	world_kernel_satp = (uint64_t)8 << 60 | world_table() >> 12;
	for (unsigned int i = 0; i < USER_PAGES; i++)
		world_map(world_user_satp, USER + i * 4096u, user_page_pa(USER + i * 4096u), PTE_R | PTE_W | PTE_U);
	world_map(world_user_satp, USER_RO, USER_PA + USER_PAGES * 4096u, PTE_R | PTE_U);
	world_map(world_user_satp, USER_X, USER_PA + (USER_PAGES + 2) * 4096u, PTE_X | PTE_U);
	world_map(world_user_satp, USER_S, USER_PA + (USER_PAGES + 3) * 4096u, PTE_R | PTE_W);
	for (uint64_t pa = RAM; pa < RAM + RAM_SIZE; pa += 4096)
		world_map(world_kernel_satp, pa, pa, PTE_R | PTE_W | PTE_X);
	host_satp = world_kernel_satp;
}

static inline int64_t set_symbols(uint64_t pa, uint64_t size)
{
	int64_t result;

	do
		result = ebpf_call_set_symbols(pa, size);
	while (result == -ERESTART);
	return result;
}

/* TEXT: `nops` as far as one looks, functions f0, f1, ... every 16 bytes. */
#define WORLD_FUNCS 2048u
static inline void world_text(void)
{
	struct ebpf_symtab_header *header = (void *)ram_at(SYMTAB_PA);
	struct ebpf_symtab_entry *entries = (void *)(header + 1);
	char *strings = (char *)&entries[WORLD_FUNCS + 1], *at = strings;

	for (unsigned int i = 0; i < TEXT_SIZE; i += 2)
		memcpy(ram_at(TEXT + i), "\x05\x05", 2); /* c.addi a0, 1 */
	for (unsigned int i = 0; i < WORLD_FUNCS; i++) {
		entries[i] = (struct ebpf_symtab_entry){TEXT + 16 * i, (uint32_t)(at - strings), 16};
		at += sprintf(at, "f%u", i) + 1;
	}
	entries[WORLD_FUNCS] = (struct ebpf_symtab_entry){TEXT + 16 * WORLD_FUNCS, (uint32_t)(at - strings), 16};
	at += sprintf(at, "sys_openat") + 1;
	/* wfi cannot be probed; an ebreak is the return trampoline */
	memcpy(ram_at(TEXT + 16 * WORLD_FUNCS + 8), "\x73\x00\x50\x10", 4);
	memcpy(ram_at(TEXT + 16 * WORLD_FUNCS + 12), "\x02\x90", 2);
	*header = (struct ebpf_symtab_header){EBPF_SYMTAB_MAGIC, EBPF_SYMTAB_VERSION, sizeof(entries[0]),
					      WORLD_FUNCS + 1, (uint32_t)(at - strings)};
	assert_int_equal(set_symbols(SYMTAB_PA, (uint64_t)(at - (char *)header)), 0);
}

#define SYS_OPENAT (TEXT + 16 * WORLD_FUNCS)

static inline int world_setup(void **state)
{
	(void)state;
	host_reset();
	memset(world_ram, 0, sizeof(world_ram));
	host_phys_add(RAM, world_ram, RAM_SIZE, EBPF_ACCESS_READ | EBPF_ACCESS_WRITE | EBPF_ACCESS_EXEC);
	world_spaces();
	if (!world_arena) {
		world_arena = aligned_alloc(WORLD_ARENA, WORLD_ARENA);
	} else { /* the locks and the symbol table of the world before */
		ebpf_cmd_init();
		assert_int_equal(set_symbols(0, 0), 0);
	}
	assert_int_equal(ebpf_init(world_arena, WORLD_ARENA), 0);
	world_text();
	world_free = ebpf_arena_free_bytes();
	world_restarts = 0;
	return 0;
}

/* Everybody exits; nothing may be left. */
static inline int64_t world_exit(uint64_t owner)
{
	int64_t result;
	unsigned int n = 0;

	while ((result = ebpf_call_exit(owner)) == -ERESTART)
		assert_true(++n < 100000);
	return result;
}

static inline void world_assert_balance(void)
{
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 0);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_ARMED_PROBES), 0);
	assert_true(ebpf_arena_consistent());
	assert_int_equal(ebpf_arena_free_bytes(), world_free);
}

static inline int world_teardown(void **state)
{
	(void)state;
	ebpf_arena_fail(0, false);
	assert_int_equal(world_exit(PROC), 0);
	assert_int_equal(world_exit(OTHER), 0);
	assert_int_equal(world_exit(0), 0);
	world_assert_balance();
	return 0;
}

/* bpf(2) with attr in place; repeated until it is done. */
static inline int64_t bpf_at(uint32_t cmd, uint64_t attr, uint64_t size, uint64_t newfd)
{
	int64_t result;
	unsigned int n = 0;

	while ((result = ebpf_call_bpf(cmd, attr, size, world_user_satp, PROC, newfd)) == -ERESTART) {
		world_restarts++;
		assert_true(++n < 100000);
	}
	return result;
}

static inline int64_t bpf_as(uint64_t owner, uint32_t cmd, const union bpf_attr *attr, uint64_t newfd)
{
	int64_t result;
	unsigned int n = 0;

	user_write(U_ATTR, attr, sizeof(*attr));
	while ((result = ebpf_call_bpf(cmd, U_ATTR, sizeof(*attr), world_user_satp, owner, newfd)) == -ERESTART) {
		world_restarts++;
		assert_true(++n < 100000);
	}
	return result;
}

static inline int64_t bpf(uint32_t cmd, const union bpf_attr *attr, uint64_t newfd)
{
	return bpf_as(PROC, cmd, attr, newfd);
}

static inline int64_t map_create_as(uint64_t owner, uint32_t type, uint32_t key, uint32_t value, uint32_t max,
				    uint32_t flags, uint64_t newfd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = key;
	attr.value_size = value;
	attr.max_entries = max;
	attr.map_flags = flags;
	return bpf_as(owner, BPF_MAP_CREATE, &attr, newfd);
}

static inline int64_t map_create(uint32_t type, uint32_t key, uint32_t value, uint32_t max, uint64_t newfd)
{
	return map_create_as(PROC, type, key, value, max, 0, newfd);
}

/* An element command on addresses */
static inline int64_t elem_as(uint64_t owner, uint32_t cmd, uint32_t fd, uint64_t key, uint64_t value, uint64_t flags)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	attr.key = key;
	attr.value = value;
	attr.flags = flags;
	return bpf_as(owner, cmd, &attr, 0);
}

static inline int64_t elem(uint32_t cmd, uint32_t fd, uint64_t key, uint64_t value, uint64_t flags)
{
	return elem_as(PROC, cmd, fd, key, value, flags);
}

/* A key and a value of one word each, at U_DATA and U_DATA + 8 */
static inline int64_t put(uint32_t fd, uint64_t key, uint64_t value)
{
	user_put64(U_DATA, key);
	user_put64(U_DATA + 8, value);
	return elem(BPF_MAP_UPDATE_ELEM, fd, U_DATA, U_DATA + 8, BPF_ANY);
}

static inline int64_t get(uint32_t fd, uint64_t key, uint64_t *value)
{
	int64_t result;

	user_put64(U_DATA, key);
	result = elem(BPF_MAP_LOOKUP_ELEM, fd, U_DATA, U_DATA + 8, 0);
	*value = user_get64(U_DATA + 8);
	return result;
}

/* May a call answer this? */
static inline bool world_documented(int64_t result)
{
	static const int errors[] = {EPERM,  ENOENT,   ESRCH,	   EINTR,  E2BIG,    EBADF,	  ENOMEM,
				     EFAULT, EBUSY,    EEXIST,	   ENODEV, EINVAL,   ENFILE,	  ENOSPC,
				     EPROTO, ERESTART, EOPNOTSUPP, EACCES, ENOTSUPP, ENAMETOOLONG};

	if (result >= 0)
		return result <= INT32_MAX;
	for (size_t i = 0; i < COUNT(errors); i++)
		if (result == -errors[i])
			return true;
	return false;
}

/* Programs: instructions at U_PROG, licence at U_LICENSE, log at U_LOG */
#define U_LICENSE (USER + 0x2000u)
#define U_LOG (USER + 0x3000u)
#define U_LOG_SIZE 0x1000u
#define U_PROG (USER + 0x5ff8u) /* across a page end */

static inline void prog_attr(union bpf_attr *attr, const struct bpf_insn *insns, uint32_t cnt)
{
	memset(attr, 0, sizeof(*attr));
	user_write(U_PROG, insns, cnt * sizeof(*insns));
	user_puts(U_LICENSE, "GPL");
	user_write(U_LOG, "untouched", 10);
	attr->prog_type = BPF_PROG_TYPE_KPROBE;
	attr->insn_cnt = cnt;
	attr->insns = U_PROG;
	attr->license = U_LICENSE;
	attr->log_level = 1;
	attr->log_buf = U_LOG;
	attr->log_size = U_LOG_SIZE;
	memcpy(attr->prog_name, "test", 5);
}

static inline int64_t prog_load(const struct bpf_insn *insns, uint32_t cnt, uint64_t newfd)
{
	union bpf_attr attr;

	prog_attr(&attr, insns, cnt);
	return bpf(BPF_PROG_LOAD, &attr, newfd);
}

static inline const char *world_log(void)
{
	static char text[U_LOG_SIZE];

	user_read(text, U_LOG, sizeof(text));
	text[sizeof(text) - 1] = 0;
	return text;
}

/* Instructions */
#define INSN(c, d, s, o, i) ((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define MOV64_IMM(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOV64_REG(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADD64_IMM(d, i) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define LDX(size, d, s, o) INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STX(size, d, s, o) INSN(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define ST(size, d, o, i) INSN(BPF_ST | BPF_MEM | (size), d, 0, o, i)
#define LD_REF(d, kind, i, next) INSN(BPF_LD | BPF_IMM | BPF_DW, d, kind, 0, i), INSN(0, 0, 0, 0, next)
#define CALL(id) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, id)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define JNE_IMM(d, i, o) INSN(BPF_JMP | BPF_JNE | BPF_K, d, 0, o, i)
#define JEQ_IMM(d, i, o) INSN(BPF_JMP | BPF_JEQ | BPF_K, d, 0, o, i)

#endif
