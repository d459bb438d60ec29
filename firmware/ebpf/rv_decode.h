/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decoding of one RISC-V instruction for a probe: can it be probed, and what
 * does it do. Pure: no memory access, no state. RV64IMA + C, F/D loads and
 * stores, fences, the CSRs of S-mode, and Zba, Zbb, Zbs, Zicond where there are.
 * ISA names and encodings: RISC-V unprivileged specification 20191213.
 */
#ifndef EBPF_RV_DECODE_H
#define EBPF_RV_DECODE_H

#include <stdbool.h>
#include <stdint.h>

enum rv_kind {
	RV_REJECT, /* cannot be probed; `reason` says why */
	RV_ALU,	   /* lui, auipc, op, op-imm, and their W and M forms */
	RV_BRANCH,
	RV_JAL,
	RV_JALR,
	RV_LOAD,
	RV_STORE,
	RV_FLOAD,  /* flw, fld: needs the FP register file */
	RV_FSTORE, /* fsw, fsd */
	RV_AMO,	   /* amo*.w, amo*.d; not lr/sc */
	RV_FENCE,  /* fence, fence.i, pause */
	RV_NOP,	   /* hints and no-ops that need nothing */
	RV_CSR,	   /* csr*: executed on the real CSR, see `csr` */
	RV_TRAP,   /* ecall, ebreak: delivered to S-mode as if it had executed there */
};

struct rv_bus;
struct rv_trap;
struct rv_insn;

/* Execute one instruction of a kind known at decode time; rv_emulate() is the way to call it. False: it trapped. */
typedef bool rv_run_fn(const struct rv_insn *insn, uint64_t *x, uint64_t *pc, struct rv_trap *trap,
		       const struct rv_bus *bus);

/*
 * One decoded instruction, ready to be emulated at a hit. 32 bytes. What a hit
 * reads are whole bytes and words; the rest are bit fields.
 */
struct rv_insn {
	uint8_t kind : 4;		   /* enum rv_kind */
	uint8_t size : 4;		   /* of a memory access: 1, 2, 4, 8 */
	uint8_t op;			   /* enum rv_op, rv_insn.h */
	uint16_t rd : 5, rs1 : 5, rs2 : 5; /* numbers; FP registers in FP loads and stores; rs1: uimm of csrr*i */
	uint16_t sign : 1;		   /* sign-extend a load */
	uint8_t len;			   /* 2 or 4; 0 if longer, which is rejected */
	uint8_t rd_off, rs1_off, rs2_off;  /* byte offsets in the register array: 8 * number */
	union {
		int32_t imm;  /* sign-extended; shift amount; branch or jump distance */
		uint16_t csr; /* RV_CSR: number; RV_AMO: funct5 << 2 | aq/rl bits */
	};
	uint32_t raw;	    /* the instruction's own bits (a 16-bit one is kept as it stands) */
	rv_run_fn *run;	    /* never NULL after rv_decode() */
	const char *reason; /* RV_REJECT: why, static text; else NULL */
};

/*
 * Decode the instruction whose bits are `raw` (low 16 bits are enough for a
 * compressed one). `ext` says what the hart has: RV_EXT_* bits. Any bits are
 * answered: an instruction, or RV_REJECT with a reason.
 */
#define RV_EXT_F (1u << 0)
#define RV_EXT_D (1u << 1)
#define RV_EXT_ZBA (1u << 2)
#define RV_EXT_ZBB (1u << 3)
#define RV_EXT_ZBS (1u << 4)
#define RV_EXT_ZICOND (1u << 5)
void rv_decode(uint32_t raw, uint32_t ext, struct rv_insn *insn);

/* 2 or 4 from the first 16 bits; 0 for the longer, reserved encodings. */
static inline unsigned int rv_insn_len(uint16_t low)
{
	if ((low & 3) != 3)
		return 2;
	return (low & 0x1f) != 0x1f ? 4 : 0;
}

#endif
