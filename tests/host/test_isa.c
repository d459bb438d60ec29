/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs every tests/isa/ *.data file with both kinds of decoded code, checked
 * and unchecked, and counts which rows of opcodes.h the files exercise: one that
 * none does fails the test. tests/isa/negative/ holds files the runner must
 * fail; it is tested with them.
 *
 * test_isa [FILE]: one file, with a line for each case.
 */
#include "../isa/isa_parse.h"
#include "decode.h"
#include "helper.h"
#include "opcodes.h"
#include "run.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DATA_DIR "tests/isa"

static bool exercised[EBPF_NR_OPS];
static bool loud;

/* ------------------------------------------------- helpers the data may call */

static uint64_t sum5(struct ebpf_run *run, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	(void)run;
	return a + b + c + d + e;
}

static uint64_t fill(struct ebpf_run *run, uint64_t addr, uint64_t len, uint64_t byte, uint64_t d, uint64_t e)
{
	(void)run, (void)d, (void)e;
	memset((void *)(uintptr_t)addr, (int)byte, len);
	return len;
}

static uint64_t add_bytes(struct ebpf_run *run, uint64_t addr, uint64_t len, uint64_t c, uint64_t d, uint64_t e)
{
	uint64_t sum = 0;

	(void)run, (void)c, (void)d, (void)e;
	for (uint64_t i = 0; i < len; i++)
		sum += ((const uint8_t *)(uintptr_t)addr)[i];
	return sum;
}

static const struct ebpf_helper *helper_of(uint32_t id, bool rcore)
{
	static const struct ebpf_helper helpers[] = {
		[1] = {.name = "sum5",
		       .fn = sum5,
		       .arg = {EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING,
			       EBPF_ARG_ANYTHING}},
		[2] = {.name = "fill",
		       .fn = fill,
		       .arg = {EBPF_ARG_MEM_UNINIT, EBPF_ARG_SIZE_OR_ZERO, EBPF_ARG_ANYTHING}},
		[3] = {.name = "add_bytes", .fn = add_bytes, .arg = {EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE_OR_ZERO}},
	};

	(void)rcore;
	return id < sizeof(helpers) / sizeof(helpers[0]) && helpers[id].fn ? &helpers[id] : NULL;
}

/* ------------------------------------------------------------------- running */

static bool wrong(const char *path, const struct isa_case *test, const char *what, const char *got)
{
	if (loud)
		fprintf(stderr, "FAIL %s: %s: %s: %s\n", path, test->name, what, got);
	return false;
}

static bool check_case(const char *path, const struct isa_case *test)
{
	struct ebpf_check_result result = {.reason = "none"};
	struct ebpf_check check = {
		.insns = test->insns, .count = test->count, .helper_of = helper_of, .result = &result};
	int err = ebpf_check_step(&check, UINT32_MAX);

	if (test->refused[0]) {
		if (!err)
			return wrong(path, test, "must be refused", "accepted");
		if (!strstr(result.reason, test->refused))
			return wrong(path, test, "refused for another reason", result.reason);
		return true;
	}
	return err ? wrong(path, test, "refused", result.reason) : true;
}

enum code { CHECKED, UNCHECKED, AS_LEAF };
static unsigned int leaves;

static bool judge(const char *path, const struct isa_case *test, const struct ebpf_run *run, int err, uint64_t r0,
		  enum code code)
{
	char got[64];

	if (test->stopped[0]) {
		if (!err)
			return wrong(path, test, "must be stopped", "ran to its end");
		if (!run->fault || !strstr(run->fault, test->stopped))
			return wrong(path, test, "stopped for another reason", run->fault ? run->fault : "none given");
	} else if (err) {
		return wrong(path, test, "stopped", run->fault ? run->fault : "no reason given");
	} else if (r0 != test->result) {
		snprintf(got, sizeof(got), "0x%llx instead of 0x%llx", (unsigned long long)r0,
			 (unsigned long long)test->result);
		return wrong(path, test, "result", got);
	}
	if (code != AS_LEAF && test->has_executed && ebpf_run_executed(run) != test->executed) {
		snprintf(got, sizeof(got), "%lld instead of %lld", (long long)ebpf_run_executed(run),
			 (long long)test->executed);
		return wrong(path, test, "instructions executed", got);
	}
	return true;
}

/*
 * One kind of decoded code. Stack and run are full of rubbish before: what the program sees must be clean. Leaf: if the
 * case is none there is nothing to do.
 */
static bool run_case(const char *path, const struct isa_case *test, enum code code)
{
	const bool checked = code == CHECKED;
	_Alignas(16) static uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];
	struct ebpf_op *ops = malloc(test->count * sizeof(*ops));
	uint8_t *mem = malloc(test->mem_size);
	struct ebpf_prog prog = {.insn_cnt = test->count, .ops = ops, .checked = checked};
	struct ebpf_decoder decoder = {.insns = test->insns,
				       .count = test->count,
				       .checked = checked,
				       .leaf = code == AS_LEAF,
				       .helper_of = helper_of,
				       .ops = ops};
	struct ebpf_run run;
	uint64_t r0 = 0x5a5a5a5a;
	bool good;
	int err;

	assert_non_null(ops);
	assert_true(ebpf_decode_step(&decoder, UINT32_MAX));
	prog.entry = decoder.entry;
	if (code == AS_LEAF && !(prog.entry & EBPF_ENTRY_LEAF)) {
		free(ops);
		free(mem);
		return true;
	}
	leaves += code == AS_LEAF;
	memset(stack, 0xa5, sizeof(stack));
	memset(&run, 0xa5, sizeof(run));
	run.leftovers = 0;
	if (test->mem_size)
		memcpy(mem, test->mem, test->mem_size);
	run.prog = &prog;
	run.arg[0] = test->mem_size ? (uintptr_t)mem : 0;
	run.arg[1] = test->mem_size;
	run.stack = stack;
	run.ctx = test->mem_size ? mem : NULL;
	run.ctx_size = test->mem_size;
	run.ctx_writable = !test->readonly;
	run.budget = test->budget ? test->budget : EBPF_RUN_BUDGET;
	run.hit = NULL;
	run.fault = NULL;
	err = ebpf_run(&run, &r0);
	good = judge(path, test, &run, err, r0, code);
	free(ops);
	free(mem);
	return good;
}

static bool one_case(const char *path, const struct isa_case *test)
{
	bool good;

	if (!check_case(path, test))
		return false;
	if (test->refused[0])
		return true;
	good = run_case(path, test, CHECKED);
	if (!test->checked_only)
		good &= run_case(path, test, UNCHECKED);
	/* what stops has not been verified */
	if (!test->checked_only && !test->stopped[0])
		good &= run_case(path, test, AS_LEAF);
	for (uint32_t i = 0; good && i < test->count; i++) {
		int row = ebpf_opcode_find(&test->insns[i]);

		if (row >= 0)
			exercised[row] = true;
	}
	return good;
}

/* ------------------------------------------------------------------- files */

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *text = malloc(1 << 20);

	assert_non_null(text);
	if (!file) {
		fprintf(stderr, "cannot open %s (run from the top of the tree)\n", path);
		exit(1);
	}
	*len = fread(text, 1, 1 << 20, file);
	assert_true(*len < 1 << 20);
	fclose(file);
	return text;
}

/* Returns the failures; *cases counts all. */
static unsigned int run_file(const char *path, unsigned int *cases)
{
	static struct isa_parser parser;
	static struct isa_case test;
	unsigned int failures = 0;
	size_t len;
	char *text = read_file(path, &len);
	int found;

	isa_parse_begin(&parser, text, len);
	while ((found = isa_parse_next(&parser, &test)) == 1) {
		++*cases;
		if (!one_case(path, &test))
			failures++;
	}
	if (found < 0) {
		if (loud)
			fprintf(stderr, "FAIL %s:%u: %s\n", path, parser.line, parser.error);
		failures++;
	}
	free(text);
	return failures;
}

static int is_data(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".data");
}

static void each_file(const char *dir, void (*use)(const char *path, void *arg), void *arg)
{
	struct dirent **names;
	int count = scandir(dir, &names, is_data, alphasort);

	if (count <= 0) {
		fprintf(stderr, "no data files in %s (run from the top of the tree)\n", dir);
		exit(1);
	}
	for (int i = 0; i < count; i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		use(path, arg);
		free(names[i]);
	}
	free(names);
}

static void count_failures(const char *path, void *arg)
{
	unsigned int cases = 0;

	*(unsigned int *)arg += run_file(path, &cases);
	if (!cases) {
		fprintf(stderr, "FAIL %s: no cases\n", path);
		++*(unsigned int *)arg;
	}
}

static void must_fail(const char *path, void *arg)
{
	unsigned int cases = 0;

	if (run_file(path, &cases) == 0) {
		fprintf(stderr, "FAIL %s: nothing in it failed\n", path);
		++*(unsigned int *)arg;
	}
}

/* -------------------------------------------------------------------- tests */

static void test_isa_data(void **state)
{
	unsigned int failures = 0;

	(void)state;
	loud = true;
	each_file(DATA_DIR, count_failures, &failures);
	assert_int_equal(failures, 0);
}

static void test_isa_coverage(void **state)
{
	unsigned int missing = 0;

	(void)state;
	for (unsigned int i = 0; i < EBPF_NR_OPS; i++)
		if (!exercised[i]) {
			fprintf(stderr, "no passing case has %s\n", ebpf_opcodes[i].name);
			missing++;
		}
	assert_int_equal(missing, 0);
	assert_true(leaves > 500);
}

static void test_isa_negative(void **state)
{
	unsigned int passed = 0;

	(void)state;
	loud = false;
	each_file(DATA_DIR "/negative", must_fail, &passed);
	assert_int_equal(passed, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_isa_data),
		cmocka_unit_test(test_isa_coverage),
		cmocka_unit_test(test_isa_negative),
	};

	if (argc > 1) {
		unsigned int cases = 0, failures;

		loud = true;
		failures = run_file(argv[1], &cases);
		printf("%u cases, %u failures\n", cases, failures);
		return failures || !cases;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
