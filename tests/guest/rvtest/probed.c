/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same instructions once more, through the firmware below: a probe with an
 * empty program is attached to the instruction under test, and what the hart
 * does then must be what it does without. That takes in what compare.c plays
 * itself: the trap, the firmware's bus, and how a fault reaches S-mode.
 *
 * Every line of RV_OP_LIST and of RV_CSR_LIST is tried, because the tests are
 * made of these lists.
 */
#include "compare.h"
#include "uapi/bpf.h"
#include "uapi/sbi_ebpf.h"

#define SETS 8	      /* operands for one encoding, all under one probe */
#define ENCODINGS 12  /* of a form of 32 bits */
#define COMPRESSED 24 /* of one quadrant and funct3 */
#define PROG 1
#define LINK 2
#define RV_EXT_0 0u
#define A0 10u
#define A1 11u
#define A7 17u

static int64_t bpf(uint32_t cmd, union bpf_attr *attr, uint64_t newfd)
{
	uint64_t satp;

	asm volatile("csrr %0, satp" : "=r"(satp));
	return sbi_ebpf(SBI_EXT_EBPF_CALL, cmd, (uintptr_t)attr, sizeof(*attr), satp, 0, newfd);
}

static int64_t load_empty(void)
{
	static const struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_KPROBE,
			       .insn_cnt = 2,
			       .insns = (uintptr_t)insns,
			       .license = (uintptr_t) "GPL"};

	return bpf(BPF_PROG_LOAD, &attr, PROG);
}

static int64_t attach(uint64_t addr)
{
	union bpf_attr attr = {.link_prog_fd = PROG,
			       .link_attach_type = BPF_TRACE_KPROBE_MULTI,
			       .km_cnt = 1,
			       .km_addrs = (uintptr_t)&addr};

	return bpf(BPF_LINK_CREATE, &attr, LINK);
}

static void detach(void)
{
	sbi_ebpf(SBI_EXT_EBPF_CLOSE, 0, LINK, 0, 0, 0, 0);
}

static uint64_t hits(void)
{
	return (uint64_t)sbi_ebpf(SBI_EXT_EBPF_GET_INFO, SBI_EBPF_INFO_HITS, 0, 0, 0, 0, 0);
}

/* ---- one encoding, with several sets of operands ---- */

struct run {
	struct rv_state start, end;
	uint64_t mem;
	struct surroundings before, after;
};

/* A jump onto itself or into its own second half ends nowhere. Only jumps are tried out: they touch no memory. */
static bool ends(const struct rv_insn *insn, const struct rv_state *start)
{
	struct rv_state s = *start;
	struct rv_trap trap;

	if (insn->kind != RV_BRANCH && insn->kind != RV_JAL && insn->kind != RV_JALR)
		return true;
	rv_emulate(insn, s.x, &s.x[0], &real_bus, &trap);
	return s.x[0] - start->x[0] >= insn->len;
}

static void make_run(struct run *run, struct rv_insn *insn, uint64_t at)
{
	do {
		random_state(&run->start);
		run->start.x[0] = at;
		run->mem = aim(insn, &run->start);
	} while (!ends(insn, &run->start));
	run->before = run->after = (struct surroundings){0};
	if (insn->op == RV_OP_CTZW)
		avoid_quirk(insn->raw, &run->start);
	if (insn->op == RV_OP_ECALL) { /* a call that does nothing: the version of SBI */
		run->start.x[A7] = 0x10;
		run->start.x[A7 - 1] = 0;
	}
}

/* From the same state and surroundings each time. */
static void go(struct run *run, const struct rv_insn *insn, struct rv_state *end, struct surroundings *after)
{
	surroundings_save(&run->before, run->mem, insn);
	*end = run->start;
	exec_insn(end);
	surroundings_save(after, run->mem, insn);
	surroundings_restore(&run->before, run->mem, insn);
}

static bool same(const char *name, uint32_t raw, const struct run *run, const struct rv_state *real,
		 const struct surroundings *after)
{
	bool equal = real->cause == run->end.cause && real->tval == run->end.tval;

	for (unsigned int i = 0; i < 32; i++)
		equal = equal && real->x[i] == run->end.x[i];
	if (equal && surroundings_equal(after, &run->after))
		return true;
	print("%s %x at %x: pc %x cause %x tval %x", name, (uint64_t)raw, run->start.x[0], real->x[0], real->cause,
	      real->tval);
	print(", probed: pc %x cause %x tval %x%s\n", run->end.x[0], run->end.cause, run->end.tval,
	      equal ? " (memory, FP register or CSR differs)" : "");
	for (unsigned int i = 1; i < 32; i++)
		if (real->x[i] != run->end.x[i])
			print("  x%u: was %x, real %x, probed %x\n", i, run->start.x[i], real->x[i], run->end.x[i]);
	return false;
}

static bool run_sets(const char *name, struct rv_insn *insn, uint64_t at)
{
	static struct run runs[SETS];
	static struct rv_state real;
	struct surroundings after = {0};
	const uint64_t before = hits();
	bool ok = true;

	for (unsigned int i = 0; i < SETS; i++) {
		make_run(&runs[i], insn, at);
		go(&runs[i], insn, &runs[i].end, &runs[i].after);
	}
	detach();
	if (hits() - before != SETS) {
		print("%s %x: %u hits, not %u\n", name, (uint64_t)insn->raw, (unsigned int)(hits() - before), SETS);
		ok = false;
	}
	for (unsigned int i = 0; i < SETS && ok; i++) {
		go(&runs[i], insn, &real, &after);
		ok = same(name, insn->raw, &runs[i], &real, &after);
	}
	return ok;
}

/* What the decoder refuses must be refused a probe, everything else must do the same under one. */
static bool probed(const char *name, uint32_t raw)
{
	/* now and then across the end of a page */
	const uint64_t at = random64() % 4 ? code_base() : (code_base() & ~(uint64_t)4095) - 2;
	struct rv_insn insn;
	int64_t ret;
	bool ok;

	rv_decode(raw, hart_ext, &insn);
	code_write(at, raw);
	ret = attach(at);
	if (insn.kind == RV_REJECT || ret != LINK) {
		ok = insn.kind == RV_REJECT && ret < 0;
		if (ret >= 0)
			detach();
		if (!ok)
			print("%s %x: %s, but attaching gives %x\n", name, (uint64_t)raw,
			      insn.reason ? insn.reason : "can be emulated", (uint64_t)ret);
	} else {
		ok = run_sets(name, &insn, at);
	}
	code_erase(at);
	return ok;
}

/* ---- the forms ---- */

static const struct {
	const char *name;
	uint32_t mask, match, ext;
	uint8_t kind;
} forms[] = {
#define FORM(op, name, format, kind, ext, mask, match) {name, mask, match, RV_EXT_##ext, RV_##kind},
	RV_OP_LIST(FORM)
#undef FORM
};

static void probed_forms(void)
{
	for (unsigned int i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		bool ok = true;

		if (forms[i].kind == RV_CSR) /* below */
			continue;
		for (unsigned int n = 0; n < (forms[i].ext & ~hart_ext ? 2 : ENCODINGS) && ok; n++)
			ok = probed(forms[i].name, forms[i].match | ((uint32_t)random64() & ~forms[i].mask));
		if (!ok)
			print("under a probe: ");
		verdict(forms[i].name, ok);
	}
}

static void probed_compressed(void)
{
	unsigned int wrong = 0;

	for (uint32_t group = 0; group < 24; group++)
		for (uint32_t n = 0; n < COMPRESSED; n++)
			wrong += !probed("compressed",
					 (group & 7) << 13 | group >> 3 | ((uint32_t)random64() & 0x7ff) << 2);
	verdict("compressed instructions under a probe", wrong == 0);
}

static void probed_fp_off(void)
{
	bool ok = true;

	fp_enable(false);
	ok = probed("flw, FP off", 0x0005a507) && probed("c.fldsp, FP off", 0x2502) &&
	     probed("fsd, FP off", 0x00a5b027);
	fp_enable(true);
	verdict("FP off, under a probe", ok);
}

/* ---- CSRs: no trap may come between the instruction and a look at what it did, so it is called ---- */

struct csr_run {
	uint64_t old, now;
};

/* What write_slot() has written: the CSR holds `value`, then the instruction with `operand` in a1; put back as it was.
 */
static struct csr_run call_csr(uint64_t value, uint64_t operand)
{
	const uint64_t at = scratch_base();
	register uint64_t a0 asm("a0") = 0;
	register uint64_t a1 asm("a1") = operand;
	register uint64_t a2 asm("a2") = value;
	register uint64_t a3 asm("a3");

	asm volatile("jalr t0, 0(%[at])" : "+r"(a0), "+r"(a2), "=r"(a3) : "r"(a1), [at] "r"(at) : "t0", "memory");
	return (struct csr_run){a0, a2};
}

/* The slot: swap value in (a3 = original), the instruction, what is there now into a2 and the original back. */
static uint64_t write_slot(uint32_t csr, uint32_t raw, bool writable)
{
	const uint32_t swap_in = RV_OPC_SYSTEM | csr << 20 | 1u << 12 | 13u << 7 | 12u << 15,
		       swap_out = RV_OPC_SYSTEM | csr << 20 | 1u << 12 | 12u << 7 | 13u << 15,
		       look = RV_OPC_SYSTEM | csr << 20 | 2u << 12 | 12u << 7, nop = 0x13, back = 0x00028067;
	const uint32_t code[] = {writable ? swap_in : nop, raw, writable ? swap_out : look, back};
	volatile uint32_t *const slot = (volatile uint32_t *)(uintptr_t)scratch_base();

	for (unsigned int i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		slot[i] = code[i];
	asm volatile("fence.i" ::: "memory");
	return scratch_base() + 4;
}

/* Bits that a test may change: nothing that would turn translation or interrupts on or off. */
static uint64_t free_bits(uint32_t csr)
{
	switch (csr) {
	case 0x100: /* sstatus: SIE */
		return ~UINT64_C(2);
	case 0x180: /* satp: none */
		return 0;
	default:
		return UINT64_MAX;
	}
}

static uint64_t read_csr(uint32_t csr)
{
	write_slot(csr, 0x13, false);
	return call_csr(0, 0).now;
}

static bool exists(uint32_t csr)
{
	struct rv_state s = {.x = {[0] = code_base()}};

	execute(RV_OPC_SYSTEM | csr << 20 | 2u << 12 | A0 << 7, &s);
	return s.cause == RV_CAUSE_BREAKPOINT;
}

/* A counter moves on between the two. */
static bool csr_same(uint32_t csr, const struct csr_run *real, const struct csr_run *under)
{
	return csr >> 8 == 0xc ? real->old - under->old < UINT64_C(1) << 40
			       : real->old == under->old && real->now == under->now;
}

static bool csr_form(const char *name, uint32_t csr, uint32_t funct3)
{
	const bool counter = csr >> 8 == 0xc;
	const uint32_t source = funct3 & 4 ? (uint32_t)random64() & 31 : A1;
	const uint32_t raw = RV_OPC_SYSTEM | csr << 20 | funct3 << 12 | A0 << 7 | (counter ? 0 : source) << 15;
	const uint64_t bits = free_bits(csr), original = read_csr(csr), at = write_slot(csr, raw, !counter && bits);
	bool ok = true;

	if (counter && (funct3 & 3) == 1) /* a write, and there is none: refused, which the host tests have */
		return true;
	if (!bits && (funct3 & 4))
		return true;
	for (unsigned int i = 0; i < SETS && ok; i++) {
		const uint64_t value = (random_operand() & bits) | (original & ~bits);
		const uint64_t operand = bits ? random_operand() & bits : (funct3 & 3) == 1 ? original : 0;
		struct csr_run real, under;

		if (attach(at) != LINK) {
			print("%s %x: cannot be probed\n", name, (uint64_t)raw);
			return false;
		}
		under = call_csr(value, operand);
		detach();
		real = call_csr(value, operand);
		ok = csr_same(csr, &real, &under);
		if (!ok)
			print("%s %x: real %x then %x", name, (uint64_t)raw, real.old, real.now);
		if (!ok)
			print(", probed %x then %x\n", under.old, under.now);
	}
	return ok;
}

static void probed_csr(const char *name, uint32_t csr)
{
	bool ok = true;

	if (!exists(csr)) { /* illegal either way */
		ok = probed(name, RV_OPC_SYSTEM | csr << 20 | 2u << 12 | A0 << 7);
	} else {
		for (uint32_t funct3 = 1; funct3 < 8; funct3++)
			ok = (funct3 == 4 || csr_form(name, csr, funct3)) && ok;
	}
	if (!ok)
		print("under a probe: csr ");
	verdict(name, ok);
}

void test_probed(void)
{
	if (load_empty() != PROG) {
		print("the firmware below loads no program: ");
		verdict("instructions under probes", false);
		return;
	}
	probed_forms();
	probed_compressed();
	probed_fp_off();
#define TEST(name, number) probed_csr(#name, number);
	RV_CSR_LIST(TEST)
#undef TEST
	sbi_ebpf(SBI_EXT_EBPF_CLOSE, 0, PROG, 0, 0, 0, 0);
	verdict("no probe is left", sbi_ebpf(SBI_EXT_EBPF_GET_INFO, SBI_EBPF_INFO_ARMED_PROBES, 0, 0, 0, 0, 0) == 0);
}
