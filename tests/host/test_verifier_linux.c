/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier beside Linux's own, where the machine that runs the tests offers
 * bpf(2) and has a Linux at least as new as the one the verifier follows: random
 * programs, and the cases of tests/verifier/ changed at random, are judged by both.
 * What is accepted here and refused there is a failure. (The other way round is
 * allowed now and then.) Elsewhere the test is skipped, with the reason.
 *
 * Linux has learnt things since 6.12 that the verifier does not follow, so that it accepts nothing which 6.12
 * refuses: since 6.14 an element of an array by a constant key is never NULL. What is refused for that is counted
 * apart.
 *
 * EBPF_FUZZ_SECONDS=n runs longer (default 4, and LEAST_PROGRAMS at least), EBPF_FUZZ_SEED=n begins elsewhere.
 */
#include "platform_host.h"
#include "verifier.h"
#include "verifier_data.h"
#include "verifier_gen.h"
#include "vproto.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define LEAST_MAJOR 6
#define LEAST_MINOR 18
#define LEAST_PROGRAMS 500u
#define ARENA_SIZE (32u << 20)
#define MAX_BASES 256u
#define MAX_INSNS 5000 /* loops without end are left alone: there are enough other programs */
#define MAX_KERNEL_MAPS 64u
#define LINUX_BPF_ATTR 144u /* bytes of attr that are passed */

/* bytes of a kprobe program's context in this Linux */
#if defined(__x86_64__)
#define CTX_SIZE 168u
#elif defined(__riscv) && __riscv_xlen == 64
#define CTX_SIZE 288u
#else
#define CTX_SIZE 0u
#endif

struct base {
	char name[96];
	struct bpf_insn insns[128];
	struct ebpf_map maps[8];
	uint32_t n, nr_maps;
	bool any;
};

static struct base bases[MAX_BASES], now;
static uint32_t nr_bases;
static struct bpf_insn theirs[256];
static struct gen gen;
static char why[400], linux_log[1 << 20];
static uint64_t seed;

/* ------------------------------------------------------------------------- Linux */

static long linux_bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, LINUX_BPF_ATTR);
}

static int linux_map(const struct ebpf_map *map)
{
	static struct {
		struct ebpf_map map;
		int fd;
	} known[MAX_KERNEL_MAPS];
	static uint32_t nr_known;
	union bpf_attr attr;

	for (uint32_t i = 0; i < nr_known; i++)
		if (known[i].map.type == map->type && known[i].map.key_size == map->key_size &&
		    known[i].map.value_size == map->value_size && known[i].map.max_entries == map->max_entries &&
		    known[i].map.flags == map->flags)
			return known[i].fd;
	if (nr_known == MAX_KERNEL_MAPS)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = map->type;
	attr.key_size = map->key_size;
	attr.value_size = map->value_size;
	attr.max_entries = map->max_entries;
	attr.map_flags = map->flags;
	known[nr_known].map = *map;
	known[nr_known].fd = (int)linux_bpf(BPF_MAP_CREATE, &attr);
	return known[nr_known++].fd;
}

/* 0: accepted, or errno. */
static int linux_judges(const struct base *p, uint32_t log_level)
{
	union bpf_attr attr;
	long fd;

	memcpy(theirs, p->insns, p->n * sizeof(p->insns[0]));
	for (uint32_t i = 0; i + 1 < p->n; i++)
		if (theirs[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    (theirs[i].src_reg == BPF_PSEUDO_MAP_FD || theirs[i].src_reg == BPF_PSEUDO_MAP_VALUE)) {
			uint32_t map = (uint32_t)theirs[i].imm;

			theirs[i].imm = map < p->nr_maps ? linux_map(&p->maps[map]) : -1;
		}
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_KPROBE;
	attr.insns = (uintptr_t)theirs;
	attr.insn_cnt = p->n;
	attr.license = (uintptr_t) "GPL";
	attr.prog_flags = p->any ? BPF_F_ANY_ALIGNMENT : BPF_F_STRICT_ALIGNMENT;
	attr.log_level = log_level;
	attr.log_buf = log_level ? (uintptr_t)linux_log : 0;
	attr.log_size = log_level ? sizeof(linux_log) : 0;
	linux_log[0] = 0;
	fd = linux_bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		return errno;
	close((int)fd);
	return 0;
}

/* Why this cannot be tried here, or NULL */
static const char *missing(void)
{
	const struct base smallest = {.insns = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}},
				      .n = 2};
	struct utsname name;
	unsigned int major, minor;
	int err;

	if (!CTX_SIZE)
		return "no context of a kprobe is known for this architecture";
	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return "the version of this kernel is not known";
	if (strcmp(name.sysname, "Linux") || major < LEAST_MAJOR || (major == LEAST_MAJOR && minor < LEAST_MINOR)) {
		snprintf(why, sizeof(why), "%s %s is older than Linux %u.%u, which the verifier follows", name.sysname,
			 name.release, LEAST_MAJOR, LEAST_MINOR);
		return why;
	}
	err = linux_judges(&smallest, 0);
	if (!err)
		return NULL;
	snprintf(why, sizeof(why), "bpf(2) is not offered: %s", strerror(err));
	return why;
}

/* -------------------------------------------------------------------------- ours */

static int we_judge(const struct base *p)
{
	const struct ebpf_verifier_opts opts = {.ctx_size = CTX_SIZE, .strict = !p->any, .helper_of = ebpf_vproto_of};
	static struct bpf_insn copy[256];
	static struct ebpf_map maps[8];
	struct ebpf_prog mine = {.insns = copy, .insn_cnt = p->n, .type = BPF_PROG_TYPE_KPROBE, .gpl = true};
	struct ebpf_vlog log;
	struct ebpf_verifier_stats stats;
	struct ebpf_verifier *v;
	int err;

	memcpy(copy, p->insns, sizeof(copy[0]) * p->n);
	memcpy(maps, p->maps, sizeof(maps));
	for (uint32_t i = 0; i < p->nr_maps; i++)
		mine.maps[mine.nr_maps++] = &maps[i];
	ebpf_vlog_init(&log, NULL, 0, 0);
	v = ebpf_verifier_new(&mine, NULL, &log, &opts);
	assert_non_null(v);
	do {
		err = ebpf_verifier_step(v, 100000);
		ebpf_verifier_stats(v, &stats);
	} while (err == -ERESTART && stats.insns < MAX_INSNS);
	snprintf(why, sizeof(why), "%s", ebpf_verifier_reason(v));
	while (!ebpf_verifier_free(v))
		;
	return err;
}

/* ---------------------------------------------------------------------- programs */

static void add_base(const char *path)
{
	struct base *base = &bases[nr_bases];

	(void)path;
	/* Linux cannot be asked about these: no BTF is loaded, and it trusts who runs the tests. */
	if (test.func_info || test.noleaks || test.nogpl || prog.insn_cnt > 128 || nr_bases == MAX_BASES)
		return;
	snprintf(base->name, sizeof(base->name), "%s", test.name);
	memcpy(base->insns, insns, prog.insn_cnt * sizeof(insns[0]));
	memcpy(base->maps, test.maps, sizeof(base->maps));
	base->n = prog.insn_cnt;
	base->nr_maps = test.nr_maps;
	base->any = test.any;
	nr_bases++;
}

static void generate(void)
{
	gen_program(&gen, seed);
	memset(&now, 0, sizeof(now));
	snprintf(now.name, sizeof(now.name), "random");
	now.n = gen.n < 128 ? gen.n : 128;
	memcpy(now.insns, gen.insns, now.n * sizeof(now.insns[0]));
	now.maps[0] = (struct ebpf_map){
		.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = GEN_VALUE_SIZE, .max_entries = 2};
	now.nr_maps = 1;
	now.any = gen_below(&gen, 2);
}

static void change_code(struct bpf_insn *insn)
{
	static const uint8_t alu[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,  BPF_AND, BPF_LSH,
				      BPF_RSH, BPF_NEG, BPF_MOD, BPF_XOR, BPF_MOV, BPF_ARSH};
	static const uint8_t jumps[] = {BPF_JEQ,  BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
					BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE};
	static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};
	uint8_t class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	switch (class) {
	case BPF_ALU:
	case BPF_ALU64:
		insn->code = (uint8_t)((gen_below(&gen, 3) ? class : class ^ BPF_ALU ^ BPF_ALU64) |
				       alu[gen_below(&gen, sizeof(alu))] | BPF_SRC(insn->code));
		break;
	case BPF_JMP:
	case BPF_JMP32:
		if (op != BPF_CALL && op != BPF_EXIT && op != BPF_JA && op != BPF_JCOND)
			insn->code = (uint8_t)((gen_below(&gen, 3) ? class : class ^ BPF_JMP ^ BPF_JMP32) |
					       jumps[gen_below(&gen, sizeof(jumps))] | BPF_SRC(insn->code));
		break;
	default:
		insn->code = (uint8_t)((insn->code & ~0x18u) | sizes[gen_below(&gen, 4)]);
	}
}

static void change_one(void)
{
	struct bpf_insn *insn = &now.insns[gen_below(&gen, now.n)];

	if (insn->code == 0 || insn->code == (BPF_LD | BPF_IMM | BPF_DW))
		return;
	switch (gen_below(&gen, 6)) {
	case 0:
		insn->imm = gen_imm(&gen);
		break;
	case 1:
		insn->off = (int16_t)(insn->off + (int32_t)gen_below(&gen, 33) - 16);
		break;
	case 2:
		insn->dst_reg = gen_below(&gen, 11) & 15;
		break;
	case 3:
		insn->src_reg = gen_below(&gen, 11) & 15;
		break;
	case 4:
		change_code(insn);
		break;
	default:
		/* another instruction in its place */
		if (insn[0].code != (BPF_JMP | BPF_EXIT)) {
			const struct bpf_insn *other = &now.insns[gen_below(&gen, now.n)];

			if (other->code && other->code != (BPF_LD | BPF_IMM | BPF_DW))
				*insn = *other;
		}
	}
}

static void change(void)
{
	memset(&gen, 0, sizeof(gen));
	gen.seed = seed * 0x9e3779b97f4a7c15u + 0x7654321;
	gen_next(&gen);
	now = bases[gen_below(&gen, nr_bases)];
	for (uint32_t n = 1 + gen_below(&gen, 3); n; n--)
		change_one();
}

/* ---------------------------------------------------------------------- comparing */

static uint64_t tried, both_accept, both_refuse, only_linux, only_newer;

static void __attribute__((noreturn)) report(int err)
{
	size_t len;

	linux_judges(&now, 1);
	len = strlen(linux_log);
	fprintf(stderr, "seed %llu (%s): accepted, and refused by Linux with %s\n%s\nprogram (alignment %s): ",
		(unsigned long long)seed, now.name, strerror(err), linux_log + (len > 2000 ? len - 2000 : 0),
		now.any ? "any" : "strict");
	for (uint32_t i = 0; i < now.n * 8; i++)
		fprintf(stderr, "%02x", ((const uint8_t *)now.insns)[i]);
	fprintf(stderr, "\nagain: EBPF_FUZZ_SEED=%llu EBPF_FUZZ_SECONDS=1\n", (unsigned long long)seed);
	fail();
	abort();
}

/* What the head of this file names: elements by constant keys (6.14), and loads in front of an object (not in 7.2). */
static bool is_known_difference(void)
{
	return strstr(why, "map_value_or_null") || !strcmp(now.name, "pointer before its element, load in it");
}

static void one_program(void)
{
	int linux_err, err;

	if (seed % 3 == 0)
		generate();
	else
		change();
	err = we_judge(&now);
	if (err == -ERESTART)
		return;
	linux_err = linux_judges(&now, 0);
	/* Newer Linuxes know more of a value in places, and then walk more rounds of a loop, until they give up. */
	if (linux_err == ENOMEM || linux_err == EAGAIN || linux_err == EINTR || (!err && linux_err == E2BIG))
		return;
	tried++;
	both_accept += !err && !linux_err;
	both_refuse += err && linux_err;
	if (err && !linux_err && is_known_difference())
		only_newer++;
	else
		only_linux += err && !linux_err;
	if (err && !linux_err && getenv("EBPF_FUZZ_VERBOSE"))
		print_message("seed %llu (%s): refused here only: %s\n", (unsigned long long)seed, now.name, why);
	if (!err && linux_err)
		report(linux_err);
}

static uint64_t from_env(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void test_verifier_linux(void **state)
{
	uint64_t until = from_env("EBPF_FUZZ_SECONDS", 4);
	time_t begin = time(NULL);
	const char *reason = missing();

	(void)state;
	if (reason) {
		print_message("skipped: %s\n", reason);
		skip();
	}
	host_reset();
	host_arena_init(ARENA_SIZE);
	run_data(add_base);
	seed = from_env("EBPF_FUZZ_SEED", 1);
	for (; tried < LEAST_PROGRAMS || (uint64_t)(time(NULL) - begin) < until; seed++)
		one_program();
	print_message("%llu programs: both accept %llu, both refuse %llu, refused here only %llu, and as 6.12 or 7.2 "
		      "do %llu\n",
		      (unsigned long long)tried, (unsigned long long)both_accept, (unsigned long long)both_refuse,
		      (unsigned long long)only_linux, (unsigned long long)only_newer);
	assert_true(nr_bases > 50 && both_accept > tried / 10 && both_refuse > tried / 10);
	assert_true(only_linux * 100 <= (both_accept + only_linux) * 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_verifier_linux)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
