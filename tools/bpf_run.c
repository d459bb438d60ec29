/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf-run [--no-verify] [--repeat N] [memory-hex]
 *
 * The engine on the host: reads a program as hex bytes from stdin, runs it with
 * r1 = address of the memory (0 if none is given) and r2 = its length, prints r0
 * in hex. Exit 0; on refusal or fault a sentence on stderr and exit 1.
 *
 * The program is verified as a kprobe program whose context is the memory, and
 * then runs without checks.
 *
 * --no-verify skips the verifier: the program runs with run-time checks on
 * every access. It may then call, besides the firmware's own helpers, those
 * that the public conformance suites test with; they have the numbers 0 to 5.
 * --repeat runs it N times on fresh memory, for measurements.
 */
#include "decode.h"
#include "helper.h"
#include "run.h"
#include "uapi/errno.h"
#include "verifier.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERIFIER_ARENA (64u << 20)

static jmp_buf unwound;

static void die(const char *message)
{
	fprintf(stderr, "bpf-run: %s\n", message);
	exit(1);
}

/* ------------------------------------------------ helpers of the conformance suites */

static uint64_t gather_bytes(struct ebpf_run *run, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	(void)run;
	return (a & 0xff) << 32 | (b & 0xff) << 24 | (c & 0xff) << 16 | (d & 0xff) << 8 | (e & 0xff);
}

static uint64_t memfrob_bytes(struct ebpf_run *run, uint64_t addr, uint64_t len, uint64_t c, uint64_t d, uint64_t e)
{
	uint8_t *bytes = (uint8_t *)(uintptr_t)addr;

	(void)run, (void)c, (void)d, (void)e;
	for (uint64_t i = 0; i < len; i++)
		bytes[i] ^= 42;
	return addr;
}

static uint64_t do_nothing(struct ebpf_run *run, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	(void)run, (void)a, (void)b, (void)c, (void)d, (void)e;
	return 0;
}

static uint64_t integer_sqrt(struct ebpf_run *run, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	uint64_t root = 0;

	(void)run, (void)b, (void)c, (void)d, (void)e;
	for (uint64_t bit = 1u << 15; bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= (uint32_t)a)
			root |= bit;
	return root;
}

/* Strings are checked byte by byte: their length is not known before. A bad one is -EFAULT. */
static uint64_t compare_strings(struct ebpf_run *run, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	(void)c, (void)d, (void)e;
	for (;; a++, b++) {
		uint8_t left, right;

		if (!ebpf_run_mem_ok(run, a, 1, false) || !ebpf_run_mem_ok(run, b, 1, false))
			return (uint64_t)-EFAULT;
		left = *(const uint8_t *)(uintptr_t)a;
		right = *(const uint8_t *)(uintptr_t)b;
		if (left != right || !left)
			return (uint64_t)(int64_t)(left - right);
	}
}

/* Ends the program with result 0 if its argument is 0. */
static uint64_t unwind_if_zero(struct ebpf_run *run, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	(void)run, (void)b, (void)c, (void)d, (void)e;
	if (!a)
		longjmp(unwound, 1);
	return a;
}

static const struct ebpf_helper suite_helpers[] = {
	{.name = "gather_bytes",
	 .fn = gather_bytes,
	 .arg = {EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING}},
	{.name = "memfrob", .fn = memfrob_bytes, .arg = {EBPF_ARG_MEM_UNINIT, EBPF_ARG_SIZE_OR_ZERO}},
	{.name = "do_nothing", .fn = do_nothing},
	{.name = "sqrti", .fn = integer_sqrt, .arg = {EBPF_ARG_ANYTHING}},
	{.name = "strcmp_ext", .fn = compare_strings, .arg = {EBPF_ARG_ANYTHING, EBPF_ARG_ANYTHING}},
	{.name = "unwind", .fn = unwind_if_zero, .arg = {EBPF_ARG_ANYTHING}},
};

static const struct ebpf_helper *helper_of(uint32_t id, bool rcore)
{
	if (id < sizeof(suite_helpers) / sizeof(suite_helpers[0]))
		return &suite_helpers[id];
	return ebpf_helper_of(id, rcore);
}

/* -------------------------------------------------------------------- input */

static int nibble(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hex digits, white space between bytes allowed. Returns the number of bytes. */
static size_t parse_hex(const char *text, size_t len, uint8_t *bytes, const char *what)
{
	size_t count = 0;
	int high = -1;

	for (size_t i = 0; i < len; i++) {
		int digit = nibble((unsigned char)text[i]);

		if (digit < 0 && high < 0 && strchr(" \t\r\n", text[i]) && text[i])
			continue;
		if (digit < 0) {
			fprintf(stderr, "bpf-run: %s: not a hex digit at character %zu\n", what, i + 1);
			exit(1);
		}
		if (high < 0) {
			high = digit;
			continue;
		}
		bytes[count++] = (uint8_t)(high << 4 | digit);
		high = -1;
	}
	if (high >= 0) {
		fprintf(stderr, "bpf-run: %s: odd number of hex digits\n", what);
		exit(1);
	}
	return count;
}

static void read_program(struct ebpf_prog *prog)
{
	static char text[EBPF_MAX_INSNS * 8 * 3 + 2];
	size_t len = fread(text, 1, sizeof(text), stdin), bytes;

	if (ferror(stdin))
		die("cannot read the program from standard input");
	if (len == sizeof(text))
		die("program is too large");
	/* len / 2 bytes at most, an incomplete last instruction included */
	prog->insns = calloc(len / 16 + 1, sizeof(*prog->insns));
	prog->ops = calloc(len / 16 + 1, sizeof(*prog->ops));
	if (!prog->insns || !prog->ops)
		die("out of memory");
	bytes = parse_hex(text, len, (uint8_t *)prog->insns, "program");
	if (bytes % 8)
		die("program is not a whole number of 8-byte instructions");
	prog->insn_cnt = (uint32_t)(bytes / 8);
}

/* --------------------------------------------------------------------- work */

static void load_program(struct ebpf_prog *prog)
{
	struct ebpf_check_result result;
	struct ebpf_check check = {
		.insns = prog->insns, .count = prog->insn_cnt, .helper_of = helper_of, .result = &result};
	struct ebpf_decoder decoder = {.insns = prog->insns,
				       .count = prog->insn_cnt,
				       .checked = prog->checked,
				       .helper_of = helper_of,
				       .ops = prog->ops};

	if (ebpf_check_step(&check, UINT32_MAX)) {
		fprintf(stderr, "bpf-run: refused: %s (insn %u)\n", result.reason, result.pc);
		exit(1);
	}
	if (!ebpf_decode_step(&decoder, UINT32_MAX))
		die("the decoder did not finish");
	prog->entry = decoder.entry;
}

/* As a kprobe program whose context is the memory: that is read-only. What is accepted runs without checks. */
static void verify_program(struct ebpf_prog *prog, size_t size)
{
	static struct ebpf_account account = {.limit = UINT64_MAX};
	const struct ebpf_verifier_opts opts = {.ctx_size = (uint32_t)size, .no_ctx = !size};
	void *arena = aligned_alloc(4096, VERIFIER_ARENA);
	struct ebpf_verifier *v;
	struct ebpf_vlog log;
	int err;

	if (!arena)
		die("out of memory");
	ebpf_arena_init(arena, VERIFIER_ARENA);
	ebpf_vlog_init(&log, NULL, 0, 0);
	prog->gpl = true;
	v = ebpf_verifier_new(prog, &account, &log, &opts);
	if (!v)
		die("out of memory");
	do
		err = ebpf_verifier_step(v, INT32_MAX);
	while (err == -ERESTART);
	if (err) {
		fprintf(stderr, "bpf-run: refused: %s (insn %u)\n", ebpf_verifier_reason(v), ebpf_verifier_insn(v));
		exit(1);
	}
	while (!ebpf_verifier_free(v))
		;
	free(arena);
	prog->checked = false;
}

static uint64_t run_program(struct ebpf_prog *prog, uint8_t *memory, size_t size)
{
	static _Alignas(16) uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];
	static struct ebpf_run run;
	uint64_t r0 = 0;

	run = (struct ebpf_run){
		.prog = prog,
		.arg = {(uintptr_t)memory, size},
		.stack = stack,
		.ctx = memory,
		.ctx_size = (uint32_t)size,
		.ctx_writable = true,
		.budget = EBPF_RUN_BUDGET,
	};
	if (setjmp(unwound))
		return 0;
	if (ebpf_run(&run, &r0)) {
		fprintf(stderr, "bpf-run: stopped: %s (insn %u, address 0x%llx)\n", run.fault, run.fault_pc,
			(unsigned long long)run.fault_addr);
		exit(1);
	}
	return r0;
}

static void usage(void)
{
	die("usage: bpf-run [--no-verify] [--repeat N] [memory-hex] < program-hex");
}

int main(int argc, char **argv)
{
	struct ebpf_prog prog = {.type = BPF_PROG_TYPE_KPROBE, .checked = true};
	uint8_t *memory = NULL, *fresh = NULL;
	unsigned long repeat = 1;
	bool verify = true;
	size_t size = 0;
	uint64_t r0 = 0;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		char *end;

		if (!strcmp(argv[i], "--no-verify")) {
			verify = false;
		} else if (!strcmp(argv[i], "--repeat") && i + 1 < argc) {
			errno = 0;
			repeat = strtoul(argv[++i], &end, 10);
			if (errno || *end || end == argv[i] || !repeat || argv[i][0] == '-')
				die("--repeat takes a number greater than 0");
		} else {
			usage();
		}
	}
	if (i + 1 < argc)
		usage();
	if (i < argc && argv[i][0]) {
		size_t len = strlen(argv[i]);

		memory = malloc(len);
		fresh = malloc(len);
		if (!memory || !fresh)
			die("out of memory");
		size = parse_hex(argv[i], len, fresh, "memory");
	}
	read_program(&prog);
	if (verify)
		verify_program(&prog, size);
	load_program(&prog);
	while (repeat--) {
		if (size)
			memcpy(memory, fresh, size);
		r0 = run_program(&prog, size ? memory : NULL, size);
	}
	printf("0x%llx\n", (unsigned long long)r0);
	free(memory);
	free(fresh);
	free(prog.insns);
	free(prog.ops);
	return 0;
}
