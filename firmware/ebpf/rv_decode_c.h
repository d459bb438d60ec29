/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compressed instructions of RV64 as the 32-bit ones they stand for.
 * RISC-V unprivileged specification 20191213, ch. 16.
 */
#ifndef EBPF_RV_DECODE_C_H
#define EBPF_RV_DECODE_C_H

#include <stdint.h>

/*
 * The 32-bit encoding that does what `c` does (hints expand like any other), or
 * 0 (which is no instruction) with *reason set, static text. Bits 1:0 of c are not 3.
 * Only the length differs for the emulator: a link register gets pc + 2.
 */
uint32_t rv_expand_c(uint16_t c, const char **reason);

#endif
