/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the cases of tests/verifier/ *.data (verifier_data.h). Then what no data
 * file can say: slices, memory that runs out, logs.
 */
#include "platform_host.h"
#include "verifier.h"
#include "verifier_data.h"
#include "vproto.h"

#define ARENA_SIZE (16u << 20)

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
	uses_ctx = ebpf_verifier_ctx_words(v) & ~EBPF_CTX_LIGHT;
	while (!ebpf_verifier_free(v))
		;
	return err;
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

static void test_verifier_data(void **state)
{
	(void)state;
	run_data(run_case);
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
	assert_int_equal(strncmp(log_text, "verification time ", 18), 0);
	assert_non_null(
		strstr(log_text, " usec\nstack depth 0\nprocessed 2 insns (limit 1000000) max_states_per_insn 0 "));
	use("	mov64_x r2 r10\n	stdw [r10-24] 0\n	call_local fn\n	exit\nfn:\n	stdw [r10-8] "
	    "0\n	mov64_k r0 5\n	exit\n");
	assert_int_equal(verify_with(NULL, 100000, 4, sizeof(log_text)), 0);
	assert_non_null(strstr(log_text, "stack depth 24+8\n"));
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
