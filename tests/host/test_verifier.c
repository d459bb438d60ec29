/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the cases of tests/verifier/ *.data: programs with the verdict and, if
 * they are refused, the reason. Instructions are written as in tests/isa; beside
 * them there are
 *
 *	.map NAME TYPE/KEY/VALUE/ENTRIES/FLAGS	a map of the program
 *	map REG NAME		the wide load that refers to it
 *	value REG NAME OFF	a pointer into its value
 *	func REG LABEL		a pointer to a function
 *	.options WORD ...	any (alignment), nogpl, func_info, noleaks
 *	.most N			at most N instructions may be looked at
 *	.context used, or unused	is r1 found to be looked at?
 *	.accept, or .reject TEXT  the verdict; TEXT is part of the reason
 *
 * Then what no data file can say: slices, memory that runs out, logs.
 */
#include "platform_host.h"
#include "verifier.h"
#include "vproto.h"

/* The assembler of tests/isa: its object file is not linked with every test. */
#include "../isa/isa_parse.c"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define DATA_DIR "tests/verifier"
#define ARENA_SIZE (16u << 20)
#define MAGIC 0x6d617000u /* upper half of the constants that stand for references */
#define MAX_FUNCS 8

struct test_case {
	char name[96];
	char text[8192]; /* instructions, for the assembler */
	struct ebpf_map maps[8];
	char map_names[8][16];
	uint32_t nr_maps;
	char funcs[MAX_FUNCS][32];
	uint32_t nr_funcs, most;
	bool any, nogpl, func_info, noleaks, accept, done;
	const char *context; /* "used", "unused", or NULL: does not matter */
	char reason[256];
};

static struct test_case test;
static struct ebpf_prog prog;
static struct bpf_insn insns[ISA_MAX_INSNS];
static char log_text[65536], reason[256];
static struct ebpf_verifier_stats stats;
static bool uses_ctx;

/* ------------------------------------------------------------------------ verifying */

static int verify_with(struct ebpf_account *account, int64_t credit, uint32_t log_level, uint32_t log_size)
{
	static char buffer[65536];
	struct ebpf_verifier_opts opts = {.strict = !test.any,
					  .no_leaks = test.noleaks,
					  .func_info = test.func_info,
					  .helper_of = ebpf_vproto_of};
	struct ebpf_vlog log;
	struct ebpf_verifier *v;
	int err;

	ebpf_vlog_init(&log, buffer, log_size, log_level);
	v = ebpf_verifier_new(&prog, account, &log, &opts);
	if (!v)
		return -ENOMEM;
	do
		err = ebpf_verifier_step(v, credit);
	while (err == -ERESTART);
	snprintf(reason, sizeof(reason), "%s", ebpf_verifier_reason(v));
	ebpf_vlog_read(&log, log_text, sizeof(log_text));
	ebpf_verifier_stats(v, &stats);
	uses_ctx = ebpf_verifier_uses_ctx(v);
	while (!ebpf_verifier_free(v))
		;
	return err;
}

/* ------------------------------------------------------------------------- parsing */

static uint32_t map_type(const char *name)
{
	static const struct {
		const char *name;
		uint32_t type;
	} types[] = {{"hash", BPF_MAP_TYPE_HASH},
		     {"array", BPF_MAP_TYPE_ARRAY},
		     {"prog_array", BPF_MAP_TYPE_PROG_ARRAY},
		     {"ringbuf", BPF_MAP_TYPE_RINGBUF}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(name, types[i].name))
			return types[i].type;
	fail_msg("%s: unknown map type %s", test.name, name);
	return 0;
}

static void add_map(const char *args)
{
	struct ebpf_map *map = &test.maps[test.nr_maps];
	char type[32];

	if (sscanf(args, "%15s %31[^/]/%u/%u/%u/%u", test.map_names[test.nr_maps], type, &map->key_size,
		   &map->value_size, &map->max_entries, &map->flags) != 6)
		fail_msg("%s: bad .map %s", test.name, args);
	map->type = map_type(type);
	test.nr_maps++;
}

static uint32_t map_named(const char *name)
{
	for (uint32_t i = 0; i < test.nr_maps; i++)
		if (!strcmp(name, test.map_names[i]))
			return i;
	fail_msg("%s: no map %s", test.name, name);
	return 0;
}

static void add_text(const char *fmt, ...)
{
	size_t len = strlen(test.text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(test.text + len, sizeof(test.text) - len, fmt, args);
	va_end(args);
}

/* References become constants that are found again after assembling. */
static void add_line(const char *line)
{
	char reg[8], name[32];
	int off;

	if (sscanf(line, " map %7s %31s", reg, name) == 2) {
		add_text("\tlddw %s 0x%x%08x\n", reg, MAGIC + 1, map_named(name));
	} else if (sscanf(line, " value %7s %31s %d", reg, name, &off) == 3) {
		add_text("\tlddw %s 0x%x%08x\n", reg, MAGIC + 2, map_named(name) << 16 | (uint32_t)off);
	} else if (sscanf(line, " func %7s %31s", reg, name) == 2) {
		strcpy(test.funcs[test.nr_funcs], name);
		add_text("\tlddw %s 0x%x%08x\n", reg, MAGIC + 4, test.nr_funcs++);
	} else {
		add_text("%s\n", line);
	}
}

static void set_options(const char *words)
{
	test.any = strstr(words, "any");
	test.nogpl = strstr(words, "nogpl");
	test.func_info = strstr(words, "func_info");
	test.noleaks = strstr(words, "noleaks");
}

/* Slot of a label: the assembler is asked with a jump in its place. */
static uint32_t label_slot(const char *label)
{
	static struct isa_parser parser;
	static struct isa_case out;
	static char text[9000];

	snprintf(text, sizeof(text), ".case label\n\tja %s\n%s\n.result 0\n", label, test.text);
	isa_parse_begin(&parser, text, strlen(text));
	if (isa_parse_next(&parser, &out) != 1)
		fail_msg("%s: %s", test.name, parser.error);
	return (uint32_t)out.insns[0].off;
}

static void make_references(void)
{
	for (uint32_t i = 0; i + 1 < prog.insn_cnt; i++) {
		struct bpf_insn *insn = &insns[i];
		uint32_t kind = (uint32_t)insn[1].imm - MAGIC, what = (uint32_t)insn->imm;

		if (insn->code != (BPF_LD | BPF_IMM | BPF_DW) || !kind || kind > 4)
			continue;
		insn->src_reg = kind & 7;
		insn[1].imm = kind == 2 ? (int32_t)(what & 0xffff) : 0;
		insn->imm = kind == 2	? (int32_t)(what >> 16)
			    : kind == 4 ? (int32_t)(label_slot(test.funcs[what]) - i - 1)
					: (int32_t)what;
	}
}

static void assemble(void)
{
	static struct isa_parser parser;
	static struct isa_case out;
	static char text[9000];

	snprintf(text, sizeof(text), ".case %s\n%s\n.result 0\n", test.name, test.text);
	isa_parse_begin(&parser, text, strlen(text));
	if (isa_parse_next(&parser, &out) != 1)
		fail_msg("%s: line %u: %s", test.name, parser.line, parser.error);
	memset(&prog, 0, sizeof(prog));
	memcpy(insns, out.insns, sizeof(insns));
	prog.insns = insns;
	prog.insn_cnt = out.count;
	prog.type = BPF_PROG_TYPE_KPROBE;
	prog.gpl = !test.nogpl;
	for (uint32_t i = 0; i < test.nr_maps; i++)
		prog.maps[prog.nr_maps++] = &test.maps[i];
	make_references();
}

/* ----------------------------------------------------------------------- data files */

static unsigned int cases, failures;

static void wrong(const char *path, const char *what)
{
	failures++;
	print_error("%s: %s: %s\n%s", path, test.name, what, log_text);
}

static void run_case(const char *path)
{
	static struct bpf_insn before[ISA_MAX_INSNS];
	size_t free_bytes = ebpf_arena_free_bytes();
	char first[sizeof(reason)];
	int err;

	cases++;
	assemble();
	memcpy(before, insns, sizeof(before));
	err = verify_with(NULL, 100000, 1, sizeof(log_text));
	if (!err != test.accept)
		wrong(path, err ? "refused" : "accepted");
	else if (err && !strstr(reason, test.reason))
		wrong(path, reason);
	if (test.most && stats.insns > test.most)
		wrong(path, "too many instructions looked at");
	if (test.context && uses_ctx != !strcmp(test.context, "used"))
		wrong(path, "wrong about the context");
	if (err && !strstr(log_text, reason))
		wrong(path, "the reason is not in the log");
	strcpy(first, reason);
	/* In the smallest slices it must come to the same. */
	memcpy(insns, before, sizeof(before));
	if (verify_with(NULL, 1, 0, 0) != err || strcmp(first, reason))
		wrong(path, "another verdict in small slices");
	if (ebpf_arena_free_bytes() != free_bytes)
		wrong(path, "memory lost");
}

static void begin_case(const char *name)
{
	memset(&test, 0, sizeof(test));
	snprintf(test.name, sizeof(test.name), "%s", name);
}

static void run_line(const char *path, char *line)
{
	if (!strncmp(line, ".case ", 6)) {
		begin_case(line + 6);
	} else if (!strncmp(line, ".map ", 5)) {
		add_map(line + 5);
	} else if (!strncmp(line, ".options ", 9)) {
		set_options(line + 9);
	} else if (!strncmp(line, ".most ", 6)) {
		test.most = (uint32_t)strtoul(line + 6, NULL, 0);
	} else if (!strncmp(line, ".context ", 9)) {
		test.context = strcmp(line + 9, "used") ? "unused" : "used";
	} else if (!strcmp(line, ".accept") || !strncmp(line, ".reject ", 8)) {
		test.accept = line[1] == 'a';
		snprintf(test.reason, sizeof(test.reason), "%s", test.accept ? "" : line + 8);
		run_case(path);
		test.done = true;
	} else if (*line && *line != '#') {
		if (test.done || !*test.name)
			fail_msg("%s: %s: instruction outside of a case", path, line);
		add_line(line);
	}
}

static void run_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		run_line(path, line);
	}
	fclose(file);
	assert_true(test.done); /* the last case has a verdict */
}

static void test_verifier_data(void **state)
{
	DIR *dir = opendir(DATA_DIR);
	struct dirent *entry;
	char path[512];

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 5, ".data"))
			continue;
		snprintf(path, sizeof(path), DATA_DIR "/%s", entry->d_name);
		run_file(path);
	}
	closedir(dir);
	print_message("%u cases, %u wrong\n", cases, failures);
	assert_true(cases > 100);
	assert_int_equal(failures, 0);
}

/* --------------------------------------------------------------------- beyond verdicts */

static void use(const char *listing)
{
	begin_case("listing");
	add_text("%s", listing);
	assemble();
}

static const char branchy[] = "	ldxdw r6 [r1+0]\n	mov64_k r0 0\n	jset_k r6 1 +1\n	add64_k r0 1\n"
			      "	jset_k r6 2 +1\n	add64_k r0 1\n	stxdw [r10-8] r0\n	jset_k r6 4 +1\n"
			      "	add64_k r0 1\n	mov64_x r1 r0\n	call_local fn\n	exit\nfn:\n	mov64_x r0 r1\n"
			      "	jgt_k r0 1 +1\n	add64_k r0 1\n	exit\n";

/* Each allocation fails in turn: -ENOMEM, and nothing is lost. */
static void test_verifier_memory_fails(void **state)
{
	size_t free_bytes = ebpf_arena_free_bytes();
	uint64_t n;

	(void)state;
	for (n = 1;; n++) {
		int err;

		use(branchy);
		ebpf_arena_fail(n, false);
		err = verify_with(NULL, 100000, 0, 0);
		assert_int_equal(ebpf_arena_free_bytes(), free_bytes);
		if (ebpf_arena_allocs() < n) {
			assert_int_equal(err, 0);
			break;
		}
		assert_int_equal(err, -ENOMEM);
	}
	ebpf_arena_fail(0, false);
	assert_true(n > 6);
}

/* The loader's quota bounds it, and gets back what was taken. */
static void test_verifier_quota(void **state)
{
	struct ebpf_account account = {.limit = 100000};

	(void)state;
	use("	mov64_k r0 0\n	ldxdw r2 [r1+0]\nagain:\n	jset_k r2 1 +1\n	add64_k r2 1\n	add64_k r0 1\n"
	    "	jlt_k r0 5000 again\n	exit\n");
	assert_int_equal(verify_with(&account, 100000, 1, sizeof(log_text)), -ENOMEM);
	assert_int_equal(account.used, 0);
	assert_non_null(strstr(log_text, "out of memory"));
}

/* Instructions that no path reaches are made harmless. */
static void test_verifier_dead_code(void **state)
{
	(void)state;
	use("	mov64_k r0 0\n	jeq_k r0 0 over\n	ldxdw r0 [r9+0]\nover:\n	exit\n");
	assert_int_equal(verify_with(NULL, 100000, 0, 0), 0);
	assert_int_equal(insns[2].code, BPF_JMP | BPF_JA);
	assert_int_equal(insns[2].off, -1);
	assert_int_equal(insns[1].code, BPF_JMP | BPF_JEQ | BPF_K);
}

static void test_verifier_log(void **state)
{
	(void)state;
	use("	ldxdw r2 [r1+0]\n	jgt_k r2 3 +1\n	exit\n	mov64_k r0 0\n	exit\n");
	assert_int_equal(verify_with(NULL, 100000, 1, sizeof(log_text)), -EACCES);
	assert_non_null(strstr(log_text, "2: (95) exit\nR0 !read_ok\n"));
	assert_non_null(strstr(log_text, "path: "));
	assert_non_null(strstr(log_text, "hint: "));
	assert_non_null(strstr(log_text, "processed 3 insns"));
	/* Level 2 has the state */
	use("	mov64_k r0 5\n	exit\n");
	assert_int_equal(verify_with(NULL, 100000, 2, sizeof(log_text)), 0);
	assert_non_null(strstr(log_text, "R0=5 R1=ctx() R10=fp0"));
	/* Level 4: statistics alone */
	use("	mov64_k r0 5\n	exit\n");
	assert_int_equal(verify_with(NULL, 100000, 4, sizeof(log_text)), 0);
	assert_int_equal(strncmp(log_text, "processed 2 insns", 17), 0);
}

/* A short buffer keeps the end, where the reason is; with the fixed flag the beginning. */
static void test_verifier_log_short(void **state)
{
	(void)state;
	use(branchy);
	insns[0].src_reg = 3;
	assert_int_equal(verify_with(NULL, 100000, 1, 128), -EACCES);
	assert_true(strlen(log_text) <= 128);
	assert_non_null(strstr(log_text, "processed 1 insns"));
	assert_int_equal(verify_with(NULL, 100000, 1 | EBPF_VLOG_FIXED, 20), -EACCES);
	assert_int_equal(strlen(log_text), 20);
	assert_int_equal(strncmp(log_text, "0: ", 3), 0);
}

/* Whatever the bits, an answer comes. */
static void test_verifier_garbage(void **state)
{
	uint64_t x = 88172645463325252u;

	(void)state;
	use("	exit\n");
	for (unsigned int round = 0; round < 3000; round++) {
		prog.insn_cnt = 1 + round % 12;
		for (uint32_t i = 0; i < prog.insn_cnt; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			memcpy(&insns[i], &x, 8);
			if (round & 1)
				insns[i].dst_reg = insns[i].src_reg = (x >> 40) % 11 & 15;
			if (round & 2)
				insns[i].off = (int16_t)((x >> 20) % 7);
		}
		verify_with(NULL, 1000, round % 3, sizeof(log_text));
	}
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	host_arena_init(ARENA_SIZE);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_verifier_data, setup),
		cmocka_unit_test_setup(test_verifier_memory_fails, setup),
		cmocka_unit_test_setup(test_verifier_quota, setup),
		cmocka_unit_test_setup(test_verifier_dead_code, setup),
		cmocka_unit_test_setup(test_verifier_log, setup),
		cmocka_unit_test_setup(test_verifier_log_short, setup),
		cmocka_unit_test_setup(test_verifier_garbage, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
