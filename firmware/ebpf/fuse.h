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

/* decode.c: bytes every frame has cleared */
uint32_t ebpf_decode_frame(const struct ebpf_decoder *decoder);
/* decode.c: which label an operation has: a plain access within what every frame has cleared needs no check */
enum ebpf_op_variant ebpf_decode_variant(const struct ebpf_decoder *decoder, const struct bpf_insn *insn,
					 unsigned int form);

#endif
