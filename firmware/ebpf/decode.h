/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decoding: checked instructions become the form the interpreter runs, one
 * struct ebpf_op a slot, so jump offsets stay what they are.
 */
#ifndef EBPF_DECODE_H
#define EBPF_DECODE_H

#include "check_insn.h"
#include "uapi/bpf.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_helper;
struct ebpf_map;

/*
 * 16 bytes. The address of the code that executes it comes first, so that
 * going on to the next instruction is one load and one jump. The operands are
 * what that code wants, not the RFC's fields: registers as byte offsets into
 * the register file, distances in bytes of decoded code where there is room.
 */
struct ebpf_op {
	const void *code; /* a label inside ebpf_run() */
	union {
		struct {
			uint8_t dst, src; /* 8 * register */
			int16_t off;	  /* of memory in bytes; of a jump with a constant operand in slots */
			int32_t imm;	  /* constant; of other jumps and of local calls: distance in bytes */
		};
		const struct ebpf_helper *helper;
		uint64_t wide; /* second slot of a wide instruction: the constant. While decoding: registers written */
	};
};

_Static_assert(sizeof(struct ebpf_op) == 16, "one decoded instruction");

/*
 * insns: passed ebpf_check_insns(), wide map references resolved (their 64-bit
 * immediate is the address, src_reg 0). ops: `count` entries of the caller's.
 * Returns what ebpf_run() can save at entry, for prog->entry.
 *
 * The ops of ebpf_decode() check every access at run time: prog->checked must be true.
 */
uint32_t ebpf_decode(const struct bpf_insn *insns, uint32_t count, bool rcore, struct ebpf_op *ops);
/*
 * For a program that a verifier has accepted: no checks. prog->checked must be
 * false. Only stack that the program addresses in plain sight is cleared: for tests.
 */
uint32_t ebpf_decode_verified(const struct bpf_insn *insns, uint32_t count, struct ebpf_map *const *maps,
			      uint32_t nr_maps, struct ebpf_op *ops);

enum ebpf_op_variant {
	EBPF_OP_BARE,	 /* no checks */
	EBPF_OP_CHECKED, /* memory and helper arguments are checked */
	EBPF_OP_FRAME,	 /* a plain access at an aligned place of the frame that is known to be good */
	EBPF_OP_VARIANTS
};

/*
 * What the decoder knows of the interpreter: its labels, as distances from
 * `base`, so that the tables need no relocation.
 */
struct ebpf_labels {
	const char *base;
	const int32_t (*rows)[EBPF_OP_VARIANTS]; /* by row of opcodes.h and enum ebpf_op_variant */
	const int32_t *extra;			 /* by enum ebpf_op_extra */
};

/* Labels beyond the rows of opcodes.h */
enum ebpf_op_extra {
	EBPF_OP_EXIT_MAIN,   /* exit in a program without local calls */
	EBPF_OP_CALL_LOOKUP, /* checked call (map, key) of a helper that returns a value of the map */
	EBPF_OP_TRAP,	     /* a slot that no checked program can reach */
	EBPF_OP_LEA,	     /* two slots at once: rX = rY; rX += constant. The second keeps its own op. */
	EBPF_OP_CALL_KEY,    /* checked call (map, key, numbers) */
	EBPF_OP_CALL_UPDATE, /* checked call (map, key, value, numbers) */
	EBPF_OP_TAIL_CALL,   /* of bpf_tail_call, checked or not */
	EBPF_OP_CALL_BACK,   /* of a helper that calls a function of the program, checked or not */
	/* Not checked: */
	EBPF_OP_CALL_0,	      /* call of a helper without arguments */
	EBPF_OP_LOOKUP,	      /* EBPF_LOOKUP_SLOTS at once: a key in the frame is looked up in a map, NULL or not */
	EBPF_OP_LOOKUP_ARRAY, /* the same, the map is an array */
	EBPF_OP_COUNT,	      /* rX = constant; lock *(u64 *)(rY + off) += rX */
	EBPF_OP_ELEMENT,      /* of an array: rX = constant; *(u32 *)(r10 + off) = rX and a look-up of that key */
	EBPF_OP_ELEMENT_ST,   /* the same after *(u32 *)(r10 + off) = constant */
	EBPF_OP_UPDATE,	      /* EBPF_UPDATE_SLOTS at once: key and value in the frame, a constant flag */
	/* Several slots at once, checked or not: the first has this, each keeps its own op for who jumps there. */
	EBPF_OP_RETURN,	     /* r0 = constant; exit, in a program without local calls */
	EBPF_OP_MOV_STORE,   /* rX = constant; *(u64 *)(r10 + off) = rX */
	EBPF_OP_MOV_STORE32, /* rX = constant; *(u32 *)(r10 + off) = rX */
	EBPF_NR_OP_EXTRA
};

/*
 * What every compiler makes of a look-up, r2 = r10; r2 += key; r1 = map ll;
 * call 1; if r0 == 0 goto .., and of an update, r2 = r10; r2 += key; r3 = r10; r3 += value;
 * r1 = map ll; r4 = flags; call 2. A call leaves r1 to r5 undefined, so nobody needs them set.
 */
#define EBPF_LOOKUP_SLOTS 6
#define EBPF_LOOKUP_CALL 4 /* the call's */
#define EBPF_UPDATE_SLOTS 8

void ebpf_interp_labels(struct ebpf_labels *labels);

/*
 * The same in slices: fill the members before `entry`, zero the rest, call
 * ebpf_decode_step() until it returns true, take `entry`. About 100 host
 * instructions a slot altogether, in three passes, or four for what may be a leaf.
 */
struct ebpf_decoder {
	const struct bpf_insn *insns;
	uint32_t count;
	bool rcore;
	bool checked;
	bool leaf;	  /* not checked: for leaf.c if it can run the program (then the entry has EBPF_ENTRY_LEAF) */
	uint32_t deepest; /* not checked: bytes of stack any frame can reach, as the verifier has found */
	ebpf_helper_of_fn helper_of;
	struct ebpf_op *ops;
	struct ebpf_map *const *maps; /* the program's own, may be none: look-ups in others are not done at once */
	uint32_t nr_maps;

	uint32_t entry; /* EBPF_ENTRY_* */

	struct ebpf_labels labels;
	uint32_t pass, pc;
	uint32_t stack; /* bytes below the frame pointer that are addressed in plain sight */
	bool unclean, no_plain, no_leaf, calls;
};

bool ebpf_decode_step(struct ebpf_decoder *decoder, uint32_t max_insns);

/* prog->entry */
#define EBPF_ENTRY_CLEAN (1u << 0) /* no register is read that was not written before */
#define EBPF_ENTRY_PLAIN (1u << 1) /* and there is neither memory access nor call nor use of r1, r2, r10 */
#define EBPF_ENTRY_LEAN (1u << 2)  /* there are no run-time checks, and CLEAN */
#define EBPF_ENTRY_LEAF (1u << 3)  /* the ops are leaf.c's */
#define EBPF_ENTRY_STACK_SHIFT 8   /* bytes (8, 16 ..) to clear at the top of the first frame */
#define EBPF_ENTRY_STACK_MAX 64u   /* the most of them with run-time checks, which clear the rest when it is used */

#endif
