/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decoding: find the instruction in the list of rv_insn.h, take its operands
 * apart, and say why if it cannot be probed. Compressed instructions are looked
 * up by what they expand to. Every answer is a function of (raw, ext) alone.
 *
 * What is refused, and why: lr and sc (the trap loses the reservation, so the
 * pair would never succeed); instructions that return from a trap, wait, or
 * manage translation for the mode they run in; FP arithmetic and vectors (their
 * register files are not in the saved registers); CSRs that are not S-mode's;
 * encodings that are reserved or unknown. A refusal never depends on registers.
 */
#include "rv_decode.h"

#include "rv_decode_c.h"
#include "rv_emulate.h"
#include "rv_insn.h"

#include <stddef.h>

#define RV_EXT_0 0u /* the list's "no extension" */

struct row {
	uint32_t mask, match;
	uint8_t op, format, kind, ext;
};

#define ROW(op, name, format, kind, ext, mask, match)                                                                  \
	{mask, match, RV_OP_##op, RV_FMT_##format, RV_##kind, RV_EXT_##ext},
static const struct row rows[] = {RV_OP_LIST(ROW)};
#undef ROW

/* Instructions that are known and refused. The first match counts. */
static const struct refusal {
	uint32_t mask, match;
	const char *reason;
} refusals[] = {
	{0xf800607f, 0x1000202f, "lr: the trap would lose its reservation"},
	{0xf800607f, 0x1800202f, "sc: the trap would lose its reservation"},
	{0xf800007f, 0x2800002f, "amocas (Zacas) is not emulated"},
	{0xf800607f, 0x4800202f, "ssamoswap (Zicfiss) is not emulated"},
	{0x0000607f, 0x0000002f, "byte and halfword atomics (Zabha) are not emulated"},
	{0xfe00707f, 0x0a001033, "carry-less multiplication (Zbc) is not emulated"},
	{0xfe00607f, 0x0a002033, "carry-less multiplication (Zbc) is not emulated"},
	{0xffffffff, 0x10200073, "sret is not emulated"},
	{0xffffffff, 0x30200073, "mret is illegal in S-mode"},
	{0xffffffff, 0x10500073, "wfi is not emulated"},
	{0xffffffff, 0x00d00073, "wrs.nto (Zawrs) is not emulated"},
	{0xffffffff, 0x01d00073, "wrs.sto (Zawrs) is not emulated"},
	{0xfe007fff, 0x12000073, "sfence.vma is not emulated"},
	{0xfe007fff, 0x16000073, "sinval.vma (Svinval) is not emulated"},
	{0xffffffff, 0x18000073, "sfence.w.inval (Svinval) is not emulated"},
	{0xffffffff, 0x18100073, "sfence.inval.ir (Svinval) is not emulated"},
	{0xbe007fff, 0x22000073, "hfence is not emulated"},
	{0xbe007fff, 0x26000073, "hinval is not emulated"},
	{0xf000707f, 0x60004073, "hypervisor loads and stores are not emulated"},
	{0x8000707f, 0x80004073, "may-be-operations (Zimop) are not emulated"},
	{0x0000707f, 0x0000200f, "cache-block operations (Zicbom, Zicboz) are not emulated"},
	{0x0000705f, 0x00001007, "half-precision loads and stores (Zfh) are not emulated"},
	{0x0000705f, 0x00004007, "quad-precision loads and stores (Q) are not emulated"},
	{0x0000005f, 0x00000007, "vector loads and stores are not emulated"},  /* what is left of LOAD-FP, STORE-FP */
	{0x00000073, 0x00000043, "floating-point arithmetic is not emulated"}, /* fmadd .. fnmadd */
	{0x0000007f, 0x00000053, "floating-point arithmetic is not emulated"},
	{0x0000007f, 0x00000057, "vector instructions are not emulated"},
	{0x0000007f, 0x00000077, "vector instructions are not emulated"},
	{0x0000005f, 0x0000000b, "custom instructions are not emulated"}, /* custom-0, custom-1 */
	{0x0000005f, 0x0000005b, "custom instructions are not emulated"}, /* custom-2, custom-3 */
	{0x0000007f, 0x00000073, "reserved or unknown SYSTEM encoding"},
	{0x00000000, 0x00000000, "reserved or unknown encoding"},
};

static const struct row *find_row(uint32_t wide)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((wide & rows[i].mask) == rows[i].match)
			return &rows[i];
	return NULL;
}

static const char *refusal_reason(uint32_t wide)
{
	const struct refusal *r = refusals;

	while ((wide & r->mask) != r->match) /* the last one matches anything */
		r++;
	return r->reason;
}

static const char *missing_reason(uint32_t ext)
{
	switch (ext) {
	case RV_EXT_F:
		return "F instruction, and the hart has no F";
	case RV_EXT_D:
		return "D instruction, and the hart has no D";
	case RV_EXT_ZBA:
		return "Zba instruction, and the hart has no Zba";
	case RV_EXT_ZBB:
		return "Zbb instruction, and the hart has no Zbb";
	case RV_EXT_ZBS:
		return "Zbs instruction, and the hart has no Zbs";
	default:
		return "Zicond instruction, and the hart has no Zicond";
	}
}

static bool csr_known(uint16_t csr)
{
	switch (csr) {
#define CASE(name, number) case number:
		RV_CSR_LIST(CASE)
#undef CASE
		return true;
	default:
		return false;
	}
}

/*
 * Bits 9:8 of a CSR's number are the lowest privilege that may name it, bits
 * 11:10 both set say it is read-only (Priv v1.12 sec. 2.1). The instruction is
 * executed in M-mode, so what S-mode may not do has to be refused here.
 */
static const char *csr_reason(const struct rv_insn *insn)
{
	const bool swap = insn->op == RV_OP_CSRRW || insn->op == RV_OP_CSRRWI;
	const unsigned int privilege = insn->csr >> 8 & 3;

	if (privilege == 3)
		return "machine-level CSR: illegal in S-mode";
	if (privilege == 2)
		return "hypervisor CSR accesses are not emulated";
	if (!csr_known(insn->csr))
		return "this CSR is not emulated";
	if (insn->csr >> 10 == 3 && (swap || insn->rs1 != 0))
		return "write to a read-only CSR: illegal in S-mode";
	return NULL;
}

/* Operands of a 32-bit encoding. Fields a format does not have stay 0. */
static void take_operands(struct rv_insn *insn, uint32_t wide, enum rv_format format)
{
	switch (format) {
	case RV_FMT_R:
	case RV_FMT_A:
		insn->rd = rv_rd(wide);
		insn->rs1 = rv_rs1(wide);
		insn->rs2 = rv_rs2(wide);
		break;
	case RV_FMT_R1:
		insn->rd = rv_rd(wide);
		insn->rs1 = rv_rs1(wide);
		break;
	case RV_FMT_I:
	case RV_FMT_FI:
		insn->rd = rv_rd(wide);
		insn->rs1 = rv_rs1(wide);
		insn->imm = rv_imm_i(wide);
		break;
	case RV_FMT_SH:
		insn->rd = rv_rd(wide);
		insn->rs1 = rv_rs1(wide);
		insn->imm = wide >> 20 & 63; /* W forms: bit 5 is 0, part of their match */
		break;
	case RV_FMT_S:
	case RV_FMT_FS:
		insn->rs1 = rv_rs1(wide);
		insn->rs2 = rv_rs2(wide);
		insn->imm = rv_imm_s(wide);
		break;
	case RV_FMT_B:
		insn->rs1 = rv_rs1(wide);
		insn->rs2 = rv_rs2(wide);
		insn->imm = rv_imm_b(wide);
		break;
	case RV_FMT_U:
		insn->rd = rv_rd(wide);
		insn->imm = rv_imm_u(wide);
		break;
	case RV_FMT_J:
		insn->rd = rv_rd(wide);
		insn->imm = rv_imm_j(wide);
		break;
	case RV_FMT_C:
	case RV_FMT_CI:
		insn->rd = rv_rd(wide);
		insn->rs1 = rv_rs1(wide);
		insn->csr = rv_csr_number(wide);
		break;
	default:
		break;
	}
}

static void take_width(struct rv_insn *insn, uint32_t wide)
{
	const unsigned int funct3 = rv_funct3(wide);

	switch (insn->kind) {
	case RV_AMO:
		insn->csr = rv_funct7(wide);
		/* fall through */
	case RV_LOAD:
	case RV_STORE:
	case RV_FLOAD:
	case RV_FSTORE:
		insn->size = 1u << (funct3 & 3);
		insn->sign = insn->kind == RV_LOAD && (funct3 & 4) == 0;
		break;
	default:
		break;
	}
}

/* Nothing but the reason, the bits and the length of a refused instruction is of use to anybody. */
static void reject(struct rv_insn *insn, const char *reason)
{
	*insn = (struct rv_insn){
		.kind = RV_REJECT, .op = RV_OP_NONE, .len = insn->len, .raw = insn->raw, .reason = reason};
}

static void decode_wide(uint32_t wide, uint32_t ext, struct rv_insn *insn)
{
	const struct row *row = find_row(wide);
	const char *reason = NULL;

	if (!row) {
		reject(insn, refusal_reason(wide));
		return;
	}
	insn->op = row->op;
	insn->kind = row->kind;
	take_operands(insn, wide, row->format);
	take_width(insn, wide);
	if (row->ext & ~ext)
		reason = missing_reason(row->ext);
	else if (insn->kind == RV_CSR)
		reason = csr_reason(insn);
	if (reason) {
		reject(insn, reason);
		return;
	}
	if (insn->kind == RV_ALU && insn->rd == 0) { /* hints, and results nobody sees */
		insn->kind = RV_NOP;
		insn->op = RV_OP_NOP;
	}
}

void rv_decode(uint32_t raw, uint32_t ext, struct rv_insn *insn)
{
	const char *reason = "longer than 32 bits: reserved";
	uint32_t wide = 0;

	*insn = (struct rv_insn){.len = rv_insn_len(raw), .raw = raw};
	if (insn->len == 4) {
		wide = raw;
	} else if (insn->len == 2) {
		insn->raw = raw & 0xffff;
		wide = rv_expand_c(raw, &reason);
	}
	if (wide)
		decode_wide(wide, ext, insn);
	else
		reject(insn, reason);
	rv_emulate_bind(insn);
}
