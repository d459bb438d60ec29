/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decoding: checked instructions become the form the interpreter runs, one
 * struct ebpf_op a slot, so jump offsets stay what they are.
 */
#ifndef EBPF_DECODE_H
#define EBPF_DECODE_H

#include "uapi/bpf.h"

#include <stdbool.h>
#include <stdint.h>

/* 16 bytes. `op` is an index of the interpreter's own table (opcodes.h), not the RFC's opcode. */
struct ebpf_op {
	uint16_t op;
	uint8_t dst;
	uint8_t src;
	int32_t off; /* memory offset, or jump distance in slots */
	int64_t imm; /* sign-extended immediate, 64-bit constant, or address (helper, map) */
};

_Static_assert(sizeof(struct ebpf_op) == 16, "one decoded instruction");

/*
 * insns: passed ebpf_check_insns(), wide map references resolved (their 64-bit
 * immediate is the address, src_reg 0). ops: `count` entries of the caller's.
 */
void ebpf_decode(const struct bpf_insn *insns, uint32_t count, bool rcore, struct ebpf_op *ops);

#endif
