/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function for each operation, on the register array. Nothing here looks at
 * instruction bits again: registers are byte offsets, immediates are extended,
 * and rv_emulate_bind() has picked the function, with forms of its own for what
 * compilers emit most (li, mv, beqz, j, ret).
 *
 * Invariants: the functions picked directly never meet x0; an instruction that
 * names x0 and has no form of its own goes through run_x0(). The next pc may be
 * set before an access that faults: rv_emulate() puts it back. A register is
 * written only after everything that can fail.
 */
#include "rv_emulate.h"

#include "rv_alu.h"
#include "rv_insn.h"

#include <stddef.h>

_Static_assert(sizeof(void *) != 8 || sizeof(struct rv_insn) == 32, "two decoded instructions in a cache line");
_Static_assert(RV_OP_COUNT <= 256, "op is a byte");

#define UNUSED __attribute__((unused))
#define RUN(name)                                                                                                      \
	static bool run_##name(UNUSED const struct rv_insn *insn, UNUSED uint64_t *x, UNUSED uint64_t *pc,             \
			       UNUSED struct rv_trap *trap, UNUSED const struct rv_bus *bus)

#define REG(off) (*(uint64_t *)((char *)x + (off)))
#define RD REG(insn->rd_off)
#define RS1 REG(insn->rs1_off)
#define RS2 REG(insn->rs2_off)
#define IMM ((uint64_t)(int64_t)insn->imm)

static inline bool next(const struct rv_insn *insn, uint64_t *pc)
{
	*pc += insn->len;
	return true;
}

static bool raise(struct rv_trap *trap, uint64_t cause, uint64_t tval)
{
	trap->cause = cause;
	trap->tval = tval;
	return false;
}

/* ---- integer results ---- */

#define DEFINE_REG(op, result)                                                                                         \
	static inline uint64_t result_##op(uint64_t a, uint64_t b)                                                     \
	{                                                                                                              \
		return result;                                                                                         \
	}                                                                                                              \
	RUN(op)                                                                                                        \
	{                                                                                                              \
		RD = result_##op(RS1, RS2);                                                                            \
		return next(insn, pc);                                                                                 \
	}
#define DEFINE_IMM(op, same)                                                                                           \
	RUN(op)                                                                                                        \
	{                                                                                                              \
		RD = result_##same(RS1, IMM);                                                                          \
		return next(insn, pc);                                                                                 \
	}
#define DEFINE_UNARY(op, result)                                                                                       \
	RUN(op)                                                                                                        \
	{                                                                                                              \
		const uint64_t a = RS1;                                                                                \
                                                                                                                       \
		RD = result;                                                                                           \
		return next(insn, pc);                                                                                 \
	}
RV_REG_OPS(DEFINE_REG)
RV_IMM_OPS(DEFINE_IMM)
RV_UNARY_OPS(DEFINE_UNARY)

RUN(SLLI_UW) /* its left operand alone is a word: no register form */
{
	RD = (uint64_t)(uint32_t)RS1 << (IMM & 63);
	return next(insn, pc);
}

RUN(NOP)
{
	return next(insn, pc);
}

RUN(LUI) /* also li */
{
	RD = IMM;
	return next(insn, pc);
}

RUN(AUIPC)
{
	RD = *pc + IMM;
	return next(insn, pc);
}

RUN(mv)
{
	RD = RS1;
	return next(insn, pc);
}

/* ---- control flow: sec. 2.5. With C every target is aligned ---- */

#define BRANCH_OPS(X)                                                                                                  \
	X(BEQ, a == b)                                                                                                 \
	X(BNE, a != b)                                                                                                 \
	X(BLT, (int64_t)a < (int64_t)b)                                                                                \
	X(BGE, (int64_t)a >= (int64_t)b)                                                                               \
	X(BLTU, a < b)                                                                                                 \
	X(BGEU, a >= b)

/* run_BEQ() and, against x0, run_BEQ_z() */
#define DEFINE_BRANCH(op, taken)                                                                                       \
	RUN(op)                                                                                                        \
	{                                                                                                              \
		const uint64_t a = RS1, b = RS2;                                                                       \
                                                                                                                       \
		*pc += (taken) ? IMM : insn->len;                                                                      \
		return true;                                                                                           \
	}                                                                                                              \
	RUN(op##_z)                                                                                                    \
	{                                                                                                              \
		const uint64_t a = RS1, b = 0;                                                                         \
                                                                                                                       \
		*pc += (taken) ? IMM : insn->len;                                                                      \
		return true;                                                                                           \
	}
BRANCH_OPS(DEFINE_BRANCH)

RUN(j)
{
	*pc += IMM;
	return true;
}

RUN(JAL)
{
	const uint64_t at = *pc;

	RD = at + insn->len;
	*pc = at + IMM;
	return true;
}

RUN(jr)
{
	*pc = (RS1 + IMM) & ~(uint64_t)1;
	return true;
}

RUN(JALR)
{
	const uint64_t target = (RS1 + IMM) & ~(uint64_t)1; /* before rd is written: jalr ra, ra */

	RD = *pc + insn->len;
	*pc = target;
	return true;
}

/*
 * ---- memory: sec. 2.6, 8.4, 11.5 ----
 * The pc goes first and the access last: little is kept across the call, and
 * stores end in it.
 */

#define DEFINE_LOAD(op, bytes, type)                                                                                   \
	RUN(op)                                                                                                        \
	{                                                                                                              \
		uint64_t *const rd = &RD;                                                                              \
		uint64_t value;                                                                                        \
                                                                                                                       \
		next(insn, pc);                                                                                        \
		if (!bus->load(RS1 + IMM, bytes, &value, trap))                                                        \
			return false;                                                                                  \
		*rd = (uint64_t)(type)value;                                                                           \
		return true;                                                                                           \
	}
DEFINE_LOAD(LB, 1, int8_t)
DEFINE_LOAD(LH, 2, int16_t)
DEFINE_LOAD(LW, 4, int32_t)
DEFINE_LOAD(LD, 8, uint64_t)
DEFINE_LOAD(LBU, 1, uint8_t)
DEFINE_LOAD(LHU, 2, uint16_t)
DEFINE_LOAD(LWU, 4, uint32_t)

#define STORE_OPS(X)                                                                                                   \
	X(SB, 1)                                                                                                       \
	X(SH, 2)                                                                                                       \
	X(SW, 4)                                                                                                       \
	X(SD, 8)

/* run_SD() and, of x0, run_SD_z() */
#define DEFINE_STORE(op, bytes)                                                                                        \
	RUN(op)                                                                                                        \
	{                                                                                                              \
		next(insn, pc);                                                                                        \
		return bus->store(RS1 + IMM, bytes, RS2, trap);                                                        \
	}                                                                                                              \
	RUN(op##_z)                                                                                                    \
	{                                                                                                              \
		next(insn, pc);                                                                                        \
		return bus->store(RS1 + IMM, bytes, 0, trap);                                                          \
	}
STORE_OPS(DEFINE_STORE)

RUN(fload)
{
	uint64_t value;

	if (!bus->fp_on())
		return raise(trap, RV_CAUSE_ILLEGAL_INSTRUCTION, insn->raw);
	if (!bus->load(RS1 + IMM, insn->size, &value, trap))
		return false;
	if (insn->size == 4) /* a narrower value is NaN-boxed: sec. 12.2 */
		value |= 0xffffffff00000000;
	bus->fp_write(insn->rd, value);
	return next(insn, pc);
}

RUN(fstore)
{
	if (!bus->fp_on())
		return raise(trap, RV_CAUSE_ILLEGAL_INSTRUCTION, insn->raw);
	next(insn, pc);
	return bus->store(RS1 + IMM, insn->size, bus->fp_read(insn->rs2), trap);
}

RUN(amo)
{
	uint64_t old = 0;

	if (!bus->amo(insn->raw, RS1, RS2, &old, trap))
		return false;
	RD = old;
	return next(insn, pc);
}

/* ---- SYSTEM and MISC-MEM ---- */

RUN(csr)
{
	uint64_t old = 0;

	if (!bus->csr(insn->raw, RS1, &old, trap))
		return false;
	RD = old;
	return next(insn, pc);
}

RUN(csri)
{
	uint64_t old = 0;

	if (!bus->csr(insn->raw, insn->rs1, &old, trap))
		return false;
	RD = old;
	return next(insn, pc);
}

RUN(fence)
{
	bus->fence(insn->raw);
	return next(insn, pc);
}

RUN(ECALL)
{
	return raise(trap, RV_CAUSE_SUPERVISOR_ECALL, 0);
}

RUN(EBREAK)
{
	return raise(trap, RV_CAUSE_BREAKPOINT, bus->ebreak_tval ? bus->ebreak_tval(*pc) : 0);
}

/* A rejected instruction is never armed; should one be run all the same, it is illegal. */
RUN(NONE)
{
	return raise(trap, RV_CAUSE_ILLEGAL_INSTRUCTION, insn->raw);
}

/* ---- dispatch ---- */

static rv_run_fn *const runs[RV_OP_COUNT] = {
#define RUNS(op, ...) [RV_OP_##op] = run_##op,
	RV_REG_OPS(RUNS) RV_IMM_OPS(RUNS) RV_UNARY_OPS(RUNS) BRANCH_OPS(RUNS) STORE_OPS(RUNS)
#undef RUNS
		[RV_OP_NONE] = run_NONE,
	[RV_OP_NOP] = run_NOP,
	[RV_OP_SLLI_UW] = run_SLLI_UW,
	[RV_OP_LUI] = run_LUI,
	[RV_OP_AUIPC] = run_AUIPC,
	[RV_OP_JAL] = run_JAL,
	[RV_OP_JALR] = run_JALR,
	[RV_OP_LB] = run_LB,
	[RV_OP_LH] = run_LH,
	[RV_OP_LW] = run_LW,
	[RV_OP_LD] = run_LD,
	[RV_OP_LBU] = run_LBU,
	[RV_OP_LHU] = run_LHU,
	[RV_OP_LWU] = run_LWU,
	[RV_OP_FLW... RV_OP_FLD] = run_fload,
	[RV_OP_FSW... RV_OP_FSD] = run_fstore,
	[RV_OP_AMOADD_W... RV_OP_AMOMAXU_D] = run_amo,
	[RV_OP_FENCE... RV_OP_FENCE_I] = run_fence,
	[RV_OP_ECALL] = run_ECALL,
	[RV_OP_EBREAK] = run_EBREAK,
	[RV_OP_CSRRW... RV_OP_CSRRC] = run_csr,
	[RV_OP_CSRRWI... RV_OP_CSRRCI] = run_csri,
};

/* Which registers an operation uses, RV_USES_*. */
static const uint8_t uses[RV_OP_COUNT] = {
#define USES_R (RV_USES_RD | RV_USES_RS1 | RV_USES_RS2)
#define USES_R1 (RV_USES_RD | RV_USES_RS1)
#define USES_I (RV_USES_RD | RV_USES_RS1)
#define USES_SH (RV_USES_RD | RV_USES_RS1)
#define USES_S (RV_USES_RS1 | RV_USES_RS2)
#define USES_B (RV_USES_RS1 | RV_USES_RS2)
#define USES_U RV_USES_RD
#define USES_J RV_USES_RD
#define USES_FI RV_USES_RS1
#define USES_FS RV_USES_RS1
#define USES_A (RV_USES_RD | RV_USES_RS1 | RV_USES_RS2)
#define USES_C (RV_USES_RD | RV_USES_RS1)
#define USES_CI RV_USES_RD
#define USES_N 0
#define USES(op, name, format, ...) [RV_OP_##op] = USES_##format,
	RV_OP_LIST(USES)
#undef USES
};

/*
 * Any operation that names x0. x[0] is not ours (in struct pt_regs it is the pc),
 * so it plays zero only while the operation runs, which meanwhile has a pc of its own.
 */
RUN(x0)
{
	const uint64_t held = x[0];
	uint64_t own_pc = *pc;
	bool done;

	x[0] = 0;
	done = runs[insn->op](insn, x, &own_pc, trap, bus);
	x[0] = held;
	*pc = own_pc;
	return done;
}

/* Branches and stores whose second operand is x0. */
static rv_run_fn *form_with_zero(uint8_t op)
{
	switch (op) {
#define CASE(name, ...)                                                                                                \
	case RV_OP_##name:                                                                                             \
		return run_##name##_z;
		BRANCH_OPS(CASE)
		STORE_OPS(CASE)
#undef CASE
	default:
		return NULL;
	}
}

/* A form of its own for a frequent instruction that names x0 or needs no arithmetic, or NULL. */
static rv_run_fn *frequent_form(struct rv_insn *insn)
{
	switch (insn->op) {
	case RV_OP_ADDI:
		if (insn->rs1 == 0)
			return run_LUI;
		return insn->imm == 0 ? run_mv : NULL;
	case RV_OP_ADD:
		if (insn->rs1 == 0 && insn->rs2 != 0) {
			insn->rs1_off = insn->rs2_off;
			return run_mv;
		}
		return insn->rs1 != 0 && insn->rs2 == 0 ? run_mv : NULL;
	case RV_OP_JAL:
		return insn->rd == 0 ? run_j : NULL;
	case RV_OP_JALR:
		return insn->rd == 0 && insn->rs1 != 0 ? run_jr : NULL;
	default:
		return insn->rs1 != 0 && insn->rs2 == 0 ? form_with_zero(insn->op) : NULL;
	}
}

void rv_emulate_bind(struct rv_insn *insn)
{
	const uint8_t used = uses[insn->op];
	const bool names_x0 = (used & RV_USES_RD && insn->rd == 0) || (used & RV_USES_RS1 && insn->rs1 == 0) ||
			      (used & RV_USES_RS2 && insn->rs2 == 0);

	insn->rd_off = insn->rd * 8;
	insn->rs1_off = insn->rs1 * 8;
	insn->rs2_off = insn->rs2 * 8;
	insn->run = frequent_form(insn);
	if (!insn->run)
		insn->run = names_x0 ? run_x0 : runs[insn->op];
}
