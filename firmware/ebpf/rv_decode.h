/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decoding of one RISC-V instruction for a probe: can it be probed, and what
 * does it do. Pure: no memory access, no state. RV64IMA + C, F/D loads and
 * stores, fences and the CSR reads that need no privilege of S-mode's own.
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

/* One decoded instruction, ready to be emulated at a hit. 24 bytes. */
struct rv_insn {
	uint8_t kind; /* enum rv_kind */
	uint8_t op;   /* enum rv_op, rv_emulate.h */
	uint8_t rd, rs1, rs2;
	uint8_t len;	    /* 2 or 4 */
	uint8_t size;	    /* of a memory access: 1, 2, 4, 8 */
	bool sign;	    /* sign-extend a load */
	int32_t imm;	    /* sign-extended; shift amount; branch or jump distance */
	uint16_t csr;	    /* RV_CSR: number; RV_AMO: funct5 | aq/rl bits */
	uint32_t raw;	    /* the instruction's own bits (16-bit ones expanded are kept as they stand) */
	const char *reason; /* RV_REJECT: why, static text */
};

/*
 * Decode the instruction whose bits are `raw` (low 16 bits are enough for a
 * compressed one). `ext` says what the hart has: RV_EXT_* bits.
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
