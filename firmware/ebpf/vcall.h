/* SPDX-License-Identifier: BSD-2-Clause */
/* What is learned of a helper call's arguments while they are checked one by one. Private to the verifier. */
#ifndef EBPF_VCALL_H
#define EBPF_VCALL_H

#include "vstate.h"

struct ebpf_vcall {
	const struct ebpf_helper *helper;
	uint32_t id;
	const struct ebpf_map *map; /* the map argument */
	uint64_t max_size;	    /* of the memory argument */
	uint64_t mem_size;	    /* of what is returned */
	uint32_t ref, release;	    /* reference held by an argument; register to be released, or 0 */
	uint32_t subprog;	    /* to be called back */
	bool raw;		    /* the memory being checked need not be initialised */
	uint32_t raw_reg;	    /* stack the helper fills: register, and bytes; 0: none */
	uint64_t raw_size;
};

/* May the map be passed to the helper? vcompat.c */
int ebpf_vcompat_check(struct ebpf_verifier *v, const struct ebpf_vcall *call);

#endif
