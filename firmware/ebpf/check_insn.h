/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structural check every program passes before anything else looks at it:
 * known opcodes, register numbers, reserved fields zero (RFC 9669), jump targets
 * inside the program and not in the second half of a wide instruction, local
 * calls to existing slots, no way to fall off the end, helper ids that exist.
 */
#ifndef EBPF_CHECK_INSN_H
#define EBPF_CHECK_INSN_H

#include <stdbool.h>
#include <stdint.h>

struct bpf_insn;

struct ebpf_check_result {
	uint32_t pc;	    /* slot of the offending instruction */
	const char *reason; /* static; Linux's words where Linux has some */
};

/* 0, or -EINVAL with *result filled. `rcore` chooses the helper table. */
int ebpf_check_insns(const struct bpf_insn *insns, uint32_t count, bool rcore, struct ebpf_check_result *result);

#endif
