/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader of the instruction set tests (tests/isa/ *.data): programs in a small
 * assembly, each with what must come of it. Plain C without a library, so that
 * the same files can be run in the guest.
 *
 * A file is a list of cases. `#` starts a comment. A case is
 *
 *	.case NAME			opens it
 *	.mem HEX ...			memory behind r1, r2 is its length; may be repeated
 *	.readonly			the program may not write it
 *	.budget N			instructions a run may execute
 *	mnemonic operands		a row of opcodes.h in lower case: add64_k r1 5, ldxw r0 [r1+4],
 *					stw [r10-8] 7, jeq_k r1 0 done, call 1, call_local fn, lddw r1 0x1234
 *	label:				a jump target; +N and -N (slots) are others
 *	.hex HEX ...			instructions as bytes
 *	.result N			r0; and at least one of these three:
 *	.refused TEXT			the structural check refuses it with a reason that contains TEXT
 *	.stopped TEXT			run-time checks stop it with a sentence that contains TEXT
 *	.executed N			the run counts N instructions
 *	.checked			it relies on run-time checks (a verifier would refuse it)
 */
#ifndef TESTS_ISA_PARSE_H
#define TESTS_ISA_PARSE_H

#include "uapi/bpf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ISA_MAX_INSNS 2048
#define ISA_MAX_MEM 1024
#define ISA_MAX_TEXT 96
#define ISA_MAX_LABELS 64

struct isa_case {
	char name[ISA_MAX_TEXT];
	struct bpf_insn insns[ISA_MAX_INSNS];
	uint32_t count;
	uint8_t mem[ISA_MAX_MEM];
	uint32_t mem_size;
	bool readonly, checked_only;
	bool has_result, has_executed;
	uint64_t result;
	int64_t executed;
	int64_t budget;		    /* 0: none given */
	char refused[ISA_MAX_TEXT]; /* empty: must be accepted */
	char stopped[ISA_MAX_TEXT]; /* empty: must run to its end */
};

struct isa_parser {
	const char *text;
	size_t len;
	size_t pos;
	unsigned int line;
	const char *error; /* static text; with `line` says what is wrong */

	/* names used and defined in the case being read */
	struct {
		char name[ISA_MAX_TEXT];
		uint32_t slot;
		bool defined;
	} labels[ISA_MAX_LABELS];
	uint32_t nr_labels;
	uint16_t fixup[ISA_MAX_INSNS]; /* 1 + label a slot refers to, 0 = none */
};

void isa_parse_begin(struct isa_parser *parser, const char *text, size_t len);
/* The next case: 1; 0 at the end; -1 with parser->error. */
int isa_parse_next(struct isa_parser *parser, struct isa_case *out);

#endif
