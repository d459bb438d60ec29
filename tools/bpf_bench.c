/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf-bench FILE CASE checked|unchecked REPEAT
 *
 * Runs one case of an instruction set test file REPEAT times and prints how many eBPF
 * instructions one run executed. tests/isa/bench.py counts what that costs: the
 * difference between two numbers of repetitions, under callgrind.
 */
#include "../tests/isa/isa_parse.h"
#include "decode.h"
#include "helper.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t sum5(struct ebpf_run *run, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	(void)run;
	return a + b + c + d + e;
}

static const struct ebpf_helper *helper_of(uint32_t id, bool rcore)
{
	static const struct ebpf_helper helper = {
		.name = "sum5",
		.fn = sum5,
		.arg = {EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING}};

	(void)rcore;
	return id == 1 ? &helper : NULL;
}

static void die(const char *what, const char *which)
{
	fprintf(stderr, "bpf-bench: %s: %s\n", what, which);
	exit(1);
}

static void find_case(const char *path, const char *name, struct isa_case *test)
{
	static struct isa_parser parser;
	static char text[1 << 20];
	FILE *file = fopen(path, "r");
	size_t len;
	int found;

	if (!file)
		die("cannot open", path);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	isa_parse_begin(&parser, text, len);
	while ((found = isa_parse_next(&parser, test)) == 1)
		if (!strcmp(test->name, name))
			return;
	die(found ? parser.error : "no such case", name);
}

static void load(struct isa_case *test, struct ebpf_prog *prog)
{
	struct ebpf_check_result result;
	struct ebpf_check check = {
		.insns = test->insns, .count = test->count, .helper_of = helper_of, .result = &result};
	struct ebpf_decoder decoder = {.insns = test->insns,
				       .count = test->count,
				       .checked = prog->checked,
				       .helper_of = helper_of,
				       .ops = calloc(test->count, sizeof(struct ebpf_op))};

	if (ebpf_check_step(&check, UINT32_MAX))
		die("refused", result.reason);
	if (!decoder.ops || !ebpf_decode_step(&decoder, UINT32_MAX))
		die("cannot decode", test->name);
	prog->ops = decoder.ops;
	prog->entry = decoder.entry;
}

int main(int argc, char **argv)
{
	static _Alignas(16) uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];
	static _Alignas(16) uint8_t mem[ISA_MAX_MEM];
	static struct isa_case test;
	static struct ebpf_run run;
	struct ebpf_prog prog = {.checked = argc > 3 && !strcmp(argv[3], "checked")};
	unsigned long repeat = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
	uint64_t r0 = 0;

	if (argc != 5 || !repeat || (!prog.checked && strcmp(argv[3], "unchecked")))
		die("usage", "bpf-bench FILE CASE checked|unchecked REPEAT");
	find_case(argv[1], argv[2], &test);
	load(&test, &prog);
	memcpy(mem, test.mem, test.mem_size);
	run.prog = &prog;
	run.arg[0] = (uintptr_t)mem;
	run.arg[1] = test.mem_size;
	run.stack = stack;
	run.ctx = mem;
	run.ctx_size = test.mem_size;
	run.ctx_writable = true;
	run.budget = EBPF_RUN_BUDGET;
	while (repeat--)
		if (ebpf_run(&run, &r0) || r0 != test.result)
			die("wrong result or stopped", run.fault ? run.fault : test.name);
	printf("%lld\n", (long long)ebpf_run_executed(&run));
	return 0;
}
