/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RISC-V instructions by their ISA names: fields, immediates, and one list of
 * everything the decoder knows. The enum of operations, the decoder's table and
 * the emulator's dispatch are generated from that list, so they cannot drift.
 * RISC-V unprivileged specification 20191213, ch. 2, 5, 7, 8, 9, 16, 24;
 * Zba/Zbb/Zbs: Bit-manipulation ISA-extensions 1.0; Zicond 1.0.
 *
 *	 31	  25 24	 20 19	15 14	 12 11	 7 6	  0
 *	+-----------+------+------+--------+------+--------+
 *	|  funct7   | rs2  | rs1  | funct3 |  rd  | opcode |  R
 *	|     imm[11:0]    | rs1  | funct3 |  rd  | opcode |  I
 *	| imm[11:5] | rs2  | rs1  | funct3 | 4:0  | opcode |  S
 *	| 12|10:5   | rs2  | rs1  | funct3 |4:1|11| opcode |  B
 *	|	       imm[31:12]	  |  rd  | opcode |  U
 *	|      20|10:1|11|19:12	          |  rd  | opcode |  J
 *	+-----------+------+------+--------+------+--------+
 */
#ifndef EBPF_RV_INSN_H
#define EBPF_RV_INSN_H

#include <stdbool.h>
#include <stdint.h>

/* Major opcodes, bits 6:0 (table 24.1) */
#define RV_OPC_LOAD 0x03u
#define RV_OPC_LOAD_FP 0x07u
#define RV_OPC_MISC_MEM 0x0fu
#define RV_OPC_OP_IMM 0x13u
#define RV_OPC_AUIPC 0x17u
#define RV_OPC_OP_IMM_32 0x1bu
#define RV_OPC_STORE 0x23u
#define RV_OPC_STORE_FP 0x27u
#define RV_OPC_AMO 0x2fu
#define RV_OPC_OP 0x33u
#define RV_OPC_LUI 0x37u
#define RV_OPC_OP_32 0x3bu
#define RV_OPC_MADD 0x43u
#define RV_OPC_MSUB 0x47u
#define RV_OPC_NMSUB 0x4bu
#define RV_OPC_NMADD 0x4fu
#define RV_OPC_OP_FP 0x53u
#define RV_OPC_OP_V 0x57u
#define RV_OPC_BRANCH 0x63u
#define RV_OPC_JALR 0x67u
#define RV_OPC_JAL 0x6fu
#define RV_OPC_SYSTEM 0x73u
#define RV_OPC_OP_VE 0x77u

/* Exception codes, Priv v1.12 table 3.6 */
#define RV_CAUSE_ILLEGAL_INSTRUCTION 2u
#define RV_CAUSE_BREAKPOINT 3u
#define RV_CAUSE_SUPERVISOR_ECALL 9u

static inline uint32_t rv_opcode(uint32_t raw)
{
	return raw & 0x7f;
}

static inline uint8_t rv_rd(uint32_t raw)
{
	return raw >> 7 & 31;
}

static inline uint8_t rv_funct3(uint32_t raw)
{
	return raw >> 12 & 7;
}

static inline uint8_t rv_rs1(uint32_t raw)
{
	return raw >> 15 & 31;
}

static inline uint8_t rv_rs2(uint32_t raw)
{
	return raw >> 20 & 31;
}

static inline uint8_t rv_funct7(uint32_t raw)
{
	return raw >> 25;
}

static inline uint16_t rv_csr_number(uint32_t raw)
{
	return raw >> 20;
}

/* The low `bits` bits of v as a signed number. */
static inline int32_t rv_sext(uint32_t v, unsigned int bits)
{
	const uint32_t sign = 1u << (bits - 1);

	return (int32_t)(((v & (sign | (sign - 1))) ^ sign) - sign);
}

static inline int32_t rv_imm_i(uint32_t raw)
{
	return rv_sext(raw >> 20, 12);
}

static inline int32_t rv_imm_s(uint32_t raw)
{
	return rv_sext((raw >> 25) << 5 | rv_rd(raw), 12);
}

static inline int32_t rv_imm_b(uint32_t raw)
{
	return rv_sext((raw >> 31) << 12 | (raw >> 7 & 1) << 11 | (raw >> 25 & 0x3f) << 5 | (raw >> 8 & 15) << 1, 13);
}

static inline int32_t rv_imm_u(uint32_t raw)
{
	return (int32_t)(raw & 0xfffff000u);
}

static inline int32_t rv_imm_j(uint32_t raw)
{
	return rv_sext((raw >> 31) << 20 | (raw >> 12 & 0xff) << 12 | (raw >> 20 & 1) << 11 | (raw >> 21 & 0x3ff) << 1,
		       21);
}

/* lr.w/lr.d and sc.w/sc.d: what lies between them cannot be probed either (the trap loses the reservation). */
static inline bool rv_is_lr(uint32_t raw)
{
	return (raw & 0xf800607fu) == 0x1000202fu;
}

static inline bool rv_is_sc(uint32_t raw)
{
	return (raw & 0xf800607fu) == 0x1800202fu;
}

/*
 * Formats: where the operands are. The letters say which integer registers an
 * operation uses (RV_USES_*): x0 among them needs care when it is emulated.
 */
#define RV_USES_RD 1u
#define RV_USES_RS1 2u
#define RV_USES_RS2 4u

enum rv_format {
	RV_FMT_R,  /* rd, rs1, rs2 */
	RV_FMT_R1, /* rd, rs1 */
	RV_FMT_I,  /* rd, rs1, imm */
	RV_FMT_SH, /* rd, rs1, shift amount */
	RV_FMT_S,  /* rs1, rs2, imm */
	RV_FMT_B,  /* rs1, rs2, distance */
	RV_FMT_U,  /* rd, imm */
	RV_FMT_J,  /* rd, distance */
	RV_FMT_FI, /* FP rd, rs1, imm */
	RV_FMT_FS, /* FP rs2, rs1, imm */
	RV_FMT_A,  /* rd, rs1, rs2: rs1 is an address */
	RV_FMT_C,  /* rd, rs1, csr */
	RV_FMT_CI, /* rd, uimm in rs1's place, csr */
	RV_FMT_N,  /* nothing */
	RV_FMT_COUNT
};

/* Bits that tell an instruction of a format from the others. */
#define RV_MASK_OPC 0x0000007fu
#define RV_MASK_F3 0x0000707fu
#define RV_MASK_F7 0xfe00707fu
#define RV_MASK_F6 0xfc00707fu	/* shift by an immediate of 6 bits */
#define RV_MASK_F12 0xfff0707fu /* one operand: rs2's place is part of the opcode */
#define RV_MASK_F5 0xf800707fu	/* AMO: aq and rl are free */
#define RV_MASK_ALL 0xffffffffu

#define RV_E3(opc, f3) (RV_OPC_##opc | (f3) << 12)
#define RV_E7(opc, f3, f7) (RV_E3(opc, f3) | (uint32_t)(f7) << 25)
#define RV_E12(opc, f3, f12) (RV_E3(opc, f3) | (uint32_t)(f12) << 20)
#define RV_E5(f3, f5) (RV_E3(AMO, f3) | (uint32_t)(f5) << 27)

/*
 * X(operation, mnemonic, format, kind, extension, mask, match)
 *
 * An instruction is the first line for which (bits & mask) == match; the
 * extension is 0 or one of RV_EXT_* without its prefix.
 */
/* clang-format off */
#define RV_OP_LIST(X) \
	X(ADDI,      "addi",      I,  ALU, 0, RV_MASK_F3, RV_E3(OP_IMM, 0)) \
	X(SLTI,      "slti",      I,  ALU, 0, RV_MASK_F3, RV_E3(OP_IMM, 2)) \
	X(SLTIU,     "sltiu",     I,  ALU, 0, RV_MASK_F3, RV_E3(OP_IMM, 3)) \
	X(XORI,      "xori",      I,  ALU, 0, RV_MASK_F3, RV_E3(OP_IMM, 4)) \
	X(ORI,       "ori",       I,  ALU, 0, RV_MASK_F3, RV_E3(OP_IMM, 6)) \
	X(ANDI,      "andi",      I,  ALU, 0, RV_MASK_F3, RV_E3(OP_IMM, 7)) \
	X(SLLI,      "slli",      SH, ALU, 0, RV_MASK_F6, RV_E7(OP_IMM, 1, 0x00)) \
	X(SRLI,      "srli",      SH, ALU, 0, RV_MASK_F6, RV_E7(OP_IMM, 5, 0x00)) \
	X(SRAI,      "srai",      SH, ALU, 0, RV_MASK_F6, RV_E7(OP_IMM, 5, 0x20)) \
	X(ADDIW,     "addiw",     I,  ALU, 0, RV_MASK_F3, RV_E3(OP_IMM_32, 0)) \
	X(SLLIW,     "slliw",     SH, ALU, 0, RV_MASK_F7, RV_E7(OP_IMM_32, 1, 0x00)) \
	X(SRLIW,     "srliw",     SH, ALU, 0, RV_MASK_F7, RV_E7(OP_IMM_32, 5, 0x00)) \
	X(SRAIW,     "sraiw",     SH, ALU, 0, RV_MASK_F7, RV_E7(OP_IMM_32, 5, 0x20)) \
	X(LUI,       "lui",       U,  ALU, 0, RV_MASK_OPC, RV_OPC_LUI) \
	X(AUIPC,     "auipc",     U,  ALU, 0, RV_MASK_OPC, RV_OPC_AUIPC) \
	X(ADD,       "add",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 0, 0x00)) \
	X(SUB,       "sub",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 0, 0x20)) \
	X(SLL,       "sll",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 1, 0x00)) \
	X(SLT,       "slt",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 2, 0x00)) \
	X(SLTU,      "sltu",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 3, 0x00)) \
	X(XOR,       "xor",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 4, 0x00)) \
	X(SRL,       "srl",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 5, 0x00)) \
	X(SRA,       "sra",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 5, 0x20)) \
	X(OR,        "or",        R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 6, 0x00)) \
	X(AND,       "and",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 7, 0x00)) \
	X(ADDW,      "addw",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 0, 0x00)) \
	X(SUBW,      "subw",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 0, 0x20)) \
	X(SLLW,      "sllw",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 1, 0x00)) \
	X(SRLW,      "srlw",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 5, 0x00)) \
	X(SRAW,      "sraw",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 5, 0x20)) \
	X(MUL,       "mul",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 0, 0x01)) \
	X(MULH,      "mulh",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 1, 0x01)) \
	X(MULHSU,    "mulhsu",    R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 2, 0x01)) \
	X(MULHU,     "mulhu",     R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 3, 0x01)) \
	X(DIV,       "div",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 4, 0x01)) \
	X(DIVU,      "divu",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 5, 0x01)) \
	X(REM,       "rem",       R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 6, 0x01)) \
	X(REMU,      "remu",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP, 7, 0x01)) \
	X(MULW,      "mulw",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 0, 0x01)) \
	X(DIVW,      "divw",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 4, 0x01)) \
	X(DIVUW,     "divuw",     R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 5, 0x01)) \
	X(REMW,      "remw",      R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 6, 0x01)) \
	X(REMUW,     "remuw",     R,  ALU, 0, RV_MASK_F7, RV_E7(OP_32, 7, 0x01)) \
	X(SH1ADD,    "sh1add",    R,  ALU, ZBA, RV_MASK_F7, RV_E7(OP, 2, 0x10)) \
	X(SH2ADD,    "sh2add",    R,  ALU, ZBA, RV_MASK_F7, RV_E7(OP, 4, 0x10)) \
	X(SH3ADD,    "sh3add",    R,  ALU, ZBA, RV_MASK_F7, RV_E7(OP, 6, 0x10)) \
	X(ADD_UW,    "add.uw",    R,  ALU, ZBA, RV_MASK_F7, RV_E7(OP_32, 0, 0x04)) \
	X(SH1ADD_UW, "sh1add.uw", R,  ALU, ZBA, RV_MASK_F7, RV_E7(OP_32, 2, 0x10)) \
	X(SH2ADD_UW, "sh2add.uw", R,  ALU, ZBA, RV_MASK_F7, RV_E7(OP_32, 4, 0x10)) \
	X(SH3ADD_UW, "sh3add.uw", R,  ALU, ZBA, RV_MASK_F7, RV_E7(OP_32, 6, 0x10)) \
	X(SLLI_UW,   "slli.uw",   SH, ALU, ZBA, RV_MASK_F6, RV_E7(OP_IMM_32, 1, 0x04)) \
	X(ANDN,      "andn",      R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP, 7, 0x20)) \
	X(ORN,       "orn",       R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP, 6, 0x20)) \
	X(XNOR,      "xnor",      R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP, 4, 0x20)) \
	X(MIN,       "min",       R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP, 4, 0x05)) \
	X(MINU,      "minu",      R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP, 5, 0x05)) \
	X(MAX,       "max",       R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP, 6, 0x05)) \
	X(MAXU,      "maxu",      R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP, 7, 0x05)) \
	X(ROL,       "rol",       R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP, 1, 0x30)) \
	X(ROR,       "ror",       R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP, 5, 0x30)) \
	X(ROLW,      "rolw",      R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP_32, 1, 0x30)) \
	X(RORW,      "rorw",      R,  ALU, ZBB, RV_MASK_F7, RV_E7(OP_32, 5, 0x30)) \
	X(RORI,      "rori",      SH, ALU, ZBB, RV_MASK_F6, RV_E7(OP_IMM, 5, 0x30)) \
	X(RORIW,     "roriw",     SH, ALU, ZBB, RV_MASK_F7, RV_E7(OP_IMM_32, 5, 0x30)) \
	X(CLZ,       "clz",       R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM, 1, 0x600)) \
	X(CTZ,       "ctz",       R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM, 1, 0x601)) \
	X(CPOP,      "cpop",      R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM, 1, 0x602)) \
	X(SEXT_B,    "sext.b",    R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM, 1, 0x604)) \
	X(SEXT_H,    "sext.h",    R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM, 1, 0x605)) \
	X(ORC_B,     "orc.b",     R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM, 5, 0x287)) \
	X(REV8,      "rev8",      R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM, 5, 0x6b8)) \
	X(CLZW,      "clzw",      R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM_32, 1, 0x600)) \
	X(CTZW,      "ctzw",      R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM_32, 1, 0x601)) \
	X(CPOPW,     "cpopw",     R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_IMM_32, 1, 0x602)) \
	X(ZEXT_H,    "zext.h",    R1, ALU, ZBB, RV_MASK_F12, RV_E12(OP_32, 4, 0x080)) \
	X(BCLR,      "bclr",      R,  ALU, ZBS, RV_MASK_F7, RV_E7(OP, 1, 0x24)) \
	X(BEXT,      "bext",      R,  ALU, ZBS, RV_MASK_F7, RV_E7(OP, 5, 0x24)) \
	X(BINV,      "binv",      R,  ALU, ZBS, RV_MASK_F7, RV_E7(OP, 1, 0x34)) \
	X(BSET,      "bset",      R,  ALU, ZBS, RV_MASK_F7, RV_E7(OP, 1, 0x14)) \
	X(BCLRI,     "bclri",     SH, ALU, ZBS, RV_MASK_F6, RV_E7(OP_IMM, 1, 0x24)) \
	X(BEXTI,     "bexti",     SH, ALU, ZBS, RV_MASK_F6, RV_E7(OP_IMM, 5, 0x24)) \
	X(BINVI,     "binvi",     SH, ALU, ZBS, RV_MASK_F6, RV_E7(OP_IMM, 1, 0x34)) \
	X(BSETI,     "bseti",     SH, ALU, ZBS, RV_MASK_F6, RV_E7(OP_IMM, 1, 0x14)) \
	X(CZERO_EQZ, "czero.eqz", R,  ALU, ZICOND, RV_MASK_F7, RV_E7(OP, 5, 0x07)) \
	X(CZERO_NEZ, "czero.nez", R,  ALU, ZICOND, RV_MASK_F7, RV_E7(OP, 7, 0x07)) \
	X(BEQ,       "beq",       B,  BRANCH, 0, RV_MASK_F3, RV_E3(BRANCH, 0)) \
	X(BNE,       "bne",       B,  BRANCH, 0, RV_MASK_F3, RV_E3(BRANCH, 1)) \
	X(BLT,       "blt",       B,  BRANCH, 0, RV_MASK_F3, RV_E3(BRANCH, 4)) \
	X(BGE,       "bge",       B,  BRANCH, 0, RV_MASK_F3, RV_E3(BRANCH, 5)) \
	X(BLTU,      "bltu",      B,  BRANCH, 0, RV_MASK_F3, RV_E3(BRANCH, 6)) \
	X(BGEU,      "bgeu",      B,  BRANCH, 0, RV_MASK_F3, RV_E3(BRANCH, 7)) \
	X(JAL,       "jal",       J,  JAL, 0, RV_MASK_OPC, RV_OPC_JAL) \
	X(JALR,      "jalr",      I,  JALR, 0, RV_MASK_F3, RV_E3(JALR, 0)) \
	X(LB,        "lb",        I,  LOAD, 0, RV_MASK_F3, RV_E3(LOAD, 0)) \
	X(LH,        "lh",        I,  LOAD, 0, RV_MASK_F3, RV_E3(LOAD, 1)) \
	X(LW,        "lw",        I,  LOAD, 0, RV_MASK_F3, RV_E3(LOAD, 2)) \
	X(LD,        "ld",        I,  LOAD, 0, RV_MASK_F3, RV_E3(LOAD, 3)) \
	X(LBU,       "lbu",       I,  LOAD, 0, RV_MASK_F3, RV_E3(LOAD, 4)) \
	X(LHU,       "lhu",       I,  LOAD, 0, RV_MASK_F3, RV_E3(LOAD, 5)) \
	X(LWU,       "lwu",       I,  LOAD, 0, RV_MASK_F3, RV_E3(LOAD, 6)) \
	X(SB,        "sb",        S,  STORE, 0, RV_MASK_F3, RV_E3(STORE, 0)) \
	X(SH,        "sh",        S,  STORE, 0, RV_MASK_F3, RV_E3(STORE, 1)) \
	X(SW,        "sw",        S,  STORE, 0, RV_MASK_F3, RV_E3(STORE, 2)) \
	X(SD,        "sd",        S,  STORE, 0, RV_MASK_F3, RV_E3(STORE, 3)) \
	X(FLW,       "flw",       FI, FLOAD, F, RV_MASK_F3, RV_E3(LOAD_FP, 2)) \
	X(FLD,       "fld",       FI, FLOAD, D, RV_MASK_F3, RV_E3(LOAD_FP, 3)) \
	X(FSW,       "fsw",       FS, FSTORE, F, RV_MASK_F3, RV_E3(STORE_FP, 2)) \
	X(FSD,       "fsd",       FS, FSTORE, D, RV_MASK_F3, RV_E3(STORE_FP, 3)) \
	X(AMOADD_W,  "amoadd.w",  A,  AMO, 0, RV_MASK_F5, RV_E5(2, 0x00)) \
	X(AMOSWAP_W, "amoswap.w", A,  AMO, 0, RV_MASK_F5, RV_E5(2, 0x01)) \
	X(AMOXOR_W,  "amoxor.w",  A,  AMO, 0, RV_MASK_F5, RV_E5(2, 0x04)) \
	X(AMOOR_W,   "amoor.w",   A,  AMO, 0, RV_MASK_F5, RV_E5(2, 0x08)) \
	X(AMOAND_W,  "amoand.w",  A,  AMO, 0, RV_MASK_F5, RV_E5(2, 0x0c)) \
	X(AMOMIN_W,  "amomin.w",  A,  AMO, 0, RV_MASK_F5, RV_E5(2, 0x10)) \
	X(AMOMAX_W,  "amomax.w",  A,  AMO, 0, RV_MASK_F5, RV_E5(2, 0x14)) \
	X(AMOMINU_W, "amominu.w", A,  AMO, 0, RV_MASK_F5, RV_E5(2, 0x18)) \
	X(AMOMAXU_W, "amomaxu.w", A,  AMO, 0, RV_MASK_F5, RV_E5(2, 0x1c)) \
	X(AMOADD_D,  "amoadd.d",  A,  AMO, 0, RV_MASK_F5, RV_E5(3, 0x00)) \
	X(AMOSWAP_D, "amoswap.d", A,  AMO, 0, RV_MASK_F5, RV_E5(3, 0x01)) \
	X(AMOXOR_D,  "amoxor.d",  A,  AMO, 0, RV_MASK_F5, RV_E5(3, 0x04)) \
	X(AMOOR_D,   "amoor.d",   A,  AMO, 0, RV_MASK_F5, RV_E5(3, 0x08)) \
	X(AMOAND_D,  "amoand.d",  A,  AMO, 0, RV_MASK_F5, RV_E5(3, 0x0c)) \
	X(AMOMIN_D,  "amomin.d",  A,  AMO, 0, RV_MASK_F5, RV_E5(3, 0x10)) \
	X(AMOMAX_D,  "amomax.d",  A,  AMO, 0, RV_MASK_F5, RV_E5(3, 0x14)) \
	X(AMOMINU_D, "amominu.d", A,  AMO, 0, RV_MASK_F5, RV_E5(3, 0x18)) \
	X(AMOMAXU_D, "amomaxu.d", A,  AMO, 0, RV_MASK_F5, RV_E5(3, 0x1c)) \
	X(FENCE,     "fence",     N,  FENCE, 0, RV_MASK_F3, RV_E3(MISC_MEM, 0)) \
	X(FENCE_I,   "fence.i",   N,  FENCE, 0, RV_MASK_F3, RV_E3(MISC_MEM, 1)) \
	X(ECALL,     "ecall",     N,  TRAP, 0, RV_MASK_ALL, RV_E12(SYSTEM, 0, 0)) \
	X(EBREAK,    "ebreak",    N,  TRAP, 0, RV_MASK_ALL, RV_E12(SYSTEM, 0, 1)) \
	X(CSRRW,     "csrrw",     C,  CSR, 0, RV_MASK_F3, RV_E3(SYSTEM, 1)) \
	X(CSRRS,     "csrrs",     C,  CSR, 0, RV_MASK_F3, RV_E3(SYSTEM, 2)) \
	X(CSRRC,     "csrrc",     C,  CSR, 0, RV_MASK_F3, RV_E3(SYSTEM, 3)) \
	X(CSRRWI,    "csrrwi",    CI, CSR, 0, RV_MASK_F3, RV_E3(SYSTEM, 5)) \
	X(CSRRSI,    "csrrsi",    CI, CSR, 0, RV_MASK_F3, RV_E3(SYSTEM, 6)) \
	X(CSRRCI,    "csrrci",    CI, CSR, 0, RV_MASK_F3, RV_E3(SYSTEM, 7))

/*
 * X(name, number): the CSRs a probed instruction may name, all of them open to
 * S-mode (Priv v1.12 tables 2.2 and 2.3, Sstc). A bus that executes CSR
 * instructions can generate its cases from this list; one it lacks would be
 * an illegal instruction at the hit.
 */
#define RV_CSR_LIST(X) \
	X(fflags,     0x001) \
	X(frm,        0x002) \
	X(fcsr,       0x003) \
	X(sstatus,    0x100) \
	X(sie,        0x104) \
	X(stvec,      0x105) \
	X(scounteren, 0x106) \
	X(senvcfg,    0x10a) \
	X(sscratch,   0x140) \
	X(sepc,       0x141) \
	X(scause,     0x142) \
	X(stval,      0x143) \
	X(sip,        0x144) \
	X(stimecmp,   0x14d) \
	X(satp,       0x180) \
	X(cycle,      0xc00) \
	X(time,       0xc01) \
	X(instret,    0xc02)
/* clang-format on */

enum rv_op {
	RV_OP_NONE, /* rejected */
	RV_OP_NOP,  /* an instruction without effect: a hint, or a result for x0 */
#define RV_OP_ENUM(op, name, format, kind, ext, mask, match) RV_OP_##op,
	RV_OP_LIST(RV_OP_ENUM)
#undef RV_OP_ENUM
		RV_OP_COUNT
};

#endif
