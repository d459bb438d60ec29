/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier: decides, before a program ever runs, that no run of it can touch
 * memory that is not its own, misuse a helper or go on for ever. Abstract
 * interpretation in the manner of Linux's, judging as Linux judges a privileged
 * loader's BPF_PROG_TYPE_KPROBE program. docs/verifier.md explains it.
 *
 * It takes any instructions, checked by ebpf_check_insns() or not. It needs no
 * stack to speak of, keeps all of its state in the arena, charged to the account
 * it is given, and works in slices.
 */
#ifndef EBPF_VERIFIER_H
#define EBPF_VERIFIER_H

#include "check_insn.h"
#include "prog.h"
#include "vlog.h"

#include <stdbool.h>
#include <stdint.h>

#define EBPF_VERIFIER_INSNS 1000000u /* instructions looked at, on all paths together; as in Linux */
#define EBPF_VERIFIER_BRANCHES 8192u /* paths put off at one time; as in Linux */

struct ebpf_verifier;

struct ebpf_verifier_opts {
	uint32_t ctx_size; /* bytes readable through r1 at entry; 0: struct ebpf_pt_regs */
	bool no_ctx;	   /* r1 at entry is the number 0 instead */
	bool strict;	   /* loads and stores of maps and records must be naturally aligned */
	bool no_leaks;	   /* pointers stay pointers: no address may become a number somebody could read, as for loaders
			      whom Linux does not trust */
	bool func_info;	   /* the program came with BTF function information: callbacks are allowed, as in Linux */
	/*
	 * Wide loads hold addresses of maps and map values with src_reg 0, as
	 * ebpf_resolve_slots() leaves them. Otherwise src_reg is BPF_PSEUDO_MAP_FD or
	 * BPF_PSEUDO_MAP_VALUE and the immediate an index into prog->maps.
	 */
	bool resolved;
	ebpf_helper_of_fn helper_of; /* NULL: ebpf_helper_of() */
	/*
	 * For tests: called before each instruction of each path (vstate.h says what can be seen), and with walk_all
	 * no path is cut short because its state was seen before.
	 */
	void (*watch)(struct ebpf_verifier *v, void *arg);
	void *watch_arg;
	bool walk_all;
	/* What maps a map of maps has, by an example; NULL: such maps cannot be looked up. */
	const struct ebpf_map *(*inner_map)(const struct ebpf_map *outer);
};

/*
 * A verifier for prog->insns with prog->maps, prog->gpl. Both log and prog must
 * outlive it. NULL without memory.
 */
struct ebpf_verifier *ebpf_verifier_new(struct ebpf_prog *prog, struct ebpf_account *account, struct ebpf_vlog *log,
					const struct ebpf_verifier_opts *opts);

/*
 * Go on for about `credit` M-mode instructions (one action more: mostly some thousand, below 50,000 in programs
 * contrived for it). 0: accepted; instructions that no path reaches have been replaced, in prog->insns, by a jump to
 * themselves. -ERESTART: call again. Refused: -EACCES, -EINVAL, -E2BIG (too complex), -ENOMEM, ... with the reason in
 * the log.
 */
int ebpf_verifier_step(struct ebpf_verifier *v, int64_t credit);

/* Free its memory, one slice; true when all is free and `v` gone. Allowed at any time. NULL is allowed. */
bool ebpf_verifier_free(struct ebpf_verifier *v);

/* After a refusal: the instruction, and Linux's sentence (one line, valid until the verifier is freed). */
uint32_t ebpf_verifier_insn(const struct ebpf_verifier *v);
const char *ebpf_verifier_reason(const struct ebpf_verifier *v);

/* After acceptance: bytes below its frame pointer that any one frame of the program can touch. */
uint32_t ebpf_verifier_stack(const struct ebpf_verifier *v);

/*
 * After acceptance: which words of what r1 points to at entry a run may look at (bit n: the 8 bytes from 8 * n on),
 * itself, through a helper, or by handing it to another program: then all ones, as for whatever is not known. Nobody
 * misses the others if they are not filled in. Copying r1 and comparing it are no looks.
 */
uint32_t ebpf_verifier_ctx_words(const struct ebpf_verifier *v);

struct ebpf_verifier_stats {
	uint32_t insns;	    /* processed */
	uint32_t states;    /* kept for pruning, altogether */
	uint32_t peak;	    /* at one time */
	uint64_t bytes;	    /* in the arena now */
	uint64_t max_bytes; /* the most there were */
};

void ebpf_verifier_stats(const struct ebpf_verifier *v, struct ebpf_verifier_stats *stats);

#endif
