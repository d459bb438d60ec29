/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All 49152 compressed encodings. What the decoder takes must do the same as on
 * the machine; what it calls reserved must be illegal there.
 */
#include "compare.h"

#define ROUNDS 2

static bool is_illegal(uint32_t c, const char *reason)
{
	struct rv_state s;

	random_state(&s);
	execute(c, &s);
	if (s.cause == RV_CAUSE_ILLEGAL_INSTRUCTION && s.x[0] == code_base())
		return true;
	print("%x: refused (%s), but on the hart cause %x at %x\n", (uint64_t)c, reason, s.cause, s.x[0]);
	return false;
}

static bool test_encoding(const char *name, uint32_t c)
{
	struct rv_insn insn;
	struct rv_state s;

	rv_decode(c, hart_ext, &insn);
	if (insn.kind == RV_REJECT)
		return is_illegal(c, insn.reason);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		random_state(&s);
		if (!compare(name, c, &s, aim(&insn, &s)))
			return false;
	}
	return true;
}

void test_compressed(void)
{
	static char name[] = "c quadrant 0 funct3 0";

	for (uint32_t group = 0; group < 24; group++) {
		const uint32_t base = (group & 7) << 13 | group >> 3;
		unsigned int wrong = 0;

		name[11] = '0' + (group >> 3);
		name[20] = '0' + (group & 7);
		for (uint32_t middle = 0; middle < 1u << 11 && wrong < 5; middle++)
			wrong += !test_encoding(name, base | middle << 2);
		verdict(name, wrong == 0);
	}
}
