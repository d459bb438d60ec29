/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instruction as text, in the notation of Linux's verifier log:
 * "(7b) *(u64 *)(r10 -8) = r1". Takes any bits, checked or not.
 */
#ifndef EBPF_DISASM_H
#define EBPF_DISASM_H

#include "text.h"
#include "uapi/bpf.h"

/* `next`: the slot after it, for a wide instruction's upper half; NULL if there is none. */
void ebpf_disasm(struct ebpf_text *text, const struct bpf_insn *insn, const struct bpf_insn *next);

#endif
