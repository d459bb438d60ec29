/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the tests of the engine: a program from assembly text (tests/isa), checked
 * and decoded, and a run of it with its own stack and exactly sized memory.
 */
#ifndef HOST_ENGINE_H
#define HOST_ENGINE_H

#include "../isa/isa_parse.h"
#include "decode.h"
#include "helper.h"
#include "map.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct isa_case engine_case;
static struct bpf_insn *engine_insns;
static struct ebpf_op *engine_ops;
static struct ebpf_prog engine_prog;
static struct ebpf_run engine_run;
static uint64_t engine_r0;
static _Alignas(16) uint8_t engine_stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];

static inline int engine_setup(void **state)
{
	(void)state;
	memset(&engine_prog, 0, sizeof(engine_prog));
	memset(&engine_run, 0, sizeof(engine_run));
	engine_prog.checked = true;
	engine_run.prog = &engine_prog;
	engine_run.stack = engine_stack;
	engine_run.budget = EBPF_RUN_BUDGET;
	return 0;
}

static inline int engine_teardown(void **state)
{
	(void)state;
	free(engine_insns);
	free(engine_ops);
	engine_insns = NULL;
	engine_ops = NULL;
	return 0;
}

/* Instructions of a listing, into engine_insns: exactly sized, so that the sanitizer sees the end. */
static inline uint32_t engine_assemble(const char *listing)
{
	static struct isa_parser parser;
	static char text[8192];

	snprintf(text, sizeof(text), ".case listing\n%s\n.result 0\n", listing);
	isa_parse_begin(&parser, text, strlen(text));
	if (isa_parse_next(&parser, &engine_case) != 1) {
		fprintf(stderr, "line %u: %s\n%s\n", parser.line, parser.error, text);
		abort();
	}
	free(engine_insns);
	free(engine_ops);
	engine_insns = malloc(engine_case.count * sizeof(*engine_insns));
	engine_ops = malloc(engine_case.count * sizeof(*engine_ops));
	if (!engine_insns || !engine_ops)
		abort();
	memcpy(engine_insns, engine_case.insns, engine_case.count * sizeof(*engine_insns));
	engine_prog.insn_cnt = engine_case.count;
	engine_prog.insns = engine_insns;
	engine_prog.ops = engine_ops;
	return engine_case.count;
}

static inline void engine_load(const char *listing)
{
	struct ebpf_check_result result;
	uint32_t count = engine_assemble(listing);

	if (ebpf_check_insns(engine_insns, count, false, &result)) {
		fprintf(stderr, "insn %u: %s\n", result.pc, result.reason);
		abort();
	}
	engine_prog.entry = engine_prog.checked ? ebpf_decode(engine_insns, count, false, engine_ops)
						: ebpf_decode_verified(engine_insns, count, engine_prog.maps,
								       engine_prog.nr_maps, engine_ops);
}

/* As a verified program that is a leaf if it can be one. True: it is. */
static inline bool engine_load_leaf(const char *listing)
{
	struct ebpf_decoder decoder = {.leaf = true, .helper_of = ebpf_helper_of};

	engine_prog.checked = false;
	engine_load(listing);
	decoder.insns = engine_insns;
	decoder.count = engine_prog.insn_cnt;
	decoder.ops = engine_ops;
	decoder.maps = engine_prog.maps;
	decoder.nr_maps = engine_prog.nr_maps;
	while (!ebpf_decode_step(&decoder, 1))
		;
	engine_prog.entry = decoder.entry;
	return decoder.entry & EBPF_ENTRY_LEAF;
}

/* Load and run. */
static inline int engine(const char *listing)
{
	engine_load(listing);
	engine_run.fault = NULL;
	return ebpf_run(&engine_run, &engine_r0);
}

#endif
