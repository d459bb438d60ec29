/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the decoder makes of encodings: hexadecimal words on standard input, one
 * line for each on standard output. For objdump.py.
 */
#include "rv_decode.h"
#include "rv_insn.h"

#include <stdio.h>

static const char *const names[RV_OP_COUNT] = {[RV_OP_NONE] = "-",
					       [RV_OP_NOP] = "nop",
#define NAME(op, name, ...) [RV_OP_##op] = name,
					       RV_OP_LIST(NAME)
#undef NAME
};

int main(void)
{
	unsigned int raw;

	while (scanf("%x", &raw) == 1) {
		struct rv_insn insn;

		rv_decode(raw, ~0u, &insn);
		printf("%08x %d %s %d %d %d %d %s\n", raw, insn.len, names[insn.op], insn.rd, insn.rs1, insn.rs2,
		       insn.imm, insn.reason ? insn.reason : "");
	}
	return 0;
}
