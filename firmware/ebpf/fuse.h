/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions executed several at once; private to decode.c and fuse.c.
 */
#ifndef EBPF_FUSE_H
#define EBPF_FUSE_H

#include "decode.h"
#include "opcodes.h"

/*
 * Do the slots from `insn` (slot decoder->pc) on make one of the patterns? *extra is the label for the first of them,
 * whose imm is then the second slot's if it is EBPF_OP_LOOKUP, EBPF_OP_LOOKUP_ARRAY or EBPF_OP_UPDATE, else its own.
 */
bool ebpf_fuse(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, enum ebpf_op_extra *extra);

/*
 * A key that is a constant, stored into the frame, and the look-up of it in an array that has it: where the value lies
 * is known. The address, or NULL. *slots: how many before the jump on NULL, none of which is jumped to but the first.
 */
void *ebpf_fuse_element(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, uint32_t *slots);

/* decode.c: does a jump lead to one of the slots from `first` to `last`? They have not been decoded yet. */
bool ebpf_decode_jumped_to(const struct ebpf_decoder *decoder, uint32_t first, uint32_t last);
/* decode.c: bytes every frame has cleared */
uint32_t ebpf_decode_frame(const struct ebpf_decoder *decoder);
/* decode.c: which label an operation has: a plain access within what every frame has cleared needs no check */
enum ebpf_op_variant ebpf_decode_variant(const struct ebpf_decoder *decoder, const struct bpf_insn *insn,
					 unsigned int form);

#endif
