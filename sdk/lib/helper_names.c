/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of helpers for the disassembler (firmware/ebpf/disasm.c): all that libbpf's headers declare. */
#include "helper.h"
#include "helper_names.h"

const char *ebpf_helper_name(uint32_t id)
{
	return id < sizeof(helper_names) / sizeof(helper_names[0]) ? helper_names[id] : NULL;
}
