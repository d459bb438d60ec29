/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instruction both ways. The emulator's bus performs accesses with real
 * instructions too, on other registers in a scratch place, so that their faults
 * are the machine's own.
 */
#include "compare.h"

#define CAUSE_FETCH_ACCESS 1u
#define CAUSE_FETCH_PAGE 12u
#define SSTATUS_FS UINT64_C(0x6000)
#define SSTATUS_FS_INITIAL UINT64_C(0x2000)
#define A0 10u
#define A1 11u
#define A2 12u

uint32_t hart_ext;
static uint64_t seed = 0x2545f4914f6cdd1d;
static uint32_t watched_csr; /* saved and compared as memory is; 0 none */

uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * UINT64_C(2685821657736338717);
}

/* Edges often, and numbers of all lengths. */
uint64_t random_operand(void)
{
	static const uint64_t edges[] = {0,
					 1,
					 2,
					 31,
					 32,
					 63,
					 64,
					 0x7f,
					 0x80,
					 0x7fff,
					 0x8000,
					 0x7fffffff,
					 0x80000000,
					 0xffffffff,
					 UINT64_MAX,
					 INT64_MAX,
					 (uint64_t)INT64_MIN,
					 UINT64_MAX << 31};
	const uint64_t v = random64(), how = random64() >> 61;

	if (how < 2)
		return edges[v % (sizeof(edges) / sizeof(edges[0]))];
	if (how == 2)
		return v >> (random64() & 63);
	if (how == 3)
		return (uint64_t)((int64_t)v >> (random64() & 63));
	return v;
}

void random_state(struct rv_state *s)
{
	for (unsigned int i = 1; i < 32; i++)
		s->x[i] = random_operand();
	s->x[0] = code_base();
	s->cause = 0;
	s->tval = 0;
}

void execute(uint32_t raw, struct rv_state *s)
{
	code_write(s->x[0], raw);
	exec_insn(s);
	code_erase(code_base());
}

/* raw with a1 and a2 as given; a0 in *result. False, with *trap filled, if it trapped. */
static bool bus_execute(uint32_t raw, uint64_t a1, uint64_t a2, uint64_t *result, struct rv_trap *trap)
{
	static struct rv_state s;
	const uint64_t at = scratch_base();

	s.x[0] = at;
	s.x[A0] = 0;
	s.x[A1] = a1;
	s.x[A2] = a2;
	code_write(at, raw);
	exec_insn(&s);
	if (s.x[0] == at) {
		trap->cause = s.cause;
		trap->tval = s.tval;
		return false;
	}
	*result = s.x[A0];
	return true;
}

static unsigned int log2_size(unsigned int size)
{
	return size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;
}

static bool bus_load(uint64_t va, unsigned int size, uint64_t *value, struct rv_trap *trap)
{
	const uint32_t funct3 = log2_size(size) + (size < 8 ? 4 : 0); /* lbu lhu lwu ld */

	return bus_execute(RV_OPC_LOAD | funct3 << 12 | A0 << 7 | A1 << 15, va, 0, value, trap);
}

static bool bus_store(uint64_t va, unsigned int size, uint64_t value, struct rv_trap *trap)
{
	uint64_t none;

	return bus_execute(RV_OPC_STORE | log2_size(size) << 12 | A1 << 15 | A2 << 20, va, value, &none, trap);
}

static bool bus_amo(uint32_t raw, uint64_t va, uint64_t operand, uint64_t *old, struct rv_trap *trap)
{
	return bus_execute((raw & 0xfe00707f) | A0 << 7 | A1 << 15 | A2 << 20, va, operand, old, trap);
}

/* The operand goes into a1, unless the instruction names no register or x0, which have their own meaning. */
static bool bus_csr(uint32_t raw, uint64_t operand, uint64_t *old, struct rv_trap *trap)
{
	uint32_t insn = raw & ~(31u << 7);

	if (rv_rd(raw) != 0)
		insn |= A0 << 7;
	if (rv_funct3(raw) < 4 && rv_rs1(raw) != 0)
		insn = (insn & ~(31u << 15)) | A1 << 15;
	return bus_execute(insn, operand, 0, old, trap);
}

static void bus_fence(uint32_t raw)
{
	struct rv_trap trap;
	uint64_t none;

	if (!bus_execute(raw, 0, 0, &none, &trap))
		print("fence %x trapped, cause %u\n", (uint64_t)raw, (unsigned int)trap.cause);
}

bool real_fp_on(void)
{
	uint64_t sstatus;

	asm volatile("csrr %0, sstatus" : "=r"(sstatus));
	return sstatus & SSTATUS_FS;
}

void fp_enable(bool on)
{
	asm volatile("csrc sstatus, %0" : : "r"(SSTATUS_FS));
	if (on)
		asm volatile("csrs sstatus, %0" : : "r"(SSTATUS_FS_INITIAL));
}

/* Found by executing one. */
static uint64_t bus_ebreak_tval(uint64_t pc)
{
	struct rv_trap trap = {0};
	uint64_t none;

	bus_execute(0x00100073, 0, 0, &none, &trap);
	return trap.tval ? pc : 0;
}

const struct rv_bus real_bus = {.ebreak_tval = bus_ebreak_tval,
				.load = bus_load,
				.store = bus_store,
				.amo = bus_amo,
				.fp_read = fp_get,
				.fp_write = fp_put,
				.fp_on = real_fp_on,
				.csr = bus_csr,
				.fence = bus_fence};

void find_extensions(void)
{
	static const struct {
		const char *name;
		uint32_t ext, raw;
	} probes[] = {
		{"F", RV_EXT_F, 0x0005a507},	       /* flw fa0, (a1) */
		{"D", RV_EXT_D, 0x0005b507},	       /* fld fa0, (a1) */
		{"Zba", RV_EXT_ZBA, 0x20c5a533},       /* sh1add a0, a1, a2 */
		{"Zbb", RV_EXT_ZBB, 0x60059513},       /* clz a0, a1 */
		{"Zbs", RV_EXT_ZBS, 0x48c59533},       /* bclr a0, a1, a2 */
		{"Zicond", RV_EXT_ZICOND, 0x0ec5d533}, /* czero.eqz a0, a1, a2 */
	};

	fp_enable(true);
	for (unsigned int i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		struct rv_trap trap;
		uint64_t none;

		if (bus_execute(probes[i].raw, WINDOW, 0, &none, &trap))
			hart_ext |= probes[i].ext;
		print("%s: %s\n", probes[i].name,
		      hart_ext & probes[i].ext ? "emulation compared" : "not on this hart, must be refused");
	}
}

/* ---- everything an instruction can change, besides registers ---- */

static uint64_t csr_execute(uint32_t funct3, uint32_t rs1, uint64_t value)
{
	struct rv_trap trap;
	uint64_t old = 0;

	if (!bus_execute(RV_OPC_SYSTEM | watched_csr << 20 | funct3 << 12 | A0 << 7 | rs1 << 15, value, 0, &old, &trap))
		print("csr %x trapped\n", (uint64_t)watched_csr);
	return old;
}

void surroundings_save(struct surroundings *s, uint64_t mem, const struct rv_insn *insn)
{
	if (mem)
		window_save(mem, s->bytes);
	if (insn->kind == RV_FLOAD && real_fp_on())
		s->fp = fp_get(insn->rd);
	if (watched_csr)
		s->csr = csr_execute(2, 0, 0);
}

void surroundings_restore(const struct surroundings *s, uint64_t mem, const struct rv_insn *insn)
{
	if (mem)
		window_restore(mem, s->bytes);
	if (insn->kind == RV_FLOAD && real_fp_on())
		fp_put(insn->rd, s->fp);
	if (watched_csr)
		csr_execute(1, A1, s->csr);
}

bool surroundings_equal(const struct surroundings *a, const struct surroundings *b)
{
	bool equal = a->fp == b->fp && a->csr == b->csr;

	for (unsigned int i = 0; i < SNAPSHOT; i++)
		equal = equal && a->bytes[i] == b->bytes[i];
	return equal;
}

/* ---- the comparison ---- */

/* Where the instruction went on the machine: with no trap of its own, to an ebreak, or to where nothing is mapped. */
static bool same_end(const struct rv_state *real, const struct rv_state *emulated, const struct rv_trap *trap)
{
	if (real->x[0] != emulated->x[0])
		return false;
	if (trap->taken)
		return real->cause == trap->cause && real->tval == trap->tval;
	return real->cause == RV_CAUSE_BREAKPOINT || real->cause == CAUSE_FETCH_PAGE ||
	       real->cause == CAUSE_FETCH_ACCESS;
}

static bool report(const char *name, uint32_t raw, const struct rv_state *start, const struct rv_state *real,
		   const struct rv_state *emulated, const struct rv_trap *trap)
{
	print("%s %x: real pc %x cause %x tval %x, emulated pc %x", name, (uint64_t)raw, real->x[0], real->cause,
	      real->tval, emulated->x[0]);
	if (trap->taken)
		print(" cause %x tval %x", trap->cause, trap->tval);
	print(" (started at %x)\n", start->x[0]);
	for (unsigned int i = 1; i < 32; i++)
		if (real->x[i] != emulated->x[i])
			print("  x%u: was %x, real %x, emulated %x\n", i, start->x[i], real->x[i], emulated->x[i]);
	return false;
}

/*
 * An instruction that jumps onto itself would never end on the machine, and one that
 * jumps into its own second half would go on somewhere: only the host tests have those.
 */
static bool leaves_itself(const struct rv_insn *insn, const struct rv_state *start, const struct rv_state *end,
			  const struct rv_trap *trap)
{
	return trap->taken || end->x[0] - start->x[0] >= insn->len;
}

bool compare(const char *name, uint32_t raw, const struct rv_state *start, uint64_t mem)
{
	static struct rv_state real, emulated;
	struct surroundings before = {0}, after_emulated = {0}, after_real = {0};
	struct rv_trap trap = {.taken = true};
	struct rv_insn insn;
	bool same;

	rv_decode(raw, hart_ext, &insn);
	if (insn.kind == RV_REJECT) {
		print("%s %x refused: %s\n", name, (uint64_t)raw, insn.reason);
		return false;
	}
	surroundings_save(&before, mem, &insn);
	emulated = *start;
	rv_emulate(&insn, emulated.x, &emulated.x[0], &real_bus, &trap);
	surroundings_save(&after_emulated, mem, &insn);
	if (!leaves_itself(&insn, start, &emulated, &trap))
		return true;
	surroundings_restore(&before, mem, &insn);
	real = *start;
	execute(raw, &real);
	surroundings_save(&after_real, mem, &insn);
	same = same_end(&real, &emulated, &trap);
	for (unsigned int i = 1; i < 32; i++)
		same = same && real.x[i] == emulated.x[i];
	if (!same)
		return report(name, raw, start, &real, &emulated, &trap);
	if (!surroundings_equal(&after_real, &after_emulated)) {
		print("%s %x: memory, FP register or CSR differs\n", name, (uint64_t)raw);
		return false;
	}
	return true;
}

bool compare_csr(const char *name, uint32_t raw, const struct rv_state *start, uint64_t value)
{
	uint64_t original;
	bool same;

	watched_csr = rv_csr_number(raw);
	original = csr_execute(2, 0, 0);
	csr_execute(1, A1, value);
	same = compare(name, raw, start, 0);
	csr_execute(1, A1, original);
	watched_csr = 0;
	return same;
}
