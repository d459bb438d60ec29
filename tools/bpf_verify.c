/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf-verify: the verifier on the host.
 *
 *	bpf-verify [options] < program bytes in hex
 *
 * Prints the log (--log), the verdict in the last line ("accept", or "reject: "
 * and the reason), and exits 0 or 1; 2 for what is not a program. Helpers are
 * those of Linux, whether this firmware has them or not (--firmware: its own).
 */
#include "helper.h"
#include "uapi/sbi_ebpf.h"
#include "verifier.h"
#include "vproto.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES (64u << 20)
#define LOG_BYTES (4u << 20)
#define SLICE 100000

static const char usage[] =
	"usage: bpf-verify [--type kprobe] [--alignment strict|any] [--map INSN=TYPE/KEY/VALUE/ENTRIES/FLAGS]...\n"
	"                  [--log LEVEL] [--no-leaks] [--func-info] [--no-gpl] [--ctx-size N] [--memory BYTES] "
	"[--firmware]\n"
	"                  [--allow probe-write-user] [--allow override-return]\n"
	"                  < program bytes in hex\n"
	"TYPE is Linux's number or name (hash, array, percpu_array, ...).\n";

static void __attribute__((noreturn)) die(const char *what, const char *arg)
{
	fprintf(stderr, "bpf-verify: %s%s%s\n%s", what, arg ? ": " : "", arg ? arg : "", usage);
	exit(2);
}

/* ------------------------------------------------------------------------ maps */

static const struct {
	const char *name;
	uint32_t type;
} map_types[] = {
	{"hash", 1},	      {"array", 2},
	{"prog_array", 3},    {"perf_event_array", 4},
	{"percpu_hash", 5},   {"percpu_array", 6},
	{"stack_trace", 7},   {"cgroup_array", 8},
	{"lru_hash", 9},      {"lru_percpu_hash", 10},
	{"lpm_trie", 11},     {"array_of_maps", 12},
	{"hash_of_maps", 13}, {"queue", 22},
	{"stack", 23},	      {"ringbuf", 27},
	{"bloom_filter", 30},
};

struct map_ref {
	uint32_t insn;
	char spec[96];
};

static struct map_ref refs[EBPF_MAX_INSNS / 2];
static uint32_t nr_refs;
static struct ebpf_map maps[EBPF_MAX_USED_MAPS];
static char specs[EBPF_MAX_USED_MAPS][96];
static struct ebpf_map inner = {.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};

static const struct ebpf_map *inner_map(const struct ebpf_map *outer)
{
	(void)outer;
	return &inner;
}

static void add_ref(const char *arg)
{
	char *end;
	unsigned long insn = strtoul(arg, &end, 0);

	if (end == arg || *end != '=' || insn >= EBPF_MAX_INSNS || strlen(end) > sizeof(refs[0].spec) ||
	    nr_refs == sizeof(refs) / sizeof(refs[0]))
		die("not INSN=TYPE/KEY/VALUE/ENTRIES/FLAGS", arg);
	refs[nr_refs].insn = (uint32_t)insn;
	strcpy(refs[nr_refs++].spec, end + 1);
}

static uint32_t map_type(const char *name)
{
	char *end;
	unsigned long type = strtoul(name, &end, 0);

	if (end != name && !*end)
		return (uint32_t)type;
	for (size_t i = 0; i < sizeof(map_types) / sizeof(map_types[0]); i++)
		if (!strcasecmp(name, map_types[i].name))
			return map_types[i].type;
	die("unknown map type", name);
}

static uint32_t next_number(const char *spec)
{
	char *field = strtok(NULL, "/"), *end;
	unsigned long value;

	if (!field)
		return 0;
	value = strtoul(field, &end, 0);
	if (end == field || *end)
		die("not a number in a map's specification", spec);
	return (uint32_t)value;
}

/* The index of the map that this is; equal specifications name one map. */
static int map_index(struct ebpf_prog *prog, const char *spec)
{
	char copy[96], *type;
	struct ebpf_map *map;

	for (uint32_t i = 0; i < prog->nr_maps; i++)
		if (!strcmp(specs[i], spec))
			return (int)i;
	if (prog->nr_maps == EBPF_MAX_USED_MAPS)
		die("too many maps", spec);
	map = &maps[prog->nr_maps];
	strcpy(specs[prog->nr_maps], spec);
	strcpy(copy, spec);
	type = strtok(copy, "/");
	if (!type)
		die("no map type", spec);
	map->type = map_type(type);
	map->key_size = next_number(spec);
	map->value_size = next_number(spec);
	map->max_entries = next_number(spec);
	map->flags = next_number(spec);
	prog->maps[prog->nr_maps] = map;
	return (int)prog->nr_maps++;
}

static void refer(struct ebpf_prog *prog)
{
	for (uint32_t i = 0; i < nr_refs; i++) {
		struct bpf_insn *insn = &prog->insns[refs[i].insn];

		if (refs[i].insn >= prog->insn_cnt || insn->code != (BPF_LD | BPF_IMM | BPF_DW))
			die("--map names an instruction that is no wide load", refs[i].spec);
		if (insn->src_reg != BPF_PSEUDO_MAP_VALUE && insn->src_reg != BPF_PSEUDO_MAP_IDX_VALUE)
			insn->src_reg = BPF_PSEUDO_MAP_FD;
		else
			insn->src_reg = BPF_PSEUDO_MAP_VALUE;
		insn->imm = map_index(prog, refs[i].spec);
	}
}

/* References that no --map explains are to no map at all. */
static void unrefer(struct ebpf_prog *prog)
{
	for (uint32_t at = 0; at < prog->insn_cnt; at++) {
		bool named = false;

		if (prog->insns[at].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		for (uint32_t i = 0; i < nr_refs; i++)
			named |= refs[i].insn == at;
		if (!named &&
		    (prog->insns[at].src_reg == BPF_PSEUDO_MAP_FD || prog->insns[at].src_reg == BPF_PSEUDO_MAP_VALUE))
			prog->insns[at].imm = -1;
		at++;
	}
}

/* --------------------------------------------------------------------- program */

static int next_digit(void)
{
	int c;

	do
		c = getchar();
	while (isspace(c));
	if (c == EOF)
		return -1;
	if (!isxdigit(c))
		die("standard input is not hexadecimal", NULL);
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

static uint32_t read_program(struct bpf_insn *insns)
{
	uint8_t *bytes = (uint8_t *)insns;
	size_t n = 0;
	int high, low;

	while ((high = next_digit()) >= 0) {
		low = next_digit();
		if (low < 0 || n == EBPF_MAX_INSNS * sizeof(*insns))
			die(low < 0 ? "half a byte at the end" : "more than 65536 instructions", NULL);
		bytes[n++] = (uint8_t)(high << 4 | low);
	}
	if (n % sizeof(*insns))
		die("not a whole number of 8-byte instructions", NULL);
	return (uint32_t)(n / sizeof(*insns));
}

/* --------------------------------------------------------------------- verdict */

static struct ebpf_verifier_opts opts = {.helper_of = ebpf_vproto_of, .inner_map = inner_map};
static bool gpl = true, timing;
static unsigned int log_level;
static struct ebpf_account account = {.limit = UINT64_MAX};

static void __attribute__((noreturn)) reject(const char *reason)
{
	printf("reject: %s\n", reason);
	exit(1);
}

/* What the firmware takes from the device tree's /chosen mbpf,allow */
static void allow(const char *what)
{
	if (!strcmp(what, "probe-write-user"))
		ebpf_policy_allow |= SBI_EBPF_FEATURE_WRITE_USER;
	else if (!strcmp(what, "override-return"))
		ebpf_policy_allow |= SBI_EBPF_FEATURE_OVERRIDE_RETURN;
	else
		die("not a policy", what);
}

static void parse(int argc, char **argv)
{
	enum {
		TYPE = 256,
		ALIGNMENT,
		MAP,
		LOG,
		NO_LEAKS,
		FUNC_INFO,
		NO_GPL,
		CTX_SIZE,
		MEMORY,
		FIRMWARE,
		ALLOW,
		STATS,
		HELP
	};
	static const struct option options[] = {
		{"type", required_argument, NULL, TYPE},     {"alignment", required_argument, NULL, ALIGNMENT},
		{"map", required_argument, NULL, MAP},	     {"log", required_argument, NULL, LOG},
		{"no-leaks", no_argument, NULL, NO_LEAKS},   {"func-info", no_argument, NULL, FUNC_INFO},
		{"no-gpl", no_argument, NULL, NO_GPL},	     {"ctx-size", required_argument, NULL, CTX_SIZE},
		{"memory", required_argument, NULL, MEMORY}, {"firmware", no_argument, NULL, FIRMWARE},
		{"allow", required_argument, NULL, ALLOW},   {"stats", no_argument, NULL, STATS},
		{"help", no_argument, NULL, HELP},	     {NULL, 0, NULL, 0}};
	int c;

	opts.strict = true;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (c) {
		case TYPE:
			if (strcmp(optarg, "kprobe") && strcmp(optarg, "2"))
				reject("program types other than kprobe are not supported");
			break;
		case ALIGNMENT:
			if (strcmp(optarg, "strict") && strcmp(optarg, "any"))
				die("alignment is strict or any", optarg);
			opts.strict = !strcmp(optarg, "strict");
			break;
		case MAP:
			add_ref(optarg);
			break;
		case LOG:
			log_level = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case NO_LEAKS:
			opts.no_leaks = true;
			break;
		case FUNC_INFO:
			opts.func_info = true;
			break;
		case NO_GPL:
			gpl = false;
			break;
		case CTX_SIZE:
			opts.ctx_size = (uint32_t)strtoul(optarg, NULL, 0);
			break;
		case MEMORY:
			account.limit = strtoull(optarg, NULL, 0);
			break;
		case FIRMWARE:
			opts.helper_of = NULL;
			break;
		case ALLOW:
			allow(optarg);
			break;
		case STATS:
			timing = true;
			break;
		case HELP:
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			die("see above", NULL);
		}
	}
	if (optind != argc)
		die("no such argument", argv[optind]);
}

static int verify(struct ebpf_prog *prog, struct ebpf_vlog *log)
{
	struct ebpf_verifier *v = ebpf_verifier_new(prog, &account, log, &opts);
	struct ebpf_verifier_stats stats;
	unsigned long slices = 0;
	char *text = malloc(LOG_BYTES + 1);
	int err;

	if (!v || !text)
		reject("out of memory");
	do {
		err = ebpf_verifier_step(v, SLICE);
		slices++;
	} while (err == -ERESTART);
	if (log_level && ebpf_vlog_read(log, text, LOG_BYTES + 1))
		fputs(text, stdout);
	ebpf_verifier_stats(v, &stats);
	if (timing)
		printf("insns %u states %u peak %u bytes %llu slices %lu\n", stats.insns, stats.states, stats.peak,
		       (unsigned long long)stats.max_bytes, slices);
	if (err)
		printf("reject: %s\n", ebpf_verifier_reason(v));
	else
		puts("accept");
	while (!ebpf_verifier_free(v))
		;
	free(text);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct bpf_insn insns[EBPF_MAX_INSNS];
	static struct ebpf_prog prog;
	struct ebpf_vlog log;
	char *arena = aligned_alloc(4096, ARENA_BYTES), *buffer;

	parse(argc, argv);
	prog.insn_cnt = read_program(insns);
	prog.insns = insns;
	prog.type = BPF_PROG_TYPE_KPROBE;
	prog.gpl = gpl;
	refer(&prog);
	unrefer(&prog);
	buffer = malloc(LOG_BYTES);
	if (!arena || !buffer)
		die("out of memory", NULL);
	ebpf_arena_init(arena, ARENA_BYTES);
	ebpf_vlog_init(&log, buffer, log_level ? LOG_BYTES : 0, log_level);
	return verify(&prog, &log);
}
