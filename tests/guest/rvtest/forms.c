/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every 32-bit form of rv_insn.h's list with random operands, immediates and
 * registers. Addresses fall on pages with different rights and across their
 * ends. Forms the hart does not have must be refused, and be illegal on it.
 */
#include "compare.h"

#define ROUNDS 600
#define RV_EXT_0 0u

struct form {
	const char *name;
	uint32_t mask, match, ext;
	uint8_t kind;
};

static const struct form forms[] = {
#define FORM(op, name, format, kind, ext, mask, match) {name, mask, match, RV_EXT_##ext, RV_##kind},
	RV_OP_LIST(FORM)
#undef FORM
};

static uint64_t random_address(unsigned int size)
{
	const uint64_t page = WINDOW + random64() % (WINDOW_PAGES + 1) * 4096;
	const uint64_t v = random64();
	uint64_t at = v & 1 ? page - 16 + (v >> 8) % 32 : page + (v >> 8) % 4096;

	if (v & 6) /* mostly aligned */
		at -= at % size;
	return at;
}

/* Make the instruction in `insn` meet something: memory for accesses, ebreaks for jumps. The address, or 0. */
uint64_t aim(const struct rv_insn *insn, struct rv_state *s)
{
	uint64_t at = 0;

	switch (insn->kind) {
	case RV_LOAD:
	case RV_STORE:
	case RV_FLOAD:
	case RV_FSTORE:
		at = random_address(insn->size);
		break;
	case RV_AMO: /* imm holds the function */
		at = random_address(insn->size);
		if (insn->rs1 != 0)
			s->x[insn->rs1] = at;
		return at;
	case RV_JALR:
		at = code_base() - (1u << 20) + random64() % (2u << 20);
		break;
	case RV_BRANCH:
		if (insn->rs1 != 0 && random64() % 3 == 0)
			s->x[insn->rs1] = insn->rs2 ? s->x[insn->rs2] : 0;
		return 0;
	default:
		return 0;
	}
	if (insn->rs1 != 0)
		s->x[insn->rs1] = at - (uint64_t)(int64_t)insn->imm;
	return insn->kind == RV_JALR ? 0 : at;
}

/*
 * QEMU before 8.0 counts on into the upper half when the lower half is 0. Where
 * the machine does, ctzw is compared on words with a bit in them.
 */
static bool machine_ctzw_wrong(void)
{
	struct rv_state s;

	random_state(&s);
	s.x[11] = UINT64_C(1) << 63;
	execute(0x6015951b, &s); /* ctzw a0, a1 */
	return s.x[10] != 32;
}

void avoid_quirk(uint32_t raw, struct rv_state *s)
{
	static int wrong = -1;

	if (wrong < 0) {
		wrong = machine_ctzw_wrong();
		if (wrong)
			print("ctzw of a word without bits is not 32 on this machine: not compared\n");
	}
	if (wrong && rv_rs1(raw) != 0)
		s->x[rv_rs1(raw)] |= UINT64_C(1) << 31;
}

static bool test_form(const struct form *form)
{
	struct rv_state s;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		const uint32_t raw = form->match | ((uint32_t)random64() & ~form->mask);
		struct rv_insn insn;

		random_state(&s);
		rv_decode(raw, hart_ext, &insn);
		if (insn.op == RV_OP_CTZW)
			avoid_quirk(raw, &s);
		if (!compare(form->name, raw, &s, aim(&insn, &s)))
			return false;
	}
	return true;
}

static bool test_missing(const struct form *form)
{
	struct rv_state s;

	for (unsigned int i = 0; i < 20; i++) {
		const uint32_t raw = form->match | ((uint32_t)random64() & ~form->mask);
		struct rv_insn insn;

		random_state(&s);
		rv_decode(raw, hart_ext, &insn);
		execute(raw, &s);
		if (insn.kind != RV_REJECT || s.cause != RV_CAUSE_ILLEGAL_INSTRUCTION || s.x[0] != code_base()) {
			print("%s %x: kind %u, cause %x on the hart\n", form->name, (uint64_t)raw, insn.kind, s.cause);
			return false;
		}
	}
	return true;
}

void test_forms(void)
{
	for (unsigned int i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].kind == RV_CSR || forms[i].kind == RV_TRAP) /* system.c */
			continue;
		verdict(forms[i].name, forms[i].ext & ~hart_ext ? test_missing(&forms[i]) : test_form(&forms[i]));
	}
}
