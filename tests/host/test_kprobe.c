// SPDX-License-Identifier: BSD-2-Clause
/*
 * Probe points on a fake machine: kernel text is an array, translation is off
 * (Bare), a program is three decoded instructions.
 */
#include "kprobe.h"
#include "probe.h"

#include "decode.h"
#include "helper.h"
#include "leaf.h"
#include "limits.h"
#include "platform_host.h"
#include "prog.h"
#include "trace.h"
#include "uapi/errno.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TEXT 0x80200000u
#define TEXT_SIZE 4096u
#define ARENA (1u << 20)

static _Alignas(8) uint8_t text[TEXT_SIZE];
static struct ebpf_prog prog, other;
static struct ebpf_op ops[2], leaf_ops[2];

static void put16(uint32_t offset, uint16_t half)
{
	memcpy(&text[offset], &half, sizeof(half));
}

static void put32(uint32_t offset, uint32_t word)
{
	memcpy(&text[offset], &word, sizeof(word));
}

static uint16_t get16(uint32_t offset)
{
	uint16_t half;

	memcpy(&half, &text[offset], sizeof(half));
	return half;
}

/* r0 = 0; exit */
static void make_prog(struct ebpf_prog *p)
{
	static const struct bpf_insn insns[2] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K},
		{.code = BPF_JMP | BPF_EXIT},
	};

	memset(p, 0, sizeof(*p));
	p->type = BPF_PROG_TYPE_KPROBE;
	p->checked = true;
	p->insn_cnt = 2;
	p->insns = (struct bpf_insn *)insns;
	ebpf_decode(insns, 2, false, ops);
	p->ops = ops;
}

/* The same as a leaf program: r0 = 0; exit, decoded for leaf.c */
static void make_leaf(struct ebpf_prog *p)
{
	struct ebpf_decoder decoder = {
		.insns = p->insns, .count = 2, .leaf = true, .helper_of = ebpf_helper_of, .ops = leaf_ops};

	assert_true(ebpf_decode_step(&decoder, UINT32_MAX));
	assert_true(decoder.entry & EBPF_ENTRY_LEAF);
	p->checked = false;
	p->entry = decoder.entry;
	p->ops = leaf_ops;
	p->special = EBPF_PROG_LEAF;
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	host_hart_count = 2;
	host_phys_add(TEXT, text, TEXT_SIZE, EBPF_ACCESS_READ | EBPF_ACCESS_WRITE | EBPF_ACCESS_EXEC);
	host_arena_init(ARENA);
	memset(text, 0, sizeof(text));
	put32(0, 0x00150513);  /* addi a0, a0, 1 */
	put16(4, 0x0509);      /* c.addi a0, 2 */
	put32(6, 0x00000297);  /* auipc t0, 0 */
	put32(10, 0x1005252f); /* lr.w a0, (a0) */
	put16(14, 0x8082);     /* ret */
	put16(16, 0x9002);     /* c.ebreak: the trampoline */
	put32(20, 0x10500073); /* wfi */
	put16(24, 0x9002);     /* c.ebreak: the kernel's own */
	put16(26, 0x84aa);     /* c.mv s1, a0 */
	put32(32, 0x1005252f); /* lr.w a0, (a0) */
	put16(36, 0x0505);     /* c.addi a0, 1 */
	put32(38, 0x18a5a5af); /* sc.w a1, a0, (a1) */
	put16(42, 0x0505);     /* c.addi a0, 1 */
	put32(44, 0x1005252f); /* lr.w a0, (a0) */
	put32(0xffe - 0x10, 0x00150513);
	make_prog(&prog);
	make_prog(&other);
	return ebpf_trace_init() || ebpf_kprobe_init(ARENA);
}

static struct ebpf_attachment on(uint64_t addr, uint8_t kind)
{
	return (struct ebpf_attachment){.addr = addr, .kind = kind, .prog = &prog};
}

static int attach(struct ebpf_attachment *attachment)
{
	const char *reason;
	int rc = ebpf_kprobe_attach(attachment, &reason);

	ebpf_kprobe_commit();
	return rc;
}

static struct ebpf_pt_regs regs_at(uint64_t pc)
{
	struct ebpf_pt_regs regs;
	unsigned int i;

	memset(&regs, 0, sizeof(regs));
	regs.epc = pc;
	for (i = 0; i < 31; i++)
		regs.x[i] = 0x1000 * (i + 1);
	return regs;
}

/* As the trap entry calls it. What it says of saved registers must be true. */
static enum ebpf_hit_result take_hit(struct ebpf_pt_regs *regs, struct rv_trap *trap)
{
	struct ebpf_pt_regs before = *regs;
	enum ebpf_hit_result result = host_hit(regs, trap);

	if (result == EBPF_HIT_DONE) {
		assert_int_equal(regs->x[2], before.x[2]);
		assert_memory_equal(&regs->x[7], &before.x[7], 2 * sizeof(uint64_t));
		assert_memory_equal(&regs->x[17], &before.x[17], 10 * sizeof(uint64_t));
	}
	return result == EBPF_HIT_DONE_ALL ? EBPF_HIT_DONE : result;
}

static void test_kprobe_arms_one_half_and_restores_it(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE);
	uint8_t before[TEXT_SIZE];
	size_t free_bytes = ebpf_arena_free_bytes();

	(void)state;
	memcpy(before, text, sizeof(before));
	assert_int_equal(attach(&a), 0);
	assert_int_equal(get16(0), 0x9002);
	assert_memory_equal(&text[2], &before[2], TEXT_SIZE - 2);
	assert_true(host_breakpoints_taken);
	assert_int_equal(ebpf_kprobe_armed(), 1);

	ebpf_kprobe_detach(&a, 1);
	assert_memory_equal(text, before, TEXT_SIZE);
	assert_false(host_breakpoints_taken);
	assert_int_equal(ebpf_kprobe_armed(), 0);
	assert_int_equal(ebpf_arena_free_bytes(), free_bytes);
}

static void test_kprobe_hit_runs_and_emulates(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE), b = on(TEXT + 4, EBPF_ATTACH_KPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT);
	uint64_t a0 = regs.x[9];
	struct rv_trap trap;

	(void)state;
	assert_int_equal(attach(&a), 0);
	assert_int_equal(attach(&b), 0);
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.x[9], a0 + 1);
	assert_int_equal(regs.epc, TEXT + 4);
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.x[9], a0 + 3);
	assert_int_equal(regs.epc, TEXT + 6);
	assert_int_equal(prog.hits, 2);
	assert_int_equal(ebpf_kprobe_hits(), 2);
	ebpf_kprobe_detach(&a, 1);
	ebpf_kprobe_detach(&b, 1);
}

static void test_kprobe_says_when_a_saved_register_changed(void **state)
{
	struct ebpf_attachment a = on(TEXT + 26, EBPF_ATTACH_KPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT + 26);
	struct rv_trap trap;

	(void)state;
	assert_int_equal(attach(&a), 0);
	assert_int_equal(host_hit(&regs, &trap), EBPF_HIT_DONE_ALL);
	assert_int_equal(regs.x[8], regs.x[9]);
	ebpf_kprobe_detach(&a, 1);
}

/* A hit is light until a program wants to see all registers, and is so again when that one has gone. */
static void test_kprobe_light_until_somebody_looks(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE), b = on(TEXT, EBPF_ATTACH_KPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT);
	struct rv_trap trap;

	(void)state;
	b.prog = &other;
	other.special = EBPF_PROG_CTX;
	assert_int_equal(attach(&a), 0);
	assert_int_equal(ebpf_probe_find(TEXT)->light_satp, host_satp);
	assert_int_equal(attach(&b), 0);
	assert_int_equal(ebpf_probe_find(TEXT)->light_satp, EBPF_NO_SATP);
	take_hit(&regs, &trap);
	assert_int_equal(other.hits, 1);

	/* one that was on its way when b came: it passes b over, and a has its hit */
	ebpf_kprobe_hit_light(&regs, ebpf_probe_find(TEXT), 0);
	assert_int_equal(prog.hits, 2);
	assert_int_equal(other.hits, 1);
	assert_int_equal(other.aborts, 0);

	ebpf_kprobe_detach(&b, 1);
	assert_int_equal(ebpf_probe_find(TEXT)->light_satp, host_satp);
	ebpf_kprobe_detach(&a, 1);
}

/* A hit is a leaf's as long as all programs are leaves, nobody waits for the return and the instruction allows it. */
static void test_kprobe_leaf_until_another_comes(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE), b = a, c = a, d = on(TEXT, EBPF_ATTACH_KRETPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT);
	struct rv_trap trap;

	(void)state;
	make_leaf(&prog);
	b.prog = &other;
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 16), 0);
	assert_int_equal(attach(&a), 0);
	assert_int_equal(attach(&c), 0);
	assert_ptr_equal(ebpf_probe_find(TEXT)->leaf, &a);
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.x[9], regs_at(TEXT).x[9] + 1);
	assert_int_equal(regs.epc, TEXT + 4);
	assert_int_equal(prog.hits, 2);
	assert_int_equal(ebpf_kprobe_hits(), 1);

	/* another program: no leaf any more. A hit that was on its way does not run it */
	assert_int_equal(attach(&b), 0);
	assert_null(ebpf_probe_find(TEXT)->leaf);
	ebpf_kprobe_hit_leaf(&regs, ebpf_probe_find(TEXT), &a, 0);
	assert_int_equal(prog.hits, 4);
	assert_int_equal(other.hits, 0);
	regs = regs_at(TEXT);
	take_hit(&regs, &trap);
	assert_int_equal(prog.hits, 6);
	assert_int_equal(other.hits, 1);
	ebpf_kprobe_detach(&b, 1);
	ebpf_kprobe_detach(&a, 1);
	assert_ptr_equal(ebpf_probe_find(TEXT)->leaf, &c);

	assert_int_equal(attach(&d), 0);
	assert_null(ebpf_probe_find(TEXT)->leaf);
	ebpf_kprobe_detach(&d, 1);
	assert_ptr_equal(ebpf_probe_find(TEXT)->leaf, &c);
	ebpf_kprobe_detach(&c, 1);
	assert_int_equal(ebpf_kprobe_armed(), 0);
}

/* Returns are a leaf's as well while all that wait for one are leaves. */
static void test_kretprobe_leaf(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KRETPROBE), b = on(TEXT + 4, EBPF_ATTACH_KRETPROBE), c = a;
	struct ebpf_pt_regs regs = regs_at(TEXT);
	const uint64_t ra = regs.x[0];
	struct rv_trap trap;

	(void)state;
	make_leaf(&prog);
	b.prog = &other;
	c.kind = EBPF_ATTACH_KPROBE;
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 16), 0);
	assert_int_equal(attach(&a), 0);
	assert_true(ebpf_probe_find(TEXT)->leaf_return == ebpf_leaf_enter);
	assert_true(ebpf_probe_find(TEXT + 16)->leaf_return == ebpf_leaf_return);

	/* twice the same stack pointer, the second time as by a tail call: not so simple */
	for (unsigned int depth = 1; depth <= 2; depth++) {
		regs.epc = TEXT;
		assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
		assert_int_equal(regs.epc, TEXT + 4);
		assert_int_equal(regs.x[0], TEXT + 16);
		assert_int_equal(ebpf_kretprobe_pending(), depth);
	}
	regs.epc = TEXT + 16;
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.epc, TEXT + 16);
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.epc, ra);
	assert_int_equal(regs.x[0], ra);
	assert_int_equal(prog.hits, 2);
	assert_int_equal(ebpf_kretprobe_pending(), 0);
	assert_int_equal(ebpf_kprobe_hits(), 4);
	regs.epc = TEXT + 16;
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_FOREIGN);

	/* somebody who is no leaf waits for another function */
	assert_int_equal(attach(&b), 0);
	assert_null(ebpf_probe_find(TEXT + 16)->leaf_return);
	ebpf_kprobe_detach(&b, 1);
	assert_true(ebpf_probe_find(TEXT + 16)->leaf_return == ebpf_leaf_return);
	/* somebody wants to see the entry, too */
	assert_int_equal(attach(&c), 0);
	assert_null(ebpf_probe_find(TEXT)->leaf_return);
	ebpf_kprobe_detach(&c, 1);
	assert_true(ebpf_probe_find(TEXT)->leaf_return == ebpf_leaf_enter);
	ebpf_kprobe_detach(&a, 1);
}

/* A return that began as a leaf's when the program attached now was not there: it is left to the others' path. */
static void test_kretprobe_leaf_too_late(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KRETPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT);
	const uint64_t ra = regs.x[0];
	struct rv_trap trap;

	(void)state;
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 16), 0);
	assert_int_equal(attach(&a), 0);
	take_hit(&regs, &trap);
	regs.epc = TEXT + 16;
	assert_int_equal(ebpf_leaf_return(&regs, ebpf_probe_find(TEXT + 16), 0), 1);
	assert_int_equal(ebpf_kretprobe_pending(), 1);
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.epc, ra);
	assert_int_equal(prog.hits, 1);
	ebpf_kprobe_detach(&a, 1);
}

/* Detached while the function runs: its return is not the leaf's any more, and gets home. */
static void test_kretprobe_leaf_outlived(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KRETPROBE), b = on(TEXT + 4, EBPF_ATTACH_KRETPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT);
	const uint64_t ra = regs.x[0];
	struct rv_trap trap;

	(void)state;
	make_leaf(&prog);
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 16), 0);
	assert_int_equal(attach(&a), 0);
	assert_int_equal(attach(&b), 0);
	take_hit(&regs, &trap);
	ebpf_kprobe_detach(&a, 1);
	regs.epc = TEXT + 16;
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.epc, ra);
	assert_int_equal(prog.hits, 0);
	assert_int_equal(ebpf_kretprobe_pending(), 0);
	ebpf_kprobe_detach(&b, 1);
}

static void test_kprobe_leaf_instructions(void **state)
{
	static const struct {
		uint32_t offset;
		bool leaf;
	} cases[] = {{0, true}, {4, true}, {6, false}, {14, false}, {26, false}, {48, false}, {52, true}, {54, false}};

	(void)state;
	make_leaf(&prog);
	put16(48, 0x4108); /* c.lw a0, 0(a0) */
	put16(52, 0x1141); /* c.addi sp, -16 */
	put16(54, 0x0305); /* c.addi t1, 1 */
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ebpf_attachment a = on(TEXT + cases[i].offset, EBPF_ATTACH_KPROBE);

		assert_int_equal(attach(&a), 0);
		assert_int_equal(ebpf_probe_find(a.addr)->leaf == &a, cases[i].leaf);
		ebpf_kprobe_detach(&a, 1);
	}
}

/* Leaf programs that may look at registers which a leaf hit does not save are served by the others. */
static void test_kprobe_leaf_context(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT);
	struct rv_trap trap;

	(void)state;
	make_leaf(&prog);
	prog.special |= EBPF_PROG_LEAF_CTX;
	assert_int_equal(attach(&a), 0);
	assert_null(ebpf_probe_find(TEXT)->leaf);
	assert_int_equal(ebpf_probe_find(TEXT)->light_satp, host_satp);
	take_hit(&regs, &trap);
	ebpf_kprobe_detach(&a, 1);
	prog.special |= EBPF_PROG_CTX;
	assert_int_equal(attach(&a), 0);
	assert_int_equal(ebpf_probe_find(TEXT)->light_satp, EBPF_NO_SATP);
	regs = regs_at(TEXT);
	take_hit(&regs, &trap);
	assert_int_equal(prog.hits, 2);
	ebpf_kprobe_detach(&a, 1);
}

/* Instructions that need a saved register, or may trap, are none for a light hit. */
static void test_kprobe_light_instructions(void **state)
{
	static const struct {
		uint32_t offset;
		bool light;
	} cases[] = {{0, true}, {4, true}, {6, true}, {14, true}, {26, false}, {48, false}};

	(void)state;
	put16(48, 0x4108); /* c.lw a0, 0(a0) */
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ebpf_attachment a = on(TEXT + cases[i].offset, EBPF_ATTACH_KPROBE);

		assert_int_equal(attach(&a), 0);
		assert_int_equal(ebpf_probe_find(a.addr)->light_satp == host_satp, cases[i].light);
		ebpf_kprobe_detach(&a, 1);
	}
}

static void test_kprobe_several_programs_share_a_point(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE), b = on(TEXT, EBPF_ATTACH_KPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT);
	struct rv_trap trap;

	(void)state;
	b.prog = &other;
	assert_int_equal(attach(&a), 0);
	assert_int_equal(attach(&b), 0);
	assert_int_equal(ebpf_kprobe_armed(), 1);
	take_hit(&regs, &trap);
	assert_int_equal(prog.hits, 1);
	assert_int_equal(other.hits, 1);
	ebpf_kprobe_detach(&a, 1);
	assert_int_equal(get16(0), 0x9002);
	regs = regs_at(TEXT);
	take_hit(&regs, &trap);
	assert_int_equal(prog.hits, 1);
	assert_int_equal(other.hits, 2);
	ebpf_kprobe_detach(&b, 1);
	assert_int_equal(get16(0), 0x0513);
}

static void test_kprobe_programs_on_one_point_are_bounded(void **state)
{
	struct ebpf_attachment all[EBPF_MAX_PROBE_PROGS + 1];
	struct ebpf_pt_regs regs = regs_at(TEXT);
	struct rv_trap trap;
	unsigned int i;

	(void)state;
	for (i = 0; i <= EBPF_MAX_PROBE_PROGS; i++) {
		all[i] = on(TEXT, EBPF_ATTACH_KPROBE);
		assert_int_equal(attach(&all[i]), i < EBPF_MAX_PROBE_PROGS ? 0 : -E2BIG);
	}
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(prog.hits, EBPF_MAX_PROBE_PROGS);
	ebpf_kprobe_detach(all, EBPF_MAX_PROBE_PROGS);
	assert_int_equal(get16(0), 0x0513);
	assert_int_equal(ebpf_kprobe_armed(), 0);
}

static void test_kprobe_refuses_with_a_reason(void **state)
{
	static const struct {
		uint64_t addr;
		int rc;
	} cases[] = {
		{TEXT + 1, -EINVAL},	     /* odd */
		{TEXT + TEXT_SIZE, -EFAULT}, /* not there */
		{0, -EFAULT},
		{TEXT + 10, -EOPNOTSUPP}, /* lr */
		{TEXT + 20, -EOPNOTSUPP}, /* wfi */
		{TEXT + 36, -EOPNOTSUPP}, /* between lr and sc */
	};
	uint8_t before[TEXT_SIZE];
	unsigned int i;

	(void)state;
	memcpy(before, text, sizeof(before));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ebpf_attachment a = on(cases[i].addr, EBPF_ATTACH_KPROBE);
		const char *reason = NULL;

		assert_int_equal(ebpf_kprobe_attach(&a, &reason), cases[i].rc);
		assert_non_null(reason);
	}
	assert_memory_equal(text, before, TEXT_SIZE);
	assert_int_equal(ebpf_kprobe_armed(), 0);
	assert_false(host_breakpoints_taken);
}

static void test_kprobe_before_and_after_an_atomic_loop(void **state)
{
	struct ebpf_attachment before = on(TEXT + 26, EBPF_ATTACH_KPROBE), after = on(TEXT + 42, EBPF_ATTACH_KPROBE);

	(void)state;
	assert_int_equal(attach(&before), 0);
	assert_int_equal(attach(&after), 0);
	ebpf_kprobe_detach(&before, 1);
	ebpf_kprobe_detach(&after, 1);
}

static void test_kprobe_not_inside_an_instruction(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE), inside = on(TEXT + 2, EBPF_ATTACH_KPROBE);

	(void)state;
	assert_int_equal(attach(&a), 0);
	assert_int_equal(attach(&inside), -EINVAL);
	ebpf_kprobe_detach(&a, 1);
	/* and the other way round */
	assert_int_equal(attach(&inside), 0);
	assert_int_equal(attach(&a), -EINVAL);
	ebpf_kprobe_detach(&inside, 1);
	assert_int_equal(ebpf_kprobe_armed(), 0);
}

static void test_kprobe_read_only_text_is_refused(void **state)
{
	static _Alignas(8) uint8_t rom[64];
	struct ebpf_attachment a = on(0x40000000, EBPF_ATTACH_KPROBE);

	(void)state;
	rom[0] = 0x82; /* ret */
	rom[1] = 0x80;
	host_phys_add(0x40000000, rom, sizeof(rom), EBPF_ACCESS_READ | EBPF_ACCESS_EXEC);
	assert_int_equal(attach(&a), -EFAULT);
	assert_int_equal(rom[0], 0x82);
}

static void test_kprobe_foreign_and_retry(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT + 24), saved = regs;
	struct rv_trap trap;

	(void)state;
	assert_int_equal(attach(&a), 0);
	/* the kernel's own ebreak */
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_FOREIGN);
	assert_memory_equal(&regs, &saved, sizeof(regs));
	/* taken before another hart disarmed it, looked at after */
	ebpf_kprobe_detach(&a, 1);
	regs = regs_at(TEXT);
	saved = regs;
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_RETRY);
	assert_memory_equal(&regs, &saved, sizeof(regs));
	/* nothing mapped there */
	regs = regs_at(0x1234);
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_FOREIGN);
}

static void test_kprobe_detach_leaves_changed_text_alone(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE);

	(void)state;
	assert_int_equal(attach(&a), 0);
	put16(0, 0x0001);
	ebpf_kprobe_detach(&a, 1);
	assert_int_equal(get16(0), 0x0001);
}

static void test_kprobe_on_an_ebreak_delivers_it(void **state)
{
	struct ebpf_attachment a = on(TEXT + 24, EBPF_ATTACH_KPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT + 24);
	struct rv_trap trap;

	(void)state;
	assert_int_equal(attach(&a), 0);
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_TRAP);
	assert_int_equal(trap.cause, 3);
	assert_int_equal(regs.epc, TEXT + 24);
	assert_int_equal(prog.hits, 1);
	ebpf_kprobe_detach(&a, 1);
	assert_int_equal(get16(24), 0x9002);
}

static void test_kprobe_quarantine(void **state)
{
	/* r0 = *(u64 *)(r0 + 0): r0 is 0 at entry */
	static const struct bpf_insn wild[2] = {
		{.code = BPF_LDX | BPF_MEM | BPF_DW},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KPROBE);
	uint64_t missed = 0;
	struct ebpf_pt_regs regs;
	struct rv_trap trap;
	char line[128] = "";
	unsigned int i;

	(void)state;
	a.missed = &missed;
	ebpf_decode(wild, 2, false, ops);
	assert_int_equal(attach(&a), 0);
	for (i = 0; i < EBPF_MAX_ABORTS + 3; i++) {
		regs = regs_at(TEXT);
		assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
		assert_int_equal(regs.epc, TEXT + 4);
	}
	assert_int_equal(prog.aborts, EBPF_MAX_ABORTS);
	assert_int_equal(ebpf_kprobe_missed(), 3);
	assert_int_equal(missed, 3);
	assert_true(ebpf_trace_peek(line, sizeof(line) - 1) > 0);
	assert_non_null(strstr(line, "stopped at insn 0"));
	ebpf_kprobe_detach(&a, 1);
}

static void test_kretprobe_returns(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KRETPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT);
	const uint64_t ra = regs.x[0], sp = regs.x[1];
	struct rv_trap trap;

	(void)state;
	assert_int_equal(attach(&a), -ENODEV);
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT), -EINVAL);
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 17), -EINVAL);
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + TEXT_SIZE), -EFAULT);
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 16), 0);
	assert_int_equal(attach(&a), 0);

	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.x[0], TEXT + 16);
	assert_int_equal(prog.hits, 0);
	regs = regs_at(TEXT + 16);
	regs.x[1] = sp + 16; /* somebody else's stack */
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_FOREIGN);
	regs.x[1] = sp;
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.epc, ra);
	assert_int_equal(regs.x[0], ra);
	assert_int_equal(prog.hits, 1);
	ebpf_kprobe_detach(&a, 1);
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 24), 0);
}

static void test_kretprobe_outlives_its_link(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KRETPROBE);
	struct ebpf_pt_regs regs = regs_at(TEXT);
	const uint64_t ra = regs.x[0];
	size_t free_bytes = ebpf_arena_free_bytes();
	struct rv_trap trap;

	(void)state;
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 16), 0);
	assert_int_equal(attach(&a), 0);
	take_hit(&regs, &trap);
	ebpf_kprobe_detach(&a, 1);
	/* the function is still running: its return must find its way, without a program */
	assert_true(host_breakpoints_taken);
	regs.epc = TEXT + 16;
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.epc, ra);
	assert_int_equal(prog.hits, 0);
	ebpf_kprobe_tidy();
	assert_false(host_breakpoints_taken);
	assert_int_equal(ebpf_arena_free_bytes(), free_bytes);
}

static void test_kretprobe_recursion_and_tail_call(void **state)
{
	struct ebpf_attachment f = on(TEXT, EBPF_ATTACH_KRETPROBE), g = on(TEXT + 4, EBPF_ATTACH_KRETPROBE);
	struct ebpf_pt_regs outer = regs_at(TEXT), inner = regs_at(TEXT + 4);
	const uint64_t ra = outer.x[0];
	struct rv_trap trap;

	(void)state;
	g.prog = &other;
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 16), 0);
	assert_int_equal(attach(&f), 0);
	assert_int_equal(attach(&g), 0);
	take_hit(&outer, &trap);
	/* f tail-calls g: same sp, ra is the trampoline already */
	inner.x[0] = outer.x[0];
	take_hit(&inner, &trap);
	inner.epc = TEXT + 16;
	take_hit(&inner, &trap);
	assert_int_equal(other.hits, 1);
	assert_int_equal(prog.hits, 0);
	assert_int_equal(inner.epc, TEXT + 16);
	take_hit(&inner, &trap);
	assert_int_equal(prog.hits, 1);
	assert_int_equal(inner.epc, ra);
	assert_int_equal(ebpf_kretprobe_pending(), 0);
	ebpf_kprobe_detach(&f, 1);
	ebpf_kprobe_detach(&g, 1);
}

static void test_kretprobe_drops_calls_that_never_return(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KRETPROBE);
	struct ebpf_pt_regs regs;
	struct rv_trap trap;
	unsigned int i;

	(void)state;
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 16), 0);
	assert_int_equal(attach(&a), 0);
	for (i = 0; i < 10 * EBPF_KRETPROBE_INSTANCES; i++) {
		regs = regs_at(TEXT);
		take_hit(&regs, &trap);
	}
	assert_int_equal(ebpf_kretprobe_pending(), 1);
	assert_int_equal(ebpf_kprobe_missed(), 0);
	regs.epc = TEXT + 16;
	assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	ebpf_kprobe_detach(&a, 1);
}

static void test_kretprobe_pool_runs_dry_and_recovers(void **state)
{
	struct ebpf_attachment a = on(TEXT, EBPF_ATTACH_KRETPROBE), b = a;
	uint64_t missed = 0, others = 0;
	struct ebpf_pt_regs regs;
	struct rv_trap trap;
	unsigned int i;

	(void)state;
	a.missed = &missed;
	b.missed = &others;
	assert_int_equal(ebpf_kprobe_set_trampoline(TEXT + 16), 0);
	assert_int_equal(attach(&a), 0);
	assert_int_equal(attach(&b), 0);
	for (i = 0; i < EBPF_KRETPROBE_INSTANCES + 5; i++) {
		regs = regs_at(TEXT);
		regs.x[1] = 0x100000 + 16 * i;
		assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	}
	assert_int_equal(regs.x[0], 0x1000);	   /* no instance left: ra is untouched */
	assert_int_equal(ebpf_kprobe_missed(), 5); /* calls */
	assert_int_equal(missed, 5);
	assert_int_equal(others, 5);
	ebpf_kprobe_detach(&b, 1);
	for (i = 0; i < EBPF_KRETPROBE_INSTANCES; i++) {
		regs = regs_at(TEXT + 16);
		regs.x[1] = 0x100000 + 16 * i;
		assert_int_equal(take_hit(&regs, &trap), EBPF_HIT_DONE);
	}
	assert_int_equal(ebpf_kretprobe_pending(), 0);
	ebpf_kprobe_detach(&a, 1);
}

static void test_kprobe_table_fills_and_empties(void **state)
{
	static _Alignas(8) uint8_t many[65536];
	static struct ebpf_attachment atts[32768];
	const uint64_t base = 0x90000000;
	uint32_t i, n = ebpf_probe_capacity();
	struct ebpf_attachment extra;
	size_t free_bytes;

	(void)state;
	assert_true(n > 100 && n < 30000);
	for (i = 0; i < sizeof(many); i += 2)
		memcpy(&many[i], &(uint16_t){0x0001}, 2); /* c.nop */
	host_phys_add(base, many, sizeof(many), EBPF_ACCESS_READ | EBPF_ACCESS_WRITE | EBPF_ACCESS_EXEC);
	free_bytes = ebpf_arena_free_bytes();
	for (i = 0; i < n; i++) {
		atts[i] = on(base + 2 * i, EBPF_ATTACH_KPROBE);
		assert_int_equal(attach(&atts[i]), 0);
	}
	extra = on(base + 2 * n, EBPF_ATTACH_KPROBE);
	assert_int_equal(attach(&extra), -ENOSPC);
	for (i = 0; i < n; i++)
		assert_ptr_equal(ebpf_probe_find(base + 2 * i), atts[i].probe);
	assert_null(ebpf_probe_find(base + 2 * n));
	for (i = 0; i < n; i += 2)
		ebpf_kprobe_detach(&atts[i], 1);
	for (i = 1; i < n; i += 2)
		assert_ptr_equal(ebpf_probe_find(base + 2 * i), atts[i].probe);
	for (i = 1; i < n; i += 2)
		ebpf_kprobe_detach(&atts[i], 1);
	assert_int_equal(ebpf_kprobe_armed(), 0);
	assert_int_equal(ebpf_arena_free_bytes(), free_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_kprobe_arms_one_half_and_restores_it, setup),
		cmocka_unit_test_setup(test_kprobe_hit_runs_and_emulates, setup),
		cmocka_unit_test_setup(test_kprobe_says_when_a_saved_register_changed, setup),
		cmocka_unit_test_setup(test_kprobe_light_until_somebody_looks, setup),
		cmocka_unit_test_setup(test_kprobe_light_instructions, setup),
		cmocka_unit_test_setup(test_kprobe_leaf_until_another_comes, setup),
		cmocka_unit_test_setup(test_kretprobe_leaf, setup),
		cmocka_unit_test_setup(test_kretprobe_leaf_too_late, setup),
		cmocka_unit_test_setup(test_kretprobe_leaf_outlived, setup),
		cmocka_unit_test_setup(test_kprobe_leaf_instructions, setup),
		cmocka_unit_test_setup(test_kprobe_leaf_context, setup),
		cmocka_unit_test_setup(test_kprobe_several_programs_share_a_point, setup),
		cmocka_unit_test_setup(test_kprobe_programs_on_one_point_are_bounded, setup),
		cmocka_unit_test_setup(test_kprobe_refuses_with_a_reason, setup),
		cmocka_unit_test_setup(test_kprobe_before_and_after_an_atomic_loop, setup),
		cmocka_unit_test_setup(test_kprobe_not_inside_an_instruction, setup),
		cmocka_unit_test_setup(test_kprobe_read_only_text_is_refused, setup),
		cmocka_unit_test_setup(test_kprobe_foreign_and_retry, setup),
		cmocka_unit_test_setup(test_kprobe_detach_leaves_changed_text_alone, setup),
		cmocka_unit_test_setup(test_kprobe_on_an_ebreak_delivers_it, setup),
		cmocka_unit_test_setup(test_kprobe_quarantine, setup),
		cmocka_unit_test_setup(test_kretprobe_returns, setup),
		cmocka_unit_test_setup(test_kretprobe_outlives_its_link, setup),
		cmocka_unit_test_setup(test_kretprobe_recursion_and_tail_call, setup),
		cmocka_unit_test_setup(test_kretprobe_drops_calls_that_never_return, setup),
		cmocka_unit_test_setup(test_kretprobe_pool_runs_dry_and_recovers, setup),
		cmocka_unit_test_setup(test_kprobe_table_fills_and_empties, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
