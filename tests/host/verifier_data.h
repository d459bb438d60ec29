/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cases of tests/verifier/ *.data: programs with the verdict and, if
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
 * Each case is assembled into `prog` and handed to the function given.
 */
#ifndef HOST_VERIFIER_DATA_H
#define HOST_VERIFIER_DATA_H

#include "map.h"
#include "prog.h"

/* The assembler of tests/isa: its object file is not linked with every test. */
#include "../isa/isa_parse.c"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define DATA_DIR "tests/verifier"
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

static void begin_case(const char *name)
{
	memset(&test, 0, sizeof(test));
	snprintf(test.name, sizeof(test.name), "%.*s", (int)sizeof(test.name) - 1, name);
}

static void run_line(const char *path, char *line, void (*run_case)(const char *path))
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
		assemble();
		run_case(path);
		test.done = true;
	} else if (*line && *line != '#') {
		if (test.done || !*test.name)
			fail_msg("%s: %s: instruction outside of a case", path, line);
		add_line(line);
	}
}

static void run_file(const char *path, void (*run_case)(const char *path))
{
	FILE *file = fopen(path, "r");
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		run_line(path, line, run_case);
	}
	fclose(file);
	assert_true(test.done); /* the last case has a verdict */
}

static void run_data(void (*run_case)(const char *path))
{
	DIR *dir = opendir(DATA_DIR);
	struct dirent *entry;
	char path[512];

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 5, ".data"))
			continue;
		snprintf(path, sizeof(path), DATA_DIR "/%s", entry->d_name);
		run_file(path, run_case);
	}
	closedir(dir);
}

#endif
