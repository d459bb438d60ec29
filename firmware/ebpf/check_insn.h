/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structural check every program passes before anything else looks at it:
 * known opcodes, register numbers, reserved fields zero (RFC 9669), jump targets
 * inside the subprogram and not in the second half of a wide instruction, local
 * calls to existing slots, no way to fall off the end, helper ids that exist.
 *
 * What RFC 9669 gives a meaning is accepted even where Linux's verifier has an
 * objection (division by an immediate 0, unreachable code): that is the verifier's.
 * Immediate shifts past the width are refused, as Linux does; nobody means them.
 */
#ifndef EBPF_CHECK_INSN_H
#define EBPF_CHECK_INSN_H

#include <stdbool.h>
#include <stdint.h>

struct bpf_insn;
struct ebpf_helper;

struct ebpf_check_result {
	uint32_t pc;	    /* slot of the offending instruction */
	const char *reason; /* static; Linux's words where Linux has some */
};

/* 0, or -EINVAL with *result filled. `rcore` chooses the helper table. */
int ebpf_check_insns(const struct bpf_insn *insns, uint32_t count, bool rcore, struct ebpf_check_result *result);

/* Where helpers are looked up: ebpf_helper_of(), or a table of a test. */
typedef const struct ebpf_helper *(*ebpf_helper_of_fn)(uint32_t id, bool rcore);

#define EBPF_MAX_SUBPROGS 256u /* of one program, as in Linux */

/*
 * The same in slices, for callers that must not stay long: fill the first five
 * members, zero the rest, call ebpf_check_step() until it is not -ERESTART.
 * One instruction costs about 60 host instructions, each of two passes.
 */
struct ebpf_check {
	const struct bpf_insn *insns;
	uint32_t count;
	bool rcore;
	bool verified; /* the verifier comes after this: it says which calls can be reached, and refuses those of no
			  helper */
	ebpf_helper_of_fn helper_of;
	struct ebpf_check_result *result;

	uint32_t pass, pc, subprog;
	uint32_t nr_subprogs;
	uint16_t subprogs[EBPF_MAX_SUBPROGS]; /* first slots, ascending; 0 is the program itself */
};

int ebpf_check_step(struct ebpf_check *check, uint32_t max_insns);

#endif
