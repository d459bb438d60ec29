/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one list of eBPF instructions (RFC 9669, all of it but legacy packet
 * access and callx, and what Linux has added since). The table the structural check accepts by, the labels of
 * the interpreter, the decoder, the disassembler's names and the assembler of
 * the tests are all made from it, so they cannot drift apart.
 *
 * A row is one operation: X(name, code, field, value, form, text)
 *   code   the RFC's opcode byte; X opens a code, Y are further operations of
 *          the code of the X before them
 *   field  which other field chooses the operation (NONE, OFF, IMM or SRC),
 *   value  and what it must be
 *   form   which operands it has, below
 *   text   how the disassembler writes it
 */
#ifndef EBPF_OPCODES_H
#define EBPF_OPCODES_H

#include <stdint.h>

struct bpf_insn;

/* clang-format off */
#define EBPF_OPCODES(X, Y) \
	/* ALU64, RFC 9669 sec. 4.1 */ \
	X(ADD64_K, 0x07, NONE, 0, ALU_K, "+=") \
	X(ADD64_X, 0x0f, NONE, 0, ALU_X, "+=") \
	X(SUB64_K, 0x17, NONE, 0, ALU_K, "-=") \
	X(SUB64_X, 0x1f, NONE, 0, ALU_X, "-=") \
	X(MUL64_K, 0x27, NONE, 0, ALU_K, "*=") \
	X(MUL64_X, 0x2f, NONE, 0, ALU_X, "*=") \
	X(DIV64_K, 0x37, OFF, 0, ALU_K, "/=") \
	Y(SDIV64_K, 0x37, OFF, 1, ALU_K, "s/=") \
	X(DIV64_X, 0x3f, OFF, 0, ALU_X, "/=") \
	Y(SDIV64_X, 0x3f, OFF, 1, ALU_X, "s/=") \
	X(OR64_K, 0x47, NONE, 0, ALU_K, "|=") \
	X(OR64_X, 0x4f, NONE, 0, ALU_X, "|=") \
	X(AND64_K, 0x57, NONE, 0, ALU_K, "&=") \
	X(AND64_X, 0x5f, NONE, 0, ALU_X, "&=") \
	X(LSH64_K, 0x67, NONE, 0, ALU_K, "<<=") \
	X(LSH64_X, 0x6f, NONE, 0, ALU_X, "<<=") \
	X(RSH64_K, 0x77, NONE, 0, ALU_K, ">>=") \
	X(RSH64_X, 0x7f, NONE, 0, ALU_X, ">>=") \
	X(MOD64_K, 0x97, OFF, 0, ALU_K, "%=") \
	Y(SMOD64_K, 0x97, OFF, 1, ALU_K, "s%=") \
	X(MOD64_X, 0x9f, OFF, 0, ALU_X, "%=") \
	Y(SMOD64_X, 0x9f, OFF, 1, ALU_X, "s%=") \
	X(XOR64_K, 0xa7, NONE, 0, ALU_K, "^=") \
	X(XOR64_X, 0xaf, NONE, 0, ALU_X, "^=") \
	X(MOV64_K, 0xb7, NONE, 0, ALU_K, "=") \
	X(MOV64_X, 0xbf, OFF, 0, ALU_X, "=") \
	Y(MOVSX64_8, 0xbf, OFF, 8, ALU_X, "= (s8)") \
	Y(MOVSX64_16, 0xbf, OFF, 16, ALU_X, "= (s16)") \
	Y(MOVSX64_32, 0xbf, OFF, 32, ALU_X, "= (s32)") \
	X(ARSH64_K, 0xc7, NONE, 0, ALU_K, "s>>=") \
	X(ARSH64_X, 0xcf, NONE, 0, ALU_X, "s>>=") \
	X(NEG64, 0x87, NONE, 0, NEG, "= -") \
	/* ALU, RFC 9669 sec. 4.1 */ \
	X(ADD32_K, 0x04, NONE, 0, ALU_K, "+=") \
	X(ADD32_X, 0x0c, NONE, 0, ALU_X, "+=") \
	X(SUB32_K, 0x14, NONE, 0, ALU_K, "-=") \
	X(SUB32_X, 0x1c, NONE, 0, ALU_X, "-=") \
	X(MUL32_K, 0x24, NONE, 0, ALU_K, "*=") \
	X(MUL32_X, 0x2c, NONE, 0, ALU_X, "*=") \
	X(DIV32_K, 0x34, OFF, 0, ALU_K, "/=") \
	Y(SDIV32_K, 0x34, OFF, 1, ALU_K, "s/=") \
	X(DIV32_X, 0x3c, OFF, 0, ALU_X, "/=") \
	Y(SDIV32_X, 0x3c, OFF, 1, ALU_X, "s/=") \
	X(OR32_K, 0x44, NONE, 0, ALU_K, "|=") \
	X(OR32_X, 0x4c, NONE, 0, ALU_X, "|=") \
	X(AND32_K, 0x54, NONE, 0, ALU_K, "&=") \
	X(AND32_X, 0x5c, NONE, 0, ALU_X, "&=") \
	X(LSH32_K, 0x64, NONE, 0, ALU_K, "<<=") \
	X(LSH32_X, 0x6c, NONE, 0, ALU_X, "<<=") \
	X(RSH32_K, 0x74, NONE, 0, ALU_K, ">>=") \
	X(RSH32_X, 0x7c, NONE, 0, ALU_X, ">>=") \
	X(MOD32_K, 0x94, OFF, 0, ALU_K, "%=") \
	Y(SMOD32_K, 0x94, OFF, 1, ALU_K, "s%=") \
	X(MOD32_X, 0x9c, OFF, 0, ALU_X, "%=") \
	Y(SMOD32_X, 0x9c, OFF, 1, ALU_X, "s%=") \
	X(XOR32_K, 0xa4, NONE, 0, ALU_K, "^=") \
	X(XOR32_X, 0xac, NONE, 0, ALU_X, "^=") \
	X(MOV32_K, 0xb4, NONE, 0, ALU_K, "=") \
	X(MOV32_X, 0xbc, OFF, 0, ALU_X, "=") \
	Y(MOVSX32_8, 0xbc, OFF, 8, ALU_X, "= (s8)") \
	Y(MOVSX32_16, 0xbc, OFF, 16, ALU_X, "= (s16)") \
	X(ARSH32_K, 0xc4, NONE, 0, ALU_K, "s>>=") \
	X(ARSH32_X, 0xcc, NONE, 0, ALU_X, "s>>=") \
	X(NEG32, 0x84, NONE, 0, NEG, "= -") \
	/* Byte order, RFC 9669 sec. 4.2 */ \
	X(LE16, 0xd4, IMM, 16, END, "le16") \
	Y(LE32, 0xd4, IMM, 32, END, "le32") \
	Y(LE64, 0xd4, IMM, 64, END, "le64") \
	X(BE16, 0xdc, IMM, 16, END, "be16") \
	Y(BE32, 0xdc, IMM, 32, END, "be32") \
	Y(BE64, 0xdc, IMM, 64, END, "be64") \
	X(BSWAP16, 0xd7, IMM, 16, END, "bswap16") \
	Y(BSWAP32, 0xd7, IMM, 32, END, "bswap32") \
	Y(BSWAP64, 0xd7, IMM, 64, END, "bswap64") \
	/* Loads and stores, RFC 9669 sec. 5.1 to 5.2 */ \
	X(LDXB, 0x71, NONE, 0, LDX, "u8") \
	X(LDXH, 0x69, NONE, 0, LDX, "u16") \
	X(LDXW, 0x61, NONE, 0, LDX, "u32") \
	X(LDXDW, 0x79, NONE, 0, LDX, "u64") \
	X(LDXSB, 0x91, NONE, 0, LDX, "s8") \
	X(LDXSH, 0x89, NONE, 0, LDX, "s16") \
	X(LDXSW, 0x81, NONE, 0, LDX, "s32") \
	X(STB, 0x72, NONE, 0, ST, "u8") \
	X(STH, 0x6a, NONE, 0, ST, "u16") \
	X(STW, 0x62, NONE, 0, ST, "u32") \
	X(STDW, 0x7a, NONE, 0, ST, "u64") \
	X(STXB, 0x73, NONE, 0, STX, "u8") \
	X(STXH, 0x6b, NONE, 0, STX, "u16") \
	X(STXW, 0x63, NONE, 0, STX, "u32") \
	X(STXDW, 0x7b, NONE, 0, STX, "u64") \
	/* Atomics, RFC 9669 sec. 5.3 */ \
	X(ADD64_ATOMIC, 0xdb, IMM, 0x0, ATOMIC, "+=") \
	Y(OR64_ATOMIC, 0xdb, IMM, 0x40, ATOMIC, "|=") \
	Y(AND64_ATOMIC, 0xdb, IMM, 0x50, ATOMIC, "&=") \
	Y(XOR64_ATOMIC, 0xdb, IMM, 0xa0, ATOMIC, "^=") \
	Y(ADD64_FETCH, 0xdb, IMM, 0x1, FETCH, "fetch_add") \
	Y(OR64_FETCH, 0xdb, IMM, 0x41, FETCH, "fetch_or") \
	Y(AND64_FETCH, 0xdb, IMM, 0x51, FETCH, "fetch_and") \
	Y(XOR64_FETCH, 0xdb, IMM, 0xa1, FETCH, "fetch_xor") \
	Y(XCHG64, 0xdb, IMM, 0xe1, FETCH, "xchg") \
	Y(CMPXCHG64, 0xdb, IMM, 0xf1, CMPXCHG, "cmpxchg") \
	Y(LDACQ64, 0xdb, IMM, 0x100, LDACQ, "load_acquire") \
	Y(STREL64, 0xdb, IMM, 0x110, STREL, "store_release") \
	X(ADD32_ATOMIC, 0xc3, IMM, 0x0, ATOMIC, "+=") \
	Y(OR32_ATOMIC, 0xc3, IMM, 0x40, ATOMIC, "|=") \
	Y(AND32_ATOMIC, 0xc3, IMM, 0x50, ATOMIC, "&=") \
	Y(XOR32_ATOMIC, 0xc3, IMM, 0xa0, ATOMIC, "^=") \
	Y(ADD32_FETCH, 0xc3, IMM, 0x1, FETCH, "fetch_add") \
	Y(OR32_FETCH, 0xc3, IMM, 0x41, FETCH, "fetch_or") \
	Y(AND32_FETCH, 0xc3, IMM, 0x51, FETCH, "fetch_and") \
	Y(XOR32_FETCH, 0xc3, IMM, 0xa1, FETCH, "fetch_xor") \
	Y(XCHG32, 0xc3, IMM, 0xe1, FETCH, "xchg") \
	Y(CMPXCHG32, 0xc3, IMM, 0xf1, CMPXCHG, "cmpxchg") \
	Y(LDACQ32, 0xc3, IMM, 0x100, LDACQ, "load_acquire") \
	Y(STREL32, 0xc3, IMM, 0x110, STREL, "store_release") \
	/* Linux 6.15's, beyond RFC 9669: ordered loads and stores, these two sizes for nothing else */ \
	X(LDACQ16, 0xcb, IMM, 0x100, LDACQ, "load_acquire") \
	Y(STREL16, 0xcb, IMM, 0x110, STREL, "store_release") \
	X(LDACQ8, 0xd3, IMM, 0x100, LDACQ, "load_acquire") \
	Y(STREL8, 0xd3, IMM, 0x110, STREL, "store_release") \
	/* Wide constants, RFC 9669 sec. 5.4; map references are resolved before anybody looks here */ \
	X(LDDW, 0x18, SRC, 0, LDDW, "ll") \
	Y(LDFUNC, 0x18, SRC, 4, LDDW, "func") \
	/* Jumps, RFC 9669 sec. 4.3 */ \
	X(JA, 0x05, NONE, 0, JA, "goto") \
	X(JA32, 0x06, NONE, 0, JA32, "gotol") \
	X(JEQ_K, 0x15, NONE, 0, JMP_K, "==") \
	X(JEQ_X, 0x1d, NONE, 0, JMP_X, "==") \
	X(JGT_K, 0x25, NONE, 0, JMP_K, ">") \
	X(JGT_X, 0x2d, NONE, 0, JMP_X, ">") \
	X(JGE_K, 0x35, NONE, 0, JMP_K, ">=") \
	X(JGE_X, 0x3d, NONE, 0, JMP_X, ">=") \
	X(JSET_K, 0x45, NONE, 0, JMP_K, "&") \
	X(JSET_X, 0x4d, NONE, 0, JMP_X, "&") \
	X(JNE_K, 0x55, NONE, 0, JMP_K, "!=") \
	X(JNE_X, 0x5d, NONE, 0, JMP_X, "!=") \
	X(JSGT_K, 0x65, NONE, 0, JMP_K, "s>") \
	X(JSGT_X, 0x6d, NONE, 0, JMP_X, "s>") \
	X(JSGE_K, 0x75, NONE, 0, JMP_K, "s>=") \
	X(JSGE_X, 0x7d, NONE, 0, JMP_X, "s>=") \
	X(JLT_K, 0xa5, NONE, 0, JMP_K, "<") \
	X(JLT_X, 0xad, NONE, 0, JMP_X, "<") \
	X(JLE_K, 0xb5, NONE, 0, JMP_K, "<=") \
	X(JLE_X, 0xbd, NONE, 0, JMP_X, "<=") \
	X(JSLT_K, 0xc5, NONE, 0, JMP_K, "s<") \
	X(JSLT_X, 0xcd, NONE, 0, JMP_X, "s<") \
	X(JSLE_K, 0xd5, NONE, 0, JMP_K, "s<=") \
	X(JSLE_X, 0xdd, NONE, 0, JMP_X, "s<=") \
	X(JEQ32_K, 0x16, NONE, 0, JMP_K, "==") \
	X(JEQ32_X, 0x1e, NONE, 0, JMP_X, "==") \
	X(JGT32_K, 0x26, NONE, 0, JMP_K, ">") \
	X(JGT32_X, 0x2e, NONE, 0, JMP_X, ">") \
	X(JGE32_K, 0x36, NONE, 0, JMP_K, ">=") \
	X(JGE32_X, 0x3e, NONE, 0, JMP_X, ">=") \
	X(JSET32_K, 0x46, NONE, 0, JMP_K, "&") \
	X(JSET32_X, 0x4e, NONE, 0, JMP_X, "&") \
	X(JNE32_K, 0x56, NONE, 0, JMP_K, "!=") \
	X(JNE32_X, 0x5e, NONE, 0, JMP_X, "!=") \
	X(JSGT32_K, 0x66, NONE, 0, JMP_K, "s>") \
	X(JSGT32_X, 0x6e, NONE, 0, JMP_X, "s>") \
	X(JSGE32_K, 0x76, NONE, 0, JMP_K, "s>=") \
	X(JSGE32_X, 0x7e, NONE, 0, JMP_X, "s>=") \
	X(JLT32_K, 0xa6, NONE, 0, JMP_K, "<") \
	X(JLT32_X, 0xae, NONE, 0, JMP_X, "<") \
	X(JLE32_K, 0xb6, NONE, 0, JMP_K, "<=") \
	X(JLE32_X, 0xbe, NONE, 0, JMP_X, "<=") \
	X(JSLT32_K, 0xc6, NONE, 0, JMP_K, "s<") \
	X(JSLT32_X, 0xce, NONE, 0, JMP_X, "s<") \
	X(JSLE32_K, 0xd6, NONE, 0, JMP_K, "s<=") \
	X(JSLE32_X, 0xde, NONE, 0, JMP_X, "s<=") \
	/* Linux 6.9's, beyond RFC 9669: jumps when the run has gone on for long enough (interp.c says how long) */ \
	X(MAY_GOTO, 0xe5, NONE, 0, MAY_GOTO, "may_goto") \
	/* Calls, RFC 9669 sec. 4.3.1 and 4.3.2 */ \
	X(CALL, 0x85, SRC, 0, CALL, "call") \
	Y(CALL_LOCAL, 0x85, SRC, 1, CALL_LOCAL, "call") \
	X(EXIT, 0x95, NONE, 0, EXIT, "exit")

/*
 * Forms: F(name, flags). What an operation reads and writes; a field that is
 * neither used nor the selector is reserved and must be 0 (RFC 9669 sec. 3.1).
 */
#define EBPF_FORMS(F) \
	F(ALU_K, EBPF_DST_W | EBPF_USES_IMM) \
	F(ALU_X, EBPF_DST_W | EBPF_SRC_R) \
	F(NEG, EBPF_DST_W) \
	F(END, EBPF_DST_W) \
	F(LDX, EBPF_DST_W | EBPF_SRC_R | EBPF_USES_OFF) \
	F(ST, EBPF_DST_R | EBPF_USES_OFF | EBPF_USES_IMM) \
	F(STX, EBPF_DST_R | EBPF_SRC_R | EBPF_USES_OFF) \
	F(ATOMIC, EBPF_DST_R | EBPF_SRC_R | EBPF_USES_OFF) \
	F(FETCH, EBPF_DST_R | EBPF_SRC_R | EBPF_SRC_W | EBPF_USES_OFF) \
	F(CMPXCHG, EBPF_DST_R | EBPF_SRC_R | EBPF_USES_OFF) \
	F(LDACQ, EBPF_DST_W | EBPF_SRC_R | EBPF_USES_OFF) \
	F(STREL, EBPF_DST_R | EBPF_SRC_R | EBPF_USES_OFF) \
	F(LDDW, EBPF_DST_W | EBPF_USES_IMM) \
	F(JA, EBPF_USES_OFF | EBPF_JUMPS) \
	F(JA32, EBPF_USES_IMM | EBPF_JUMPS) \
	F(JMP_K, EBPF_DST_R | EBPF_USES_OFF | EBPF_USES_IMM | EBPF_JUMPS) \
	F(JMP_X, EBPF_DST_R | EBPF_SRC_R | EBPF_USES_OFF | EBPF_JUMPS) \
	F(MAY_GOTO, EBPF_USES_OFF | EBPF_JUMPS) \
	F(CALL, EBPF_USES_IMM) \
	F(CALL_LOCAL, EBPF_USES_IMM) \
	F(EXIT, 0)
/* clang-format on */

#define EBPF_DST_R 0x01
#define EBPF_DST_W 0x02
#define EBPF_SRC_R 0x04
#define EBPF_SRC_W 0x08
#define EBPF_USES_OFF 0x10
#define EBPF_USES_IMM 0x20
#define EBPF_JUMPS 0x40

enum ebpf_op_field {
	EBPF_FIELD_NONE,
	EBPF_FIELD_OFF,
	EBPF_FIELD_IMM,
	EBPF_FIELD_SRC,
};

#define EBPF_ENUM(name, flags) EBPF_FORM_##name,
enum ebpf_op_form { EBPF_FORMS(EBPF_ENUM) EBPF_NR_FORMS };
#undef EBPF_ENUM

#define EBPF_ENUM(name, code, field, value, form, text) EBPF_OP_##name,
enum ebpf_op_index { EBPF_OPCODES(EBPF_ENUM, EBPF_ENUM) EBPF_NR_OPS };
#undef EBPF_ENUM

/* One row. */
struct ebpf_opcode {
	const char *name;
	const char *text;
	int16_t value;
	uint8_t code;
	uint8_t field; /* enum ebpf_op_field */
	uint8_t form;  /* enum ebpf_op_form */
};

extern const struct ebpf_opcode ebpf_opcodes[EBPF_NR_OPS];
extern const uint8_t ebpf_form_flags[EBPF_NR_FORMS];

/* The row of an instruction (enum ebpf_op_index), or -1 if RFC 9669 has none. Constant time. */
int ebpf_opcode_find(const struct bpf_insn *insn);
/* Does any row have this opcode byte? */
int ebpf_opcode_known(uint8_t code);

#endif
